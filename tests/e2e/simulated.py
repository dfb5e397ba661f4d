"""A real Prometheus that scrapes the simulated cloud, whose names a test may change on the way."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from finops_tui.clock import SimulatedClock
from finops_tui.simulation.exporter import CONTENT_TYPE, Exporter
from tests.servers.prometheus import prometheus_scraping
from tests.servers.scripted import Reply, Request, scripted

CLUSTER = "prod-us"
SEED = 7
HOUR = datetime(2026, 3, 10, 14, tzinfo=UTC)
"""Of the simulated world, whatever the hour is here: each has other jobs."""
SCRAPED = "count_over_time(DCGM_FI_PROF_GR_ENGINE_ACTIVE[1m]) >= 3"
CONFIG = """\
sources:
  - type: prometheus
    cluster: {cluster}
    url: {url}
    interval_seconds: 5
    timeout_seconds: {timeout}
    history_days: {history_days}
"""


def config(
    directory: Path,
    url: str,
    timeout_seconds: float = 2,
    *,
    cluster: str = CLUSTER,
    history_days: int = 0,
    more: str = "",
) -> Path:
    """Write a config that names the Prometheus at `url`; it asks often and waits briefly. `more` follows as it is."""
    path = directory / "config.yaml"
    text = CONFIG.format(url=url, timeout=timeout_seconds, cluster=cluster, history_days=history_days)
    path.write_text(text + more)
    return path


@contextmanager
def prometheus(
    directory: Path,
    rewrite: Callable[[str], str] = str,
    *,
    exporter: Exporter | None = None,
    cluster: str = CLUSTER,
    until: str = SCRAPED,
) -> Iterator[str]:
    """Run it until the block ends; yield its URL once the query `until` has an answer.

    `rewrite` changes what is scraped of the cluster. What lies in `directory` already is its past.
    """
    exporter = exporter or Exporter(SEED, SimulatedClock(HOUR))

    def metrics(_: Request) -> Reply:
        return Reply(body=rewrite(exporter.text(cluster)).encode(), headers={"Content-Type": CONTENT_TYPE})

    with scripted(metrics) as served, prometheus_scraping(f"{served.url}/metrics", directory) as url:
        wait_for(url, until)
        yield url


def wait_for(url: str, query: str) -> None:
    """Wait until a query has an answer."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/api/v1/query?query={quote(query)}") as answer:
            if json.load(answer)["data"]["result"]:
                return
        time.sleep(0.1)
    raise AssertionError(f"no samples came for {query}")
