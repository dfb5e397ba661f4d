"""The screen and a real desk: keys, plan, guard, journal, and what was done back on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from finops_tui.clock import SimulatedClock
from finops_tui.engine.arming import DISARMED, Arming
from finops_tui.engine.desk import Desk
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Policies, Policy
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ActionProgress, ArmingSeen, Observation
from finops_tui.model.plan import Outcome
from finops_tui.model.snapshot import Armed, Snapshot
from tests.engine.desks import Scripted
from tests.engine.plans import ANA
from tests.ui.samples import INCIDENT, NOW
from tests.ui.screen import Screen, shown

RELAXED = Policy(read_only=False, typed_environments=())
READY = replace(INCIDENT, armed=Armed(possible=True, until=NOW + timedelta(minutes=15)))


class Room:
    """A screen, a desk, and an engine that only passes on what the desk tells."""

    def __init__(self, screen: Screen, folder: Path, action: Scripted, policy: Policy, armed: Arming) -> None:
        self.screen = screen
        self.action = action
        self.journal = Journal(folder)
        self.snapshot: Snapshot = READY if armed is not DISARMED else replace(READY, armed=Armed(possible=True))
        self.desk = Desk(
            (action,), self.journal, Policies(default=policy), SimulatedClock(NOW, monotonic=lambda: 0.0),
            feed=screen.app._feed, who=ANA, armed=armed,
        )  # fmt: skip
        self.desk.begin(Fleet())
        self.desk.see(self.snapshot)

    def tell(self, observation: Observation) -> None:
        if isinstance(observation, ActionProgress):
            others = (row for row in self.snapshot.actions if row.key != observation.row.key)
            self.snapshot = replace(self.snapshot, actions=(observation.row, *others))
        if isinstance(observation, ArmingSeen):
            self.snapshot = replace(self.snapshot, armed=Armed(possible=observation.possible, until=observation.until))
        self.desk.see(self.snapshot)

    async def press(self, *keys: str) -> None:
        await self.screen.press(*keys)
        await self.screen.publish(self.snapshot)


@asynccontextmanager
async def room(
    folder: Path, *, action: Scripted | None = None, policy: Policy = RELAXED, armed: bool = True
) -> AsyncIterator[Room]:
    for_long = Arming(since=NOW, until=NOW + timedelta(minutes=15)) if armed else DISARMED
    async with shown(READY) as screen:
        there = Room(screen, folder, action or Scripted(), policy, for_long)
        running = asyncio.create_task(there.desk.run(there.tell))
        await asyncio.sleep(0)
        await screen.publish(there.snapshot)
        try:
            yield there
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_three_keys_pause_it_and_two_bring_it_back(tmp_path: Path) -> None:
    async with room(tmp_path) as there:
        await there.press("p", "y")
        assert there.action.calls == ["apply plan-1"]
        (entry,) = there.journal.entries()
        assert (entry.plan.title, entry.outcome) == ("Pause retrain-v7", Outcome.APPLIED)
        assert there.screen.toasts == ["Pause retrain-v7: prod-us took it. z takes it back."]
        assert "z undo" in there.screen.lines[39]
        await there.press("z", "y")
        titles = {one.plan.title: one.undone_by for one in there.journal.entries()}
        assert set(titles) == {"Undo pause of nlp-train/job/retrain-v7", "Pause retrain-v7"}
        assert titles["Pause retrain-v7"]
        await there.press("J")
        assert "Pause retrain-v7" in there.screen.text
        assert "undone" in there.screen.text


async def test_what_is_not_armed_is_armed_and_done_without_leaving_the_dialog(tmp_path: Path) -> None:
    async with room(tmp_path, armed=False) as there:
        await there.press("p")
        assert "Changes are not armed. W arms them for a while, then y does it." in there.screen.text
        await there.press("y")
        assert there.action.calls == []
        await there.press("W")
        assert "y  Pause retrain-v7" in there.screen.text
        assert "ARMED 15m" in there.screen.lines[0]
        await there.press("y")
        assert len(there.action.calls) == 1


async def test_production_wants_the_name_typed(tmp_path: Path) -> None:
    async with room(tmp_path, policy=Policy(read_only=False)) as there:
        await there.press("p", *"retrain-v7", "enter")
        assert len(there.action.calls) == 1
        (entry,) = there.journal.entries()
        assert entry.judgement.type_name == "retrain-v7"


async def test_a_read_only_policy_lets_nothing_through(tmp_path: Path) -> None:
    async with room(tmp_path, policy=Policy(read_only=True)) as there:
        await there.press("p", "W", "y", "z")
        assert there.action.made == 0
        assert there.journal.entries() == ()
        assert "READ-ONLY" in there.screen.lines[0]


async def test_several_are_one_plan_and_several_entries(tmp_path: Path) -> None:
    async with room(tmp_path) as there:
        await there.press("6", "space", "down", "space", "p")
        assert "It touches much: 18 pods, 144 GPUs" in there.screen.text
        assert "Type pause 2 to pause them:" in there.screen.text
        await there.press(*"pause", "space", "2", "enter")
        assert len(there.journal.entries()) == 2
        assert there.screen.toasts == ["2 of 2 changes begun."]
