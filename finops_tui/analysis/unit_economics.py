"""What one unit of useful work costs: tokens, requests, hours of training.

$ per 1k tokens = $/h / (tokens per second x 3,600) x 1,000; requests alike. $ per training hour = $/h divided by the
share of it whose GPUs worked: what an hour of real work on these GPUs costs. Nothing is divided by next to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from finops_tui.analysis.figures import amount, total
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import ServingRow, SpendRow, UnitRow

SECONDS_AN_HOUR = 3_600
THOUSAND = 1_000
LEAST_PER_SECOND = 0.01
"""Below one unit in a hundred seconds there is no traffic to share the cost."""
LEAST_BUSY = 0.05
"""Below this share of working GPUs a training hour has no price worth telling."""
TRAINS = frozenset({"Job", "CronJob", "JobSet", "PyTorchJob", "MPIJob", "TFJob", "TrainJob", "RayJob", "Workflow"})


def unit_rows(serving: Sequence[ServingRow], workloads: Iterable[SpendRow]) -> list[UnitRow]:
    """Return a row for each model that is served and for each workload that trains, the most expensive first."""
    rows = [row for row in workloads if not row.name.startswith("(")]
    hosts: defaultdict[tuple[str, str, str], list[SpendRow]] = defaultdict(list)
    for row in rows:
        if row.model and row.kind is ScopeKind.WORKLOAD and not _trains(row):
            hosts[row.cluster, row.namespace, row.model].append(row)
    units = [_served(row, hosts[row.cluster, row.namespace, row.model]) for row in serving]
    units += [_trained(row) for row in rows if _trains(row)]
    return sorted(units, key=lambda unit: (-(unit.usd_per_hour or 0.0), unit.key))


def per_thousand(usd_per_hour: float | None, per_second: float | None) -> float | None:
    """Return $ per thousand units at a rate of units per second; None without a price or without traffic."""
    usd, rate = amount(usd_per_hour), amount(per_second)
    if usd is None or rate is None or rate < LEAST_PER_SECOND:
        return None
    return usd / (rate * SECONDS_AN_HOUR) * THOUSAND


def unit_cost(unit: UnitRow) -> float | None:
    """Return the cost that says most of this unit: by tokens, else by requests, else by hours of training."""
    costs = (unit.usd_per_1k_tokens, unit.usd_per_1k_requests, unit.usd_per_training_hour)
    return next((cost for cost in costs if cost is not None), None)


def _served(row: ServingRow, hosts: Sequence[SpendRow]) -> UnitRow:
    usd = total([host.usd_per_hour for host in hosts]) if hosts else None
    used = [(host.utilization, host.gpus) for host in hosts if host.utilization is not None and host.gpus]
    gpus = sum(count for _, count in used)
    if usd is None:
        missing = "No workload with a price carries this model's label." if not hosts else hosts[0].missing
    else:
        idle = (amount(row.tokens_per_second) or amount(row.requests_per_second) or 0.0) < LEAST_PER_SECOND
        missing = "No traffic now." if idle else ""
    return UnitRow(
        key=row.key,
        kind=ScopeKind.MODEL,
        name=f"{row.namespace}/{row.model}",
        cluster=row.cluster,
        owner=next((host.owner for host in hosts if host.owner), ""),
        usd_per_hour=usd,
        usd_per_1k_tokens=per_thousand(usd, row.tokens_per_second),
        usd_per_1k_requests=per_thousand(usd, row.requests_per_second),
        tokens_per_second=row.tokens_per_second,
        requests_per_second=row.requests_per_second,
        p95_seconds=row.p95_seconds,
        queue_depth=row.queue_depth,
        utilization=sum(ratio * count for ratio, count in used) / gpus if gpus else None,
        at=row.at,
        stale=row.stale or any(host.stale for host in hosts),
        missing=missing,
    )


def _trains(row: SpendRow) -> bool:
    parts = row.key.split("/")
    return row.kind is ScopeKind.WORKLOAD and len(parts) > 1 and parts[1] in TRAINS and (row.gpus or 0.0) > 0


def _trained(row: SpendRow) -> UnitRow:
    usd, idle = amount(row.usd_per_hour), amount(row.idle_usd_per_hour)
    busy = 1 - idle / usd if usd and idle is not None else None
    works = busy is not None and busy >= LEAST_BUSY
    return UnitRow(
        key=row.key,
        kind=ScopeKind.WORKLOAD,
        name=row.name,
        cluster=row.cluster,
        owner=row.owner,
        usd_per_hour=usd,
        usd_per_training_hour=usd / busy if usd is not None and busy is not None and works else None,
        utilization=row.utilization,
        at=row.at,
        stale=row.stale,
        missing="" if works else row.missing or ("Its GPUs do no work." if busy is not None else "No GPU telemetry."),
    )
