"""What a cluster's Kubernetes leaves to its Prometheus, and what it takes back."""

from __future__ import annotations

from typing import Any

import pytest

from finops_tui.clock import WallClock
from finops_tui.model.observations import NodesSeen, WorkloadsSeen
from finops_tui.sources.inventory_share import EVERYTHING, InventoryShare, Part, StandIn
from finops_tui.sources.kubernetes.kinds import KUBE_STATE_METRICS
from finops_tui.sources.kubernetes.quantities import GpuScale
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.kubernetes.source import KubernetesSource
from tests.servers.kube_double import NODES, PODS, Answer, KubeDouble, Request
from tests.sources.kubernetes import make
from tests.sources.kubernetes.conftest import Watcher

ALL = frozenset({""})
NONE: frozenset[str] = frozenset()
ML, BOTH = frozenset({"ml"}), frozenset({"ml", "web"})
CLAIMS = ("karpenter.sh", "v1", "nodeclaims")


def refuse(_: Request, answer: Answer) -> None:
    answer.status(403, 'nodes is forbidden: User "ana" cannot list resource "nodes"', "Forbidden")


def stand_in(share: InventoryShare, *, always: bool = False) -> StandIn:
    return StandIn(share, "prometheus prod", lambda: None, always=always)


def nodes_told(watcher: Watcher) -> list[NodesSeen]:
    return [seen for seen in watcher.seen if isinstance(seen, NodesSeen)]


def fill(double: KubeDouble) -> None:
    double.put(NODES, make.node("n1", capacity={"nvidia.com/gpu": "8"}))
    double.put(PODS, make.pod("p", owner=("Job", "train"), on="n1"))


def without_nodes(double: KubeDouble) -> tuple[InventoryShare, StandIn]:
    """Forbid the list of nodes; return the share and the Prometheus that is beside it."""
    fill(double)
    double.always[f"list {NODES}"] = refuse
    share = InventoryShare(watched=True)
    return share, stand_in(share)


async def test_all_that_may_be_read_is_covered_once_it_was_listed(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double)
    share = InventoryShare(watched=True)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: share.covered is not None)
        assert share.covered == EVERYTHING


@pytest.mark.parametrize("where", ["_connect", "_session"])
async def test_a_source_that_fails_before_it_has_said_anything_leaves_all_to_prometheus(
    double: KubeDouble, settings: KubernetesSettings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """It is started anew, and takes back what it may read then."""
    fill(double)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    share = InventoryShare(watched=True)
    with monkeypatch.context() as patch:
        if where == "_connect":
            patch.setattr(KubernetesSource, "_connect", broken)
        else:
            patch.setattr("finops_tui.sources.kubernetes.source._Session.run", broken)
        with pytest.raises(ZeroDivisionError):
            async for _ in KubernetesSource(settings, WallClock(), share).observe():
                pass
    assert share.covered == {}
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: share.covered == EVERYTHING)


async def test_nodes_that_are_forbidden_are_left_to_prometheus_and_taken_back(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    share, prometheus = without_nodes(double)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: prometheus.wanted() == {Part.NODES: NONE} and watcher.state() == "partial")
        (missing,) = watcher.health.missing
        assert missing.endswith("Without: spend, GPUs, pools and spot state.")
        assert watcher.health.hint.endswith(KUBE_STATE_METRICS)
        prometheus.tells([Part.NODES])
        await watcher.until(lambda: "Without" not in watcher.health.missing[0])
        (missing,) = watcher.health.missing
        assert missing == (
            "Cannot list nodes in prod: forbidden for user ana. Needs: list, watch nodes (docs/permissions). "
            "Meanwhile they come from prometheus prod."
        )
        assert KUBE_STATE_METRICS not in watcher.health.hint
        assert watcher.state() == "partial"
        del double.always[f"list {NODES}"]
        await watcher.until(lambda: watcher.state() == "live" and watcher.nodes == {"n1"})
        assert prometheus.wanted() == {}
        assert nodes_told(watcher)[0].complete


