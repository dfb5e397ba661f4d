"""Many spot nodes lost at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import ClassVar

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import known, positive
from finops_tui.detectors.spot_bursts import Loss, Storm, StormRules, storms
from finops_tui.model.finding import Cause, Evidence, Severity, Signal
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SloRow, SpotRow

RELATED_MOST = 50


class SpotStorm:
    """One signal for each storm: of the pool that it hit hardest, or of everything where it hit several alike."""

    id: ClassVar[str] = "spot-storm"
    title: ClassVar[str] = "Spot storm"
    about: ClassVar[str] = "Many spot nodes of a pool, a zone or an instance type are taken within minutes."

    def __init__(self, rules: StormRules | None = None) -> None:
        self._rules = rules or StormRules()

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each storm; see `Detector.judge`."""
        signals: dict[str, Signal] = {}
        for storm in storms(scene, self._rules):
            signal = self._signal(scene, storm)
            signals.setdefault(signal.key, signal)
        return list(signals.values())

    def _signal(self, scene: Scene, storm: Storm) -> Signal:
        row = scene.rows.get(storm.scope)
        pools = storm.pools
        rows = {spot.key: spot for spot in scene.snapshot.spot if spot.key in pools}
        extra = [positive(spot.lost_usd_per_hour) for spot in rows.values()]
        excess = sum(extra) if any(spot.lost_usd_per_hour is not None for spot in rows.values()) else None
        usd = known(row.usd_per_hour) if row is not None else None
        slos = [slo for slo in scene.snapshot.slos if pools.keys() & _pools_of(slo)]
        jobs = sorted({key for loss in storm.losses for key in loss.row.hit})
        clusters = {loss.row.cluster for loss in storm.losses}
        return Signal(
            kind=self.id,
            severity=self._severity(storm, slos),
            scope=storm.scope,
            name=_name(storm),
            since=storm.since,
            why=_why(storm, rows),
            cluster=clusters.pop() if len(clusters) == 1 else "",
            owner=row.owner if row is not None else "",
            usd_per_hour=usd,
            normal_usd_per_hour=None if usd is None or excess is None else max(0.0, usd - excess),
            excess_usd_per_hour=excess,
            evidence=tuple(_evidence(scene, storm, rows, slos)),
            causes=(_cause(storm),),
            related=(*pools, *(slo.key for slo in slos), *jobs)[:RELATED_MOST],
        )

    def _severity(self, storm: Storm, slos: Sequence[SloRow]) -> Severity:
        cost = sum(
            positive(loss.row.surcharge_usd_per_hour) + positive(loss.row.lost_work_usd) for loss in storm.losses
        )
        return Severity.PAGE if slos or cost >= self._rules.page_usd else Severity.TICKET


def _pools_of(slo: SloRow) -> set[str]:
    return {f"{slo.cluster}/{name.strip()}" for name in slo.pool.split(",") if name.strip()}


def _name(storm: Storm) -> str:
    if storm.scope.kind is ScopeKind.POOL:
        return f"pool/{storm.scope.name.partition('/')[2]}"
    return f"spot {_common(storm) or 'capacity'}"


def _common(storm: Storm) -> str:
    """Return what all losses have in common: a zone, an instance type, or nothing."""
    zones = {loss.row.zone for loss in storm.losses}
    types = {loss.instance_type for loss in storm.losses}
    return next((names.pop() for names in (zones, types) if len(names) == 1 and "" not in names), "")


def _cause(storm: Storm) -> Cause:
    common = _common(storm)
    lost = phrases.counted(len(storm.losses), "spot node")
    return Cause(
        what=f"{lost} taken{f', all {common}' if common else ''}",
        at=storm.since,
        who="cloud",
        fit=1.0,
        why="The interruptions themselves.",
    )


def _why(storm: Storm, rows: dict[str, SpotRow]) -> str:
    pools = storm.pools
    took = phrases.span(max(storm.losses[-1].row.at - storm.since, timedelta(minutes=1)))
    counts = [f"{count} of {key.partition('/')[2] or 'an unknown pool'}" for key, count in pools.most_common()]
    lost = phrases.counted(len(storm.losses), "spot node")
    left = sum(spot.spot_nodes for spot in rows.values())
    common = _common(storm)
    return (
        f"The cloud took {lost} within {took}"
        + (f", all {common}" if common else "")
        + f": {phrases.listed(counts)}. {phrases.counted(left, 'spot node')} left there."
    )


def _evidence(scene: Scene, storm: Storm, rows: dict[str, SpotRow], slos: Sequence[SloRow]) -> Iterator[Evidence]:
    going = sorted(
        loss.row.leaves_at - scene.now
        for loss in storm.losses
        if loss.row.leaves_at is not None and loss.row.leaves_at > scene.now
    )
    if going:
        going_now = phrases.counted(len(going), "node")
        yield Evidence(
            label="Leaving now",
            words=f"{going_now}, the next in {_seconds(going[0])}, the last in {_seconds(going[-1])}",
        )
    for key, _ in storm.pools.most_common():
        of = [loss for loss in storm.losses if loss.pool == key]
        yield Evidence(label=key.partition("/")[2] or "Unknown pool", words=", ".join(_fate(of, rows.get(key))))
    if slos:
        yield Evidence(label="SLOs", words=f"served there: {phrases.listed([slo.name for slo in slos])}")


def _fate(losses: Sequence[Loss], spot: SpotRow | None) -> Iterator[str]:
    yield f"{phrases.counted(len(losses), 'node')} lost"
    jobs = {key for loss in losses for key in loss.row.hit}
    yield f"{phrases.counted(len(jobs), 'workload')} hit"
    work = [loss.row.lost_work_usd for loss in losses if loss.row.lost_work_usd is not None]
    if work:
        usd = sum(map(positive, work))
        yield f"{phrases.dollars(usd)} of work lost" if usd else "no work lost"
    after = [loss.row.replaced_after_seconds for loss in losses if loss.row.replaced_after_seconds is not None]
    if after:
        typical = timedelta(seconds=positive(median(after)))
        yield f"{len(after)} replaced, typically after {phrases.span(typical)}"
    if len(after) < len(losses):
        yield f"{len(losses) - len(after)} not replaced yet"
    extra = positive(spot.lost_usd_per_hour) if spot is not None else 0.0
    if extra:
        yield f"on-demand in its place costs {phrases.rate(extra)} more"


def _seconds(left: timedelta) -> str:
    return f"{max(0, int(left.total_seconds()))}s"
