"""The thin thread, whole: simulated cloud -> exporter -> real Prometheus -> config -> snapshot, doctor and screen."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.simulation.exporter import serve
from finops_tui.simulation.world import World
from tests.e2e.simulated import CLUSTER, SEED, config, wait_for
from tests.e2e.terminal import PROGRAM, Terminal
from tests.servers.prometheus import prometheus_scraping

DAYS = 14


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
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
    with prometheus_scraping(f"{address}/metrics/{CLUSTER}", directory) as url:
        wait_for(url, "sum(rate(vllm:generation_tokens_total[5m])) > 0")
        yield config(directory, url, timeout_seconds=10, history_days=DAYS)
    stop.set()
    exporter.join(10)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=90)


def test_snapshot_says_what_prometheus_says(configured: Path) -> None:
    done = run("snapshot", "--config", str(configured), "--format", "json", "--wait", "60s")
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


def test_doctor_finds_nothing_missing_that_matters(configured: Path) -> None:
    done = run("doctor", "--config", str(configured), "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_screen_shows_it(configured: Path) -> None:
    with Terminal((*PROGRAM, "--config", str(configured))) as terminal:
        terminal.wait_for("h100-train")
        terminal.wait_for("chat/deploy/")
        screen = terminal.wait_for("prom ")
        assert "prod-us" in screen.splitlines()[0]
        assert "READ-ONLY" in screen.splitlines()[0]
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0


def test_a_prometheus_that_is_not_there_costs_its_figures_and_nothing_else(tmp_path: Path) -> None:
    configured = config(tmp_path, "http://127.0.0.1:9", timeout_seconds=10)
    done = run("snapshot", "--config", str(configured), "--format", "text", "--wait", "20s")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "refused" in done.stdout + done.stderr
    with Terminal((*PROGRAM, "--config", str(configured))) as terminal:
        terminal.wait_for("Prometheus prod-us has not answered since")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