async def test_nodes_that_were_told_before_are_told_whole_when_the_permission_comes_back(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double)
    claims = double.serve_kind(*CLAIMS)
    share = InventoryShare(watched=True)
    prometheus = stand_in(share)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: watcher.nodes == {"n1"} and watcher.state() == "live")
        double.always[f"list {NODES}"] = double.always[f"watch {NODES}"] = refuse
        double.break_watches()
        await watcher.until(lambda: Part.NODES in prometheus.wanted())
        prometheus.tells([Part.NODES])
        at = WallClock().now()
        watcher.fleet.fold(NodesSeen(at=at, source=prometheus.name, cluster="prod", complete=True))
        told = len(nodes_told(watcher))
        reason = {"conditions": [{"type": "Drifted", "status": "True"}], "nodeName": "n1"}
        double.put(claims, make.custom("c", {}, reason, namespace=""))
        double.put(PODS, make.pod("later", on="n1"))
        await watcher.until(lambda: "Pod/ml/later" in watcher.workloads)
        assert len(nodes_told(watcher)) == told, "what it knew of nodes is old: it keeps that to itself"
        double.always.clear()
        await watcher.until(lambda: watcher.nodes == {"n1"})
        assert nodes_told(watcher)[-1].complete
        assert watcher.fleet.cluster("prod").inventory_source == watcher.source.name


async def test_workloads_are_taken_back_whole(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double)
    share = InventoryShare(watched=True)
    prometheus = stand_in(share)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: watcher.workloads and share.covered is not None)
        double.always[f"list {PODS}"] = double.always[f"watch {PODS}"] = refuse
        double.break_watches()
        await watcher.until(lambda: prometheus.wanted() == {Part.WORKLOADS: NONE})
        prometheus.tells([Part.WORKLOADS])
        at = WallClock().now()
        watcher.fleet.fold(WorkloadsSeen(at=at, source=prometheus.name, cluster="prod", complete=True))
        double.always.clear()
        await watcher.until(lambda: watcher.workloads == {"Job/ml/train"})
        (again,) = [seen for seen in watcher.seen if isinstance(seen, WorkloadsSeen)][1:]
        assert again.complete


async def test_a_failure_that_passes_neither_hands_over_nor_takes_back(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    share, prometheus = without_nodes(double)

    def broken(_: Request, answer: Answer) -> None:
        answer.status(500, "etcd leader changed")

    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: prometheus.wanted() == {Part.NODES: NONE})
        double.always[f"list {NODES}"] = double.always[f"list {PODS}"] = double.always[f"watch {PODS}"] = broken
        double.break_watches()
        await watcher.until(lambda: any("etcd" in one and "pods" in one for one in watcher.health.missing))
        await watcher.until(lambda: any("etcd" in one and "nodes" in one for one in watcher.health.missing))
        assert prometheus.wanted() == {Part.NODES: NONE}


async def test_who_may_list_but_not_watch_is_stood_in_for(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double)
    double.always[f"watch {NODES}"] = refuse
    share = InventoryShare(watched=True)
    prometheus = stand_in(share)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: prometheus.wanted() == {Part.NODES: NONE} and watcher.nodes == {"n1"})
        double.put(NODES, make.node("n2"))
        await watcher.until(lambda: "n2" in watcher.nodes)
        prometheus.tells([Part.NODES])
        listed = len(double.asked(NODES))
        double.put(NODES, make.node("n3"))
        await watcher.until(lambda: len(double.asked(NODES)) > listed + 2)
        assert "n3" not in watcher.nodes, "it is told by now, and more often"
        prometheus.tells([])
        await watcher.until(lambda: watcher.nodes == {"n1", "n2", "n3"})


async def test_a_server_that_never_answered_is_stood_in_for_and_one_that_was_lost_is_not(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double)
    double.always["get /apis"] = lambda _, answer: answer.reset()
    share = InventoryShare(watched=True)
    prometheus = stand_in(share)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: watcher.state() == "down")
        assert prometheus.wanted() == dict.fromkeys(Part, NONE)
        prometheus.tells(Part)
        await watcher.until(lambda: watcher.health.hint.endswith("Its nodes come from prometheus prod."))
        double.always[f"list {NODES}"] = lambda _, answer: answer.status(500, "etcd leader changed")
        del double.always["get /apis"]
        await watcher.until(lambda: prometheus.wanted() == {Part.NODES: NONE} and watcher.workloads)
        assert not watcher.nodes, "no list of nodes has been answered yet"
        double.always.clear()
        await watcher.until(lambda: prometheus.wanted() == {} and watcher.nodes == {"n1"})
        double.always["get /version"] = lambda _, answer: answer.reset()
        await watcher.until(lambda: watcher.state() == "down")
        assert prometheus.wanted() == {}


