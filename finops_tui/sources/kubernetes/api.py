"""Requests to one API server over the official client's connections, answered in raw bytes.

The client's own objects cost a hundred times the processor time (docs/decisions/0003-kubernetes-client.md). All of this
blocks: it is called in threads.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.phrases import sentence
from finops_tui.retry_after import retry_after_seconds
from finops_tui.sources.clean import one_line
from finops_tui.sources.kube_access import KubeAccess
from finops_tui.sources.kubernetes.objects import Status
from finops_tui.sources.kubernetes.tls import tls_trouble

BODY_LIMIT = 512 * 2**20
"""Bytes of one answer; nothing that Kubernetes allows comes near it."""
LINE_LIMIT = 64 * 2**20
JSON = "application/json"
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, GONE, TOO_MANY = 401, 403, 404, 410, 429
ERRORS = 400

_STATUS = msgspec.json.Decoder(Status)
_ERRNO = re.compile(r"\[Errno -?\d+\] ")
_USER = re.compile(r'User "([^"]*)"')


class ApiError(Exception):
    """A request that gave nothing."""

    def __init__(self, status: int, reason: str, *, hint: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        """HTTP status; 0 when there was no answer."""
        self.reason = reason
        """One line in the server's words or the network's."""
        self.hint = hint
        self.retry_after_seconds = retry_after_seconds
        """How long the server asked to be left alone; None where it did not."""

    @property
    def user(self) -> str:
        """Whom the server refuses, where it says so."""
        match = _USER.search(self.reason)
        return match[1] if match else ""


class KubeApi:
    """One API server. Safe to share among threads."""

    def __init__(
        self, access: KubeAccess, *, connect_timeout_seconds: float, read_timeout_seconds: float, clock: Clock
    ) -> None:
        self._access = access
        self._clock = clock
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds

    def ask_again(self) -> None:
        """Have the next request fetch credentials that failed, however lately: somebody has logged in."""
        self._access.ask_again()

    def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = JSON) -> bytes:
        """Return the whole answer. Raises ApiError."""
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        return self._whole("GET", path + _encoded(query), headers, self._read_timeout)

    def post(self, path: str, body: object) -> bytes:
        """Send `body` as JSON and return the whole answer. Raises ApiError."""
        return self._whole("POST", path, {"Accept": JSON, "Content-Type": JSON}, self._read_timeout, body)

    def watch(self, path: str, query: Mapping[str, str], accept: str, *, silence_seconds: float) -> Watch:
        """Open a watch that fails after `silence_seconds` without a byte. Raises ApiError."""
        with _network_words(silence_seconds):
            return Watch(
                self._open("GET", path + _encoded(query), {"Accept": accept}, silence_seconds), silence_seconds
            )

    def _whole(
        self, method: str, path: str, headers: Mapping[str, str], timeout_seconds: float, body: object = None
    ) -> bytes:
        with _network_words(timeout_seconds):
            response = self._open(method, path, headers, timeout_seconds, body)
            return _read(response, 2 * timeout_seconds)

    def _open(
        self, method: str, path: str, headers: Mapping[str, str], timeout_seconds: float, body: object = None
    ) -> Any:
        """Return urllib3's response to a request that succeeded; credentials that ran out are renewed once."""
        for attempt in (1, 2):
            sent, response = self._send(method, path, headers, timeout_seconds, body)
            if response.status < ERRORS:
                return response
            failure = _failure(response, self._clock)
            if failure.status != UNAUTHORIZED or attempt == 2:  # noqa: PLR2004 - the second try
                raise failure
            self._access.renew(refused=sent)
        raise AssertionError("unreachable")

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], timeout_seconds: float, body: object
    ) -> tuple[str, Any]:
        from urllib3 import HTTPHeaderDict

        identity = self._access.header_items()
        sent = HTTPHeaderDict(headers)
        for name, value in identity:
            sent.add(name, value)
        answer = self._access.api_client().call_api(
            method,
            self._access.host + path,
            header_params=sent,
            body=body,
            _request_timeout=(self._connect_timeout, timeout_seconds),
        )
        return dict(identity).get("Authorization", ""), answer.response


