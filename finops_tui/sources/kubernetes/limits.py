"""How far autoscalers may go: a raised limit explains many a bill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.controllers import last_writer

_DECODER = msgspec.json.Decoder(objects.Bounds)


class LimitFacts(msgspec.Struct, frozen=True):
    uid: str
    kind: str
    """In one word, as shown: `hpa`, `nodepool`."""
    namespace: str
    name: str
    generation: int
    limits: tuple[tuple[str, str], ...]
    """Name and value: (`max`, `10`)."""
    who: str
    written_at: datetime | None


def limits_reader(kind: str) -> Callable[[msgspec.Raw], LimitFacts]:
    def read(item: msgspec.Raw) -> LimitFacts:
        told = _DECODER.decode(item)
        metadata, spec = told.metadata, told.spec
        who, written_at = last_writer(metadata.managed_fields)
        limits = [
            ("min", spec.min_replicas if spec.min_replicas is not None else spec.min_replica_count),
            ("max", spec.max_replicas if spec.max_replicas is not None else spec.max_replica_count),
            *sorted((f"limit {name}", value) for name, value in (spec.limits or {}).items()),
        ]
        return LimitFacts(
            uid=one_line(metadata.uid),
            kind=kind,
            namespace=one_line(metadata.namespace),
            name=one_line(metadata.name),
            generation=metadata.generation,
            limits=tuple((one_line(name), one_line(value)) for name, value in limits if value is not None),
            who=who,
            written_at=written_at,
        )

    return read
