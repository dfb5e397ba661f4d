"""Which rows belong to a finding: who adds to it, which SLOs are near it, which changes may explain it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import NamedTuple

from finops_tui.model.scope import ScopeKind

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Cause, Finding
    from finops_tui.model.snapshot import PoolRow, SloRow, Snapshot, SpendRow


class Suspect(NamedTuple):
    """A possible cause with its letter, which is the same on every screen."""

    letter: str
    """A-Z by time; empty for a cause whose moment is not known."""
    cause: Cause

    @property
    def key(self) -> str:
        at = self.cause.at.isoformat() if self.cause.at is not None else ""
        return f"cause/{self.cause.change_id or f'{at}/{self.cause.what}'}"


def suspects(finding: Finding) -> tuple[Suspect, ...]:
    """Return the possible causes, best first; the earliest is A."""
    causes = list({Suspect("", cause).key: cause for cause in finding.causes}.values())[: len(ascii_uppercase)]
    times = sorted((cause.at, at) for at, cause in enumerate(causes) if cause.at is not None)
    letters = {at: letter for letter, (_, at) in zip(ascii_uppercase, times, strict=False)}
    return tuple(Suspect(letters.get(at, ""), cause) for at, cause in enumerate(causes))


class Neighbour(NamedTuple):
    """An SLO, and why it is near."""

    row: SloRow
    why: str


class Nearby(NamedTuple):
    """The rows of one snapshot that belong to a finding."""

    own: SpendRow | None
    """What the finding's scope itself spends."""
    workloads: tuple[SpendRow, ...]
    """Those in the finding's scope, the largest above normal first."""
    pools: tuple[PoolRow, ...]
    """Those that the finding is about or runs on."""
    objective: SloRow | None
    """The one that the finding is about; None for a finding about dollars."""
    objectives: tuple[Neighbour, ...]
    """Those that its trouble, or a move against it, may reach; the closest first."""


def nearby(finding: Finding, snapshot: Snapshot) -> Nearby:
    """Look through a whole snapshot: once for each, not for each draw."""
    kind, name = finding.scope
    own = next((row for row in snapshot.spend.get(kind, ()) if row.key == name), None)
    workloads = _workloads(finding, snapshot)
    wanted = {*finding.related, *((name,) if kind is ScopeKind.POOL else ())}
    pools = tuple(row for row in snapshot.pools if row.key in wanted)
    return Nearby(
        own, workloads, pools, _own_objective(finding, snapshot), _near_slos(finding, snapshot, workloads, pools)
    )


def _workloads(finding: Finding, snapshot: Snapshot) -> tuple[SpendRow, ...]:
    kind, name = finding.scope
    keys = {*finding.related, name}
    rows = snapshot.spend.get(ScopeKind.WORKLOAD, ())
    if kind is not ScopeKind.TOTAL:
        inside = _INSIDE.get(kind)
        rows = tuple(row for row in rows if row.key in keys or (inside is not None and inside(row) == name))
    return tuple(sorted(rows, key=_added, reverse=True))


_INSIDE: dict[ScopeKind, Callable[[SpendRow], str]] = {
    ScopeKind.CLUSTER: lambda row: row.cluster,
    ScopeKind.NAMESPACE: lambda row: f"{row.cluster}/{row.namespace}",
    ScopeKind.TEAM: lambda row: row.owner,
    ScopeKind.MODEL: lambda row: row.model,
}
"""Name of the scope of each kind that a workload is in, where the row tells it."""


def _added(row: SpendRow) -> tuple[float, float]:
    delta, usd = row.delta_usd_per_hour, row.usd_per_hour or 0.0
    return (usd if delta is None else delta), usd


def _own_objective(finding: Finding, snapshot: Snapshot) -> SloRow | None:
    if finding.excess_usd_per_hour is not None:
        return None
    named = (row for row in snapshot.slos if row.name == finding.name)
    return next(named, None) or next((row for row in snapshot.slos if row.key in finding.related), None)


def _near_slos(
    finding: Finding, snapshot: Snapshot, workloads: Sequence[SpendRow], pools: Sequence[PoolRow]
) -> tuple[Neighbour, ...]:
    served = {(row.cluster, _controller(row.key)) for row in workloads} if snapshot.slos else set()
    models = {finding.model} - {""}
    near_pools = {row.name for row in pools}
    found = []
    for row in snapshot.slos:
        if row.key in finding.related or row.name == finding.name:
            found.append((0, Neighbour(row, "named by the finding")))
        elif row.workload and (row.cluster, row.workload) in served:
            found.append((1, Neighbour(row, "served by it")))
        elif row.model and row.model in models:
            found.append((2, Neighbour(row, "same model")))
        elif row.pool and near_pools & {part.strip() for part in row.pool.split(",")}:
            found.append((3, Neighbour(row, "same pool")))
    return tuple(neighbour for _, neighbour in sorted(found, key=lambda pair: (pair[0], _urgency(pair[1].row))))


def _controller(key: str) -> str:
    """Return `Kind/name` of `cluster/Kind/namespace/name`."""
    _, _, rest = key.partition("/")
    kind, _, rest = rest.partition("/")
    return f"{kind}/{rest.partition('/')[2]}"


def _urgency(row: SloRow) -> tuple[float, str]:
    return (row.exhausted_in_seconds if row.exhausted_in_seconds is not None else float("inf")), row.name


def find(snapshot: Snapshot, key: str, since: datetime | None = None) -> Finding | None:
    """Return a finding as it is now, or as it ended; `since` tells which of several that ended."""
    now = next((one for one in snapshot.findings if one.key == key), None)
    if now is not None:
        return now
    over = [one for one in snapshot.resolved if one.key == key]
    return next((one for one in over if one.since == since), over[0] if over else None)
