"""Earlier pod templates of a workload, as its controller keeps them, and how two of them differ."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from finops_tui.actions.kinds import Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import Document, Fields, Path, Ref, owner, shown_value, text, uid, value
from finops_tui.actions.words import plain
from finops_tui.model.plan import FieldChange

TEMPLATE: Path = ("spec", "template")
REVISION = "deployment.kubernetes.io/revision"
HASH: Path = ("metadata", "labels", "pod-template-hash")
REPLICA_SET = Kind(kind="ReplicaSet", group="apps", plural="replicasets")
CONTROLLER_REVISION = Kind(kind="ControllerRevision", group="apps", plural="controllerrevisions")
SHOWN = 120
"""Characters of a value in a plan."""
SECRET = re.compile(
    r"""((?<![a-z])(?:api_?key|key|token|secret|password|passwd|credentials?)(?![a-z])[^=\s",]*(?:=|","))[^\s"]+""",
    re.IGNORECASE,
)
"""What follows `--hf-token=` or `"--hf-token",` in arguments: nobody's to see in a plan or a journal."""


class Revision(NamedTuple):
    number: int
    template: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return digest(self.template)


async def revisions_of(client: KubeClient, ref: Ref, document: Document) -> tuple[Revision, ...]:
    """Return what its controller keeps, the newest first. Raises CallError."""
    labels = value(document, ("spec", "selector", "matchLabels")) or {}
    selector = {"labelSelector": ",".join(f"{key}={each}" for key, each in labels.items())} if labels else {}
    kind, read = KEEPERS[ref.kind]
    kept = await client.listed(kind.ref("v1", ref.namespace, ""), **selector)
    found = [read(each) for each in kept if (owner(each) or {}).get("uid") == uid(document)]
    return tuple(sorted((each for each in found if each is not None), key=lambda each: -each.number))


def _of_replica_set(kept: Document) -> Revision | None:
    number, template = text(kept, "metadata", "annotations", REVISION), value(kept, TEMPLATE)
    return Revision(int(number), normal(template)) if number.isdecimal() and isinstance(template, Mapping) else None


def _of_controller_revision(kept: Document) -> Revision | None:
    number, template = kept.get("revision"), value(kept, ("data", *TEMPLATE))
    return Revision(number, normal(template)) if isinstance(number, int) and isinstance(template, Mapping) else None


KEEPERS = {
    "Deployment": (REPLICA_SET, _of_replica_set),
    "StatefulSet": (CONTROLLER_REVISION, _of_controller_revision),
    "DaemonSet": (CONTROLLER_REVISION, _of_controller_revision),
}
"""By kind: what keeps its revisions, and how one is read. No others can be rolled back."""


def normal(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pod template without what only its keeper adds: the hash of its pods, `$patch`, empty fields."""
    kept: dict[str, Any] = _without_nothing({key: each for key, each in template.items() if key != "$patch"})
    labels = value(kept, HASH[:-1])
    if isinstance(labels, dict):
        labels.pop(HASH[-1], None)
    return kept


def _without_nothing(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {key: _without_nothing(each) for key, each in part.items() if each is not None}
    return [_without_nothing(each) for each in part] if isinstance(part, list) else part


def digest(template: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(normal(template)).encode()).hexdigest()[:16]


def _canonical(part: Any) -> str:
    return json.dumps(part, sort_keys=True, separators=(",", ":"))


def turning(before: Any, after: Any, path: Path = TEMPLATE) -> Fields:
    """Return the fields to be set so that one template becomes another; lists are set as a whole."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return {} if _canonical(before) == _canonical(after) else {path: after}
    fields: dict[Path, Any] = {}
    for key in {**before, **after}:
        fields |= turning(before.get(key), after.get(key), (*path, key))
    return fields


def shown_changes(shown: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the difference of two templates line by line, without what any environment variable is set to."""
    old, new = (dict(_flat(each, ".".join(TEMPLATE))) for each in (before, after))
    return tuple(
        FieldChange(object=shown, path=path, before=_said(old.get(path)), after=_said(new.get(path), old.get(path)))
        for path in sorted({**old, **new})
        if old.get(path) != new.get(path)
    )


class _Hidden(NamedTuple):
    """The value of an environment variable, which may be a secret: compared, never shown."""

    value: str


def _flat(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(part, Mapping):
        for key, each in part.items():
            inner = f"{path}.{plain(key)}" if key.isalnum() else f"{path}[{plain(key)}]"
            yield from _flat(each, inner)
    elif isinstance(part, list) and part and all(isinstance(each, Mapping) and "name" in each for each in part):
        for each in part:
            yield from _item(each, f"{path}[{plain(each['name'])}]", is_env=path.endswith(".env"))
    else:
        yield path, part


def _item(item: Mapping[str, Any], path: str, *, is_env: bool) -> Iterator[tuple[str, Any]]:
    if is_env:
        source = item.get("valueFrom")
        yield path, _Hidden(str(item.get("value", ""))) if source is None else source
    else:
        yield from _flat({key: each for key, each in item.items() if key != "name"}, path)


def _said(now: Any, before: Any = None) -> str:
    if isinstance(now, _Hidden):
        return "another value" if isinstance(before, _Hidden) else "a value"
    return plain(SECRET.sub(r"\1…", shown_value(now)), SHOWN)
