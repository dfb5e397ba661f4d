"""A small HTTP proxy in front of a real Prometheus, which can be told to misbehave while the program runs."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    promised_bytes: int | None = None
    """What Content-Length claims where that is a lie."""
    drip_seconds: float = 0.0
    """Pause after each byte."""


Fault = Callable[[Answer | None], Answer | None]
"""Makes an answer out of the real one (None where the real server was not asked); None hangs up without a word."""


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer this without asking the real server."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, body, told)


def page(status: int = 200) -> Fault:
    """Answer with a sign-in page, as a gateway in front of the server does."""
    return says(status, b"<!DOCTYPE html><html><title>Sign in</title></html>", Content_Type="text/html")


def cut_off(real: Answer | None) -> Answer | None:
    """Promise the whole answer, send half of it."""
    return real and Answer(real.status, real.body[: len(real.body) // 2], promised_bytes=len(real.body))


def slow(real: Answer | None) -> Answer | None:
    return real and Answer(real.status, real.body, drip_seconds=0.2)


def warning(text: str) -> Fault:
    """Add a warning to what the real server says."""
    return lambda real: real and Answer(200, json.dumps({**json.loads(real.body), "warnings": [text]}).encode())


def every_value(value: str) -> Fault:
    """Replace every figure."""

    def change(real: Answer | None) -> Answer | None:
        if real is None:
            return None
        body: dict[str, Any] = json.loads(real.body)
        data = body.get("data")
        rows = data.get("result", []) if isinstance(data, dict) else []
        for row in rows:
            if isinstance(row, dict):
                row.update({"value": [row["value"][0], value]} if "value" in row else {})
                row.update({"values": [[at, value] for at, _ in row["values"]]} if "values" in row else {})
        return Answer(real.status, json.dumps(body).encode())

    return change


@dataclass
class Proxy:
    """Passes everything on until told otherwise. `queries` are the paths asked since it was last emptied."""

    upstream: str
    port: int = 0
    queries: list[str] = field(default_factory=list)
    _fault: Fault | None = None
    _asks: bool = True
    _hangs: bool = False
    _server: ThreadingHTTPServer | None = None
    _released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def misbehave(self, fault: Fault) -> None:
        """Put `fault` in the way of every answer from now on."""
        self.heal()
        self._fault = fault

    def hang(self) -> None:
        """Take requests and never answer them."""
        self.heal()
        self._released = threading.Event()
        self._hangs = True

    def die(self) -> None:
        """Listen no more: connections are refused, those that are open break."""
        self.heal()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def heal(self) -> None:
        """Pass everything on again."""
        self._fault, self._hangs = None, False
        self._released.set()
        if self._server is None:
            handler = type("Handler", (_Handler,), {"proxy": self})
            self._server = _Server(("127.0.0.1", self.port), handler)
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer | None:
        self.queries.append(path)
        if self._hangs:
            self._released.wait(600)
            return None
        fault = self._fault
        if fault is None:
            return self._pass_on(path, body, headers)
        quick = fault(None)
        return quick if quick is not None else fault(self._pass_on(path, body, headers))

    def _pass_on(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
            real = connection.getresponse()
            kept = {"Content-Type": real.getheader("Content-Type") or "text/plain"}
            return Answer(real.status, real.read(), kept)
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for request in list(self._open):
            self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def do_GET(self) -> None:
        self._reply(self.proxy.answer(self.path, None, {}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        kept = {"Content-Type": self.headers.get("Content-Type", "")}
        self._reply(self.proxy.answer(self.path, body, kept))

    def log_message(self, *_: object) -> None:
        """The test's output is its own."""

    def _reply(self, answer: Answer | None) -> None:
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        length = len(answer.body) if answer.promised_bytes is None else answer.promised_bytes
        self.send_header("Content-Length", str(length))
        self.end_headers()
        pieces = [answer.body] if not answer.drip_seconds else [bytes([byte]) for byte in answer.body]
        for piece in pieces:
            self.wfile.write(piece)
            if answer.drip_seconds:
                self.wfile.flush()
                time.sleep(answer.drip_seconds)
        if answer.promised_bytes is not None:
            self.close_connection = True


@contextmanager
def proxy_before(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)
    proxy.heal()
    try:
        yield proxy
    finally:
        proxy.die()
