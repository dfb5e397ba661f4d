"""One Kubernetes cluster as a source: connects, starts its readers, and tells what they find."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta

from finops_tui.clock import Clock, sleep_unless_woken
from finops_tui.errors import SourceError
from finops_tui.model.observations import Observation
from finops_tui.phrases import sentence
from finops_tui.sources.base import Check
from finops_tui.sources.inventory_share import InventoryShare, Part
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kubernetes.api import FORBIDDEN, NOT_FOUND, TOO_MANY, ApiError, KubeApi
from finops_tui.sources.kubernetes.discovery import served_kinds
from finops_tui.sources.kubernetes.division import Division
from finops_tui.sources.kubernetes.doctor import examine
from finops_tui.sources.kubernetes.health import Health
from finops_tui.sources.kubernetes.kinds import Kind, kinds
from finops_tui.sources.kubernetes.reader import Handover, Listed, Reader, ReaderState, Reported, Watched
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.kubernetes.state import ClusterState
from finops_tui.threads import DaemonThreads

FLUSH_SECONDS = 0.5
"""Between two flushes; what changes meanwhile is told at once."""
GATHER_SECONDS = 0.05
"""Before the first flush after a silence: one change seldom comes alone."""
RETRY_SECONDS = (2.0, 60.0)
SILENCE_SECONDS = 5.0
"""How long the first answer may take without a word about what it waits for."""
"""First and longest wait after a connection that failed."""
REFRESH_SECONDS = 10.0
"""A list of everything is not asked for more often, however often `r` is pressed."""
LISTS_AT_ONCE = 2
MESSAGES_AT_ONCE = 16
HEARTBEATS_MISSED = 2
STILL_ALIVE = (FORBIDDEN, NOT_FOUND, TOO_MANY)
"""Refusals that prove that the server is there."""


class KubernetesSource:
    """Lists and watches; never writes."""

    def __init__(self, settings: KubernetesSettings, clock: Clock, share: InventoryShare | None = None) -> None:
        """`share`: through it a Prometheus of the cluster tells of what this source may not read."""
        self.name = settings.name
        self.cluster = settings.cluster
        self._settings = settings
        self._clock = clock
        self._threads = DaemonThreads(limit=2, name=self.name)
        self._share = share or InventoryShare(watched=True)
        self._share.listen(self._told_elsewhere)
        self._session: _Session | None = None
        self._retry = asyncio.Event()
        self._awaits = ""
        """What a connection that is being made waits for."""

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield the whole cluster once, then what changes, until cancelled."""
        health = Health(self.name, self.cluster, self._clock.now(), self._share.teller)
        yield health.sum_up({}, self._clock.now(), settled=False)
        wait = RETRY_SECONDS[0]
        while True:
            try:
                connecting = asyncio.create_task(self._threads.call(self._connect))
                try:
                    while not (await asyncio.wait({connecting}, timeout=SILENCE_SECONDS))[0]:
                        yield health.waiting(self._clock.now(), self._awaits)
                    api, served = connecting.result()
                finally:
                    connecting.cancel()
            except ApiError as failure:
                health.unreachable(failure)
                self._leave_to_others()
                yield health.sum_up({}, self._clock.now(), settled=False)
                self._retry.clear()
                await sleep_unless_woken(self._clock, wait, self._retry)
                wait = min(wait * 2, RETRY_SECONDS[1])
            except Exception:
                self._leave_to_others()
                raise
            else:
                break
        health.answered(self._clock.now())
        session = _Session(self._settings, self._clock, api, served, health=health, share=self._share)
        self._session = session
        try:
            async for observation in session.run():
                yield observation
        finally:
            self._session = None
            session.stop()
            self._leave_to_others()

    async def refresh(self) -> None:
        """List everything again; try again now where it waits."""
        self._retry.set()
        if self._session is not None:
            self._session.refresh()

    async def diagnose(self) -> list[Check]:
        """Ask what works and what is missing, and how to mend it."""
        checks, covered = await self._threads.call(examine, self._settings, self._clock)
        self._share.cover(covered)
        return checks

    def _leave_to_others(self) -> None:
        """Let a Prometheus wait no longer. What was told already stands, and grows old."""
        if self._share.covered is None:
            self._share.cover({})

    def _told_elsewhere(self) -> None:
        if self._session is not None:
            self._session.divide()

    def _connect(self) -> tuple[KubeApi, tuple[Kind, ...]]:
        settings = self._settings
        self._awaits = "its credentials"
        try:
            access = load_access(settings.context, settings.kubeconfig)
        except SourceError as error:
            told = ": ".join(filter(None, (error.title, error.detail)))
            raise ApiError(0, told, hint=sentence(error.hint)) from error
        self._awaits = "the API server"
        api = KubeApi(
            access,
            connect_timeout_seconds=settings.connect_timeout_seconds,
            read_timeout_seconds=settings.read_timeout_seconds,
            clock=self._clock,
        )
        return api, served_kinds(api, kinds(settings))


@dataclass(frozen=True, slots=True)
class Beat:
    failure: ApiError | None


class Heartbeat(threading.Thread):
    """Asks again and again whether the server answers: a watch that says nothing proves nothing."""

    def __init__(self, api: KubeApi, handover: Handover, seconds: float) -> None:
        super().__init__(name="kubernetes-heartbeat", daemon=True)
        self._api = api
        self._handover = handover
        self._seconds = seconds
        self._ending = threading.Event()
        self._poke = threading.Event()

    def poke(self) -> None:
        self._poke.set()

    def stop(self) -> None:
        self._ending.set()
        self._poke.set()

    def run(self) -> None:
        while not self._ending.is_set():
            self._poke.clear()
            failure = None
            try:
                self._api.get("/version")
            except ApiError as error:
                failure = None if error.status in STILL_ALIVE else error
            self._handover.put(Beat(failure))
            self._poke.wait(self._seconds if failure is None else min(2.0, self._seconds))


