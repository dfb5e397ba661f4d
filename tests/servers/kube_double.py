"""A small API server for what a real one does only on a bad day. Plain HTTP on loopback, in threads.

It lists with pages, watches with replay from a resource version, sends bookmarks, forgets its past (410), and does
whatever else a test puts in `faults`.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

TOKEN = "good-token"
KINDS = (
    "/api/v1/nodes",
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/api/v1/events",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
    "/apis/batch/v1/jobs",
    "/apis/batch/v1/cronjobs",
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "/api/v1/resourcequotas",
    "/apis/policy/v1/poddisruptionbudgets",
)
PODS, NODES = "/api/v1/pods", "/api/v1/nodes"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch") == "1"


class Answer:
    """What a fault may do instead of the usual answer."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler

    def status(self, code: int, message: str = "", reason: str = "", headers: dict[str, str] | None = None) -> None:
        body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
        self._handler.reply(code, json.dumps(body).encode(), headers)

    def body(self, body: bytes, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self._handler.reply(code, body, headers)

    def reset(self) -> None:
        """Close with a TCP reset, without a word."""
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self._handler.close_connection = True
        for end in (self._handler.rfile, self._handler.wfile, self._handler.connection):
            end.close()

    def stream(self, *pieces: bytes, end: str = "close") -> None:
        """Send pieces as a watch would; then end it properly, `cut` it, or `hang` until the server stops."""
        self._handler.begin_stream()
        for piece in pieces:
            self._handler.send_piece(piece)
        if end == "hang":
            self._handler.double.stopping.wait()
        elif end == "cut":
            self.reset()
        else:
            self._handler.send_piece(b"")


Fault = Callable[[Request, Answer], None]


class KubeDouble:
    """Objects by collection path. `put`, `delete` and `bookmark` reach every open watch."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {path: {} for path in KINDS}
        self.requests: list[Request] = []
        self.tokens = {TOKEN}
        self.faults: dict[str, list[Fault]] = {}
        """One-time faults by `<list|watch|get> <path>`, used up in order."""
        self.always: dict[str, Fault] = {}
        self.groups: dict[str, list[str]] = {}
        """Resources of extensions by `group/version`."""
        self.allowed: Callable[[dict[str, str]], bool] = lambda _: True
        self.stopping = threading.Event()
        self._version = 100
        self._log: list[tuple[int, str, dict[str, Any]]] = []
        self._forgotten = 0
        self._breaks = 0
        self._changed = threading.Condition()
        self.port = 0

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve_kind(self, group: str, version: str, resource: str) -> str:
        self.groups.setdefault(f"{group}/{version}", []).append(resource)
        path = f"/apis/{group}/{version}/{resource}"
        self.objects[path] = {}
        return path

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._changed:
            metadata = body.setdefault("metadata", {})
            key = f"{metadata.get('namespace', '')}/{metadata['name']}"
            known = self.objects[path].get(key)
            metadata.setdefault("uid", known["metadata"]["uid"] if known else f"uid-{path.rpartition('/')[2]}-{key}")
            body = json.loads(json.dumps(body))
            self._version += 1
            body["metadata"]["resourceVersion"] = str(self._version)
            self.objects[path][key] = body
            self._append(path, {"type": "MODIFIED" if known else "ADDED", "object": body})
            return body

    def delete(self, path: str, name: str, namespace: str = "") -> None:
        with self._changed:
            body = self.objects[path].pop(f"{namespace}/{name}")
            self._version += 1
            body["metadata"]["resourceVersion"] = str(self._version)
            self._append(path, {"type": "DELETED", "object": body})

    def bookmark(self, path: str) -> None:
        with self._changed:
            self._version += 1
            marker = {"metadata": {"resourceVersion": str(self._version)}}
            self._append(path, {"type": "BOOKMARK", "object": marker})

    def forget_past(self) -> None:
        """Compact: watches from any version before now get 410."""
        with self._changed:
            self._version += 1
            self._forgotten = self._version

    def restore(self, version: int) -> None:
        """Come back from an outage as of an earlier version, without a single object."""
        with self._changed:
            self.objects = {path: {} for path in self.objects}
            self._version, self._log = version, []
        self.break_watches()

    def break_watches(self) -> None:
        with self._changed:
            self._breaks += 1
            self._changed.notify_all()

    def fault(self, key: str, *faults: Fault) -> None:
        self.faults.setdefault(key, []).extend(faults)

    def asked(self, path: str, *, watch: bool = False) -> list[Request]:
        return [request for request in self.requests if request.path == path and request.is_watch == watch]

    def wait_for(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.005)

    def kubeconfig(self, folder: Path, user: dict[str, Any] | None = None) -> Path:
        path = folder / "kubeconfig"
        path.write_text(
            yaml.safe_dump(
                {
                    "current-context": "double",
                    "clusters": [{"name": "double", "cluster": {"server": self.host}}],
                    "users": [{"name": "ana", "user": {"token": TOKEN} if user is None else user}],
                    "contexts": [{"name": "double", "context": {"cluster": "double", "user": "ana"}}],
                }
            )
        )
        return path

    def _append(self, path: str, event: dict[str, Any]) -> None:
        self._log.append((self._version, path, event))
        self._changed.notify_all()

    def page(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        """Return one page; None for a token that is too old."""
        with self._changed:
            start = 0
            if query.get("continue"):
                start, version = map(int, query["continue"].split("-"))
                if version < self._forgotten:
                    return None
            items = [self.objects[path][key] for key in sorted(self.objects[path])]
            limit = int(query.get("limit", "0")) or len(items) or 1
            rest = len(items) - start - limit
            token = f"{start + limit}-{self._version}" if rest > 0 else ""
            metadata = {"resourceVersion": str(self._version), "continue": token}
            return {"metadata": metadata, "items": items[start : start + limit]}

    def events(self, path: str, version: int) -> Iterator[dict[str, Any] | None]:
        """Yield events after a version as they come; an empty dict breaks the stream, None is a moment of silence."""
        position = 0
        with self._changed:
            breaks = self._breaks
            if version < self._forgotten:
                yield {
                    "type": "ERROR",
                    "object": {"code": 410, "reason": "Expired", "message": "too old resource version"},
                }
                return
            while position < len(self._log) and self._log[position][0] <= version:
                position += 1
        while not self.stopping.is_set():
            with self._changed:
                if position >= len(self._log):
                    self._changed.wait(0.05)
                waiting = self._log[position:]
                position += len(waiting)
            yield from (event for since, about, event in waiting if about == path and since > version)
            yield {} if breaks != self._breaks else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    double: KubeDouble

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        request = Request(self.command, url.path, query, dict(self.headers.items()), time.monotonic())
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        double = self.double
        double.requests.append(request)
        answer = Answer(self)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in double.tokens:
            answer.status(401, "Unauthorized", "Unauthorized")
            return
        what = "watch" if request.is_watch else "list" if url.path in double.objects else "get"
        key = f"{what} {url.path}"
        waiting = double.faults.get(key)
        if waiting:
            waiting.pop(0)(request, answer)
        elif key in double.always:
            double.always[key](request, answer)
        elif request.is_watch:
            self._watch(request)
        else:
            self._answer(request, body, answer)

    def _answer(self, request: Request, body: Any, answer: Answer) -> None:
        double, path = self.double, request.path
        found: Any = None
        if path in double.objects:
            found = double.page(path, request.query)
            if found is None:
                answer.status(410, "The provided continue parameter is too old", "Expired")
                return
        elif path == "/version":
            found = {"gitVersion": "v1.34.0"}
        elif path == "/apis":
            found = {"groups": [{"versions": [{"groupVersion": name}]} for name in double.groups]}
        elif path.removeprefix("/apis/") in double.groups:
            names = double.groups[path.removeprefix("/apis/")]
            found = {"resources": [{"name": name, "verbs": ["list", "watch"]} for name in names]}
        elif path.endswith("/selfsubjectaccessreviews"):
            found = {"status": {"allowed": double.allowed(body["spec"]["resourceAttributes"])}}
        elif path.endswith("/selfsubjectreviews"):
            found = {"status": {"userInfo": {"username": "ana"}}}
        if found is None:
            answer.status(404, "not found", "NotFound")
        else:
            self.reply(200, json.dumps(found).encode())

    def _watch(self, request: Request) -> None:
        self.begin_stream()
        try:
            for event in self.double.events(request.path, int(request.query["resourceVersion"])):
                if event is None:
                    continue
                if not event:
                    Answer(self).reset()
                    return
                self.send_piece(json.dumps(event).encode() + b"\n")
            self.send_piece(b"")
        except OSError:
            self.close_connection = True

    def reply(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

    def send_piece(self, piece: bytes) -> None:
        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what the tests are about."""


@contextmanager
def kube_double() -> Iterator[KubeDouble]:
    double = KubeDouble()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": double}))
    double.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
