"""The way back: from a plan of ours, or from what anybody's plan left on the object."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.effects import Effects, View, growing, nodes_of, shrinking, unchanged, unknown, workload_of
from finops_tui.actions.kinds import HPA, Kind, Pausable, Scalable, Sign
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.managers import by_whom
from finops_tui.actions.marks import Mark
from finops_tui.actions.objects import Document, Fields, Ref, differing, shown_path, shown_value, uid, value
from finops_tui.actions.planning import Change, Hands, Intent, make_plan
from finops_tui.actions.releases import release_delays
from finops_tui.actions.resolve import KINDS
from finops_tui.actions.reverters import reverters_of
from finops_tui.actions.traces import Marked
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Target, TargetKind

UNDO, RESUME = "undo", "resume"
"""Ids of what a plan back may be called."""
SILENT: Mapping[str, str] = {
    "drain": "new pods may come again; those that were evicted do not come back to it by that",
    "limit": "the pool may grow again as pods ask for it; what that costs is not known",
}
"""What taking back does that no running pod hears of, by action."""


async def plan_back(
    client: KubeClient,
    hands: Hands,
    target: Target,
    marked: tuple[Marked, ...],
    view: View,
    *,
    action: str = UNDO,
    kinds: Mapping[str, Kind] = KINDS,
) -> Plan:
    """Plan to set every field back. Raises ActionError where that is not what was changed, or not as it was left."""
    if not marked:
        raise ActionError("There is nothing to take back", f"no field of {target.name} was set")
    for ref, document, mark in marked:
        _check(ref, document, mark, view.now)
    mark = marked[0].mark
    name = target.name.rpartition("/")[2]
    changes = tuple(
        Change(
            ref=ref,
            document=document,
            fields=mark.was,
            done=_signs(kinds.get(ref.kind), mark),
            clears=_clears(kinds.get(ref.kind), document, mark),
        )
        for ref, document, mark in marked
    )
    intent = Intent(
        action=action,
        title=_title(action, mark, name),
        target=target,
        parameters={},
        changes=changes,
        effects=await _effects(client, target, marked, view, kinds),
        undo=f"does it again, as {mark.by} did at {mark.at}",
        reverts=await reverters_of(client, marked[0].ref, marked[0].document),
        leaves_mark=False,
    )
    return await make_plan(client, hands, intent, view.now)


def _signs(kind: Kind | None, mark: Mark) -> tuple[Sign, ...]:
    """Return what an object says once it is as it was."""
    if isinstance(kind, Pausable) and kind.path in mark.was:
        return kind.done if mark.was[kind.path] == kind.paused else kind.begun
    if isinstance(kind, Scalable) and type(wanted := mark.was.get(kind.path)) is int:
        return (Sign(kind.now, (wanted,) if wanted else (0, None)),)
    return ()


def _clears(kind: Kind | None, document: Document, mark: Mark) -> Fields:
    if not isinstance(kind, Pausable) or mark.was.get(kind.path, kind.paused) == kind.paused:
        return {}
    return kind.to_clear(document)


def _title(action: str, mark: Mark, name: str) -> str:
    if action == RESUME:
        return f"Resume {name}"
    return f"Redo {name}" if mark.action == UNDO else f"Undo {mark.action} of {name}"


def same_object(ref: Ref, document: Document, mark: Mark) -> None:
    """Raise ActionError where a mark was copied from another object of that name."""
    if uid(document) != mark.uid:
        raise ActionError(
            f"{ref.shown} is another one now",
            f"what {mark.by} changed at {mark.at} is gone, and something new has its name",
            "Look at it before changing it.",
        )


def _check(ref: Ref, document: Document, mark: Mark, now: datetime) -> None:
    same_object(ref, document, mark)
    moved = differing(document, mark.set)
    if not moved:
        return
    path, by = moved[0], by_whom(document, moved[0], now) or "by somebody"
    if not differing(document, mark.was):
        raise ActionError(f"{ref.shown} is back already", f"{shown_path(path)} was set back {by}")
    raise ActionError(
        f"{ref.shown} has been changed since",
        f"{shown_path(path)} was set to {shown_value(mark.set[path])} by {mark.by} at {mark.at}, and then to "
        f"{shown_value(value(document, path))} {by}",
        "What somebody else chose is not taken back. Set it by hand if it is wrong.",
    )


async def _effects(
    client: KubeClient, target: Target, marked: tuple[Marked, ...], view: View, kinds: Mapping[str, Kind]
) -> Effects:
    mark = marked[0].mark
    workload = workload_of(target, view.fleet)
    if target.kind is not TargetKind.WORKLOAD:
        return unchanged(target, SILENT.get(mark.action, "it changes where new pods may go, and no bill by itself"))
    if workload is None:
        return unknown(target)
    path, wanted = next(iter(mark.was.items()))
    left, kind = mark.set.get(path), kinds.get(marked[0].ref.kind)
    counts = type(wanted) is int and type(left) is int and marked[0].ref.kind != HPA.kind
    if (counts and wanted < left) or (isinstance(kind, Pausable) and wanted == kind.paused):
        share = wanted / left if counts else 0.0
        keeps_work = kind.keeps_work if isinstance(kind, Pausable) else True
        delays = await release_delays(client, nodes_of(workload, view.fleet))
        return shrinking(workload, share, view, delays=delays, keeps_work=keeps_work)
    usd = mark.usd_per_hour
    return growing(workload, mark.pods, view.snapshot, usd=usd if usd is not None and usd > 0 else None, gpus=mark.gpus)
