"""Runs the sources, folds what they say, publishes what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from finops_tui.clock import Clock
from finops_tui.engine.feed import Feed
from finops_tui.errors import FinopsError
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.model.snapshot import Snapshot
from finops_tui.sources.base import Source

FOLDS_AT_A_STRETCH = 200
"""Observations folded before other tasks get a turn: some 2 ms."""
GATHER_SECONDS = 0.05
"""How long the first news of a burst waits for the rest of it, so that the burst is one snapshot."""
IDLE_PUBLISH_SECONDS = 5.0
"""Without news, the snapshot is made again this often, so that what went silent is seen to be stale."""
COMPOSE_SHARE = 0.1
"""At most this part of the time goes into composing: a fleet that takes long is published less often."""
RESTART_SECONDS = (1.0, 60.0)
"""First and longest pause before a source that raised is started again."""
STEADY_SECONDS = 120.0
"""A source that ran this long before it raised starts with the first pause again."""


Compose = Callable[[Fleet, datetime], Snapshot]
"""Turns the state, at a moment, into what is shown."""


class Companion(Protocol):
    """Somebody who goes along with the engine: keeps what it learned, tells others what it found."""

    @property
    def name(self) -> str: ...

    def begin(self, fleet: Fleet) -> None:
        """Take up the state before anything is folded."""
        ...

    def see(self, snapshot: Snapshot) -> None:
        """Look at what was published; must be quick."""
        ...

    async def run(self, tell: Callable[[Observation], None]) -> None:
        """Work until cancelled; `tell` lets the engine fold how it goes."""
        ...


class Hub:
    """One run of the engine. `run` lasts until it is cancelled or every source has ended for good."""

    def __init__(
        self,
        sources: Sequence[Source],
        clock: Clock,
        feed: Feed,
        compose: Compose,
        *,
        companions: Sequence[Companion] = (),
        refresh_seconds: float = 1.0,
        second_after_seconds: float | None = None,
        jitter: Callable[[], float] = random.random,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`refresh_seconds` of the event loop's time pass at least between two snapshots.

        The second may follow sooner, after `second_after_seconds`: where the first left out what can wait.

        `jitter` (0-1) spreads restarts; `timer` (seconds) measures composing: both are given where every run must be
        the same.
        """
        self.fleet = Fleet()
        self._sources = sources
        self._companions = companions
        self._clock = clock
        self._feed = feed
        self._compose = compose
        self._refresh_seconds = refresh_seconds
        self._second_after_seconds = refresh_seconds if second_after_seconds is None else second_after_seconds
        self._jitter = jitter
        self._timer = timer
        self._news = asyncio.Event()
        self._refreshing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()

        def refresh_soon() -> None:
            loop.call_soon_threadsafe(self._refresh)

        def fold_soon(observation: Observation) -> None:
            loop.call_soon_threadsafe(self._fold, observation)

        self._feed.on_refresh(refresh_soon)
        self._feed.on_tell(fold_soon)
        for companion in self._companions:
            companion.begin(self.fleet)
        try:
            async with asyncio.TaskGroup() as tasks:
                for source in self._sources:
                    listening = partial(self._listen, source)
                    tasks.create_task(self._supervise(source.name, source.cluster, listening), name=source.name)
                for companion in self._companions:
                    running = partial(companion.run, self._fold)
                    tasks.create_task(self._supervise(companion.name, "", running), name=companion.name)
                tasks.create_task(self._publish_forever(), name="publish")
        finally:
            self._feed.on_refresh(None)
            self._feed.on_tell(None)

    def publish(self) -> None:
        """Compose and publish now."""
        self._news.clear()
        snapshot = self._compose(self.fleet, self._clock.now())
        self._feed.publish(snapshot)
        for companion in self._companions:
            try:
                companion.see(snapshot)
            except Exception as error:  # noqa: BLE001 - as in _supervise
                self._fold(self._failure(companion.name, "", error))

    async def _publish_forever(self) -> None:
        await self._news.wait()
        pause = self._second_after_seconds
        while True:
            started = self._timer()
            self.publish()
            composing = self._timer() - started
            await asyncio.sleep(max(pause, composing / COMPOSE_SHARE))
            pause = self._refresh_seconds
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_PUBLISH_SECONDS):  # wait_for may lose a cancellation (Python 3.11)
                    await self._news.wait()
            await asyncio.sleep(GATHER_SECONDS)

    async def _supervise(self, name: str, cluster: str, work: Callable[[], Awaitable[None]]) -> None:
        """Keep a source or companion going: whatever it raises is shown as its health, and it is started again."""
        pause, longest = RESTART_SECONDS
        while True:
            started = self._clock.now()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - neither may ever take the program down
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    return  # it failed while it was ended: to start it again would keep the program from ending
                self._fold(self._failure(name, cluster, error))
            else:
                return
            if (self._clock.now() - started).total_seconds() > STEADY_SECONDS:
                pause = RESTART_SECONDS[0]
            await self._clock.sleep(pause * (0.75 + 0.5 * self._jitter()))
            pause = min(pause * 2, longest)

    async def _listen(self, source: Source) -> None:
        stretch = 0
        async for observation in source.observe():
            self._fold(observation)
            stretch += 1
            if stretch >= FOLDS_AT_A_STRETCH:
                stretch = 0
                await asyncio.sleep(0)

    def _fold(self, observation: Observation) -> None:
        self.fleet.fold(observation)
        self._news.set()

    def _failure(self, name: str, cluster: str, error: Exception) -> SourceHealth:
        now = self._clock.now()
        before = self.fleet.health.get(name)
        down_already = before is not None and before.state is HealthState.DOWN
        return SourceHealth(
            at=now,
            source=name,
            cluster=cluster,
            short=before.short if before else name.split(maxsplit=1)[0],
            state=HealthState.DOWN,
            since=before.since if before and down_already else now,
            answered_at=before.answered_at if before else None,
            stale_after_seconds=before.stale_after_seconds if before else 60.0,
            reason=error.title if isinstance(error, FinopsError) else f"{type(error).__name__}: {error}",
            hint=error.hint if isinstance(error, FinopsError) else "It is started again by itself.",
        )

    def _refresh(self) -> None:
        for source in self._sources:
            task = asyncio.get_running_loop().create_task(self._refresh_one(source))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)

    async def _refresh_one(self, source: Source) -> None:
        try:
            await source.refresh()
        except Exception as error:  # noqa: BLE001 - as in _supervise
            self._fold(self._failure(source.name, source.cluster, error))
