"""The simulated cloud as a source of observations."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator

from finops_tui.clock import Clock, SimulatedClock
from finops_tui.errors import UsageError
from finops_tui.model.change import Change
from finops_tui.model.gpu import GpuError, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.money import Price
from finops_tui.model.observations import (
    ChangeSeen,
    GpuErrorsSeen,
    GpuReadings,
    HistorySeen,
    NamespacesSeen,
    NodesSeen,
    Observation,
    PodEvicted,
    PricesSeen,
    ServingReadings,
    SliReadings,
    SlosSeen,
    SourceHealth,
    SpotInterrupted,
    UsageReadings,
    WorkloadsSeen,
)
from finops_tui.model.snapshot import Scenario
from finops_tui.model.spot import Interruption
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.happenings import told
from finops_tui.simulation.history import History
from finops_tui.simulation.machines import Event, News, moment
from finops_tui.simulation.readings import (
    gpu_readings,
    namespaces,
    node_of,
    of_cluster,
    serving_reading,
    spot_prices,
    workload_of,
)
from finops_tui.simulation.scenarios import scenario as scenario_named
from finops_tui.simulation.usage import usage_readings
from finops_tui.simulation.world import TICK_SECONDS, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.simulation.api.server import SimulatedApi

CLUSTER_NAMES = tuple(plan.name for plan in CLUSTERS)
HISTORY_AFTER_SECONDS = 0.25
"""Real time between the state and the past: the first figures are drawn meanwhile."""
REAL_SECONDS = 2.5
"""Real time between two reports, unless told otherwise."""


class SimulatedCloud:
    """Reports at fixed moments of simulated time: what it says depends on seed and start, never on who reads how fast.

    `interval_seconds` (of its clock) is rounded up to whole ticks; None stands for `REAL_SECONDS`. `scenario` names the
    incident that it shall have. Raises UsageError where there is none of that name.
    """

    name = "simulation"
    cluster = ""

    def __init__(
        self, seed: int, clock: Clock, interval_seconds: float | None = None, scenario: str | None = None
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._incident = scenario_named(scenario, seed) if scenario is not None else None
        wanted = REAL_SECONDS * clock.speed if interval_seconds is None else interval_seconds
        self.interval_seconds = max(math.ceil(wanted / TICK_SECONDS), 1) * TICK_SECONDS
        self._world: World | None = None
        self._prices: tuple[Price, ...] = ()
        self._apis: dict[str, SimulatedApi] = {}

    @property
    def world(self) -> World:
        """The world it tells of. It begins with the clock, however long the program has taken to ask for it.

        So the same seed and start have the same past, which the first minute of a fast clock would move.
        """
        if self._world is None:
            clock = self._clock
            begin = clock.start if isinstance(clock, SimulatedClock) else clock.now()
            self._world = World(self._seed, int(begin.timestamp()), self._incident)
        return self._world

    @property
    def scenario(self) -> Scenario | None:
        """The incident that it has, as soon as that has begun."""
        incident = self._incident
        if incident is None or incident.began_at is None:
            return None
        return Scenario(name=incident.name, title=incident.title, began_at=moment(incident.began_at))

    def calls(self, cluster: str) -> SimulatedApi:
        """Return the API server of a cluster. Raises UsageError where none is called so.

        It belongs to the loop on which the world is observed: what is written there is told with the next report.
        """
        if cluster not in self._apis:
            if cluster not in CLUSTER_NAMES:
                there = ", ".join(CLUSTER_NAMES)
                raise UsageError(
                    f"{cluster} is no cluster of the demo.",
                    hint=f"There are {there}. What stands outside clusters is only shown here.",
                )
            from finops_tui.simulation.api.server import SimulatedApi

            self._apis[cluster] = SimulatedApi(self.world, cluster)
        return self._apis[cluster]

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield the present state, then how promises are kept and the past, then whatever becomes different."""
        world = self.world
        world.news.take()
        for observation in self._state():
            yield observation
        await asyncio.sleep(HISTORY_AFTER_SECONDS)
        yield self._slis()
        for observation in self._events(told(world)):
            yield observation
        yield await self._past()
        while True:
            due = world.now + self.interval_seconds
            await self._clock.sleep(max(due - self._clock.now().timestamp(), 0.0))
            while world.now < due:
                world.step()
            for observation in self._report(world.news.take()):
                yield observation

    async def refresh(self) -> None:
        """Nothing to ask: the world reports by its own clock."""

    async def _past(self) -> HistorySeen:
        """Work out the past; what that took is forgotten with it."""
        history = History(self._seed, self.world.start)
        for _ in history.stretches():
            await asyncio.sleep(0)
        return HistorySeen(at=moment(self.world.start), source=self.name, cluster="", series=history.series())

    def _state(self) -> Iterator[Observation]:
        world = self.world
        at, source = moment(world.now), self.name
        yield self._health()
        yield from self._market()
        for plan in CLUSTERS:
            name = plan.name
            nodes = tuple(node_of(machine) for machine in world.machines() if machine.pool.cluster.name == name)
            yield NodesSeen(at=at, source=source, cluster=name, nodes=nodes, complete=True)
            yield NamespacesSeen(at=at, source=source, cluster=name, namespaces=namespaces(name), complete=True)
            workloads = tuple(workload_of(work) for work in of_cluster(world.works.values(), name))
            yield WorkloadsSeen(at=at, source=source, cluster=name, workloads=workloads, complete=True)
        yield SlosSeen(at=at, source=source, cluster="", slos=tuple(objective.slo for objective in world.objectives))
        yield from self._readings()

    def _report(self, news: News) -> Iterator[Observation]:
        at, source = moment(self.world.now), self.name
        yield from self._events(news.events)
        yield from self._market()
        for plan in CLUSTERS:
            name = plan.name
            machines = [machine for machine in news.machines.values() if machine.pool.cluster.name == name]
            lost = [machine for machine in news.gone_machines.values() if machine.pool.cluster.name == name]
            if machines or lost:
                gone = tuple(machine.name for machine in lost)
                yield NodesSeen(at=at, source=source, cluster=name, nodes=tuple(map(node_of, machines)), gone=gone)
            works = of_cluster(news.works.values(), name)
            ended = of_cluster(news.gone_works.values(), name)
            if works or ended:
                yield WorkloadsSeen(
                    at=at, source=source, cluster=name, workloads=tuple(map(workload_of, works)),
                    gone=tuple(work.key for work in ended),
                )  # fmt: skip
        yield from self._readings()
        yield self._slis()
        yield self._health()

    def _readings(self) -> Iterator[Observation]:
        world = self.world
        at, source = moment(world.now), self.name
        for plan in CLUSTERS:
            name = plan.name
            scopes = (GpuScope.NODE, GpuScope.WORKLOAD, GpuScope.MODEL)
            for scope, readings in zip(scopes, gpu_readings(world, name), strict=True):
                yield GpuReadings(at=at, source=source, cluster=name, scope=scope, readings=tuple(readings))
            serving = tuple(serving_reading(service) for service in world.services if service.cluster == name)
            yield ServingReadings(at=at, source=source, cluster=name, readings=serving)
            usage = usage_readings(self._seed, name, of_cluster(world.works.values(), name), world.now)
            yield UsageReadings(at=at, source=source, cluster=name, readings=usage)

    def _slis(self) -> SliReadings:
        """Return how the promises are kept; the first time, their past is worked out for it."""
        slis = tuple(reading for objective in self.world.objectives for reading in objective.readings())
        return SliReadings(at=moment(self.world.now), source=self.name, cluster="", readings=slis)

    def _events(self, events: list[tuple[int, str, Event]]) -> Iterator[Observation]:
        for seconds, cluster, what in events:
            at = moment(seconds)
            if isinstance(what, Change):
                yield ChangeSeen(at=at, source=self.name, cluster=cluster, change=what)
            elif isinstance(what, Interruption):
                yield SpotInterrupted(at=at, source=self.name, cluster=cluster, interruption=what)
            elif isinstance(what, GpuError):
                yield GpuErrorsSeen(at=at, source=self.name, cluster=cluster, errors=(what,))
            else:
                yield PodEvicted(at=at, source=self.name, cluster=cluster, eviction=what)

    def _market(self) -> Iterator[Observation]:
        at = moment(self.world.now)
        prices = spot_prices(self.world, at)
        if prices != self._prices:
            self._prices = prices
            yield PricesSeen(at=at, source=self.name, cluster="", prices=prices)

    def _health(self) -> SourceHealth:
        at = moment(self.world.now)
        return SourceHealth(
            at=at,
            source=self.name,
            cluster="",
            short="sim",
            state=HealthState.LIVE,
            since=moment(self.world.start),
            answered_at=at,
            stale_after_seconds=max(60.0, 3.0 * self.interval_seconds),
        )
