from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from finops_tui.detectors import pausing
from finops_tui.model.inventory import Placement
from finops_tui.model.snapshot import SloRow
from tests.detectors.scenes import Stage, by_workload, minute, working
from tests.engine.fleets import node, workload


def facts(busy: int | None = None, slos: tuple[SloRow, ...] = (), **given: object) -> dict[str, str]:
    running = workload("train", Placement("n1", 2, 8.0), **given)
    told = Stage(node("n1"), usd=80.0)
    told.runs(running)
    if busy is not None:
        told.tell(by_workload(0, working(f"ml/{running.kind}/train", 8, busy, utilization=busy / 8)))
    scene = told.scene(0)
    scene = dataclasses.replace(scene, snapshot=replace(scene.snapshot, slos=slos))
    found = pausing.evidence(running, scene.workload_rows[running.key], scene)
    return {each.label: each.words for each in found}


def slo(workload_: str, cluster: str = "prod") -> SloRow:
    return SloRow(
        key="s", name="rerank latency", cluster=cluster, service="", objective=0.99, windows=(), budget_left=None,
        exhausted_in_seconds=None, workload=workload_,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "label", "words"),
    [
        (
            {"checkpoint_at": minute(-12)},
            "Checkpoint",
            "For: saved 12m ago, at 11:48Z; a pause loses 12m of work, $16.0.",
        ),
        (
            {"checkpoint_at": minute(-150)},
            "Checkpoint",
            "Against: saved 2h30m ago, at 09:30Z; a pause loses 2h30m of work, $200.",
        ),
        (
            {"checkpoint_at": minute(-150), "running_since": minute(-15)},
            "Checkpoint",
            "For: saved 2h30m ago, at 09:30Z; a pause loses 15m of work, $20.0.",
        ),
        (
            {"checkpoint_at": minute(-150), "finished_at": minute(-20)},
            "Checkpoint",
            "For: it is finished, nothing is lost with its pods.",
        ),
        ({"finished_at": minute(-20)}, "Checkpoint", "For: it is finished, nothing is lost with its pods."),
        ({"created_at": minute(-60)}, "Checkpoint", "Against: none known; all work since 11:00Z may be lost."),
        (
            {"annotations": {"example.com/checkpoint": "every 30m"}},
            "Checkpoint",
            "It says `example.com/checkpoint: every 30m`, not when it last saved.",
        ),
        (
            {"restart_policy": "Never"},
            "Restart policy",
            "Never: a pod that is stopped does not come back; its work is lost without a checkpoint.",
        ),
        ({"disruptions_allowed": 0}, "Disruption budget", "Against: allows no pod to stop now."),
        ({"disruptions_allowed": 2}, "Disruption budget", "For: allows 2 pods to stop."),
        ({"priority_class": "prod-high"}, "Priority", "prod-high."),
        ({"deadline_at": minute(90)}, "Deadline", "It ends itself at 13:30Z."),
        ({"deadline_at": minute(-90)}, "Deadline", "It should have ended itself at 10:30Z."),
        ({"pods_pending": 3}, "Pods", "2 pods on 1 node, 3 waiting for a node."),
        ({"busy": 8}, "Work", "Against: its GPUs are 100% busy."),
        ({"busy": 0}, "Work", "For: its GPUs are 0% busy."),
        ({"slos": (slo("Job/train"),)}, "Objectives", "Against: it serves rerank latency."),
    ],
)
def test_each_fact_is_said_in_words(given: dict[str, object], label: str, words: str) -> None:
    assert facts(**given)[label] == words  # type: ignore[arg-type]  # test data by name


def test_what_is_not_known_is_not_said_but_for_the_checkpoint() -> None:
    assert facts() == {"Checkpoint": "Against: none known.", "Pods": "2 pods on 1 node."}


def test_services_have_no_checkpoints() -> None:
    assert "Checkpoint" not in facts(kind="Deployment", replicas=2)


@pytest.mark.parametrize("other", [slo("Job/another"), slo("Job/train", "eu")])
def test_objectives_of_others_are_not_its_own(other: SloRow) -> None:
    assert "Objectives" not in facts(slos=(other,))
