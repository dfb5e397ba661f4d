"""Who is shown which costs: spend by any ownership fact, and how much of it carries one.

Idle time stays with whoever allocated it. What nobody requested is split by spend (`share_usd_per_hour`), as the FinOps
Foundation calls a proportional distribution of shared cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from finops_tui.analysis.figures import total
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Coverage, SpendRow

NONE = "(none)"


def by_label(
    workloads: Iterable[SpendRow], facts: Iterable[str], idle_capacity: Mapping[str, float]
) -> dict[str, tuple[SpendRow, ...]]:
    """Sum workloads by each ownership fact; those without it are one row, so that every table adds up.

    `idle_capacity` says for each cluster how many dollars nobody requested for each dollar that somebody did.
    """
    rows = [(dict(row.labels), row) for row in workloads if not row.name.startswith("(")]
    return {fact: tuple(_grouped(fact, rows, idle_capacity)) for fact in facts}


def _grouped(
    fact: str, rows: Iterable[tuple[Mapping[str, str], SpendRow]], idle_capacity: Mapping[str, float]
) -> Iterator[SpendRow]:
    groups: defaultdict[str, list[SpendRow]] = defaultdict(list)
    for labels, row in rows:
        groups[labels.get(fact, "")].append(row)
    made = [_sum(value, members, idle_capacity) for value, members in groups.items()]
    yield from sorted(made, key=lambda row: (-(row.usd_per_hour or 0.0), row.key))


def _sum(value: str, members: Sequence[SpendRow], idle_capacity: Mapping[str, float]) -> SpendRow:
    clusters, owners = {row.cluster for row in members}, {row.owner for row in members}
    used = [(row.utilization, row.gpus) for row in members if row.utilization is not None and row.gpus]
    gpus = sum(count for _, count in used)
    ages = [row.at for row in members if row.at is not None]
    return SpendRow(
        key=value or NONE,
        kind=ScopeKind.WORKLOAD,
        name=value or NONE,
        cluster=next(iter(clusters)) if len(clusters) == 1 else "",
        owner=next(iter(owners)) if len(owners) == 1 else "",
        usd_per_hour=total([row.usd_per_hour for row in members]),
        idle_usd_per_hour=total([row.idle_usd_per_hour for row in members]),
        share_usd_per_hour=sum((row.usd_per_hour or 0.0) * idle_capacity.get(row.cluster, 0.0) for row in members),
        today_usd=total([row.today_usd for row in members]),
        gpus=sum(row.gpus or 0.0 for row in members),
        pods=sum(row.pods or 0 for row in members),  # of workloads it is always known
        pods_pending=sum(row.pods_pending or 0 for row in members),
        utilization=sum(ratio * count for ratio, count in used) / gpus if gpus else None,
        trend=_trend([row.trend for row in members]),
        at=min(ages) if ages else None,
        stale=any(row.stale for row in members),
    )


def _trend(trends: Sequence[tuple[float | None, ...]]) -> tuple[float | None, ...]:
    cells = max((len(trend) for trend in trends), default=0)
    whole = [trend for trend in trends if len(trend) == cells]
    return tuple(total(column) for column in zip(*whole, strict=True)) if whole else ()


def coverage(workloads: Iterable[SpendRow], facts: Mapping[str, tuple[str, ...]]) -> tuple[Coverage, ...]:
    """Return for each fact how much of the workloads' spend carries it. `facts` gives the label keys of each."""
    rows = [row for row in workloads if not row.name.startswith("(")]
    usd = sum(row.usd_per_hour or 0.0 for row in rows)
    found = []
    for fact, labels in facts.items():
        covered = [row for row in rows if _has(row, fact)]
        found.append(
            Coverage(
                fact=fact,
                labels=labels,
                usd_per_hour=usd,
                covered_usd_per_hour=sum(row.usd_per_hour or 0.0 for row in covered),
                workloads=len(rows),
                covered_workloads=len(covered),
            )
        )
    return tuple(found)


def _has(row: SpendRow, fact: str) -> bool:
    if fact == "team":
        return bool(row.owner)
    if fact == "model":
        return bool(row.model)
    return any(name == fact for name, _ in row.labels)
