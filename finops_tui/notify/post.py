"""Sends one request, again where that helps, and says in words why it could not."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import TYPE_CHECKING, Self

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.notify.notice import Request
from finops_tui.retry_after import retry_after_seconds

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

TIMEOUT_SECONDS = 10.0
ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60.0
TOO_MANY = 429
REFUSED, BROKEN = 400, 500
HINTS = {
    401: "Check its key or token.",
    403: "Check its key or token.",
    404: "Check its address.",
    410: "It was deleted.",
}


class PostError(SourceError):
    """What was sent did not arrive. `again` tells whether another attempt may help."""

    def __init__(self, title: str, hint: str = "", *, again: bool, retry_after_seconds: float = 0.0) -> None:
        super().__init__(title, "", hint)
        self.again = again
        self.retry_after_seconds = retry_after_seconds


class Post:
    """One connection pool for all channels. TLS is verified, redirects are not followed: an address is a secret."""

    def __init__(self, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._clock = clock
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, follow_redirects=False, transport=self._transport,
                verify=ssl.create_default_context(),
            )  # fmt: skip
        return self._client

    async def send(self, request: Request) -> None:
        """Send until it is taken, at most `ATTEMPTS` times; raise PostError when it is not."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        attempts = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, PostError) and error.again),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            reraise=True,
        )
        await attempts(self._once, request)

    async def _once(self, request: Request) -> None:
        import httpx

        try:
            answer = await self._opened().post(request.url, json=request.body, headers=dict(request.headers))
        except httpx.TimeoutException as error:
            raise PostError(f"no answer within {TIMEOUT_SECONDS:g} s", again=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # their words may hold the address
            raise PostError(f"no connection ({type(error).__name__})", "Check its address.", again=True) from error
        except ValueError as error:  # a key that is not ASCII, a proxy of no known kind; its words may hold the key
            hint = "Check its key or headers: ASCII only; and the proxy that the environment names."
            raise PostError(f"cannot be sent ({type(error).__name__})", hint, again=False) from error
        status = answer.status_code
        if status == TOO_MANY or status >= BROKEN:
            wait = retry_after_seconds(answer.headers.get("Retry-After", ""), self._clock.now())
            raise PostError(f"answers {status}", again=True, retry_after_seconds=wait)
        if answer.is_redirect or status >= REFUSED:
            raise PostError(f"refuses with {status}", HINTS.get(status, "Check its address and key."), again=False)


def _wait(state: RetryCallState) -> float:
    """Return seconds before the next attempt: doubling, and never less than it asked for."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after_seconds if isinstance(error, PostError) else 0.0
    return float(min(max(2.0 ** (state.attempt_number - 1), asked), LONGEST_WAIT_SECONDS))
