"""Which losses of spot nodes are one storm: far more at once than usual, of one pool, zone or instance type.

All of it follows from what happened, and nothing is remembered: a storm is the same after a restart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import InterruptionRow

USUAL_WINDOWS = 4
"""With less of the past than so many windows, that much is taken to have been quiet."""
SPREADS = 3.0
"""Losses that come one by one, n of them in a window on average, are more than n + 3 √n in one of 700 windows."""
MOSTLY = 0.5
"""A pool with this part of the losses is the one hit; otherwise the storm is everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StormRules:
    window_minutes: float = 15.0
    nodes: int = 8
    """So many nodes of one pool, zone or instance type within a window are a storm, or …"""
    share: float = 0.25
    """… this part of its spot nodes, where that is …"""
    nodes_least: int = 3
    """… at least so many. Neither counts where so many are lost all day long."""
    quiet_minutes: float = 15.0
    """A storm is over so long after its last loss, once all are replaced …"""
    unreplaced_minutes: float = 60.0
    """… or so long after it if they are not."""
    page_usd: float = 50.0
    """An hour's surcharge and lost work together that are worth waking somebody up."""

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=max(self.window_minutes, 1.0))

    @property
    def quiet(self) -> timedelta:
        return timedelta(minutes=self.quiet_minutes)

    @property
    def unreplaced(self) -> timedelta:
        return timedelta(minutes=max(self.unreplaced_minutes, self.quiet_minutes))


class Loss(NamedTuple):
    row: InterruptionRow
    pool: str
    """`cluster/pool`"""
    instance_type: str


class Group(NamedTuple):
    """What losses may have in common."""

    kind: str
    """`pool`, `zone` or `type`."""
    cluster: str
    """Empty for a zone: clusters share it."""
    name: str


class Storm(NamedTuple):
    losses: tuple[Loss, ...]
    """The first one first."""
    scope: Scope
    """The pool that was hit hardest when the storm was one, or everything; it stays what it is."""

    @property
    def since(self) -> datetime:
        return self.losses[0].row.at

    @property
    def pools(self) -> Counter[str]:
        """How many nodes each pool lost, by `cluster/pool`."""
        return Counter(loss.pool for loss in self.losses)


class _Burst(NamedTuple):
    """The part of a storm that one group shows."""

    losses: tuple[Loss, ...]
    noticed_at: datetime
    """When there were enough to call it one."""


class _Known(NamedTuple):
    """The time of which losses are known."""

    since: datetime
    until: datetime


def storms(scene: Scene, rules: StormRules) -> list[Storm]:
    """Return the storms that go on, or whose nodes are not replaced yet, the first one first."""
    now = scene.now
    rows = scene.snapshot.interruptions
    if sum(1 for row in rows if timedelta(0) <= now - row.at <= rules.unreplaced + rules.window) < rules.nodes_least:
        return []
    losses = sorted(_losses(scene), key=lambda loss: (loss.row.at, loss.row.key))
    groups: defaultdict[Group, list[Loss]] = defaultdict(list)
    for loss in losses:
        for group in _groups(loss):
            groups[group].append(loss)
    many = {group: of for group, of in groups.items() if len(of) >= rules.nodes_least}
    standing = _standing(scene.fleet, many, {(loss.row.cluster, loss.row.node) for loss in losses})
    known = _Known(losses[0].row.at, now)
    bursts = [
        burst
        for group, of in many.items()
        if (burst := _burst(of, standing[group], known, rules)) is not None and _goes_on(burst, now, rules)
    ]
    return sorted(map(_storm, _joined(bursts)), key=lambda storm: storm.since)


def _losses(scene: Scene) -> Iterator[Loss]:
    for row in scene.snapshot.interruptions:
        if row.at <= scene.now:
            told = scene.fleet.interruptions.get(row.key)
            kind = told.interruption.instance_type if told is not None else ""
            yield Loss(row, f"{row.cluster}/{row.pool}", kind)


