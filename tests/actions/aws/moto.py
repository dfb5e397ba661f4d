"""A real moto server: AWS over HTTP, as far as moto goes (billing-side gaps are named in each test)."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import free_port, running


@contextmanager
def moto(directory: Path) -> Iterator[str]:
    """Run a moto server until the block ends; yield its URL."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, directory / "moto.log", port, "/moto-api/data.json") as url:
        yield url


def reset(url: str) -> None:
    """Forget everything that was made there."""
    _post(f"{url}/moto-api/reset", b"")
    _post(f"{url}/moto-api/config", b'{"batch": {"use_docker": false}}')


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, data=body, method="POST", headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
