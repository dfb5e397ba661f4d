"""One Prometheus as a source of observations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.model.observations import Observation
from finops_tui.sources.base import Check
from finops_tui.sources.inventory_share import InventoryShare, StandIn
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.diagnosis import diagnose
from finops_tui.sources.prometheus.discovery import discover
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.health import Health
from finops_tui.sources.prometheus.history import prime
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.rounds import Rounds
from finops_tui.sources.prometheus.rules import Rule, rules
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition

SHORTEST_PAUSE_SECONDS = 1.0
SILENCE_SECONDS = 5.0
"""How long the first answer may take without a word about it."""
WAITING_OBSERVATIONS = 64
"""How many may wait for a reader before asking waits too."""

Emit = Callable[[Observation], Awaitable[None]]


class PrometheusSource:
    """Asks in rounds: each part at its own pace, all due ones at once, as many at a time as the settings allow."""

    def __init__(
        self,
        settings: PrometheusSettings,
        clock: Clock,
        slos: tuple[SloDefinition, ...] = (),
        *,
        share: InventoryShare | None = None,
        payers: tuple[str, ...] = ("team", "model"),
        jitter: random.Random | None = None,
    ) -> None:
        """`share`: who else tells of nodes and workloads; without one they are not asked for.

        `payers`: Kubernetes labels that name teams and models, whose past is told too. `jitter`: spreads out retries.
        """
        self.name = f"prometheus {settings.title}"
        self.cluster = settings.cluster
        self.title = settings.title
        self._settings = settings
        self._clock = clock
        self._slos = tuple(slo for slo in slos if slo.cluster in {"", settings.cluster})
        self._payers = payers
        self._jitter = jitter or random.Random()  # noqa: S311 - it spreads retries, it keeps no secret
        self._wake = asyncio.Event()
        self._stand_in: StandIn | None = None
        if share is not None and settings.inventory != "never":
            self._stand_in = StandIn(share, self.name, self._wake.set, always=settings.inventory == "always")
        self._force = False

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what Prometheus says until cancelled. Trouble is told as health, never raised."""
        out: asyncio.Queue[Observation | Exception] = asyncio.Queue(WAITING_OBSERVATIONS)
        client = PrometheusClient(self._settings, self._clock)
        desk = Desk(client, self._settings, self._jitter)
        health = Health(Told(self.name, self.cluster), self._settings, self._jitter)
        discovered = asyncio.Event()
        tasks = [
            asyncio.create_task(_reporting(self._poll(client, desk, health, discovered, out.put), out)),
            asyncio.create_task(_reporting(self._say_what_is_awaited(client, desk, health, out.put), out)),
            asyncio.create_task(_reporting(self._prime(desk, health, discovered, out.put), out)),
        ]
        try:
            while True:
                item = await out.get()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            client.close()

    async def refresh(self) -> None:
        """Ask for everything again now, also while waiting after a failure."""
        self._force = True
        self._wake.set()

    async def diagnose(self) -> list[Check]:
        """Say whether it can be reached and what it holds, with what each missing thing costs."""
        client = PrometheusClient(self._settings, self._clock)
        try:
            return await diagnose(client, self._settings, self._slos, self._payers, self._stand_in)
        finally:
            client.close()

    async def rules(self) -> list[Rule]:
        """Return recording rules for the dear queries, as this server is asked. Raises PrometheusError."""
        client = PrometheusClient(self._settings, self._clock)
        try:
            desk = Desk(client, self._settings)
            desk.adopt(await discover(desk, self._settings) or desk.found)
            return rules(desk, self._payers)
        finally:
            client.close()

    async def _poll(
        self, client: PrometheusClient, desk: Desk, health: Health, discovered: asyncio.Event, emit: Emit
    ) -> None:
        rounds = Rounds(desk, self._settings, self._slos, self._clock, self._stand_in)
        told_first = False
        await emit(health.connecting(self._clock.now()))
        while True:
            began = self._clock.now()
            if self._force:
                self._force = False
                rounds.ask_everything()
            try:
                async with aclosing(rounds.ask(Told(self.name, self.cluster), began)) as answers:
                    async for observations in answers:
                        if not health.settled:
                            await emit(health.answered(self._clock.now(), desk, client.skew_seconds))
                        for observation in observations:
                            await emit(observation)
            except PrometheusError as error:
                if self._stand_in is not None:
                    self._stand_in.tells(())
                pause = health.pause_after_failure(error)
                await emit(health.failed(self._clock.now(), error))
            else:
                discovered.set()
                if rounds.settled and not told_first:
                    told_first = True
                    health.told_first()
                await emit(health.answered(self._clock.now(), desk, client.skew_seconds))
                spent = (self._clock.now() - began).total_seconds()
                pause = max(SHORTEST_PAUSE_SECONDS, self._settings.interval_seconds - spent)
            await sleep_unless_woken(self._clock, pause, self._wake)

    async def _say_what_is_awaited(self, client: PrometheusClient, desk: Desk, health: Health, emit: Emit) -> None:
        """Say again and again what the first answer is waiting for: whoever gives up on it wants to know."""
        while True:
            await self._clock.sleep(SILENCE_SECONDS)
            if not health.begins:
                return
            await emit(health.connecting(self._clock.now(), client.awaits, desk.trouble))

    async def _prime(self, desk: Desk, health: Health, discovered: asyncio.Event, emit: Emit) -> None:
        """Ask for the past, once, as soon as it is known what there is to ask for."""
        if not self._settings.history_days:
            return
        await discovered.wait()
        async for observation in prime(desk, Told(self.name, self.cluster), self._settings, self._clock, self._payers):
            await emit(observation)
        health.told_first()
        self._wake.set()


async def _reporting(work: Coroutine[Any, Any, None], out: asyncio.Queue[Observation | Exception]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever it was, the reader of the queue raises it again
        await out.put(error)
