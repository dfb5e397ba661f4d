"""What stands on objects: changes that this program made from here or from another machine, as the objects tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from finops_tui.actions.marks import Mark
from finops_tui.actions.marks_read import KEY, ends_at, mark_in
from finops_tui.analysis.ownership import short_kind
from finops_tui.engine.action_rows import until_of
from finops_tui.model.action import ActionRow
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Namespace, Workload
from finops_tui.model.plan import Outcome, TargetKind

NEVER = datetime.min.replace(tzinfo=UTC)


def standing(fleet: Fleet, known: Collection[str]) -> Iterator[ActionRow]:
    """Yield a row for each change that stands on a workload or a namespace and is not `known` here (ids of plans)."""
    for cluster in fleet.clusters.values():
        for workload in cluster.workloads.values():
            mark = mark_in(workload.annotations) if workload.annotations else None
            if mark is not None and mark.plan not in known:
                yield _of_workload(workload, mark)
        for namespace in cluster.namespaces.values():
            for written in namespace.marks:
                mark = mark_in({KEY: written})
                if mark is not None and mark.plan not in known:
                    yield _of_namespace(namespace, mark)


def _of_workload(workload: Workload, mark: Mark) -> ActionRow:
    row = _row(mark, workload.cluster)
    return replace(
        row,
        at=row.at if row.at is not NEVER else workload.created_at or NEVER,
        title=f"{mark.action.capitalize()} {workload.name}",
        target=workload.key,
        name=f"{workload.namespace}/{short_kind(workload.kind)}/{workload.name}",
    )


def _of_namespace(namespace: Namespace, mark: Mark) -> ActionRow:
    limit = next(iter(mark.set.values()), "")
    return replace(
        _row(mark, namespace.cluster),
        title=f"Limit {namespace.name} to {limit} GPU{'' if limit == '1' else 's'}",
        target=f"{namespace.cluster}/{namespace.name}",
        target_kind=TargetKind.NAMESPACE,
        name=namespace.name,
    )


def _row(mark: Mark, cluster: str) -> ActionRow:
    """Return what is the same of all; whose it is has to be added."""
    return ActionRow(
        key=mark.plan,
        at=until_of(mark.at) or NEVER,
        action=mark.action,
        title="",
        target="",
        target_kind=TargetKind.WORKLOAD,
        name="",
        cluster=cluster,
        who=mark.by,
        outcome=Outcome.DONE,
        words="Done from another machine, as the object tells.",
        promised_usd_per_hour=mark.usd_per_hour,
        until=ends_at(mark),
        undo="from what stands on the object",
        undoable=True,
        here=False,
    )