async def test_of_named_namespaces_those_that_may_be_read_are_covered(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    paths = {name: f"/api/v1/namespaces/{name}/pods" for name in ("ml", "web")}
    for name, path in paths.items():
        double.objects[path] = {}
        double.put(path, make.pod(f"{name}-0", namespace=name))
    double.always[f"list {paths['web']}"] = refuse
    share = InventoryShare(watched=True)
    prometheus = stand_in(share)
    async with Watcher(settings.model_copy(update={"namespaces": ("ml", "web")}), share) as watcher:
        await watcher.until(lambda: prometheus.wanted().get(Part.WORKLOADS) == ML)
        assert prometheus.wanted() == {Part.WORKLOADS: ML, Part.NAMESPACES: BOTH}
        prometheus.tells([Part.WORKLOADS])
        double.put(paths["ml"], make.pod("ml-1", namespace="ml"))
        await watcher.until(lambda: "Pod/ml/ml-1" in watcher.workloads)
        del double.always[f"list {paths['web']}"]
        await watcher.until(lambda: prometheus.wanted().get(Part.WORKLOADS) == BOTH)
        await watcher.until(lambda: "Pod/web/web-0" in watcher.workloads)
        told = [seen for seen in watcher.seen if isinstance(seen, WorkloadsSeen) and seen.complete]
        assert [seen.within for seen in told] == [("ml", "web"), ("ml", "web")], "what was told of web is over"


async def test_always_is_believed_as_long_as_it_tells(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double)
    share = InventoryShare(watched=True)
    prometheus = stand_in(share, always=True)
    prometheus.tells(Part)
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: watcher.state() == "live")
        double.put(PODS, make.pod("later", on="n1"))
        await watcher.until(lambda: len(double.asked("/version")) > 2)
        assert not watcher.nodes
        assert not watcher.workloads
        prometheus.tells([])
        await watcher.until(lambda: watcher.nodes == {"n1"})
        await watcher.until(lambda: watcher.workloads == {"Job/ml/train", "Pod/ml/later"})


async def test_the_doctor_says_what_is_covered(double: KubeDouble, settings: KubernetesSettings) -> None:
    share = InventoryShare(watched=True)
    double.allowed = lambda asked: asked["resource"] != "nodes" and asked.get("namespace") != "web"
    named: dict[str, Any] = {"namespaces": ("ml", "web")}
    await KubernetesSource(settings.model_copy(update=named), WallClock(), share).diagnose()
    assert share.covered == {Part.NODES: NONE, Part.WORKLOADS: {"ml"}, Part.NAMESPACES: ALL}
    double.tokens = set()
    await KubernetesSource(settings, WallClock(), share).diagnose()
    assert share.covered == {}


async def test_what_a_gpu_resource_is_worth_comes_with_the_nodes_of_prometheus_however_late(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    share, prometheus = without_nodes(double)
    double.put(PODS, make.pod("sliced", on="ts", requests={"nvidia.com/gpu.shared": "10"}))
    async with Watcher(settings, share) as watcher:
        await watcher.until(lambda: "Pod/ml/sliced" in watcher.workloads)
        assert watcher.fleet.cluster("prod").workloads["prod/Pod/ml/sliced"].gpus == 10.0
        prometheus.tells([Part.NODES])
        prometheus.scales({"ts": GpuScale(unit=0.1)})
        await watcher.until(lambda: watcher.fleet.cluster("prod").workloads["prod/Pod/ml/sliced"].gpus == 1.0)
    async with Watcher(settings, share) as again:
        await again.until(lambda: "Pod/ml/sliced" in again.workloads)
        assert again.fleet.cluster("prod").workloads["prod/Pod/ml/sliced"].gpus == 1.0, "whoever begins anew knows it"
        double.put(
            NODES, make.node("ts", capacity={"nvidia.com/gpu.shared": "8"}, labels={"nvidia.com/gpu.replicas": "4"})
        )
        del double.always[f"list {NODES}"]
        await again.until(lambda: again.fleet.cluster("prod").workloads["prod/Pod/ml/sliced"].gpus == 2.5)
