"""Blocking calls off the event loop, bounded in number, never in the way of quitting.

The standard pool joins its threads when the interpreter exits, so one hung request would hold the terminal for as
long as its timeout. These threads are daemons: a cancelled call is abandoned and the process may go.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

LOADING = threading.Lock()
"""Held by whoever loads a client library. Of two threads that would wait for each other's modules, as where one begins
with `requests` and the other with `requests.utils`, Python gives one a module that is half loaded, and both fail.
"""

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads:
    """At most `limit` blocking calls at once; further ones wait their turn."""

    def __init__(self, limit: int, name: str) -> None:
        self._name = name
        self._places = asyncio.Semaphore(limit)

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a thread and return what it returns, or raise what it raises."""
        async with self._places:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[T] = loop.create_future()

            def settle(set_outcome: Callable[[], None]) -> None:
                if not answer.done():
                    set_outcome()

            def run() -> None:
                try:
                    result = work(*args, **kwargs)
                except BaseException as error:  # noqa: BLE001 - whatever it was, the caller must hear of it
                    outcome = _setter(answer.set_exception, error)
                else:
                    outcome = _setter(answer.set_result, result)
                if not loop.is_closed():
                    loop.call_soon_threadsafe(settle, outcome)

            threading.Thread(target=run, name=self._name, daemon=True).start()
            return await answer


def _setter(method: Callable[[T], None], value: T) -> Callable[[], None]:
    return lambda: method(value)
