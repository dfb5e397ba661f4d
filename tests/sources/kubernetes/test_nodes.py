from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from finops_tui.model.money import CapacityType
from finops_tui.sources.kubernetes.nodes import NodeFacts, node_reader, read_nodeclaim
from finops_tui.sources.kubernetes.settings import POOL_LABELS
from tests.sources.kubernetes import make

SPOT = {"karpenter.sh/capacity-type": "spot", "karpenter.sh/nodepool": "h100"}


def read(*args: Any, keep: tuple[str, ...] = (), **more: Any) -> NodeFacts:
    facts: NodeFacts = node_reader("prod", POOL_LABELS, keep)(make.raw(make.node(*args, **more)))
    return facts


@pytest.mark.parametrize(
    ("labels", "bought"),
    [
        ({"eks.amazonaws.com/capacityType": "SPOT"}, CapacityType.SPOT),
        ({"eks.amazonaws.com/capacityType": "ON_DEMAND"}, CapacityType.ON_DEMAND),
        ({"eks.amazonaws.com/capacityType": "CAPACITY_BLOCK"}, CapacityType.RESERVED),
        ({"karpenter.sh/capacity-type": "reserved"}, CapacityType.RESERVED),
        ({"cloud.google.com/gke-spot": "true", "cloud.google.com/gke-nodepool": "a"}, CapacityType.SPOT),
        ({"cloud.google.com/gke-preemptible": "true"}, CapacityType.SPOT),
        ({"cloud.google.com/gke-nodepool": "a"}, CapacityType.ON_DEMAND),
        ({"kubernetes.azure.com/scalesetpriority": "spot", "kubernetes.azure.com/agentpool": "a"}, CapacityType.SPOT),
        ({"kubernetes.azure.com/agentpool": "a"}, CapacityType.ON_DEMAND),
        ({}, CapacityType.UNKNOWN),
    ],
)
def test_how_a_node_was_bought(labels: dict[str, str], bought: CapacityType) -> None:
    assert read("n", labels=labels).node.capacity_type is bought


def test_the_first_pool_label_wins_and_some_pool_there_always_is() -> None:
    both = {"agentpool": "old", "karpenter.sh/nodepool": "h100", "node.kubernetes.io/instance-type": "p5.48xlarge"}
    assert read("n", labels=both).node.pool == "h100"
    assert read("n", labels={"node.kubernetes.io/instance-type": "p5.48xlarge"}).node.pool == "p5.48xlarge"
    assert read("n").node.pool == "default"


@pytest.mark.parametrize(
    ("taint", "labels", "leaving"),
    [
        ("aws-node-termination-handler/spot-itn", SPOT, "spot interruption"),
        ("cloud.google.com/impending-node-termination", {"cloud.google.com/gke-spot": "true"}, "spot interruption"),
        ("cloud.google.com/impending-node-termination", {}, "termination"),
        (
            "remediator.kubernetes.azure.com/unschedulable",
            {"kubernetes.azure.com/scalesetpriority": "spot"},
            "spot interruption",
        ),
        ("karpenter.sh/disrupted", SPOT, "disruption"),
        ("ToBeDeletedByClusterAutoscaler", {}, "scale-down"),
        ("nvidia.com/gpu", SPOT, ""),
    ],
)
def test_why_a_node_leaves(taint: str, labels: dict[str, str], leaving: str) -> None:
    facts = read("n", labels=labels, taints=[taint])
    assert facts.node.leaving == leaving
    assert bool(facts.interrupted) == (leaving == "spot interruption")


def test_a_taint_without_a_time_is_as_old_as_the_last_write_of_taints() -> None:
    taints = ["aws-node-termination-handler/spot-itn"]
    writes = [
        {"manager": "nth", "time": "2026-09-01T11:00:00Z", "fieldsV1": {"f:spec": {"f:taints": {}}}},
        {"manager": "kubelet", "time": "2026-09-01T11:30:00Z", "fieldsV1": {"f:status": {}}, "subresource": "status"},
        {"manager": "kubectl", "time": "2026-09-01T11:40:00Z"},
    ]
    assert read("n", labels=SPOT, taints=taints).interrupted_at is None
    assert read("n", labels=SPOT, taints=taints, managed=writes).interrupted_at == datetime(2026, 9, 1, 11, tzinfo=UTC)


def test_a_spot_node_that_shuts_down_is_taken() -> None:
    down = {"type": "Ready", "status": "False", "message": "node is shutting down", "lastTransitionTime": make.LONG_AGO}
    assert read("n", labels=SPOT, ready=down).interrupted == "graceful shutdown"
    assert read("n", ready=down).interrupted == ""
    assert not read("n", ready=down).node.ready


def test_labels_are_kept_only_where_something_looks_at_them() -> None:
    labels = {"kubernetes.io/hostname": "n", "example.com/rack": "r1", "example.com/row": "2", "team": "infra"}
    assert read("n", labels=labels).node.labels == {"team": "infra"}
    kept = read("n", labels=labels, keep=("example.com/*",)).node.labels
    assert kept == {"team": "infra", "example.com/rack": "r1", "example.com/row": "2"}


def test_karpenter_says_why_it_disrupts() -> None:
    condition = {"type": "DisruptionReason", "status": "True", "reason": "Underutilized"}
    claim = {"metadata": {"name": "c", "uid": "u"}, "status": {"nodeName": "n", "conditions": [condition]}}
    facts = read_nodeclaim(make.raw(claim))
    assert (facts.node, facts.reason) == ("n", "consolidation")


def test_a_node_without_anything_is_still_a_node() -> None:
    bare = make.raw({"metadata": {"name": "n"}, "spec": {}, "status": {}})
    facts: NodeFacts = node_reader("prod", POOL_LABELS, ())(bare)
    assert (facts.node.gpus, facts.node.ready) == (0, False)
