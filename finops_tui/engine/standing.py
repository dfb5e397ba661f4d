"""What stands on objects: changes that this program made from here or from another machine, as the objects tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from finops_tui.actions.marks import Mark
from finops_tui.actions.overdue import ends_at, mark_in
from finops_tui.analysis.ownership import short_kind
from finops_tui.engine.action_rows import until_of
from finops_tui.model.action import ActionRow
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.plan import Outcome, TargetKind

NEVER = datetime.min.replace(tzinfo=UTC)


def standing(fleet: Fleet, known: Collection[str]) -> Iterator[ActionRow]:
    """Yield a row for each change that stands on a workload and is not among those `known` here (ids of plans)."""
    for cluster in fleet.clusters.values():
        for workload in cluster.workloads.values():
            mark = mark_in(workload.annotations) if workload.annotations else None
            if mark is not None and mark.plan not in known:
                yield _row(workload, mark)


def _row(workload: Workload, mark: Mark) -> ActionRow:
    at = until_of(mark.at)
    return ActionRow(
        key=mark.plan,
        at=at if at is not None else workload.created_at or NEVER,
        action=mark.action,
        title=f"{mark.action.capitalize()} {workload.name}",
        target=workload.key,
        target_kind=TargetKind.WORKLOAD,
        name=f"{workload.namespace}/{short_kind(workload.kind)}/{workload.name}",
        cluster=workload.cluster,
        who=mark.by,
        outcome=Outcome.DONE,
        words="Done from another machine, as the object tells.",
        promised_usd_per_hour=mark.usd_per_hour,
        until=ends_at(mark),
        undo="from what stands on the object",
        undoable=True,
        here=False,
    )
