"""A kube-state-metrics that tells of nodes and of no pods."""

from __future__ import annotations

from pathlib import Path

from finops_tui.model.observations import NodesSeen, WorkloadsSeen
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import HOUR


async def test_a_cluster_without_a_single_pod_is_one_whose_pods_are_not_told(tmp_path: Path) -> None:
    samples = Samples.around_now(HOUR)
    samples.add("kube_node_info", {"node": "n1", "system_uuid": "u"}, 1)
    samples.add("kube_node_status_capacity", {"node": "n1", "resource": "cpu"}, 8)
    for metric in ("kube_pod_info", "kube_pod_owner"):  # of a pod that is over, so that the metrics are there
        samples.add(metric, {"namespace": "ml", "pod": "p", "node": "n1", "owner_kind": "", "owner_name": ""}, 1)
    samples.add("kube_pod_status_phase", {"namespace": "ml", "pod": "p", "phase": "Running"}, 0)
    with prometheus_with(samples.text(), tmp_path) as url:
        seen = await one_round(source(url, inventory=True))
    assert len(of(seen, NodesSeen)) == 1
    assert of(seen, WorkloadsSeen) == []
