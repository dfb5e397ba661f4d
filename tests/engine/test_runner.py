from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from datetime import datetime

from finops_tui.clock import WallClock
from finops_tui.engine.feed import Feed
from finops_tui.engine.hub import Hub
from finops_tui.engine.runner import EngineThread
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import NodesSeen, Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.threads import DaemonThreads
from tests.samples import NOON, empty_snapshot


class Hanging:
    """A source whose system took the question and never answers."""

    name = "hanging a"
    cluster = "a"

    async def observe(self) -> AsyncIterator[Observation]:
        yield NodesSeen(at=NOON, source=self.name, cluster="a")
        await DaemonThreads(1, "hanging").call(threading.Event().wait, 60)

    async def refresh(self) -> None:
        await asyncio.sleep(0)


def compose(_fleet: Fleet, _now: datetime) -> Snapshot:
    return empty_snapshot()


def test_it_publishes_from_its_own_thread_and_stops_at_once_though_a_source_hangs() -> None:
    feed, published = Feed(), threading.Event()
    feed.subscribe(published.set)
    crashes: list[BaseException] = []
    engine = EngineThread(lambda: Hub([Hanging()], WallClock(), feed, compose), crashes.append)
    engine.start()
    assert published.wait(10)
    started = time.perf_counter()
    engine.stop(timeout_seconds=10)
    assert time.perf_counter() - started < 5
    assert "engine" not in {thread.name for thread in threading.enumerate()}
    assert not crashes


def test_a_failure_of_the_engine_itself_is_told() -> None:
    def bad(_fleet: Fleet, _now: datetime) -> Snapshot:
        raise ZeroDivisionError

    told = threading.Event()
    engine = EngineThread(lambda: Hub([Hanging()], WallClock(), Feed(), bad), lambda _error: told.set())
    engine.start()
    assert told.wait(10)
    engine.stop()
