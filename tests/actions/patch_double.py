"""A small API server that takes merge patches as a real one does, and fails when it is told to. Plain HTTP."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

Reply = tuple[int, dict[str, Any]]
Fault = Callable[["PatchDouble", str], "Reply | None"]
"""Gets the double and the path; returns what to answer instead, None to go on as usual."""


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    content_type: str


@dataclass
class PatchDouble:
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By path."""
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    """One-time, by method (`DRY` is a PATCH on trial), used up in order."""
    seen: list[Seen] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def put(self, path: str, body: dict[str, Any], uid: str = "uid-1") -> None:
        name = path.rpartition("/")[2]
        self.objects[path] = body | {
            "metadata": {"name": name, "uid": uid, "resourceVersion": "1"} | body.get("metadata", {})
        }

    def touch(self, path: str) -> None:
        """Make it another version, as a controller does that writes status."""
        metadata = self.objects[path]["metadata"]
        metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)

    def writes(self) -> list[Seen]:
        return [each for each in self.seen if each.method == "PATCH" and "dryRun" not in each.query]

    def kubeconfig(self, folder: Path) -> Path:
        path = folder / "kubeconfig"
        server = f"http://127.0.0.1:{self.port}"
        told = {
            "current-context": "double",
            "clusters": [{"name": "double", "cluster": {"server": server}}],
            "users": [{"name": "ana", "user": {"token": "t"}}],
            "contexts": [{"name": "double", "context": {"cluster": "double", "user": "ana"}}],
        }
        path.write_text(yaml.safe_dump(told))
        return path

    def answer(self, seen: Seen) -> Reply:
        on_trial = seen.query.get("dryRun") == "All"
        waiting = self.faults["DRY" if on_trial else seen.method]
        if waiting:
            reply = waiting.pop(0)(self, seen.path)
            if reply is not None:
                return reply
        path = seen.path.removesuffix("/status")
        there = self.objects.get(path)
        if there is None:
            items = [each for path, each in self.objects.items() if path.rpartition("/")[0] == seen.path]
            return (200, {"items": items}) if items else status(404, "not found")
        if seen.method == "GET":
            return 200, there
        metadata = seen.body.get("metadata", {})
        if metadata.get("uid", there["metadata"]["uid"]) != there["metadata"]["uid"]:
            return status(409, "Precondition failed: UID in precondition")
        if (
            metadata.get("resourceVersion", there["metadata"]["resourceVersion"])
            != there["metadata"]["resourceVersion"]
        ):
            return status(409, "the object has been modified")
        merged = merge(there, seen.body)
        if not on_trial:
            self.objects[path] = merged
            self.touch(path)
        return 200, merged


def status(code: int, message: str, **more: Any) -> Reply:
    return code, {"kind": "Status", "status": "Failure", "message": message, "code": code} | more


def fails(code: int, message: str = "no", **more: Any) -> Fault:
    return lambda _double, _path: status(code, message, **more)


def merge(into: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(into) if isinstance(into, dict) else {}
    for key, wanted in patch.items():
        if wanted is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), wanted)
    return merged


@contextmanager
def patch_double() -> Iterator[PatchDouble]:
    double = PatchDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._handle()

        def do_PATCH(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def _handle(self) -> None:
            url = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            kind = self.headers.get("Content-Type", "")
            seen = Seen(self.command, url.path, dict(parse_qsl(url.query)), body, kind)
            double.seen.append(seen)
            code, reply = double.answer(seen)
            if not code:  # hang up without a word
                self.close_connection = True
                return
            data = json.dumps(reply).encode()
            try:
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # whoever asked has stopped waiting
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
