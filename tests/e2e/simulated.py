"""A real Prometheus that scrapes the simulated cluster prod-us, whose names a test may change on the way."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from finops_tui.clock import WallClock
from finops_tui.simulation.exporter import CONTENT_TYPE, Exporter
from tests.servers.prometheus import prometheus_scraping
from tests.servers.scripted import Reply, Request, scripted

CLUSTER = "prod-us"
SEED = 7
CONFIG = """\
sources:
  - type: prometheus
    cluster: prod-us
    url: {url}
    interval_seconds: 5
    timeout_seconds: {timeout}
    history_days: 0
"""


def config(directory: Path, url: str, timeout_seconds: float = 2) -> Path:
    """Write a config that names the Prometheus at `url`; it asks often and waits briefly."""
    path = directory / "config.yaml"
    path.write_text(CONFIG.format(url=url, timeout=timeout_seconds))
    return path


@contextmanager
def prometheus(directory: Path, rewrite: Callable[[str], str] = str) -> Iterator[str]:
    """Run it until the block ends; yield its URL once there are rates. `rewrite` changes what is scraped."""
    exporter = Exporter(SEED, WallClock())

    def metrics(_: Request) -> Reply:
        return Reply(body=rewrite(exporter.text(CLUSTER)).encode(), headers={"Content-Type": CONTENT_TYPE})

    with scripted(metrics) as served, prometheus_scraping(f"{served.url}/metrics", directory) as url:
        _wait_for(url, "count_over_time(DCGM_FI_PROF_GR_ENGINE_ACTIVE[1m]) >= 3")
        yield url


def _wait_for(url: str, query: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/api/v1/query?query={quote(query)}") as answer:
            if json.load(answer)["data"]["result"]:
                return
        time.sleep(0.1)
    raise AssertionError(f"no samples came for {query}")
