from __future__ import annotations

from datetime import UTC, datetime

from finops_tui.model.inventory import Placement
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import NamespacesSeen, NodesSeen, Observation, WorkloadsSeen
from tests.sources.prometheus.collect import of, one_round, source, until

GIB = 1024**3


async def seen_inventory(server: str) -> list[Observation]:
    return await one_round(source(server, inventory=True))


async def test_nodes_with_what_their_labels_say(server: str) -> None:
    (told,) = of(await seen_inventory(server), NodesSeen)
    assert told.complete
    nodes = {node.name: node for node in told.nodes}
    assert set(nodes) == {"a-1", "a-2"}
    a1, a2 = nodes["a-1"], nodes["a-2"]
    assert (a1.pool, a1.instance_type, a1.region, a1.zone) == ("a100", "p4d.24xlarge", "eu-west-1", "eu-west-1a")
    assert (a1.capacity_type, a2.capacity_type) == (CapacityType.ON_DEMAND, CapacityType.SPOT)
    assert (a1.gpus, a1.gpu_model, a1.cpu_cores, a1.memory_bytes) == (2, "NVIDIA-A100-SXM4-80GB", 96, 1152 * GIB)
    assert (a1.ready, a1.schedulable, a2.ready, a2.schedulable) == (True, True, False, False)
    assert a1.uid == "uuid-a-1"
    assert a1.created_at == datetime.fromtimestamp(1_760_000_000, UTC)


async def test_workloads_once_though_two_exporters_tell_of_them(server: str) -> None:
    (told,) = of(await seen_inventory(server), WorkloadsSeen)
    workloads = {workload.key: workload for workload in told.workloads}
    rerank = workloads["prod-us/Deployment/search/rerank"]
    assert rerank.placements == (Placement("a-1", 2, 2.0, 8.0, 32 * GIB),)
    assert (rerank.pods_pending, rerank.gpus_pending, rerank.replicas) == (1, 1.0, 3)
    assert rerank.labels == {"team": "team-search"}


async def test_finished_pods_hold_nothing(server: str) -> None:
    (told,) = of(await seen_inventory(server), WorkloadsSeen)
    keys = {workload.key for workload in told.workloads}
    assert keys == {
        "prod-us/Deployment/search/rerank",
        "prod-us/CronJob/train/retrain",
        "prod-us/StatefulSet/train/again",
        "prod-us/StatefulSet/lab/notebook",
        "prod-us/Pod/lab/scratch",
    }


async def test_namespaces_own_by_their_labels(server: str) -> None:
    (told,) = of(await seen_inventory(server), NamespacesSeen)
    assert [(namespace.name, dict(namespace.labels)) for namespace in told.namespaces] == [("train", {"team": "nlp"})]


async def test_without_being_asked_it_tells_of_no_inventory(server: str) -> None:
    seen = await until(source(server), lambda seen: len(seen) > 5)
    assert not of(seen, NodesSeen)
    assert not of(seen, WorkloadsSeen)
