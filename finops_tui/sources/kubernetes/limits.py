"""How far autoscalers and namespaces may go: a raised limit explains many a bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.annotations import RECIPE, kept_annotations
from finops_tui.sources.kubernetes.objects import ManagedMetadata, Quantities
from finops_tui.sources.kubernetes.writers import Write, last_write

QUOTA = "quota"
VALUE_LIMIT = 80
LIMITS_KEPT = 40
PAUSED = "autoscaling.keda.sh/paused"
TRIGGER_NUMBERS = ("threshold", "value", "activationThreshold", "desiredReplicas", "start", "end")
"""Of a KEDA trigger's metadata only these are kept: the rest may hold addresses and credentials."""


class _Target(msgspec.Struct, rename="camel"):
    average_utilization: int | None = None
    average_value: str | int | float | None = None
    value: str | int | float | None = None


class _Named(msgspec.Struct):
    name: str = ""


class _Measure(msgspec.Struct):
    """Of one metric of an HPA, whichever type it is."""

    name: str = ""
    metric: _Named | None = None
    target: _Target = msgspec.field(default_factory=_Target)


class _Metric(msgspec.Struct, rename="camel"):
    resource: _Measure | None = None
    container_resource: _Measure | None = None
    pods: _Measure | None = None
    object: _Measure | None = None
    external: _Measure | None = None


class _Trigger(msgspec.Struct):
    type: str = ""
    metadata: dict[str, Any] | None = None


class _ScaleTarget(msgspec.Struct):
    kind: str = "Deployment"
    name: str = ""


class _Disruption(msgspec.Struct, rename="camel"):
    consolidation_policy: str = ""
    consolidate_after: str = ""
    budgets: list[dict[str, Any]] | None = None


class _Requirement(msgspec.Struct):
    key: str = ""
    operator: str = ""
    values: list[str] | None = None


class _NodeSpec(msgspec.Struct, rename="camel"):
    requirements: list[_Requirement] | None = None
    expire_after: str = ""


class _NodeTemplate(msgspec.Struct):
    spec: _NodeSpec = msgspec.field(default_factory=_NodeSpec)


class _Spec(msgspec.Struct, rename="camel"):
    scale_target_ref: _ScaleTarget | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None
    metrics: list[_Metric] | None = None
    min_replica_count: int | None = None
    max_replica_count: int | None = None
    idle_replica_count: int | None = None
    triggers: list[_Trigger] | None = None
    limits: Quantities | None = None
    weight: int | None = None
    disruption: _Disruption | None = None
    template: _NodeTemplate | None = None
    hard: Quantities | None = None


class _Limiting(msgspec.Struct):
    """HorizontalPodAutoscaler, ScaledObject, NodePool or ResourceQuota."""

    metadata: ManagedMetadata
    spec: _Spec = msgspec.field(default_factory=_Spec)


_DECODER = msgspec.json.Decoder(_Limiting)


class LimitFacts(msgspec.Struct, frozen=True):
    uid: str
    kind: str
    """In one word, as shown: `hpa`, `nodepool`."""
    namespace: str
    name: str
    generation: int
    limits: tuple[tuple[str, str], ...]
    """Name and value: (`max`, `10`)."""
    target: tuple[str, str] | None
    """Kind and name of the workload that it scales."""
    created_at: datetime | None
    written: Write
    recipe: str = ""
    """Of a quota: what takes it back, where this program made it."""


def limits_reader(kind: str) -> Callable[[msgspec.Raw], LimitFacts]:
    def read(item: msgspec.Raw) -> LimitFacts:
        told = _DECODER.decode(item)
        metadata, scaled = told.metadata, told.spec.scale_target_ref
        limits = [
            (one_line(name), one_line(value, VALUE_LIMIT))
            for name, value in _limits(told.spec, metadata.annotations or {})
            if value not in (None, "")
        ]
        return LimitFacts(
            uid=one_line(metadata.uid),
            kind=kind,
            namespace=one_line(metadata.namespace),
            name=one_line(metadata.name),
            generation=metadata.generation,
            limits=tuple(limits[:LIMITS_KEPT]),
            target=(one_line(scaled.kind), one_line(scaled.name)) if scaled is not None and scaled.name else None,
            created_at=metadata.creation_timestamp,
            written=last_write(metadata),
            recipe=_recipe(metadata.annotations or {}) if kind == QUOTA else "",
        )

    return read


def _recipe(annotations: Mapping[str, str]) -> str:
    return kept_annotations({key: value for key, value in annotations.items() if key == RECIPE}).get(RECIPE, "")


def _limits(spec: _Spec, annotations: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    yield "min", spec.min_replicas if spec.min_replicas is not None else spec.min_replica_count
    yield "max", spec.max_replicas if spec.max_replicas is not None else spec.max_replica_count
    yield "idle", spec.idle_replica_count
    for metric in spec.metrics or ():
        yield from _metric(metric)
    for number, trigger in enumerate(spec.triggers or ()):
        place = f" {number + 1}" if len(spec.triggers or ()) > 1 else ""
        for name in TRIGGER_NUMBERS:
            yield f"{trigger.type}{place} {name}", (trigger.metadata or {}).get(name)
    for suffix in ("", "-replicas"):
        yield f"paused{suffix}", annotations.get(f"{PAUSED}{suffix}")
    yield from sorted((f"limit {name}", value) for name, value in (spec.limits or {}).items())
    yield from sorted((name, value) for name, value in (spec.hard or {}).items())
    yield "weight", spec.weight
    if spec.disruption is not None:
        yield "consolidation", spec.disruption.consolidation_policy
        yield "consolidate after", spec.disruption.consolidate_after
        for number, budget in enumerate(spec.disruption.budgets or ()):
            yield f"disruption budget {number + 1}", _budget(budget)
    if spec.template is not None:
        yield "expire after", spec.template.spec.expire_after
        for requirement in spec.template.spec.requirements or ():
            name = requirement.key.rpartition("/")[2]
            operator = "" if requirement.operator == "In" else f"{requirement.operator} "
            yield name, f"{operator}{','.join(requirement.values or ())}"


def _metric(metric: _Metric) -> Iterator[tuple[str, object]]:
    for measure in (metric.resource, metric.container_resource, metric.pods, metric.object, metric.external):
        if measure is not None:
            target = measure.target
            utilization = None if target.average_utilization is None else f"{target.average_utilization}%"
            name = measure.name or (measure.metric.name if measure.metric is not None else "")
            yield f"{name} target", utilization or target.average_value or target.value


def _budget(budget: Mapping[str, Any]) -> str:
    when = " ".join(str(budget[name]) for name in ("schedule", "duration") if budget.get(name))
    reasons = budget.get("reasons")
    what = ",".join(map(str, reasons)) if isinstance(reasons, list) else ""
    return " ".join(filter(None, (f"{budget.get('nodes', '10%')} nodes", what, when)))
