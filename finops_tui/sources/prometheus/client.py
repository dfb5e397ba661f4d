"""The one place from which requests to Prometheus leave.

docs/decisions/0002-prometheus-client.md says why the library's session and settings are used but not its calls.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.retry_after import retry_after_seconds
from finops_tui.sources.clean import one_line
from finops_tui.sources.prometheus.access import Access, open_access
from finops_tui.sources.prometheus.answer import (
    Answer,
    AnswerError,
    PageError,
    looks_like_page,
    parse_answer,
    parse_error,
    parse_version,
)
from finops_tui.sources.prometheus.faults import (
    BROKEN,
    UNAUTHORIZED,
    PrometheusError,
    as_prometheus_error,
    refusal,
    speaks_tls,
    trouble,
    wants_tls,
    without,
)
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.threads import LOADING, DaemonThreads

if TYPE_CHECKING:
    from prometheus_api_client import PrometheusConnect
    from requests import Response, Session

BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of one answer, unpacked. Aggregated answers are a thousand times smaller."""
ERROR_BODY_LIMIT = 64 * 1024
CHUNK = 256 * 1024
LONGEST_GET = 6_000
"""Characters of a URL that every server takes. Longer queries go by POST, which read-only roles may forbid."""
OK = 200
AN_ANSWER, CREDENTIALS = "an answer", "its credentials"


@dataclass(slots=True)
class _Connection:
    """One session, used by one thread at a time: `requests` does not promise that sessions can be shared."""

    library: PrometheusConnect
    session: Session