class Watch:
    """An open watch: lines as they come, until the server ends it, the network fails or someone cuts it."""

    def __init__(self, response: Any, silence_seconds: float) -> None:
        self._response = response
        self._silence_seconds = silence_seconds
        self._cut = False

    def batches(self) -> Iterator[list[bytes]]:
        """Yield the complete lines of each piece that arrives. A line cut short by the end is dropped."""
        pending = b""
        try:
            with _network_words(self._silence_seconds):
                for piece in self._response.stream(2**16):
                    *lines, pending = (pending + piece).split(b"\n")
                    yield [line for line in lines if line.strip()]
                    if len(pending) > LINE_LIMIT:
                        break
        except ApiError:
            if not self._cut:
                raise
        finally:
            with contextlib.suppress(Exception):  # whatever state it is in, it is not used again
                self._response.close()

    def cut(self) -> None:
        """End it from another thread, at once."""
        self._cut = True
        connection = getattr(self._response, "connection", None)
        underlying = getattr(connection, "sock", None)
        if underlying is not None:
            with contextlib.suppress(OSError):
                # Of the plain socket: a TLS socket's own would say goodbye to the peer first.
                socket.socket.shutdown(underlying, socket.SHUT_RDWR)


def _encoded(query: Mapping[str, str] | None) -> str:
    return f"?{urlencode(query)}" if query else ""


def _read(response: Any, limit_seconds: float) -> bytes:
    """Read a whole body that may come slowly, but not for ever."""
    deadline = time.monotonic() + limit_seconds
    pieces: list[bytes] = []
    size = 0
    finished = False
    try:
        for piece in response.stream(2**18, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > deadline:
                raise ApiError(0, f"the answer is not complete after {limit_seconds:.0f} s")
            if size > BODY_LIMIT:
                raise ApiError(0, "the answer has no end")
        finished = True
    finally:
        if finished:
            response.release_conn()
        else:
            response.close()
    return b"".join(pieces)


def _failure(response: Any, clock: Clock) -> ApiError:
    status = int(response.status)
    try:
        body = _read(response, 10.0)
    except ApiError:
        body = b""
    try:
        told = _STATUS.decode(body)
    except msgspec.DecodeError:
        told = Status(message=one_line(body.decode(errors="replace"), 200))
    wait = retry_after_seconds(response.headers.get("Retry-After", ""), clock.now())
    seconds = wait or (told.details.retry_after_seconds if told.details is not None else 0.0) or None
    words = one_line(told.message or response.reason or "", 300).removeprefix(f"{status} ")  # `404 page not found`
    return ApiError(status, f"{status} {words}".strip(), hint=_hint(status), retry_after_seconds=seconds)


def _hint(status: int) -> str:
    match status:
        case 401:
            return "Log in again: `kubectl get nodes` runs the same log-in."
        case 403:
            return "Bind the role in docs/permissions.md."
    return ""


class _network_words(contextlib.AbstractContextManager[None]):  # noqa: N801 - reads as the statement that it is
    """Turns whatever the network raises into an ApiError in plain words."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        failure = _network_failure(error, self._timeout_seconds)
        if failure is not None:
            raise failure from error


def _network_failure(error: BaseException, timeout_seconds: float) -> ApiError | None:
    """Return what an error of the network means to a person; None for any other error."""
    from kubernetes.client import ApiException
    from urllib3 import exceptions

    if isinstance(error, SourceError):  # the credentials could not be had
        return ApiError(UNAUTHORIZED, f"{error.title}: {error.detail}", hint=sentence(error.hint))
    words, hint = "", "Check the network or VPN."
    tls = tls_trouble(f"{type(error).__name__} {error}")
    if tls is not None:
        return ApiError(0, tls[0], hint=tls[1])
    match error:
        case exceptions.NameResolutionError():
            words = "the host name cannot be resolved"
        case exceptions.NewConnectionError():
            words = _ERRNO.sub("", str(error).rpartition(": ")[2])
            hint = "Check the network or VPN, and that the API server runs."
        case exceptions.ConnectTimeoutError():
            words = "no connection in time"
        case exceptions.ReadTimeoutError() | TimeoutError():
            words = f"silent for {timeout_seconds:.0f} s"
        case exceptions.HTTPError() | OSError() | ApiException():
            words = _innermost(error)
        case ValueError() | AttributeError():  # the client's words when a socket is cut while it reads
            words = "the connection was cut"
    return ApiError(0, one_line(words, 200), hint=hint) if words else None


def _innermost(error: BaseException) -> str:
    """Return the last words of an error that wraps another: `Connection reset by peer`."""
    last = error.args[-1] if error.args else error
    if isinstance(last, OSError) and last.strerror:
        return one_line(last.strerror, 200)
    return one_line(error.args[0] if error.args else error, 200)


def decode_json(body: bytes) -> Any:
    """Return a small answer as plain values; None for nonsense."""
    try:
        return json.loads(body)
    except ValueError:
        return None
