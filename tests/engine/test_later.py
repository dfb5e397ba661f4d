from __future__ import annotations

import asyncio
from collections.abc import Callable

from finops_tui.clock import VirtualTimeLoop
from finops_tui.engine.later import AFTER_SECONDS, Later
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ArmingSeen, Observation
from finops_tui.model.snapshot import Snapshot
from tests.samples import NOON, empty_snapshot

FIRST = ArmingSeen(at=NOON, source="actions", cluster="", possible=True, until=None)


class Companion:
    name = "desk"

    def __init__(self) -> None:
        self.begun: list[Fleet] = []
        self.seen: list[Snapshot] = []

    def begin(self, fleet: Fleet) -> None:
        self.begun.append(fleet)

    def see(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)

    async def run(self, tell: Callable[[Observation], None]) -> None:
        tell(FIRST)
        await asyncio.Event().wait()


def test_it_is_made_after_the_first_figures_and_then_sees_what_is_newest() -> None:
    built: list[Companion] = []
    told: list[Observation] = []

    def build() -> Companion:
        built.append(Companion())
        return built[0]

    async def main() -> None:
        later, fleet = Later("desk", build, (FIRST,)), Fleet()
        later.begin(fleet)
        running = asyncio.create_task(later.run(told.append))
        await asyncio.sleep(5)
        assert (built, told) == ([], [FIRST]), "there are no figures yet"
        later.see(empty_snapshot(1))
        later.see(empty_snapshot(2))
        await asyncio.sleep(AFTER_SECONDS * 2)
        later.see(empty_snapshot(3))
        assert built[0].begun == [fleet]
        assert [each.at.minute for each in built[0].seen] == [2, 3]
        assert told == [FIRST, FIRST]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
