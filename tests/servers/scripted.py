"""A small HTTP server that answers as a test tells it to: for faults that no real server has on demand."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]

    @property
    def query(self) -> str:
        return self.params.get("query", "")


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_length: int | None = None
    """What the header claims, where that is a lie."""
    drip_seconds: float = 0.0
    """Pause after each byte of the body."""
    delay_seconds: float = 0.0


Script = Callable[[Request], Reply]


@dataclass
class Scripted:
    url: str
    script: Script
    requests: list[Request] = field(default_factory=list)


def vector(*rows: tuple[dict[str, str], float | str], **more: object) -> Reply:
    """Return the answer to an instant query."""
    result = [{"metric": labels, "value": [1_700_000_000, str(value)]} for labels, value in rows]
    return Reply(
        body=json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}, **more}).encode()
    )


def error(status: int, words: str, **headers: str) -> Reply:
    body = json.dumps({"status": "error", "errorType": "execution", "error": words}).encode()
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stop = threading.Event()
        self.scripted = Scripted("", script)

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())

    def log_message(self, *_: Any) -> None:
        """Say nothing: the test's output is its own."""

    def _answer(self, form: str) -> None:
        parts = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(form or parts.query).items()}
        headers = {name.title(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, params, headers)
        self.server.scripted.requests.append(request)
        reply = self.server.scripted.script(request)
        self.server.stop.wait(reply.delay_seconds)
        try:
            self._send(reply)
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        length = len(reply.body) if reply.content_length is None else reply.content_length
        for name, value in {"Date": formatdate(usegmt=True), "Content-Length": str(length), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drip_seconds:
            for index in range(len(reply.body)):
                self.wfile.write(reply.body[index : index + 1])
                if self.server.stop.wait(reply.drip_seconds):
                    return
        else:
            self.wfile.write(reply.body)
        if reply.content_length is not None:
            self.close_connection = True


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Serve `script` on a free loopback port until the block ends."""
    server = _Server(script)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.scripted.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.scripted
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
