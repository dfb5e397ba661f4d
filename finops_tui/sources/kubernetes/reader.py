"""One thread that lists one kind of object and then watches it, for as long as it is let.

A list gives a resource version; a watch from there gives every later change, and bookmarks that move the version on;
410, as a status or inside the stream, means that the version is too old, so list again (Kubernetes API concepts).
"""

from __future__ import annotations

import queue
import random
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.api import (
    FORBIDDEN,
    GONE,
    NOT_FOUND,
    TOO_MANY,
    UNAUTHORIZED,
    ApiError,
    KubeApi,
    Watch,
)
from finops_tui.sources.kubernetes.kinds import Kind
from finops_tui.sources.pauses import pause_seconds

HANDED_OVER = 64
"""Pages and batches that may wait for the event loop; readers wait when there are more."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 60.0
REFUSED_WAIT_SECONDS = 120.0
WATCH_SECONDS = (240, 480)
"""A watch is asked to end by itself somewhere in between, so that not all end at once."""
SHORT_WATCH_SECONDS = 1.0

_PAGE = msgspec.json.Decoder(objects.Page)
_EVENT = msgspec.json.Decoder(objects.Event)
_STATUS = msgspec.json.Decoder(objects.Status)
_ANYTHING = msgspec.json.Decoder(objects.Anything)


class ReaderState(StrEnum):
    LISTING = "listing"
    WATCHING = "watching"
    REFUSED = "refused"
    """403: it may not be read."""
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list."""

    reader: Reader
    facts: list[Any]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """Changes in their order; `gone` tells deletions from the rest. Empty for a bookmark."""

    reader: Reader
    events: list[tuple[bool, Any]]


@dataclass(frozen=True, slots=True)
class Reported:
    """The reader came into another state."""

    reader: Reader
    state: ReaderState
    failure: ApiError | None = None


class Handover:
    """Takes messages from threads to one event loop, a bounded number at a time."""

    def __init__(self, loop: AbstractEventLoop, wake: Callable[[], object]) -> None:
        self._loop = loop
        self._wake = wake
        self._messages: queue.Queue[Any] = queue.Queue(HANDED_OVER)
        self._stopped = threading.Event()

    def put(self, message: object) -> None:
        """Add a message, from a thread; wait while the loop is behind."""
        while not self._stopped.is_set():
            try:
                self._messages.put(message, timeout=0.2)
            except queue.Full:
                continue
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the loop is closed: nobody listens any more
                self._stopped.set()
            return

    def take(self) -> Any | None:
        """Return the next message, on the loop; None when nothing waits."""
        try:
            return self._messages.get_nowait()
        except queue.Empty:
            return None

    def stop(self) -> None:
        self._stopped.set()