class PrometheusClient:
    """Asks one Prometheus. Every method raises PrometheusError and nothing else."""

    def __init__(self, settings: PrometheusSettings, clock: Clock) -> None:
        self._settings = settings
        self.clock = clock
        self._threads = DaemonThreads(settings.threads, f"prometheus {settings.title}")
        self._besides = DaemonThreads(1, f"prometheus {settings.title} trial")
        self._idle: list[_Connection] = []
        self._access: Access | None = None
        self._opening = threading.Lock()
        self.awaits = AN_ANSWER
        """What the last request waits for."""
        self.skew_seconds: float | None = None
        """How far the server's clock runs ahead of ours, from its last answer; None before one that says."""

    async def query(self, expr: str) -> Answer:
        """Evaluate `expr` at the server's present."""
        return await self._threads.call(self._ask, "query", {"query": expr}, self._settings.timeout_seconds)

    async def query_range(self, expr: str, span: tuple[int, int, int], patience: float = 1.0) -> Answer:
        """Evaluate `expr` from start to end (unix seconds), every so many seconds; wait `patience` times as long."""
        start, end, step = span
        params = {"query": expr, "start": str(start), "end": str(end), "step": str(step)}
        return await self._threads.call(self._ask, "query_range", params, self._settings.timeout_seconds * patience)

    async def try_out(self) -> None:
        """Ask what costs nothing, past the queries that wait their turn."""
        await self._besides.call(self._ask, "query", {"query": "1"}, self._settings.timeout_seconds)

    async def version(self) -> str:
        """Return what the server calls itself; empty where it does not tell."""
        return await self._threads.call(self._version)

    def _version(self) -> str:
        try:
            return parse_version(self._send("status/buildinfo", {}, self._settings.timeout_seconds))
        except AnswerError:
            return ""

    def _ask(self, path: str, params: dict[str, str], timeout_seconds: float) -> Answer:
        asked = {**self._settings.params, **params, "timeout": f"{timeout_seconds:g}s"}
        try:
            return parse_answer(self._send(path, asked, timeout_seconds))
        except AnswerError as error:
            where = self._access.where if self._access else self._settings.url
            elsewhere = isinstance(error, PageError)
            hint = "check `url` and `auth`: something else answers there" if elsewhere else BROKEN
            told = without(self._settings.secrets(), str(error))
            raise PrometheusError(told, where, hint, whole=False, doubtful=elsewhere) from None

    def _send(self, path: str, params: dict[str, str], timeout_seconds: float) -> bytes:
        """Send one request and return the body of its answer."""
        with LOADING:
            import requests
            from urllib3.exceptions import HTTPError

        access = self._open(timeout_seconds)
        # Not a moment on anybody's clock but the patience of this request, which no clock may stretch.
        deadline = time.monotonic() + timeout_seconds
        connection = self._take(access)
        library = connection.library
        url = f"{library.url}/api/v1/{path}"
        encoded = urlencode(params, quote_via=quote)  # as signatures want it: a space is %20
        long = len(url) + len(encoded) > LONGEST_GET
        try:
            with connection.session.request(
                "POST" if long else "GET",
                url if long or not encoded else f"{url}?{encoded}",
                data=encoded if long else None,
                headers={**library.headers, **({"Content-Type": "application/x-www-form-urlencoded"} if long else {})},
                auth=library.auth,
                timeout=timeout_seconds,
                verify=access.verify,
                cert=access.cert,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, deadline, timeout_seconds, access.where)
                self._note_skew(response)
                self._refuse(response, body, access)
        except BaseException as error:
            connection.session.close()
            if isinstance(error, SourceError):
                raise as_prometheus_error(error) from None
            if isinstance(error, (requests.RequestException, HTTPError, OSError, ValueError)):
                if not isinstance(error, (requests.RequestException, HTTPError)):
                    self.close()  # a file is gone: the next request looks which
                plain = access.url.startswith("http:")
                raise trouble(error, where=access.where, timeout_seconds=timeout_seconds, plain=plain) from None
            raise
        if access is self._access:
            self._idle.append(connection)
        else:
            connection.session.close()
        return body

    def close(self) -> None:
        """Close the connections that wait for the next question; those in use close when they are done."""
        self._access = None
        with suppress(IndexError):  # other threads take from it too
            while True:
                self._idle.pop().session.close()

    def _open(self, timeout_seconds: float) -> Access:
        with self._opening:
            if self._access is None:
                self.awaits = CREDENTIALS
                try:
                    self._access = open_access(self._settings)
                    self.awaits = AN_ANSWER
                except OSError as error:
                    raise trouble(error, where=self._settings.url, timeout_seconds=timeout_seconds) from error
            return self._access

    def _sign_in_again(self) -> None:
        """Let the next request begin with fresh credentials: a plugin or a cloud may have newer ones."""
        self.close()

    def _take(self, access: Access) -> _Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect(access)

    def _connect(self, access: Access) -> _Connection:
        with LOADING:
            import requests
            from prometheus_api_client import PrometheusConnect
            from urllib3.util.retry import Retry

        session = requests.Session()
        library = PrometheusConnect(
            url=access.url,
            headers={name: value.get_secret_value() for name, value in self._settings.headers.items()},
            auth=access.sign,
            proxy={"http": access.proxy, "https": access.proxy} if access.proxy else None,
            retry=Retry(total=0),
            session=session,
        )
        return _Connection(library, session)

    def _refuse(self, response: Response, body: bytes, access: Access) -> None:
        """Raise the error that an answer other than 200 means."""
        if response.status_code == OK:
            return
        if wants_tls(body):
            raise speaks_tls(access.where)
        if response.status_code == UNAUTHORIZED:
            self._sign_in_again()
        words = without(self._settings.secrets(), parse_error(body))
        location = response.headers.get("Location", "")
        if looks_like_page(body) and not location:
            words = words or "a web page"
        raise refusal(
            response.status_code,
            words,
            where=access.where,
            location=one_line(location.split("?")[0], 100) if response.is_redirect else "",
            retry_after_seconds=retry_after_seconds(response.headers.get("Retry-After", ""), self.clock.now()),
            forbidden_hint=access.forbidden_hint,
        )

    def _note_skew(self, response: Response) -> None:
        moment = _http_date(response.headers.get("Date", ""))
        if moment is not None:
            self.skew_seconds = (moment - self.clock.now()).total_seconds()


def _read(response: Response, deadline: float, timeout_seconds: float, where: str) -> bytes:
    """Return the body: all of it, in time, and not more than is sensible."""
    limit = BODY_LIMIT if response.status_code == OK else ERROR_BODY_LIMIT
    parts: list[bytes] = []
    size = 0
    # `read1` returns what has come; `iter_content` would wait for a whole chunk, however slowly it drips in.
    while part := response.raw.read1(CHUNK, decode_content=True):
        size += len(part)
        parts.append(part)
        if size > limit:
            if response.status_code != OK:
                break
            raise PrometheusError(
                f"answer is larger than {limit // 2**20} MiB", where, "narrow it with `matchers`", whole=False
            )
        if time.monotonic() > deadline:
            raise PrometheusError(
                f"no whole answer within {timeout_seconds:g}s",
                where,
                "look at its load and the network, or raise `timeout_seconds`",
                whole=False,
                doubtful=True,
            )
    return b"".join(parts)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