def _groups(loss: Loss) -> Iterator[Group]:
    yield Group("pool", loss.row.cluster, loss.row.pool)
    if loss.row.zone:
        yield Group("zone", "", loss.row.zone)
    if loss.instance_type:
        yield Group("type", loss.row.cluster, loss.instance_type)


def _groups_of_node(node: Node) -> Iterator[Group]:
    yield Group("pool", node.cluster, node.pool)
    yield Group("zone", "", node.zone)
    yield Group("type", node.cluster, node.instance_type)


def _standing(fleet: Fleet, groups: Iterable[Group], lost: set[tuple[str, str]]) -> dict[Group, list[float]]:
    """Return for each group when its present spot nodes joined (unix seconds), the first one first."""
    joined: dict[Group, list[float]] = {group: [] for group in groups}
    for cluster in fleet.clusters.values() if joined else ():
        for node in cluster.nodes.values():
            if node.capacity_type is CapacityType.SPOT and (node.cluster, node.name) not in lost:
                at = node.created_at.timestamp() if node.created_at is not None else 0.0
                for group in _groups_of_node(node):
                    if group in joined:
                        joined[group].append(at)
    for times in joined.values():
        times.sort()
    return joined


def _burst(losses: Sequence[Loss], joined: Sequence[float], known: _Known, rules: StormRules) -> _Burst | None:
    """Return the last burst of one group if it may still go on, found from its end."""
    times = [loss.row.at for loss in losses]
    begin, noticed, last = 0, None, None
    for index in range(len(times) - 1, -1, -1):
        at = times[index]
        if known.until - at > rules.unreplaced if noticed is None else noticed - at > rules.quiet:
            break
        start = bisect_left(times, at - rules.window)
        if _is_many(index + 1 - start, start, len(times), joined, at, known.since, rules):
            begin, noticed, last = start, at, index if last is None else last
    if noticed is None or last is None:
        return None
    return _Burst(tuple(losses[begin : last + 1]), noticed)


def _is_many(  # noqa: PLR0917  one place of one list
    count: int,
    before: int,
    total: int,
    joined: Sequence[float],
    at: datetime,
    first_at: datetime,
    rules: StormRules,
) -> bool:
    """Judge `count` losses in the window that ends at `at`, with `before` earlier ones of `total` that are known."""
    begins = at - rules.window
    windows = max((begins - first_at) / rules.window, USUAL_WINDOWS)
    usual = before / windows
    if count <= usual + SPREADS * sqrt(usual):
        return False
    stood = bisect_right(joined, begins.timestamp()) + total - before
    return count >= rules.nodes or (count >= rules.nodes_least and count >= rules.share * stood)


def _goes_on(burst: _Burst, now: datetime, rules: StormRules) -> bool:
    since = now - burst.losses[-1].row.at
    replaced = all(loss.row.replaced_after_seconds is not None for loss in burst.losses)
    return since <= (rules.quiet if replaced else rules.unreplaced)


def _joined(bursts: Iterable[_Burst]) -> list[list[_Burst]]:
    """Put together bursts that have losses in common."""
    storms: list[tuple[set[str], list[_Burst]]] = []
    for burst in bursts:
        keys, together = {loss.row.key for loss in burst.losses}, [burst]
        apart = []
        for other_keys, others in storms:
            if keys & other_keys:
                keys, together = keys | other_keys, others + together
            else:
                apart.append((other_keys, others))
        storms = [*apart, (keys, together)]
    return [together for _, together in storms]


def _storm(bursts: Sequence[_Burst]) -> Storm:
    losses = {loss.row.key: loss for burst in bursts for loss in burst.losses}
    ordered = tuple(sorted(losses.values(), key=lambda loss: (loss.row.at, loss.row.key)))
    noticed = min(burst.noticed_at for burst in bursts)
    first = Counter(loss.pool for loss in ordered if loss.row.at <= noticed)
    pool, most = max(first.items(), key=lambda entry: (entry[1], entry[0]))
    return Storm(ordered, Scope(ScopeKind.POOL, pool) if most >= MOSTLY * first.total() else TOTAL)
