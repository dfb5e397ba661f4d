"""What instruments say about whether a workload's GPUs work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from statistics import median
from typing import NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import positive
from finops_tui.model.finding import Evidence
from finops_tui.model.fleet import Cluster
from finops_tui.model.gpu import GpuMethod, GpuReading, GpuScope
from finops_tui.model.inventory import Node, Workload
from finops_tui.phrases import counted, percent, span

NEAR_IDLE = 1.3
"""A GPU that draws at most this many times what idle ones draw is idle by its power too."""


class Reported(NamedTuple):
    readings: Sequence[GpuReading]
    own: bool
    """Of the workload itself, not of the nodes that it stands on."""

    @property
    def gpus(self) -> int:
        return sum(max(0, reading.gpus) for reading in self.readings)

    @property
    def active(self) -> float | None:
        """How many worked lately, None where the instruments do not count them."""
        counts = [reading.active for reading in self.readings if reading.active is not None and reading.active >= 0]
        return sum(counts) if counts else None


class Instruments:
    """The GPU readings of one scene. What all workloads share is worked out once, when it is asked for."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def reported(self, workload: Workload) -> Reported:
        """Return the workload's own reading, or those of its nodes where it has none."""
        cluster = self._cluster(workload)
        own = _held(cluster, GpuScope.WORKLOAD).get(f"{workload.namespace}/{workload.kind}/{workload.name}")
        if own is not None and own.gpus > 0:
            return Reported((own,), own=True)
        by_node = _held(cluster, GpuScope.NODE)
        found = [by_node[placement.node] for placement in workload.placements if placement.node in by_node]
        return Reported([reading for reading in found if reading.gpus > 0], own=False)

    def evidence(self, workload: Workload) -> tuple[Evidence, ...]:
        cluster = self._cluster(workload)
        reported = self.reported(workload)
        nodes = [cluster.nodes[place.node] for place in workload.placements if place.node in cluster.nodes]
        shared = _sharing(workload, nodes)
        facts = (
            ("Engine", _engine(reported)),
            ("Power", "" if shared else self._power(reported, nodes)),
            ("Memory", _memory(reported)),
            ("Sharing", shared),
            ("Telemetry", self._age(cluster, reported)),
        )
        return tuple(Evidence(label=label, words=words) for label, words in facts if words)

    def _cluster(self, workload: Workload) -> Cluster:
        return self._scene.fleet.clusters.get(workload.cluster) or Cluster(workload.cluster)

    @cached_property
    def _idle_watts(self) -> dict[str, list[tuple[str, float]]]:
        """By device model, the watts a GPU of nodes on which none worked, with the nodes' keys."""
        watts: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for cluster in self._scene.fleet.clusters.values():
            for name, reading in _held(cluster, GpuScope.NODE).items():
                node = cluster.nodes.get(name)
                if node is not None and node.gpu_model and reading.active == 0 and reading.gpus > 0:
                    drawn = positive(reading.power_watts) / reading.gpus
                    if drawn:
                        watts[node.gpu_model].append((node.key, drawn))
        return dict(watts)

    def _power(self, reported: Reported, nodes: Sequence[Node]) -> str:
        watts = sum(positive(reading.power_watts) for reading in reported.readings)
        if not watts or not reported.gpus:
            return ""
        drawn = watts / reported.gpus
        models, own = {node.gpu_model for node in nodes}, {node.key for node in nodes}
        others = [idle for model in models for key, idle in self._idle_watts.get(model, ()) if key not in own]
        if not others:
            return f"{drawn:.0f} W a GPU."
        level = median(others)
        verdict = "as idle ones draw" if drawn <= level * NEAR_IDLE else "more than idle ones draw"
        return f"{drawn:.0f} W a GPU, {verdict}: {level:.0f} W on {counted(len(others), 'node')} without work."

    def _age(self, cluster: Cluster, reported: Reported) -> str:
        held = cluster.gpu.get(GpuScope.WORKLOAD if reported.own else GpuScope.NODE)
        if held is None:
            return ""
        by = "" if reported.own else "of its nodes, it reports nothing itself; "
        return f"{by}{span(self._scene.now - held.at)} old."


def _held(cluster: Cluster, scope: GpuScope) -> dict[str, GpuReading]:
    held = cluster.gpu.get(scope)
    return held.value if held is not None else {}


def _engine(reported: Reported) -> str:
    if not reported.gpus:
        return ""
    fallback = any(reading.method is not GpuMethod.ENGINE_ACTIVE for reading in reported.readings)
    by = GpuMethod.KERNEL_RUNNING if fallback else GpuMethod.ENGINE_ACTIVE
    if reported.active is not None:
        words = f"{reported.active:.3g} of {counted(reported.gpus, 'GPU')} worked in the last five minutes"
    else:
        mean = sum(positive(one.utilization) * one.gpus for one in reported.readings) / reported.gpus
        words = f"{percent(mean)} busy in the mean of {counted(reported.gpus, 'GPU')}"
    return f"{words} ({by.value})."


def _memory(reported: Reported) -> str:
    used = [(positive(one.memory_used), one.gpus) for one in reported.readings if one.memory_used is not None]
    gpus = sum(weight for _, weight in used)
    if not gpus:
        return ""
    mean = min(1.0, sum(share * weight for share, weight in used) / gpus)
    return f"{percent(mean)} used; memory use is no sign of work: what a server sets aside stays set aside."


def _sharing(workload: Workload, nodes: Sequence[Node]) -> str:
    replicas = max((node.gpu_replicas for node in nodes), default=1)
    if replicas > 1:
        return f"Up to {replicas} pods share a device; work of a neighbour counts as its own, so this is the least."
    if any(placement.gpus % 1 for placement in workload.placements):
        return "It holds parts of GPUs (MIG); power is known of whole ones only."
    return ""
