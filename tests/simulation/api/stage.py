"""A simulated cloud with a fleet that hears of it, and hands that act on it as they would on real clusters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from finops_tui.actions.base import Action
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.clock import SimulatedClock
from finops_tui.engine.compose import Composer
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.change import Change
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Workload
from finops_tui.model.observations import PricesSeen
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.snapshot import Mode, Snapshot
from finops_tui.simulation.api.server import SimulatedApi
from finops_tui.simulation.machines import Machine, Pool, Work, moment
from finops_tui.simulation.source import SimulatedCloud
from finops_tui.simulation.world import World
from finops_tui.sources.prices import built_in

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday afternoon."""
NIGHT = START.replace(hour=6, minute=30)
"""When some of the nightly runs go on."""


class _Waiting:
    """The clock of whoever acts: the world goes on while they wait."""

    speed = 1.0

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def now(self) -> datetime:
        return self._stage.now

    async def sleep(self, seconds: float) -> None:
        self._stage.run(seconds)


class Stage:
    def __init__(self, seed: int = 7, scenario: str | None = None, start: datetime = START) -> None:
        clock = SimulatedClock(start, 1.0)
        self.cloud = SimulatedCloud(seed, clock, 60, scenario)
        self.fleet = Fleet()
        self.fleet.fold(PricesSeen(at=start, source="prices", cluster="", prices=built_in()))
        for observation in self.cloud._state():
            self.fleet.fold(observation)
        self._ids = count(1)

    @property
    def world(self) -> World:
        return self.cloud.world

    @property
    def now(self) -> datetime:
        return moment(self.world.now)

    def run(self, seconds: float) -> None:
        """Let the world go on, and hear of it at the end."""
        end = self.world.now + seconds
        while self.world.now < end:
            self.world.step()
        self.listen()

    def run_until(self, condition: Callable[[], object], seconds: float = 7200) -> float:
        """Let the world go on until something is so; return how many seconds that took."""
        begun = self.world.now
        while not condition():
            assert self.world.now < begun + seconds, "it did not happen in time"
            self.run(60)
        return self.world.now - begun

    def begin(self) -> Work:
        """Let the scenario begin; return the work that it is about."""
        incident = self.world.scenario
        assert incident is not None
        self.run_until(lambda: incident.began_at is not None, 12 * 3600)
        return self.world.works[incident.expected(self.world).scope.name]

    def listen(self) -> list[Change]:
        """Fold what is new; return the changes among it."""
        news = self.world.news.take()
        for observation in self.cloud._report(news):
            self.fleet.fold(observation)
        return [what for _, _, what in news.events if isinstance(what, Change)]

    def api(self, cluster: str) -> SimulatedApi:
        return self.cloud.calls(cluster)

    def hands(self, by: str = "ana") -> Hands:
        return Hands(
            client=lambda cluster: KubeClient(cluster, self.api(cluster)),
            by=by,
            new_id=lambda: f"plan-{by}-{next(self._ids)}",
            clock=_Waiting(self),
        )

    def actions(self, by: str = "ana") -> dict[str, Action]:
        return {action.id: action for action in kubernetes_actions(self.hands(by))}

    def seen(self, work: Work) -> Workload:
        """Return a workload as the fleet knows it."""
        return self.fleet.clusters[work.cluster].workloads[work.key]

    def snapshot(self) -> Snapshot:
        return Composer(EngineSettings(), Mode.DEMO, 1.0).compose(self.fleet, self.now)

    async def plan(self, action: Action, of: Target, **parameters: str) -> Plan:
        return await action.plan(of, parameters, self.snapshot(), self.fleet, self.now)

    async def undo_plan(self, action: Action, done: Plan | Target) -> Plan:
        return await action.undo_plan(done, self.snapshot(), self.fleet, self.now)

    async def carried_out(self, action: Action, made: Plan, seconds: float = 1800) -> float:
        """Carry a plan out and let the world go on until it took effect; return how long that took (seconds)."""
        result = await action.apply(made)
        assert result.outcome is Outcome.APPLIED, result.words
        begun = self.world.now
        while (result := await action.verify(made)).outcome is not Outcome.DONE:
            assert result.outcome is Outcome.APPLIED, result.words
            assert self.world.now < begun + seconds, result.words
            self.run(10)
        self.listen()
        return self.world.now - begun

    async def get(self, cluster: str, path: str) -> Any:
        status, answer = await self.api(cluster).send("GET", path)
        assert status == 200, answer
        return answer

    async def patch(
        self, cluster: str, path: str, body: object, manager: str = "kubectl-edit", **query: str
    ) -> tuple[int, Any]:
        return await self.api(cluster).send("PATCH", path, body, query={"fieldManager": manager, **query})


def target(work: Work, uid: str = "") -> Target:
    name = f"{work.namespace}/{work.kind.lower()}/{work.name}"
    return Target(kind=TargetKind.WORKLOAD, key=work.key, cluster=work.cluster, name=name, uid=uid)


def node_target(machine: Machine) -> Target:
    cluster = machine.pool.cluster.name
    name = f"node/{machine.name}"
    return Target(kind=TargetKind.NODE, key=f"{cluster}/{machine.name}", cluster=cluster, name=name, uid=machine.uid)


def pool_target(pool: Pool) -> Target:
    name = pool.cluster.name
    return Target(kind=TargetKind.POOL, key=pool.key, cluster=name, name=f"pool/{pool.plan.name}")


def namespace_target(cluster: str, name: str) -> Target:
    return Target(kind=TargetKind.NAMESPACE, key=f"{cluster}/{name}", cluster=cluster, name=f"namespace/{name}")


def usd(stage: Stage, pool: Pool) -> float:
    """Return what the machines of a pool cost now, $/h."""
    return sum(stage.world.usd_per_hour(machine) or 0.0 for machine in pool.machines.values())
