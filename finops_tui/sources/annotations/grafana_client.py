"""The one place from which requests to Grafana leave."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.retry_after import retry_after_seconds
from finops_tui.sources.annotations.settings import GrafanaSettings
from finops_tui.sources.answers import fault, whole
from finops_tui.sources.clean import one_line
from finops_tui.threads import DaemonThreads

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 16 * 2**20
OK = 200
PERMISSION = "Give the token's service account the permission annotations:read (the role Viewer has it)."
HINTS = {
    401: "Check `auth`: the token is wrong, or has expired.",
    403: PERMISSION,
    404: "Check `url`: it ends just before /api.",
    429: "Raise its rate limit, or `interval_seconds`.",
}
REDIRECTED = "It sends us elsewhere, as a sign-in page does. Set `auth`, or the final address as `url`."


class _Refusal(msgspec.Struct):
    message: str = ""


class GrafanaError(SourceError):
    """A request that brought nothing. `title` is the cause in a few words."""

    def __init__(self, title: str, hint: str = "", *, retry_after_seconds: float = 0.0) -> None:
        super().__init__(title, "", hint)
        self.retry_after_seconds = retry_after_seconds


class GrafanaClient:
    """Sends requests with the configured credentials. Every method raises GrafanaError and nothing else."""

    def __init__(self, settings: GrafanaSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._threads = DaemonThreads(1, f"grafana {settings.title}")
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def get(self, path: str, query: Sequence[tuple[str, str]]) -> bytes:
        """Return the body of a whole answer of status 200."""
        import httpx

        try:
            async with asyncio.timeout(2 * self._settings.timeout_seconds):  # httpx counts each wait by itself
                answer, body = await self._send(path, query)
        except (httpx.TimeoutException, TimeoutError) as error:
            seconds = f"{self._settings.timeout_seconds:g}"
            hint = "Look at its load and the network, or raise `timeout_seconds`."
            raise GrafanaError(f"no answer within {seconds} s", hint) from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            told = fault(error, "`url`")
            raise GrafanaError(told.title, told.hint) from error
        except (OSError, ValueError) as error:  # the files that hold the token or the certificate
            reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
            raise GrafanaError(f"cannot read what `auth` or `ca_file` name: {reason}", "Check those files.") from error
        if answer.status_code != OK:
            raise self._refusal(answer, body)
        return body

    async def _send(self, path: str, query: Sequence[tuple[str, str]]) -> tuple[httpx.Response, bytes]:
        if self._client is None:
            self._client = await self._threads.call(self._open)
        headers = await self._threads.call(self._authorization)
        url = self._settings.url + path
        async with self._client.stream("GET", url, params=list(query), headers=headers) as answer:
            content = await whole(answer, BODY_LIMIT)
            if content is None:
                raise GrafanaError(f"the answer is larger than {BODY_LIMIT // 2**20} MiB", "Narrow it with `tags`.")
            return answer, content

    def _open(self) -> httpx.AsyncClient:
        import httpx

        context = ssl.create_default_context(cafile=_text(self._settings.ca_file))
        return httpx.AsyncClient(verify=context, timeout=self._settings.timeout_seconds, follow_redirects=False)

    def _authorization(self) -> dict[str, str]:
        import base64

        auth = self._settings.auth
        token = ""
        if auth.bearer_token_file is not None:
            token = auth.bearer_token_file.read_text(encoding="utf-8").strip()
        elif auth.bearer_token is not None:
            token = auth.bearer_token.get_secret_value().strip()
        if token:
            return {"Authorization": f"Bearer {token}"}
        if auth.password is not None:
            pair = f"{auth.username}:{auth.password.get_secret_value()}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}

    def _refusal(self, answer: httpx.Response, body: bytes) -> GrafanaError:
        status = answer.status_code
        try:
            words = one_line(msgspec.json.decode(body, type=_Refusal).message, 100)
        except msgspec.DecodeError:  # a web page
            words = ""
        for secret in self._settings.secrets():
            words = words.replace(secret, "***")
        title = one_line(f"{status} {answer.reason_phrase}", 60) + (f": {words}" if words else "")
        hint = REDIRECTED if answer.is_redirect else HINTS.get(status, "Look at its log.")
        wait = retry_after_seconds(answer.headers.get("Retry-After", ""), self._clock.now())
        return GrafanaError(title, hint, retry_after_seconds=wait)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
