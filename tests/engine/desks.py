"""A desk whose one action does as it is told, and a loop whose time is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from finops_tui.actions.base import Permission, Result
from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.engine.arming import Arming
from finops_tui.engine.desk import Desk
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Policies, Policy
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ActionProgress, Observation
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import PoolRow, SloRow, Snapshot
from tests.engine.plans import ANA, OPEN, plan, snapshot, spend_row, target
from tests.samples import NOON

T = TypeVar("T")
TAKEN = Result(outcome=Outcome.APPLIED, words="prod-us took it.")
DONE = Result(outcome=Outcome.DONE, words="9 of 9 pods are gone.")
WAITS = Result(outcome=Outcome.APPLIED, words="3 of 9 pods are gone.")


class Scripted:
    """Notes what it is asked for. `applies` and `verifies` are what it answers; the last answer of the latter stays."""

    id = "pause"
    key = "p"
    title = "Pause"
    about = ""
    applies_to = frozenset({TargetKind.WORKLOAD})
    reversible = True
    lasts = True

    def __init__(self, applies: Result = TAKEN, verifies: tuple[Result, ...] = (WAITS, DONE), **given: Any) -> None:
        self.calls: list[str] = []
        self.applies = applies
        self.verifies = list(verifies)
        self.given = given
        self.made = 0
        self.during_apply: Callable[[], None] = lambda: None

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:  # noqa: ARG002 - of the contract
        return (Permission(verb="patch", resource="jobs", group="batch", namespace="ml"),)

    def grants(self) -> tuple[Permission, ...]:
        return ()

    async def plan(
        self,
        target: Target,
        parameters: Mapping[str, str],
        snapshot: Snapshot,  # noqa: ARG002 - of the contract
        fleet: Fleet,  # noqa: ARG002 - of the contract
        now: datetime,
    ) -> Plan:
        if target.name.startswith("gone"):
            raise ActionError(f"{target.name} is not there")
        self.made += 1
        return plan(
            self.made, title=f"Pause {target.name.rpartition('/')[2]}", target=target, made_at=now,
            parameters=dict(parameters), **self.given,
        )  # fmt: skip

    async def apply(self, plan: Plan) -> Result:
        self.calls.append(f"apply {plan.id}")
        self.during_apply()
        return self.applies

    async def verify(self, plan: Plan) -> Result:
        self.calls.append(f"verify {plan.id}")
        return self.verifies.pop(0) if len(self.verifies) > 1 else self.verifies[0]

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:  # noqa: ARG002
        self.made += 1
        about = done.target if isinstance(done, Plan) else done
        return plan(self.made, action="undo", title=f"Undo pause of {about.name}", target=about, made_at=now)


def pool(usd: float, key: str = "prod-us/h100") -> PoolRow:
    return PoolRow(
        key=key, name=key.rpartition("/")[2], cluster="prod-us", nodes=9, gpu_model="H100", gpus=72, allocated=72.0,
        busy=72, utilization=0.9, memory_used=None, power_watts=None, usd_per_hour=usd, idle_usd_per_hour=None,
        unallocated_usd_per_hour=None,
    )  # fmt: skip


class Office:
    """A desk at work, what it told, and the moment that it is there."""

    def __init__(self, folder: Path, action: Scripted | None = None, policy: Policy = OPEN, **given: Any) -> None:
        self.folder = folder
        self.action = action or Scripted()
        self.policy = policy
        self.given = given
        self.told: list[Observation] = []
        self.fleet = Fleet()
        self.feed = Feed()
        self.pools: tuple[PoolRow, ...] = ()
        self.slos: tuple[SloRow, ...] = ()
        self.jobs: tuple[Target, ...] = ()
        """What spends besides the usual target."""
        self.desk: Desk
        self.clock: SimulatedClock

    def tell(self, observation: Observation) -> None:
        self.told.append(observation)
        self.fleet.fold(observation)

    def see(self) -> None:
        now = self.clock.now()
        about = [spend_row(key=each.key) for each in (target(), *self.jobs)]
        rows = snapshot(*about, spend_row(ScopeKind.CLUSTER, "prod-us"))
        fresh = {kind: tuple(replace(row, at=now) for row in kind_rows) for kind, kind_rows in rows.spend.items()}
        self.desk.see(replace(rows, at=now, spend=fresh, pools=self.pools, slos=self.slos))

    async def pass_time(self, seconds: float) -> None:
        """Let so much time pass, with figures as they are."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            await asyncio.sleep(1.0)
            self.see()

    def work(self, script: Callable[[Office], Coroutine[Any, Any, T]]) -> T:
        async def main() -> T:
            self.clock = SimulatedClock(NOON, monotonic=asyncio.get_running_loop().time)
            usual: dict[str, Any] = {"armed": Arming(since=NOON, until=NOON + timedelta(hours=8))}
            self.desk = Desk(
                (self.action,), Journal(self.folder), Policies(default=self.policy), self.clock,
                feed=self.feed, who=ANA, **(usual | self.given),
            )  # fmt: skip
            self.desk.begin(self.fleet)
            self.see()
            running = asyncio.create_task(self.desk.run(self.tell))
            await asyncio.sleep(0)
            try:
                return await script(self)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(main())

    @property
    def outcomes(self) -> list[str]:
        """What was told of actions, each word once in a row."""
        said = [str(seen.row.outcome) for seen in self.told if isinstance(seen, ActionProgress)]
        return [word for number, word in enumerate(said) if not number or said[number - 1] != word]
