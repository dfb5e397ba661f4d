"""A small API server that takes merge patches, new objects, deletions and evictions as a real one does.

It fails when it is told to. Plain HTTP.
"""

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

    @property
    def on_trial(self) -> bool:
        """Tell whether nothing is to be changed; a DELETE with options in its body has them nowhere else."""
        if self.method == "DELETE":
            return bool(self.body.get("dryRun") == ["All"])
        return self.query.get("dryRun") == "All"


@dataclass
class PatchDouble:
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By path."""
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    """One-time, by method (`DRY` is whatever is on trial, `EVICT` an eviction), used up in order."""
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
        """Return the patches that were no trials."""
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
        on_trial = seen.on_trial
        evicting = seen.method == "POST" and seen.path.endswith("/eviction")
        waiting = self.faults["DRY" if on_trial else "EVICT" if evicting else seen.method]
        if waiting:
            reply = waiting.pop(0)(self, seen.path)
            if reply is not None:
                return reply
        if seen.method == "POST":
            return self._evict(seen, on_trial=on_trial) if evicting else self._create(seen, on_trial=on_trial)
        if seen.method == "GET":
            return self._read(seen)
        if seen.path.removesuffix("/status") not in self.objects:
            return status(404, "not found")
        change = self._delete if seen.method == "DELETE" else self._patch
        return change(seen, on_trial=on_trial)

    def _patch(self, seen: Seen, *, on_trial: bool) -> Reply:
        path = seen.path.removesuffix("/status")
        refusal = _precondition(self.objects[path], seen.body.get("metadata", {}))
        if refusal is not None:
            return refusal
        merged = merge(self.objects[path], seen.body)
        if not on_trial:
            self.objects[path] = merged
            self.touch(path)
        return 200, merged

    def _read(self, seen: Seen) -> Reply:
        if seen.path in self.objects:
            return 200, self.objects[seen.path]
        items = self._listed(seen)
        served = items or seen.path.endswith("/pods")
        return (200, {"items": items}) if served else status(404, "not found")

    def _listed(self, seen: Seen) -> list[dict[str, Any]]:
        """Return what stands beside a path, or in all namespaces, on one node where one is asked for."""
        base, _, plural = seen.path.rpartition("/")
        node = seen.query.get("fieldSelector", "").partition("spec.nodeName=")[2]
        return [
            each
            for path, each in self.objects.items()
            if path.rpartition("/")[0] == seen.path
            or (path.startswith(f"{base}/namespaces/") and path.rpartition("/")[0].rpartition("/")[2] == plural)
            if not node or each["spec"].get("nodeName") == node
        ]

    def _create(self, seen: Seen, *, on_trial: bool) -> Reply:
        path = f"{seen.path}/{seen.body['metadata']['name']}"
        if path in self.objects:
            return status(409, "already exists")
        if not on_trial:
            self.put(path, seen.body, f"uid-of-{seen.body['metadata']['name']}")
        return 201, self.objects.get(path, seen.body)

    def _delete(self, seen: Seen, *, on_trial: bool) -> Reply:
        refusal = _precondition(self.objects[seen.path], seen.body["preconditions"])
        if refusal is None and not on_trial:
            del self.objects[seen.path]
        return refusal or (200, {"status": "Success"})

    def _evict(self, seen: Seen, *, on_trial: bool) -> Reply:
        path = seen.path.removesuffix("/eviction")
        if path not in self.objects:
            return status(404, "not found")
        refusal = _precondition(self.objects[path], seen.body["deleteOptions"]["preconditions"])
        if refusal is None and not on_trial:
            del self.objects[path]
        return refusal or (201, {"status": "Success"})


def _precondition(there: dict[str, Any], wanted: dict[str, Any]) -> Reply | None:
    has = there["metadata"]
    if wanted.get("uid", has["uid"]) != has["uid"]:
        return status(409, "Precondition failed: UID in precondition")
    if wanted.get("resourceVersion", has["resourceVersion"]) != has["resourceVersion"]:
        return status(409, "the object has been modified")
    return None


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
def patch_double(given: PatchDouble | None = None) -> Iterator[PatchDouble]:
    """Serve the one that is given, or a new one."""
    double = given or PatchDouble()

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

        def do_DELETE(self) -> None:
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
