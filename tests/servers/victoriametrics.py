"""A real VictoriaMetrics, single node."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import free_port, running
from tests.servers.require import require_binary


@contextmanager
def victoriametrics_with(openmetrics: str, directory: Path) -> Iterator[str]:
    """Run a VictoriaMetrics that holds these samples (OpenMetrics text, timestamps in seconds); yield its URL."""
    program = require_binary("victoria-metrics")
    port = free_port()
    command = [
        program,
        f"-storageDataPath={directory / 'data'}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=10y",
        "-search.latencyOffset=0s",
        "-search.disableCache",
        "-memory.allowedPercent=10",
        "-loggerLevel=ERROR",
    ]
    with running(command, directory / "victoriametrics.log", port, "/health") as url:
        body = "\n".join(_in_milliseconds(line) for line in openmetrics.splitlines() if not line.startswith("#"))
        _get(f"{url}/api/v1/import/prometheus", body.encode())
        _get(f"{url}/internal/force_flush")
        yield url


def _in_milliseconds(line: str) -> str:
    """Return a sample as Prometheus's text format has it, whose timestamps are milliseconds."""
    sample, _, seconds = line.rpartition(" ")
    return f"{sample} {float(seconds) * 1000:.0f}" if sample else ""


def _get(url: str, body: bytes | None = None) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=60) as answer:
        answer.read()
