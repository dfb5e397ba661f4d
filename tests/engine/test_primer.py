from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from finops_tui.clock import VirtualTimeLoop
from finops_tui.engine.primer import PAUSE_SECONDS, SHARE, Primer
from tests.samples import empty_snapshot


class Learners:
    """So many that wait; the time at which each was let in. Each takes `seconds` of its own clock."""

    def __init__(self, waiting: int, seconds: float = 0.0) -> None:
        self.waiting = waiting
        self.seconds = seconds
        self.took = 0.0
        self.asked: list[float] = []

    @property
    def primer(self) -> Primer:
        return Primer(self.catch_up, lambda: self.took)

    def catch_up(self) -> bool:
        self.asked.append(asyncio.get_running_loop().time())
        self.took += self.seconds
        self.waiting = max(0, self.waiting - 1)
        return self.waiting > 0


def run(primer: Primer, *, seconds: float, then: Callable[[], None] = lambda: None) -> None:
    async def main() -> None:
        task = asyncio.create_task(primer.run(lambda _: None))
        then()
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


def test_nobody_is_asked_before_there_is_a_snapshot() -> None:
    learners = Learners(3)
    run(learners.primer, seconds=60)
    assert learners.asked == []


def test_after_one_snapshot_all_that_wait_take_in_the_past_one_by_one() -> None:
    learners = Learners(5)
    primer = learners.primer
    run(primer, seconds=60, then=lambda: primer.see(empty_snapshot()))
    gaps = [after - before for before, after in zip(learners.asked, learners.asked[1:], strict=False)]
    assert len(learners.asked) == 5
    assert min(gaps) >= PAUSE_SECONDS * 0.99


def test_after_the_first_half_second_of_work_those_that_take_long_come_seldom() -> None:
    learners = Learners(12, seconds=0.1)
    primer = learners.primer
    run(primer, seconds=600, then=lambda: primer.see(empty_snapshot()))
    gaps = [after - before for before, after in zip(learners.asked, learners.asked[1:], strict=False)]
    assert gaps == [pytest.approx(PAUSE_SECONDS)] * 4 + [pytest.approx(0.1 / SHARE)] * 7


def test_it_looks_again_after_each_snapshot_and_rests_in_between() -> None:
    learners = Learners(1)
    primer = learners.primer

    def twice() -> None:
        primer.see(empty_snapshot())
        asyncio.get_running_loop().call_later(10, primer.see, empty_snapshot())

    run(primer, seconds=60, then=twice)
    assert len(learners.asked) == 2
