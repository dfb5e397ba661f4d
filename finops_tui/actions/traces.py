"""Objects that carry the mark of a plan, found again: from the plan itself, or from a target that anybody changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from finops_tui.actions.autoscalers import Autoscalers, autoscalers_of, kueue_workload
from finops_tui.actions.edits import edits_of
from finops_tui.actions.kinds import HPA, NODE, NODE_POOL, PAUSED_REPLICAS, SCALED_OBJECT, Kind, Pausable, Scalable
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.marks import UNDO, Mark, mark_on, read_mark
from finops_tui.actions.objects import Document, Path, Ref, shown_path
from finops_tui.actions.resolve import KINDS, ray_cluster, resolve
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Target

OTHER_PATHS: frozenset[Path] = frozenset(
    {("spec", "minReplicas"), ("spec", "maxReplicas"), ("spec", "unschedulable"), PAUSED_REPLICAS}
)
"""Fields that this program sets besides those of `KINDS`: a recipe on an object may name no others."""
LIMITS: Path = ("spec", "limits")
"""Of a pool; each resource is a key."""


class Marked(NamedTuple):
    ref: Ref
    document: Document
    mark: Mark


async def marked_by(client: KubeClient, done: Plan | Target, kinds: Mapping[str, Kind] = KINDS) -> tuple[Marked, ...]:
    """Return the objects that a plan changed, or that carry the mark of the last plan for a target, as they are now.

    Raises ActionError where there are none.
    """
    if isinstance(done, Plan):
        refs = {change.ref.path: change.ref for change in edits_of(done)}
        recipes = {path: read_mark(written) for path, written in done.recipe.items()}
        return tuple([Marked(refs[path], await client.read(refs[path]), mark) for path, mark in recipes.items()])
    found = await resolve(client, done, kinds)
    steering = await autoscalers_of(client, found.ref) if isinstance(found.kind, Scalable) else Autoscalers()
    admitted = await kueue_workload(client, found.ref, found.document) if isinstance(found.kind, Pausable) else None
    ray = await ray_cluster(client, found, kinds)
    below = (ray.ref, ray.document) if ray is not None else None
    candidates = ((found.ref, found.document), below, admitted, steering.keda, steering.hpa)
    for ref, document in (each for each in candidates if each is not None):
        mark = mark_on(document)
        if mark is not None:
            beside = [await _beside(client, path, mark, kinds) for path in mark.beside]
            marked = (Marked(ref, document, mark), *beside)
            for each in marked:
                _only_ours(each, (*kinds.values(), found.kind))
            return marked
    raise ActionError(
        f"Nothing stands on {found.ref.shown} that could be taken back",
        f"it has no annotation {UNDO[-1]}: it was not changed with this program, or that was undone already",
        "Scale it, or set the field by hand.",
    )


def _only_ours(marked: Marked, kinds: Iterable[Kind]) -> None:
    """Refuse a recipe that names fields which no action sets: whoever can write annotations could have put it there."""
    known = tuple(kinds)
    foreign = [
        path for path in marked.mark.was if path not in marked.mark.set or not _settable(marked.ref, path, known)
    ]
    if foreign:
        raise ActionError(
            f"The undo recipe on {marked.ref.shown} is not one of this program's",
            f"it names {plain(shown_path(foreign[0]))}",
            "Somebody wrote it by hand. Set the field by hand.",
        )


def _settable(ref: Ref, path: Path, kinds: Iterable[Kind]) -> bool:
    if ref.kind == NODE_POOL.kind:
        return path[:-1] == LIMITS
    return path in OTHER_PATHS or any(kind.sets(path) for kind in kinds)


async def _beside(client: KubeClient, path: str, mark: Mark, kinds: Mapping[str, Kind]) -> Marked:
    ref = _ref(path, kinds)
    if ref is None:
        raise ActionError("The undo recipe cannot be read", f"it names {path}, which is no object of a known kind")
    document = await client.read(ref)
    its = mark_on(document)
    if its is None or its.plan != mark.plan:
        raise ActionError(
            f"{ref.shown} no longer says how to take it back",
            f"plan {mark.plan} changed it together with others, and another plan changed it since",
            "Take back the others by hand.",
        )
    return Marked(ref, document, its)


def _ref(path: str, kinds: Mapping[str, Kind]) -> Ref | None:
    """Read `Ref.path` back."""
    for kind in (*kinds.values(), HPA, SCALED_OBJECT, NODE, NODE_POOL):
        for version in kind.versions:
            bare = kind.ref(version, "", "")
            head, _, rest = path.removeprefix(bare.base).strip("/").partition("/")
            if not path.startswith(f"{bare.base}/"):
                continue
            if head == "namespaces" and kind.namespaced and rest.count("/") == 2:  # noqa: PLR2004 - namespace/plural/name
                namespace, plural, name = rest.split("/")
                if plural == kind.plural:
                    return kind.ref(version, namespace, name)
            if head == kind.plural and not kind.namespaced and rest and "/" not in rest:
                return kind.ref(version, "", rest)
    return None