class _Session:
    """One connection's readers, from their start to their end."""

    def __init__(
        self,
        settings: KubernetesSettings,
        clock: Clock,
        api: KubeApi,
        served: Iterable[Kind],
        *,
        health: Health,
        share: InventoryShare,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._health = health
        self._woken = asyncio.Event()
        self._handover = Handover(asyncio.get_running_loop(), self._woken.set)
        self._heartbeat = Heartbeat(api, self._handover, settings.heartbeat_seconds)
        since = clock.now() - timedelta(hours=settings.lookback_hours)
        self._share = share
        self._api = api
        self._state = ClusterState(settings.name, settings.cluster, since, settings.namespaces)
        self._state.scale(share.scales)
        self._states: dict[Reader, tuple[ReaderState, ApiError | None]] = {}
        self._settled: set[Reader] = set()
        self._missed = 0
        self._refreshed_at = float("-inf")
        self._health_due = True
        self._beaten = False
        places = threading.Semaphore(LISTS_AT_ONCE)
        self._readers = [
            Reader(
                kind,
                namespace,
                api,
                self._handover,
                page_size=settings.page_size,
                silence_seconds=settings.silence_seconds,
                places=places,
            )
            for kind in served
            for namespace in (settings.namespaces if _by_namespace(kind) else ()) or ("",)
        ]
        self._division = Division(share, self._readers)

    async def run(self) -> AsyncIterator[Observation]:
        self._heartbeat.start()
        for reader in self._readers:
            self._states[reader] = (ReaderState.LISTING, None)
            reader.start()
        loop = asyncio.get_running_loop()
        flush_at: float | None = None
        flushed_at = float("-inf")
        while True:
            await _either(self._woken, None if flush_at is None else max(flush_at - loop.time(), 0.0))
            self._woken.clear()
            self._take_some()
            if self._health_due:
                self._health_due = False
                yield self._health.sum_up(self._states, self._clock.now(), settled=self._all_settled)
            if self._beaten:
                self._beaten = False
                unchanged = self._state.unchanged_nodes(self._clock.now())
                if unchanged is not None and self._nodes_are_live:
                    yield unchanged
            if flush_at is None and self._state.changed:
                flush_at = max(flushed_at + FLUSH_SECONDS, loop.time() + GATHER_SECONDS)
            if flush_at is not None and loop.time() >= flush_at:
                flush_at, flushed_at = None, loop.time()
                for observation in self._state.flush(self._clock.now(), whole=self._all_settled):
                    if self._division.keeps(observation):
                        yield observation

    def refresh(self) -> None:
        now = asyncio.get_running_loop().time()
        relist = now - self._refreshed_at >= REFRESH_SECONDS
        if relist:
            self._refreshed_at = now
        self._api.ask_again()
        self._heartbeat.poke()
        for reader in self._readers:
            if relist or self._states[reader][1] is not None:
                reader.poke(relist=relist)

    def stop(self) -> None:
        self._handover.stop()
        self._heartbeat.stop()
        for reader in self._readers:
            reader.stop()

    def divide(self) -> None:
        """Find out who tells of what now; what is this session's again is told from the start."""
        for part in self._division.draw(settled=self._all_settled):
            self._state.tell_again(part)
        self._state.scale(self._share.scales)
        self._health_due = True
        self._woken.set()

    @property
    def _all_settled(self) -> bool:
        return len(self._settled) == len(self._readers)

    @property
    def _nodes_are_live(self) -> bool:
        return (
            self._health.reachable
            and self._division.is_mine(Part.NODES)
            and all(
                state is ReaderState.WATCHING
                for reader, (state, _) in self._states.items()
                if reader.kind.resource == "nodes"
            )
        )

    def _take_some(self) -> None:
        for _ in range(MESSAGES_AT_ONCE):
            message = self._handover.take()
            if message is None:
                return
            self._take(message)
        self._woken.set()  # there may be more

    def _take(self, message: Listed | Watched | Reported | Beat) -> None:
        now = self._clock.now()
        match message:
            case Beat():
                self._beat(message.failure)
            case Reported():
                self._reported(message)
            case Listed():
                self._health.answered(now)
                self._state.apply(message, now)
                if message.last:
                    self._settle(message.reader)
            case Watched():
                self._health.answered(now)
                self._state.apply(message, now)

    def _beat(self, failure: ApiError | None) -> None:
        if failure is None:
            if not self._health.reachable:  # it is back: nobody need wait any longer
                for reader in self._readers:
                    reader.poke(relist=False)
            self._missed = 0
            self._beaten = True
            self._health.answered(self._clock.now())
        else:
            self._missed += 1
            if self._missed >= HEARTBEATS_MISSED or failure.status:
                self._health.unreachable(failure)
        self._health_due = True

    def _reported(self, report: Reported) -> None:
        before = self._states[report.reader]
        after = (report.state, report.failure)
        if report.state is ReaderState.LISTING and before[1] is not None:
            after = before  # not mended until it works
        self._states[report.reader] = after
        if after[1] != before[1]:
            self._health_due = True
        if self._division.note(report):
            self.divide()
        if report.failure is not None:
            self._settle(report.reader)

    def _settle(self, reader: Reader) -> None:
        if reader not in self._settled:
            self._settled.add(reader)
            self._health_due = self._health_due or self._all_settled
            self._woken.set()
            self.divide()


def _by_namespace(kind: Kind) -> bool:
    return kind.namespaced or kind.resource == "namespaces"


async def _either(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for the event or for so many seconds, whichever is first."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
