"""Server programs as children of a test: started on a free loopback port, gone with the test."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], log: Path, port: int, ready_path: str) -> Iterator[str]:
    """Run `command` until the block ends; yield its base URL once it answers 200 on `ready_path`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        _wait_until_ready(process, port, ready_path, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def status_of(port: int, path: str) -> int | None:
    """Return the HTTP status; None while nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
    except OSError:
        return None
    else:
        return response.status
    finally:
        connection.close()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        if status_of(port, path) == http.client.OK:
            return
        time.sleep(0.05)
    raise AssertionError(f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}")
