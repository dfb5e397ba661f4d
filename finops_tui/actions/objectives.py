"""What a change does to service level objectives. Pure: from a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from finops_tui.model.inventory import Workload
from finops_tui.model.plan import Risk
from finops_tui.model.snapshot import SloRow, Snapshot
from finops_tui.phrases import burn_rate, listed

BATCH = frozenset({"CronJob", "JobSet", "SparkApplication", "ScheduledSparkApplication", "Workflow", "CronWorkflow"})
"""Kinds that never serve, besides all whose name ends in `Job`."""
HOUR = 3_600
FULL = 0.85
"""Utilization (ratio) from which queues grow and latency objectives suffer."""
SPENT = 1.0
"""Burn rate that uses an error budget up just at the end of its period."""


@dataclass(frozen=True, slots=True)
class Danger:
    risk: Risk
    words: str
    slos: tuple[str, ...] = ()
    """Keys of the objectives."""


def served_by(workload: Workload, snapshot: Snapshot) -> tuple[SloRow, ...]:
    name = f"{workload.kind}/{workload.name}"
    return tuple(slo for slo in snapshot.slos if slo.workload == name and slo.cluster in ("", workload.cluster))


def served_from(cluster: str, pool: str, snapshot: Snapshot) -> tuple[SloRow, ...]:
    slos = [slo for slo in snapshot.slos if slo.cluster == cluster]
    return tuple(slo for slo in slos if pool and pool in slo.pool.split(", "))


def fewer(workload: Workload, share_left: float, utilization: float | None, snapshot: Snapshot) -> Danger:
    """Judge what it does to leave this share (0-1) of a workload's pods; `utilization` is that of its GPUs now."""
    slos = served_by(workload, snapshot)
    if not slos:
        if not snapshot.slos and not serves_nobody(workload):
            return Danger(Risk.UNKNOWN, "no SLO is known here, so none can be told from this workload")
        known = "no SLO reads from this workload" if snapshot.slos else "no SLO is known here; a job answers nobody"
        return Danger(Risk.NONE, known)
    keys, names = tuple(slo.key for slo in slos), listed([slo.name for slo in slos])
    worst = max((slo.burn(HOUR) or 0.0 for slo in slos), default=0.0)
    now = burn_rate(worst)
    if share_left <= 0:
        burn = max(1 / max(1 - slo.objective, 1e-9) for slo in slos)
        return Danger(Risk.HIGH, f"{names}: nothing is left to serve it, burn {now} → {burn_rate(burn)}", keys)
    if utilization is None:
        return Danger(Risk.UNKNOWN, f"{names}: its utilization is not known, burn {now} now", keys)
    after = utilization / share_left
    turned_away = max(0.0, 1 - 1 / after) if after > 0 else 0.0
    burn = max([worst, *(turned_away / max(1 - slo.objective, 1e-9) for slo in slos)])
    words = f"{names}: utilization {utilization:.0%} → {after:.0%}, burn {now} → {burn_rate(burn)}"
    if after >= FULL or burn > SPENT:
        return Danger(Risk.HIGH, words, keys)
    return Danger(Risk.LOW, words, keys)


def no_growth(cluster: str, pool: str, snapshot: Snapshot) -> Danger:
    """Judge what it does to take a node of a pool out of scheduling."""
    slos = served_from(cluster, pool, snapshot)
    if not slos:
        return Danger(Risk.NONE, f"no SLO is served from {pool or 'this node'}")
    words = f"{listed([slo.name for slo in slos])}: pods that run stay, new ones have a node less to go to"
    return Danger(Risk.LOW, words, tuple(slo.key for slo in slos))


def serves_nobody(workload: Workload) -> bool:
    return workload.kind.endswith("Job") or workload.kind in BATCH
