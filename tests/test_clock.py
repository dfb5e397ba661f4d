from __future__ import annotations

import ast
import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import finops_tui
from finops_tui.clock import SimulatedClock, VirtualTimeLoop, WallClock, sleep_unless_woken
from tests.samples import NOON


def test_wall_clock_is_aware_and_now() -> None:
    now = WallClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_nobody_else_asks_what_time_it_is() -> None:
    package = Path(finops_tui.__file__).parent
    asking = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    found = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in asking
    ]
    assert [place for place in found if not place.startswith("clock.py:")] == []


def test_simulated_clock_runs_speed_times_as_fast_as_its_source() -> None:
    seconds = 100.0
    clock = SimulatedClock(NOON, speed=60, monotonic=lambda: seconds)
    assert clock.now() == NOON
    seconds = 102.0
    assert clock.now() == NOON + timedelta(minutes=2)


def test_virtual_time_waits_for_nothing_and_keeps_the_order() -> None:
    woken: list[tuple[str, datetime]] = []

    async def sleeper(name: str, clock: SimulatedClock, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    async def main() -> None:
        clock = SimulatedClock(NOON, monotonic=asyncio.get_running_loop().time)
        await asyncio.gather(
            sleeper("late", clock, 86_400), sleeper("early", clock, 3_600), sleeper("mid", clock, 7_200)
        )

    started = time.perf_counter()
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    assert time.perf_counter() - started < 30, "a simulated day must not be waited for"
    assert [name for name, _ in woken] == ["early", "mid", "late"]
    assert [(at - NOON).total_seconds() for _, at in woken] == pytest.approx([3_600, 7_200, 86_400])


async def test_a_sleep_ends_when_somebody_wakes_it_and_the_next_one_is_a_sleep_again() -> None:
    clock, wake = SimulatedClock(NOON, speed=1_000.0), asyncio.Event()
    wake.set()
    async with asyncio.timeout(5):
        await sleep_unless_woken(clock, 86_400_000.0, wake)
        assert not wake.is_set()
        began = clock.now()
        await sleep_unless_woken(clock, 10.0, wake)
        assert clock.now() - began >= timedelta(seconds=9), "real timers may ring a little early"
