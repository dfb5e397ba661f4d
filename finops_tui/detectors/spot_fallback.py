"""Spot capacity that was lost, and on-demand paid in its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import hours, known, positive
from finops_tui.detectors.severity import SeverityRules, severity
from finops_tui.detectors.spot_bursts import StormRules, storms
from finops_tui.detectors.stand_ins import joined, losses, stand_ins
from finops_tui.model.finding import Cause, Evidence, Signal
from finops_tui.model.money import CapacityType
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpotRow

TOGETHER = timedelta(minutes=15)
"""Losses that follow each other within this are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackRules:
    least_usd_per_hour: float = 5.0
    """Extra $/h of a pool below which it is its usual coming and going."""
    after_minutes: float = 2.0
    """How long on-demand nodes must have stood in."""
    ticket_usd_per_hour: float = 20.0
    ticket_burned_usd: float = 50.0
    page_usd_per_hour: float = 250.0
    """Milder than for spend that nobody wanted: the work goes on."""
    page_burned_usd: float = 2_500.0

    @property
    def severity(self) -> SeverityRules:
        return SeverityRules(
            page_usd_per_hour=self.page_usd_per_hour,
            page_burned_usd=self.page_burned_usd,
            ticket_usd_per_hour=self.ticket_usd_per_hour,
            ticket_burned_usd=self.ticket_burned_usd,
        )


class SpotFallback:
    """One signal for each pool that pays on-demand for spot nodes that it lost, unless it is in a storm."""

    id: ClassVar[str] = "spot"
    title: ClassVar[str] = "Spot lost"
    about: ClassVar[str] = "A pool lost spot nodes and pays on-demand for those that took their place."

    def __init__(self, rules: FallbackRules | None = None, storm: StormRules | None = None) -> None:
        self._rules = rules or FallbackRules()
        self._storm = storm or StormRules()

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each pool that pays more; see `Detector.judge`."""
        rows = [row for row in scene.snapshot.spot if positive(row.lost_usd_per_hour) >= self._rules.least_usd_per_hour]
        if not rows:
            return []
        stormy = {pool for storm in storms(scene, self._storm) for pool in storm.pools}
        lost = losses(scene)
        on_demand = joined(scene, (row.key for row in rows), CapacityType.ON_DEMAND)
        after = timedelta(minutes=self._rules.after_minutes)
        signals = []
        for row in rows:
            times = lost.get(row.key, ())
            here = stand_ins((at for at, _ in on_demand.get(row.key, ())), times)
            if row.key not in stormy and here and scene.now - here[0] >= after:
                signals.append(self._signal(scene, row, times, here))
        return signals

    def _signal(self, scene: Scene, row: SpotRow, lost: Sequence[datetime], here: Sequence[datetime]) -> Signal:
        scope = Scope(ScopeKind.POOL, row.key)
        spend = scene.rows.get(scope)
        usd = known(spend.usd_per_hour) if spend is not None else None
        extra = positive(row.lost_usd_per_hour)
        since = _onset(lost, here[0])
        burned = extra * sum(hours(scene.now - at) for at in here) / len(here)
        taken = sum(1 for at in lost if at >= since)
        cause = f"{taken} spot lost → on-demand"
        return Signal(
            kind=self.id,
            severity=severity(extra, burned, self._rules.severity),
            scope=scope,
            name=f"pool/{row.name}",
            since=since,
            why=(
                f"{phrases.counted(len(here), 'on-demand node')} took the place of lost spot nodes and cost "
                f"{phrases.rate(extra)} more; {phrases.counted(row.spot_nodes, 'spot node')} left."
            ),
            cluster=row.cluster,
            owner=spend.owner if spend is not None else "",
            usd_per_hour=usd,
            normal_usd_per_hour=None if usd is None else max(0.0, usd - extra),
            excess_usd_per_hour=extra,
            burned_usd=burned,
            evidence=tuple(_evidence(scene, row, here)),
            causes=(Cause(what=cause, at=since, who="cloud", fit=1.0, why="They joined after the pool lost spot."),),
            related=(row.key,),
        )


def _onset(lost: Sequence[datetime], joined: datetime) -> datetime:
    """Return when the losses began that the first of the present stand-ins makes good."""
    place = bisect_right(lost, joined) - 1
    while place > 0 and lost[place] - lost[place - 1] <= TOGETHER:
        place -= 1
    return lost[max(0, place)]


def _evidence(scene: Scene, row: SpotRow, here: Sequence[datetime]) -> Iterable[Evidence]:
    yield Evidence(
        label="Stand-ins", words=f"{len(here)} on demand, the first since {phrases.clock(here[0], scene.now)}"
    )
    yield Evidence(label="Spot", words=f"{row.spot_nodes:,} of {phrases.counted(row.nodes, 'node')} are spot")
    yield Evidence(label="Lost", words=f"{row.lost_1h:,} in the last hour, {row.lost_24h:,} in 24 hours")
    if positive(row.lost_work_usd):
        yield Evidence(
            label="Lost work",
            words=f"{phrases.dollars(positive(row.lost_work_usd))} since the last checkpoints",
        )
