"""Controllers of extensions, as their APIs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finops_tui.model.change import Change
from finops_tui.sources.kubernetes.changes import controller_changes
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.custom import custom_reader
from tests.sources.kubernetes import make
from tests.sources.kubernetes.make import NOW

TEMPLATE = make.pod_template(gpus=8)


def read(kind: str, spec: dict[str, Any], status: dict[str, Any] | None = None, **metadata: Any) -> ControllerFacts:
    return custom_reader(kind)(make.raw(make.custom("llm", spec, status, **metadata)))


def ray(workers: int, **more: Any) -> dict[str, Any]:
    group = {"groupName": "gpu", "replicas": workers, "minReplicas": 0, "maxReplicas": 8, "template": TEMPLATE}
    return {"headGroupSpec": {"template": make.pod_template()}, "workerGroupSpecs": [group | more]}


def jobset(workers: int) -> dict[str, Any]:
    inner = {"spec": {"parallelism": workers, "template": TEMPLATE}}
    return {"replicatedJobs": [{"name": "workers", "replicas": 2, "template": inner}]}


def pytorch(workers: int) -> dict[str, Any]:
    return {
        "pytorchReplicaSpecs": {
            "Master": {"replicas": 1, "template": TEMPLATE},
            "Worker": {"replicas": workers, "template": TEMPLATE},
        }
    }


def trainer(nodes: int) -> dict[str, Any]:
    resources = {"requests": {"nvidia.com/gpu": "8", "cpu": "4"}}
    return {"trainer": {"numNodes": nodes, "image": "r/train:1", "resourcesPerNode": resources}}


def leader_worker(groups: int) -> dict[str, Any]:
    return {"replicas": groups, "leaderWorkerTemplate": {"size": 4, "workerTemplate": TEMPLATE}}


@pytest.mark.parametrize(
    ("kind", "spec", "pods", "gpus"),
    [
        ("JobSet", jobset(3), 6, 48),
        ("RayCluster", ray(2), 3, 16),
        ("RayCluster", ray(2, numOfHosts=4), 9, 64),
        ("RayJob", {"rayClusterSpec": ray(2)}, 3, 16),
        ("RayService", {"rayClusterConfig": ray(2)}, 3, 16),
        ("PyTorchJob", pytorch(3), 4, 32),
        ("TrainJob", trainer(4), 4, 32),
        ("LeaderWorkerSet", leader_worker(2), 8, 64),
    ],
)
def test_how_many_pods_and_gpus_each_kind_asks_for(kind: str, spec: dict[str, Any], pods: int, gpus: float) -> None:
    facts = read(kind, spec)
    assert (facts.replicas, facts.gpus) == (pods, gpus)


@pytest.mark.parametrize(
    ("kind", "before", "after", "what", "gpus"),
    [
        ("JobSet", jobset(1), jobset(3), "llm workers 2→6", 32),
        ("RayCluster", ray(1), ray(9), "llm workers 2→10", 64),
        ("PyTorchJob", pytorch(7), pytorch(1), "llm workers 8→2", -48),
        ("TrainJob", trainer(1), trainer(9), "llm workers 1→9", 64),
    ],
)
def test_more_workers_are_told(
    kind: str, before: dict[str, Any], after: dict[str, Any], what: str, gpus: float
) -> None:
    changes = told(read(kind, before), read(kind, after, generation=2))
    assert [(change.what, change.gpus) for change in changes] == [(what, gpus)]


def told(before: ControllerFacts, after: ControllerFacts) -> list[Change]:
    since = NOW - timedelta(hours=6)
    return [dated.change for dated in controller_changes("prod", before, after, now=NOW, since=since)]


def test_groups_are_told_in_the_details() -> None:
    (change,) = told(read("RayCluster", ray(1)), read("RayCluster", ray(9)))
    assert change.details == ("gpu 1→9",)
    (change,) = told(read("PyTorchJob", pytorch(3)), read("PyTorchJob", {"pytorchReplicaSpecs": {}}))
    assert change.details == ("Master 1→none", "Worker 3→none")
    assert change.gpus == -32


def test_raised_bounds_of_a_group_are_told() -> None:
    (change,) = told(read("RayCluster", ray(1)), read("RayCluster", ray(1, maxReplicas=64)))
    assert change.what == "raycluster llm gpu max 8→64"


def test_a_model_server_tells_its_image_and_its_bounds() -> None:
    def server(image: str, most: int) -> ControllerFacts:
        resources = {"limits": {"nvidia.com/gpu": "2"}}
        predictor = {"minReplicas": 1, "maxReplicas": most, "model": {"resources": resources}}
        containers = [{"name": "kserve-container", "image": image}]
        return read("InferenceService", {"predictor": predictor | {"containers": containers}})

    facts = server("r/vllm:1", 4)
    assert facts.replicas is None
    assert facts.needs_gpus
    assert [change.what for change in told(facts, server("r/vllm:2", 9))] == [
        "llm image 1→2",
        "inferenceservice llm max 4→9",
    ]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("JobSet", jobset(1) | {"suspend": True}),
        ("RayJob", {"rayClusterSpec": ray(1), "suspend": True}),
        ("PyTorchJob", pytorch(1) | {"runPolicy": {"suspend": True}}),
    ],
)
def test_what_is_paused_wants_nothing_now(kind: str, spec: dict[str, Any]) -> None:
    facts = read(kind, spec)
    assert (facts.suspended, facts.replicas) == (True, 0)
    assert facts.gpus > 0


def test_a_stopped_model_server_is_paused() -> None:
    assert read("InferenceService", {"predictor": {}}, annotations={"serving.kserve.io/stop": "true"}).suspended


def test_how_and_when_each_kind_ends() -> None:
    at = "2026-09-01T11:00:00Z"
    ended_at = datetime(2026, 9, 1, 11, tzinfo=UTC)

    def ending(kind: str, status: dict[str, Any]) -> tuple[str, datetime | None]:
        facts = read(kind, {}, status)
        return facts.ended, facts.ended_at

    def condition(name: str) -> dict[str, Any]:
        return {"conditions": [{"type": name, "status": "True", "lastTransitionTime": at}]}

    assert ending("JobSet", condition("Completed")) == ("completed", ended_at)
    assert ending("PyTorchJob", condition("Succeeded")) == ("completed", ended_at)
    assert ending("TrainJob", condition("Failed")) == ("failed", ended_at)
    assert ending("RayJob", {"jobDeploymentStatus": "Failed", "endTime": at}) == ("failed", ended_at)
    assert ending("RayJob", {"jobDeploymentStatus": "Running"}) == ("", None)


def test_a_deadline_counts_from_the_start() -> None:
    started = {"startTime": "2026-09-01T11:00:00Z"}
    for kind, spec in (
        ("RayJob", {"activeDeadlineSeconds": 60}),
        ("PyTorchJob", {"runPolicy": {"activeDeadlineSeconds": 60}}),
    ):
        assert read(kind, spec, started).deadline_at == datetime(2026, 9, 1, 11, 1, tzinfo=UTC)
    assert read("RayJob", {"activeDeadlineSeconds": 60}).deadline_at is None
    assert read("RayJob", {"activeDeadlineSeconds": 1e300}, started).deadline_at is None


@pytest.mark.parametrize(
    "spec",
    [
        {"replicatedJobs": "none"},
        {"pytorchReplicaSpecs": {"Worker": {"replicas": 1, "template": {"spec": {"containers": 7}}}}},
        {"trainer": [1]},
        {"predictor": {"model": "x", "minReplicas": "y"}},
        {"workerGroupSpecs": [{"replicas": "many"}]},
    ],
)
def test_a_spec_of_another_version_costs_its_figures_alone(spec: dict[str, Any]) -> None:
    facts = read("JobSet", spec, {"conditions": 7}, labels={"team": "nlp"})
    assert (facts.name, facts.labels, facts.gpus) == ("llm", {"team": "nlp"}, 0)