class Reader(threading.Thread):
    """Started once; `stop` ends it for good."""

    def __init__(
        self,
        kind: Kind,
        namespace: str,
        api: KubeApi,
        handover: Handover,
        *,
        page_size: int,
        silence_seconds: float,
        places: threading.Semaphore,
    ) -> None:
        super().__init__(name=f"kubernetes-{kind.resource}", daemon=True)
        self.kind = kind
        self.namespace = namespace
        self.unreadable = 0
        """Objects passed over since the last list, because they are not what their kind should be."""
        self._api = api
        self._handover = handover
        self._page_size = page_size
        self._silence_seconds = silence_seconds
        self._places = places
        self._ending = threading.Event()
        self._poke = threading.Event()
        self._relist = False
        self._watch: Watch | None = None
        self._version = ""
        self._random = random.Random()  # noqa: S311 - spreads load

    def stop(self) -> None:
        self._ending.set()
        self.poke(relist=False)

    def poke(self, *, relist: bool) -> None:
        """Try again now instead of waiting; with `relist`, forget what is known and list."""
        self._relist = self._relist or relist
        self._poke.set()
        watch = self._watch
        if watch is not None:
            watch.cut()

    def run(self) -> None:
        failures = 0
        while not self._ending.is_set():
            self._poke.clear()
            if self._relist:
                self._relist, self._version = False, ""
            started, before = time.monotonic(), self._version
            failure = None
            try:
                if self._version and self._set_back():
                    self._version = ""
                if not self._version:
                    self._version = self._list()
                self._follow()
            except ApiError as error:
                failure = error
            if self._ending.is_set():
                return
            if self._version != before and (failure is None or failure.status != GONE):
                failures = 0
            # A server that ends every watch at once must not be asked without pause.
            if failure is not None or time.monotonic() - started < SHORT_WATCH_SECONDS:
                failures += 1
                self._poke.wait(self._after(failure, failures))

    def _after(self, failure: ApiError | None, failures: int) -> float:
        """Report a failure where it is worth it, and return how long to wait, in seconds."""
        wait = self._backoff(failures)
        if failure is None:
            return wait
        if failure.status == GONE:
            self._version = ""
            return 0.0 if failures == 1 else wait
        if failure.status in (FORBIDDEN, NOT_FOUND):
            self._version = ""
            self._report(ReaderState.REFUSED, failure)
            return REFUSED_WAIT_SECONDS
        # One broken connection is everyday business: the watch goes on from where it was.
        if failures > 1 or not self._version or failure.status == UNAUTHORIZED:
            self._report(ReaderState.FAILING, failure)
        if failure.status == TOO_MANY and failure.retry_after_seconds is not None:
            asked = min(failure.retry_after_seconds, LONGEST_WAIT_SECONDS)
            return max(wait, asked * self._random.uniform(1.0, 1.2))
        return wait

    def _set_back(self) -> bool:
        """Tell whether the server is at an earlier version than was read: from a backup, or another one at its address.

        A watch from a version that is still to come is silent until then: it would pass for a quiet cluster.
        """
        now = self._page({"limit": "1", **self.kind.selector(self.namespace)}).metadata.resource_version
        return now.isdecimal() and self._version.isdecimal() and int(now) < int(self._version)

    def _list(self) -> str:
        """Hand over every page and return the version that they stand for."""
        self._report(ReaderState.LISTING)
        self.unreadable = 0
        query = {"limit": str(self._page_size), **self.kind.selector(self.namespace)}
        first = True
        while True:
            page = self._page(query)
            last = not page.metadata.continue_
            facts = [fact for item in page.items or () if (fact := self._read(item)) is not None]
            self._handover.put(Listed(self, facts, first, last))
            if last or self._ending.is_set():
                return page.metadata.resource_version
            first = False
            query["continue"] = page.metadata.continue_

    def _page(self, query: Mapping[str, str]) -> objects.Page:
        with self._places:  # few lists at once: they are what costs the server most
            body = self._api.get(self.kind.path(self.namespace), query, self.kind.accept_list)
        try:
            return _PAGE.decode(body)
        except msgspec.DecodeError as error:
            raise ApiError(0, f"the list of {self.kind.resource} is no JSON that Kubernetes writes") from error

    def _follow(self) -> None:
        """Hand over changes until the watch ends; `_version` moves with them."""
        query = {
            "watch": "1",
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(self._random.randint(*WATCH_SECONDS)),
            **self.kind.selector(self.namespace),
        }
        path = self.kind.path(self.namespace)
        watch = self._api.watch(path, query, self.kind.accept_watch, silence_seconds=self._silence_seconds)
        self._watch = watch
        try:
            if self._poke.is_set():  # asked while the watch was opening
                watch.cut()
            self._report(ReaderState.WATCHING)
            for lines in watch.batches():
                self._handover.put(Watched(self, self._events(lines)))
        finally:
            self._watch = None

    def _events(self, lines: list[bytes]) -> list[tuple[bool, Any]]:
        events: list[tuple[bool, Any]] = []
        for line in lines:
            try:
                event = _EVENT.decode(line)
                if event.type == "ERROR":
                    status = _STATUS.decode(event.object)
                    raise ApiError(status.code, one_line(status.message or status.reason, 300))
                version = _ANYTHING.decode(event.object).metadata.resource_version
            except msgspec.DecodeError as error:
                raise ApiError(0, f"the watch of {self.kind.resource} sends no JSON that Kubernetes writes") from error
            if event.type != "BOOKMARK":
                fact = self._read(event.object)
                if fact is not None:
                    events.append((event.type == "DELETED", fact))
            self._version = version or self._version
        return events

    def _read(self, item: msgspec.Raw) -> Any | None:
        try:
            return self.kind.read(item)
        except (msgspec.DecodeError, ValueError, OverflowError):
            self.unreadable += 1
            return None

    def _report(self, state: ReaderState, failure: ApiError | None = None) -> None:
        self._handover.put(Reported(self, state, failure))

    def _backoff(self, failures: int) -> float:
        return pause_seconds(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, failures, self._random.uniform(0.5, 1.0))
