"""What is asked of kube-state-metrics, against what a node's labels are read for."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import NodesSeen
from finops_tui.sources.kubernetes.nodes import read_capacity_type
from finops_tui.sources.kubernetes.quantities import gpu_model, gpu_replicas, gpu_scale, physical_gpus
from finops_tui.sources.prometheus.history_rows import TYPE_LABELS
from finops_tui.sources.prometheus.inventory import NODE_LABELS
from finops_tui.sources.prometheus.promql import ksm_label
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import HOUR


class Listening(dict[str, str]):
    """A node's labels, that remembers which of them somebody wanted to know."""

    def __init__(self, **values: str) -> None:
        super().__init__(values)
        self.wanted: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.wanted.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.wanted.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: object = None) -> str:
        self.wanted.add(key)
        return super().get(key, str(default or ""))


@pytest.mark.parametrize("told", [{}, {"nvidia.com/mig.strategy": "single", "nvidia.com/gpu.count": "8"}])
def test_every_label_that_is_read_is_asked_for(told: dict[str, str]) -> None:
    labels = Listening(**told)
    for read in (gpu_model, gpu_replicas, gpu_scale, read_capacity_type):
        read(labels)
    physical_gpus({"nvidia.com/gpu": 8.0}, labels)
    assert len(labels.wanted) > 10
    assert labels.wanted <= set(NODE_LABELS)


def test_the_past_asks_for_all_that_says_how_a_node_was_bought() -> None:
    labels = Listening()
    read_capacity_type(labels)
    assert labels.wanted <= set(TYPE_LABELS)


NODES = {
    "shared": (4, {"cloud.google.com/gke-max-shared-clients-per-gpu": "4", "cloud.google.com/gke-nodepool": "p"}),
    "cut": (7, {"cloud.google.com/gke-gpu-partition-size": "1g.5gb", "cloud.google.com/gke-nodepool": "p"}),
    "booting": (0, {"karpenter.k8s.aws/instance-gpu-count": "1", "karpenter.k8s.aws/instance-gpu-name": "l4"}),
    "kops": (1, {"node.kubernetes.io/lifecycle": "spot"}),
    "amd": (8, {"amd.com/gpu.product-name": "AMD_Instinct_MI300X"}),
    "bought-ahead": (8, {"cloud.google.com/reservation-name": "block", "cloud.google.com/gke-nodepool": "p"}),
}


async def test_nodes_are_what_they_are_through_the_api(tmp_path: Path) -> None:
    nodes = await _nodes_of(tmp_path)
    assert {name: nodes[name].gpus for name in ("shared", "cut", "booting", "kops", "amd")} == {
        "shared": 1, "cut": 1, "booting": 1, "kops": 1, "amd": 8,
    }  # fmt: skip
    assert nodes["shared"].gpu_replicas == 4
    assert nodes["kops"].capacity_type is CapacityType.SPOT
    assert nodes["bought-ahead"].capacity_type is CapacityType.RESERVED
    assert (nodes["amd"].gpu_model, nodes["booting"].gpu_model) == ("AMD_Instinct_MI300X", "l4")


async def _nodes_of(directory: Path) -> dict[str, Node]:
    samples = Samples.around_now(HOUR)
    for name, (gpus, labels) in NODES.items():
        samples.add("kube_node_info", {"node": name, "system_uuid": name}, 1)
        samples.add("kube_node_labels", {"node": name, **{ksm_label(key): value for key, value in labels.items()}}, 1)
        resource = "amd_com_gpu" if name == "amd" else "nvidia_com_gpu"
        samples.add("kube_node_status_capacity", {"node": name, "resource": resource, "unit": "integer"}, float(gpus))
    samples.add("DCGM_FI_PROF_GR_ENGINE_ACTIVE", {"Hostname": "shared", "UUID": "GPU-1"}, 0.5)
    with prometheus_with(samples.text(), directory) as url:
        (told,) = of(await one_round(source(url, inventory=True)), NodesSeen)
    return {node.name: node for node in told.nodes}
