"""The thin thread, whole: simulated cloud -> exporter -> real Prometheus -> config -> snapshot, doctor and screen."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.simulation.exporter import serve
from finops_tui.simulation.world import World
from tests.e2e.terminal import PROGRAM, Terminal
from tests.servers.prometheus import prometheus_scraping

SEED = 7
CONFIG = """\
sources:
  - type: prometheus
    cluster: prod-us
    url: {url}
    interval_seconds: 5
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A config that names a Prometheus which scrapes the simulated cluster prod-us."""
    listening, stop, address = threading.Event(), threading.Event(), ""

    def ready(url: str) -> None:
        nonlocal address
        address = url
        listening.set()

    exporter = threading.Thread(
        target=serve,
        args=(SEED, SimulatedClock(WallClock().now(), 10), "127.0.0.1", 0),
        kwargs={"ready": ready, "stop": stop},
        daemon=True,
    )
    exporter.start()
    assert listening.wait(30)
    directory = tmp_path_factory.mktemp("prometheus")
    with prometheus_scraping(f"{address}/metrics/prod-us", directory) as url:
        wait_for_samples(url, "sum(rate(vllm:generation_tokens_total[5m])) > 0")
        path = directory / "config.yaml"
        path.write_text(CONFIG.format(url=url))
        yield path
    stop.set()
    exporter.join(10)


def wait_for_samples(url: str, query: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/api/v1/query?query={quote(query)}") as answer:
            if json.load(answer)["data"]["result"]:
                return
        time.sleep(0.2)
    raise AssertionError(f"no samples came for {query}")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=90)


def test_snapshot_says_what_prometheus_says(config: Path) -> None:
    done = run("snapshot", "--config", str(config), "--format", "json", "--wait", "60s")
    assert done.returncode == 0, done.stderr
    snapshot: dict[str, Any] = json.loads(done.stdout)
    world = World(SEED, int(time.time()))
    here = [machine for machine in world.machines() if machine.pool.cluster.name == "prod-us"]
    assert snapshot["clusters"] == ["prod-us"]
    assert snapshot["headline"]["nodes"] == pytest.approx(len(here), abs=2)
    assert snapshot["headline"]["gpus"] > 100
    assert snapshot["headline"]["usd_per_hour"]["value"] > 100
    pools = {pool["name"]: pool for pool in snapshot["pools"]}
    assert 0.3 < pools["h100-train"]["utilization"] <= 1.0
    assert pools["h100-train"]["gpu_model"]
    assert any(row["windows"][0]["burn_rate"] is not None for row in snapshot["slos"])
    assert any(row["tokens_per_second"] for row in snapshot["serving"])
    assert any(row["name"].startswith("chat/deploy/") for row in snapshot["spend"]["workload"])


def test_doctor_finds_nothing_missing_that_matters(config: Path) -> None:
    done = run("doctor", "--config", str(config), "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_screen_shows_it(config: Path) -> None:
    with Terminal((*PROGRAM, "--config", str(config))) as terminal:
        terminal.wait_for("h100-train")
        terminal.wait_for("chat/deploy/")
        screen = terminal.wait_for("prom ")
        assert "prod-us" in screen.splitlines()[0]
        assert "READ-ONLY" in screen.splitlines()[0]
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0


def test_a_prometheus_that_is_not_there_costs_its_figures_and_nothing_else(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(url="http://127.0.0.1:9"))
    done = run("snapshot", "--config", str(config), "--format", "text", "--wait", "20s")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "refused" in done.stdout + done.stderr
    with Terminal((*PROGRAM, "--config", str(config))) as terminal:
        terminal.wait_for("Prometheus prod-us has not answered since")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
