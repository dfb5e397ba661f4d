"""A real Prometheus: with a past of its own, or scraping something."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.servers.process import PATIENCE_SECONDS, free_port, running
from tests.servers.require import require_binary

SCRAPES = 3


@contextmanager
def prometheus_with(openmetrics: str, directory: Path) -> Iterator[str]:
    """Run a Prometheus that holds these samples (OpenMetrics text with timestamps); yield its URL.

    It scrapes nothing: blocks that reach into the future would shut newer samples out.
    """
    promtool = require_binary("promtool")
    text = directory / "samples.txt"
    text.write_text(openmetrics if openmetrics.endswith("# EOF\n") else openmetrics + "# EOF\n", encoding="utf-8")
    subprocess.run(
        [
            *(promtool, "tsdb", "create-blocks-from", "--max-block-duration=240h", "openmetrics"),
            *(str(text), str(directory / "data")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with _prometheus(directory, {"scrape_configs": []}) as url:
        yield url


@contextmanager
def prometheus_scraping(url: str, directory: Path, interval_seconds: float = 1.0, rules: str = "") -> Iterator[str]:
    """Run a Prometheus that scrapes `url` (`http://127.0.0.1:9400/metrics`); yield its own URL.

    By then it has scraped often enough for rates. `rules` is the text of a rules file.
    """
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    job = {
        "job_name": "exporter",
        "scheme": scheme,
        "metrics_path": f"/{path or 'metrics'}",
        "honor_labels": True,
        "static_configs": [{"targets": [host]}],
    }
    every = f"{interval_seconds * 1000:.0f}ms"
    settings: dict[str, object] = {
        "global": {"scrape_interval": every, "scrape_timeout": every}, "scrape_configs": [job],
    }  # fmt: skip
    if rules:
        (directory / "rules.yml").write_text(rules, encoding="utf-8")
        settings["rule_files"] = [str(directory / "rules.yml")]
    with _prometheus(directory, settings) as own:
        _wait_for_scrapes(own)
        yield own


def _wait_for_scrapes(url: str) -> None:
    query = urlencode({"query": f"count_over_time(up[5m]) >= {SCRAPES} and up == 1"})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/api/v1/query?{query}", timeout=10) as answer:
            if json.load(answer)["data"]["result"]:
                return
        time.sleep(0.1)
    raise AssertionError("the target cannot be scraped")


@contextmanager
def _prometheus(directory: Path, settings: Mapping[str, object]) -> Iterator[str]:
    program = require_binary("prometheus")
    config = directory / "prometheus.yml"
    config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    port = free_port()
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with running(command, directory / "prometheus.log", port, "/-/ready") as url:
        yield url
