"""An incident, from the metrics of a cluster to a decision about it that outlives the program."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.engine.who import user_name
from finops_tui.simulation.exporter import Exporter, openmetrics_history
from finops_tui.simulation.objectives import Objective
from finops_tui.simulation.scenarios import scenario
from tests.e2e.simulated import SEED, config, prometheus
from tests.e2e.terminal import PROGRAM, Terminal
from tests.servers.require import require_binary

BEGAN_BEFORE = timedelta(minutes=75)
"""The world is so old: its incident comes after 20 minutes, and has burned for most of an hour."""
HISTORY_DAYS, HISTORY_STEP = 3, 3_600
"""What it takes to know what is normal."""
ASKED_DAYS = 20
"""All of it is waited for, so that whoever prints only once looks twice; detectors look every ten seconds."""
HISTORY_ENDS = 600
"""Seconds before now: Prometheus takes no samples that are older than its blocks."""


class Incident(NamedTuple):
    config: Path
    objective: str
    """As the program names what burns."""


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incident]:
    """A cluster in which a rollout burns an error budget, in a Prometheus that knows the days before as well."""
    directory = tmp_path_factory.mktemp("incident")
    exporter, cluster, objective = burning()
    remember(directory, cluster)
    with prometheus(directory, exporter=exporter, cluster=cluster) as url:
        more = f"state_folder: {directory / 'state'}\n"
        yield Incident(config(directory, url, 10, cluster=cluster, history_days=ASKED_DAYS, more=more), objective)


def burning() -> tuple[Exporter, str, str]:
    """Return a world in the middle of the incident, the cluster that has it, and the objective that burns."""
    lived = 0.0
    clock = SimulatedClock(WallClock().now() - BEGAN_BEFORE, 1.0, lambda: time.monotonic() + lived)
    exporter = Exporter(SEED, clock)
    rollout = exporter.world.scenario = scenario("rollout-burns-slo", SEED)
    lived = BEGAN_BEFORE.total_seconds()
    exporter.catch_up()
    hit = [
        objective
        for objective in exporter.world.objectives
        if objective.slo.id in rollout.expected(exporter.world).slos
    ]
    worst = max(hit, key=burn_of_the_hour)
    return exporter, worst.slo.cluster, worst.slo.id.rpartition("/")[2]


def burn_of_the_hour(objective: Objective) -> float:
    (hour,) = (reading for reading in objective.readings() if reading.window_seconds == 3_600)
    return (hour.error_ratio or 0.0) / (1 - objective.slo.objective)


def remember(directory: Path, cluster: str) -> None:
    """Give a Prometheus that will run in `directory` a past."""
    text = directory / "past.txt"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(openmetrics_history(SEED, int(time.time()) - HISTORY_ENDS, HISTORY_DAYS, HISTORY_STEP, cluster))
    make = ("tsdb", "create-blocks-from", "--max-block-duration=240h", "openmetrics")
    subprocess.run(
        [require_binary("promtool"), *make, text, directory / "data"], check=True, capture_output=True, timeout=120
    )


def screen(of: Incident) -> Terminal:
    return Terminal((*PROGRAM, "--config", str(of.config)), environment={"LOGNAME": "somebody else"})


def listed(of: Incident) -> Callable[[str], bool]:
    """Tell whether pane 1 lists the objective as a page."""
    return lambda text: any("PAGE" in line and of.objective in line for line in text.splitlines())


def test_an_incident_is_listed_and_what_is_decided_about_it_outlives_the_program(incident: Incident) -> None:
    with screen(incident) as terminal:
        terminal.wait_for(listed(incident))
        terminal.send("a")
        terminal.wait_for(f"Acknowledge {incident.objective}")
        terminal.send("y")
        terminal.wait_for(f"{incident.objective} is acknowledged")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0

    printing = subprocess.Popen(
        [*PROGRAM, "snapshot", "--config", incident.config, "--format", "json", "--wait", "60s"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with screen(incident) as terminal, printing:
        terminal.wait_for(listed(incident))
        terminal.wait_for("1 acknowledged")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
        printed, said = printing.communicate(timeout=90)
    assert printing.returncode == 0, said
    snapshot: dict[str, Any] = json.loads(printed)
    (finding,) = (each for each in snapshot["findings"] if each["name"] == incident.objective)
    assert (finding["kind"], finding["severity"]) == ("slo", "page")
    assert finding["owner"]
    assert finding["usd_per_hour"] > 0
    assert "too fast" in finding["why"]
    assert finding["state"] == "acknowledged"
    assert finding["triage"]["by"] == user_name()
    assert finding["triage"]["reason"] == "investigating"
    assert snapshot["headline"]["normal_usd_per_hour"]["value"] > 0
    assert snapshot["learning"] == "", "days of the past are enough to know what is normal"
