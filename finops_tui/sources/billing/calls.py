"""The one place from which requests to one service leave: patient where it asks for that, exact about what is wrong.

What comes back is plain JSON whose numbers are `Decimal`: money never passes through a float.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.retry_after import retry_after_seconds
from finops_tui.sources.answers import fault, whole
from finops_tui.sources.clean import one_line
from finops_tui.threads import DaemonThreads

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 64 * 2**20
FIRST_PAUSE_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
"""Whoever asks to be left alone for longer is: the question fails, and the source comes back later."""
OK, NO_CONTENT, UNKNOWN, TOO_MANY = 200, 204, 401, 429
BUSY = frozenset({TOO_MANY, 500, 502, 503, 504})
BUSY_HINT = "It is busy; it is asked again."
REDIRECTED = "It sends us elsewhere, as a sign-in page does. Give the final address, or one that lets us in."
Query = Sequence[tuple[str, str]]


class CallError(SourceError):
    """A request that brought nothing. `title` is the cause in a few words."""

    def __init__(
        self, title: str, hint: str = "", *, passing: bool = False, retry_after_seconds: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(title, "", hint)
        self.status = status
        """Of a refusal over HTTP; 0 where nothing came."""
        self.passing = passing
        """Whether the same may well succeed in a moment."""
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom the requests go to, and what its refusals mean."""

    open: Callable[[], httpx.AsyncClient]
    """Called in a thread: it may read certificates. Raises SourceError."""
    headers: Callable[[], Awaitable[Mapping[str, str]]]
    """Who we are, asked for each request. Raises SourceError."""
    forget: Callable[[], None] | None = None
    """Lets go of a token that is refused though it should still be good, so that `headers` gets another."""
    hints: Mapping[int, str]
    """By status: what to do, with the permission that is missing."""
    secrets: tuple[str, ...] = ()
    """What no message may show."""
    timeout_seconds: float
    attempts: int = 3
    busy_words: tuple[str, ...] = ()
    """Where one of them is in a refusal, whatever its status, the service is busy."""
    waits: tuple[str, str] = ("retry-after", "")
    """How names of headers begin and end, in lower case, that say how many seconds to wait beside `Retry-After`."""


@dataclass(slots=True)
class Calls:
    """Every method raises SourceError and nothing else."""

    service: Service
    clock: Clock
    jitter: random.Random = field(default_factory=random.Random)
    on_wait: Callable[[CallError, float], None] = lambda _error, _seconds: None
    """Hears of each refusal after which the same is asked again in so many seconds."""
    _client: httpx.AsyncClient | None = None
    _threads: DaemonThreads = field(default_factory=lambda: DaemonThreads(1, "bills"))

    async def get(self, url: str, query: Query = ()) -> Any:
        """Return what stands there; None where there is nothing (status 204)."""
        return await self._patiently("GET", url, query, None)

    async def post(self, url: str, body: object, query: Query = ()) -> Any:
        """Ask a question that is too long for an address. It must be one that changes nothing: it may be sent twice."""
        return await self._patiently("POST", url, query, body)

    async def close(self) -> None:
        """Let go of all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _patiently(self, method: str, url: str, query: Query, body: object) -> Any:
        forget = self.service.forget
        for attempt in range(1, self.service.attempts + 1):
            try:
                return await self._once(method, url, query, body)
            except CallError as error:
                if error.status == UNKNOWN and forget is not None and attempt < self.service.attempts:
                    forget()
                    forget = None  # another token is refused for another reason
                    continue
                if (
                    not error.passing
                    or attempt == self.service.attempts
                    or error.retry_after_seconds > LONGEST_WAIT_SECONDS
                ):
                    raise
                pause = FIRST_PAUSE_SECONDS * 2.0**attempt * self.jitter.uniform(0.5, 1.0)
                pause = max(pause, error.retry_after_seconds)
                self.on_wait(error, pause)
                await self.clock.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, method: str, url: str, query: Query, body: object) -> Any:
        import httpx

        if self._client is None:
            self._client = await self._threads.call(self.service.open)
        headers = await self.service.headers()
        try:
            async with asyncio.timeout(2 * self.service.timeout_seconds):  # httpx counts each wait by itself
                request = self._client.build_request(
                    method, url, params=list(query) or None, headers=headers, json=body
                )
                answer = await self._client.send(request, stream=True)
                try:
                    content = await whole(answer, BODY_LIMIT)
                finally:
                    await answer.aclose()
        except (httpx.TimeoutException, TimeoutError) as error:
            seconds = f"{self.service.timeout_seconds:g}"
            raise CallError(
                f"no answer within {seconds} s", "Look at the network, or raise `timeout_seconds`.", passing=True
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            told = fault(error, "the address")
            raise CallError(told.title, told.hint, passing=told.passing) from error
        if content is None:
            raise CallError(f"the answer is larger than {BODY_LIMIT // 2**20} MiB", "Ask for less at once.")
        if answer.status_code == NO_CONTENT:
            return None
        if answer.status_code != OK:
            raise self._refusal(answer, content)
        try:
            return await self._threads.call(_decoded, content)
        except (ValueError, RecursionError) as error:
            title = "it answers something other than JSON"
            raise CallError(title, "Check the address, and any proxy before it.") from error

    def _refusal(self, answer: httpx.Response, content: bytes) -> CallError:
        status, service = answer.status_code, self.service
        words = _words(content)
        passing = status in BUSY or any(word.encode() in content for word in service.busy_words)
        for secret in service.secrets:
            words = words.replace(secret, "***")
        title = one_line(f"{status} {answer.reason_phrase}", 60) + (f": {one_line(words, 200)}" if words else "")
        if answer.is_redirect:
            hint = REDIRECTED
        elif passing:
            hint = service.hints.get(status if status in BUSY else TOO_MANY, BUSY_HINT)
        else:
            hint = service.hints.get(status, "Look at its log.")
        wait = self._asked_to_wait(answer)
        return CallError(title, hint, passing=passing, retry_after_seconds=wait, status=status)

    def _asked_to_wait(self, answer: httpx.Response) -> float:
        begin, end = self.service.waits
        told = [value for name, value in answer.headers.items() if name.startswith(begin) and name.endswith(end)]
        now = self.clock.now()
        return max(retry_after_seconds(value, now) for value in (*told, answer.headers.get("retry-after", "")))


def _decoded(content: bytes) -> Any:
    return json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)


def _no_number(word: str) -> None:
    """Stand for what Go and JavaScript write where there is no figure: not known."""
    del word


def _words(content: bytes) -> str:
    """Return the service's own words: `error.message`, `error` or `message` of its answer."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):  # a web page
        return ""
    if not isinstance(told, dict):
        return ""
    error = told.get("error")
    words = (error.get("message") if isinstance(error, dict) else error) or told.get("message") or ""
    return words if isinstance(words, str) else ""
