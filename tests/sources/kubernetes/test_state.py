from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from finops_tui.model.change import ChangeKind
from finops_tui.model.observations import (
    ChangeSeen,
    NamespacesSeen,
    NodesSeen,
    Observation,
    PodEvicted,
    SpotInterrupted,
    WorkloadsSeen,
)
from finops_tui.sources.kubernetes.controllers import controller_reader
from finops_tui.sources.kubernetes.disruption_budgets import read_budget
from finops_tui.sources.kubernetes.limits import limits_reader
from finops_tui.sources.kubernetes.namespaces import read_namespace
from finops_tui.sources.kubernetes.nodes import node_reader, read_nodeclaim
from finops_tui.sources.kubernetes.notes import read_event
from finops_tui.sources.kubernetes.pods import read_pod
from finops_tui.sources.kubernetes.pools import QUIET
from finops_tui.sources.kubernetes.reader import Listed, Reader, Watched
from finops_tui.sources.kubernetes.settings import POOL_LABELS
from finops_tui.sources.kubernetes.state import ClusterState
from tests.sources.kubernetes import make
from tests.sources.kubernetes.make import NOW

SPOT = {"karpenter.sh/capacity-type": "spot", "karpenter.sh/nodepool": "h100"}
read_node = node_reader("prod", POOL_LABELS, ())


class Cluster:
    """A state with a reader for each resource, driven without threads."""

    def __init__(self) -> None:
        self.state = ClusterState("kubernetes prod", "prod", NOW - timedelta(hours=6))
        self._readers: dict[str, Reader] = {}

    def reader(self, resource: str) -> Reader:
        fake = SimpleNamespace(kind=SimpleNamespace(resource=resource), namespace="")
        return self._readers.setdefault(resource, cast("Reader", _Hashable(fake)))

    def listed(self, resource: str, *facts: Any) -> None:
        present = [fact for fact in facts if fact is not None]
        self.state.apply(Listed(self.reader(resource), present, first=True, last=True), NOW)

    def watched(self, resource: str, *facts: Any, gone: bool = False) -> None:
        self.state.apply(Watched(self.reader(resource), [(gone, fact) for fact in facts if fact is not None]), NOW)

    def flush(self, *kinds: type[Observation]) -> list[Any]:
        return [seen for seen in self.state.flush(NOW, whole=True) if not kinds or isinstance(seen, kinds)]


class _Hashable:
    def __init__(self, fake: SimpleNamespace) -> None:
        self.kind, self.namespace = fake.kind, fake.namespace


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def node(*args: Any, **more: Any) -> Any:
    return read_node(make.raw(make.node(*args, **more)))


def pod(*args: Any, **more: Any) -> Any:
    return read_pod(make.raw(make.pod(*args, **more)))


def event(*args: Any, **more: Any) -> Any:
    return read_event(make.raw(make.event(*args, **more)))


def test_the_first_word_is_complete_and_the_next_ones_are_not(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1"))
    cluster.listed("pods", pod("p", on="n1"))
    first = cluster.flush(NodesSeen, WorkloadsSeen)
    assert [seen.complete for seen in first] == [True, True]
    cluster.watched("nodes", node("n2"))
    cluster.watched("nodes", node("n1"), gone=True)
    cluster.watched("pods", pod("p", on="n1"), gone=True)
    nodes, workloads = cluster.flush(NodesSeen, WorkloadsSeen)
    assert ([each.name for each in nodes.nodes], nodes.gone, nodes.complete) == (["n2"], ("n1",), False)
    assert (workloads.gone, workloads.complete) == (("prod/Pod/ml/p",), False)


def test_an_empty_cluster_is_told_as_empty(cluster: Cluster) -> None:
    cluster.listed("nodes")
    cluster.listed("pods")
    assert [seen.complete for seen in cluster.flush(NodesSeen, WorkloadsSeen)] == [True, True]
    assert cluster.flush() == []


def test_what_was_not_listed_is_never_told_as_empty(cluster: Cluster) -> None:
    cluster.listed("deployments", controller_reader("Deployment")(make.raw(make.controller("web", replicas=3))))
    assert cluster.flush(NodesSeen, WorkloadsSeen) == []


def test_a_second_list_drops_what_it_no_longer_shows(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1"), node("n2"))
    cluster.flush()
    cluster.listed("nodes", node("n2"))
    (seen,) = cluster.flush(NodesSeen)
    assert (seen.nodes, seen.gone) == ((), ("n1",))


def test_one_interruption_is_told_once_however_many_say_so(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1", labels=SPOT, capacity={"nvidia.com/gpu": "8"}))
    cluster.listed("events")
    cluster.flush()
    cluster.watched("events", event("SpotInterrupted", ("Node", "n1"), on="node-n1"))
    cluster.watched("events", event("SpotInterruption", ("Node", "n1"), on="n1"))
    tainted = node(
        "n1", labels=SPOT, taints=["aws-node-termination-handler/spot-itn"], capacity={"nvidia.com/gpu": "8"}
    )
    cluster.watched("nodes", tainted)
    cluster.watched("nodes", tainted, gone=True)
    (seen,) = cluster.flush(SpotInterrupted)
    assert (seen.interruption.id, seen.interruption.pool, seen.interruption.gpus) == ("node-n1", "h100", 8)
    assert seen.interruption.notice_seconds == 120


def test_an_interruption_that_nobody_dates_is_told_where_it_is_seen_to_begin_alone(cluster: Cluster) -> None:
    taints = ["aws-node-termination-handler/spot-itn"]
    cluster.listed("nodes", node("n1", labels=SPOT, taints=taints), node("n2", labels=SPOT))
    assert cluster.flush(SpotInterrupted) == [], "it was so before: the next start would date it anew"
    cluster.watched("nodes", node("n1", labels=SPOT, taints=[*taints, "more"]))
    assert cluster.flush(SpotInterrupted) == []
    cluster.watched("nodes", node("n2", labels=SPOT, taints=taints))
    assert [seen.interruption.node for seen in cluster.flush(SpotInterrupted)] == ["n2"]


def test_a_node_that_simply_goes_was_not_interrupted(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1", labels=SPOT))
    cluster.flush()
    cluster.watched("nodes", node("n1", labels=SPOT), gone=True)
    assert cluster.flush(SpotInterrupted) == []


def test_interruptions_of_the_last_hours_are_told_at_the_start_and_older_ones_are_not(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1", labels=SPOT), node("n2", labels=SPOT))
    cluster.listed(
        "events",
        event("SpotInterrupted", ("Node", "n1"), at="2026-09-01T11:00:00Z"),
        event("SpotInterrupted", ("Node", "n2"), at="2026-08-31T11:00:00Z"),
        event("SpotInterrupted", ("NodeClaim", "n2-claim")),
    )
    assert [seen.interruption.node for seen in cluster.flush(SpotInterrupted)] == ["n1"]


def test_a_pod_is_evicted_once_and_its_workload_is_named(cluster: Cluster) -> None:
    cluster.listed("nodes", node("n1"))
    cluster.listed("pods", pod("p", owner=("Job", "train"), on="n1"))
    cluster.flush()
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "PreemptionByScheduler",
        "lastTransitionTime": "2026-09-01T11:59:00Z",
    }
    cluster.watched("pods", pod("p", owner=("Job", "train"), on="n1", status={"conditions": [condition]}))
    cluster.watched("events", event("Preempted", ("Pod", "p"), namespace="ml", on="pod-p"))
    (seen,) = cluster.flush(PodEvicted)
    assert (seen.eviction.workload, seen.eviction.node) == ("Job/train", "n1")
    assert seen.eviction.reason == "preempted by a more important pod"
    assert seen.at == NOW - timedelta(minutes=1)


def test_a_pod_that_failed_under_pressure_is_evicted_and_forgotten(cluster: Cluster) -> None:
    cluster.listed("pods", pod("p", on="n1", status={"phase": "Failed", "reason": "Evicted"}))
    workloads, eviction = cluster.flush()
    assert workloads.workloads == ()
    assert eviction.eviction.reason == "node under pressure"
    assert cluster.state._known[cluster.reader("pods")] == {}


def test_cancelled_evictions_are_none() -> None:
    assert event("TaintManagerEviction", ("Pod", "p"), "Cancelling deletion of Pod ml/p") is None
    assert event("TaintManagerEviction", ("Pod", "p"), "Marking for deletion Pod ml/p") is not None


def test_scaling_is_told_by_events_only_while_nothing_better_is_known(cluster: Cluster) -> None:
    rescale = event("SuccessfulRescale", ("HorizontalPodAutoscaler", "rerank"), "New size: 6; reason: cpu above target")
    cluster.listed("deployments")
    cluster.listed("events", rescale)
    assert [seen.change.what for seen in cluster.flush(ChangeSeen)] == ["rerank replicas →6 (cpu above target)"]
    cluster.watched(
        "events", event("SuccessfulRescale", ("HorizontalPodAutoscaler", "rerank"), "New size: 7; reason: x", uid="2")
    )
    assert cluster.flush(ChangeSeen) == []


def test_what_an_event_says_of_an_autoscaler_is_told_of_the_workload_that_it_scales(cluster: Cluster) -> None:
    spec = {"scaleTargetRef": {"kind": "StatefulSet", "name": "rerank"}, "maxReplicas": 9}
    cluster.listed("horizontalpodautoscalers", limits_reader("hpa")(make.raw(make.custom("hpa-1", spec))))
    about = ("HorizontalPodAutoscaler", "hpa-1")
    cluster.listed("events", event("SuccessfulRescale", about, "New size: 6; reason: cpu above target", namespace="ml"))
    (seen,) = cluster.flush(ChangeSeen)
    assert (seen.change.subject, seen.change.kind) == ("prod/StatefulSet/ml/rerank", ChangeKind.SCALE)


def test_an_autoscaler_that_is_deleted_is_told(cluster: Cluster) -> None:
    facts = limits_reader("hpa")(make.raw(make.custom("hpa-1", {"maxReplicas": 9})))
    cluster.listed("horizontalpodautoscalers", facts)
    cluster.watched("horizontalpodautoscalers", facts, gone=True)
    assert [seen.change.what for seen in cluster.flush(ChangeSeen)] == ["hpa hpa-1 deleted"]


def test_nodes_that_leave_say_why_karpenter_takes_them(cluster: Cluster) -> None:
    taken = node("n1", labels=SPOT, taints=["karpenter.sh/disrupted"])
    condition = {"type": "DisruptionReason", "status": "True", "reason": "Underutilized"}
    spec = {"resources": {"requests": {"nvidia.com/gpu": "8"}}}
    claim = make.custom("c", spec, {"nodeName": "n1", "conditions": [condition]})
    cluster.listed("nodes", taken, node("n2", labels=SPOT))
    cluster.listed("nodeclaims", read_nodeclaim(make.raw(claim)))
    cluster.flush()
    cluster.watched("nodes", taken, gone=True)
    (seen,) = (seen for seen in cluster.state.flush(NOW + QUIET, whole=True) if isinstance(seen, ChangeSeen))
    assert (seen.change.what, seen.change.details) == ("h100 2→1 nodes", ("1 node left: consolidation",))


def test_machines_that_are_asked_for_are_told_once(cluster: Cluster) -> None:
    def claim(name: str, on: str = "", created: str = "2026-09-01T11:59:50Z") -> Any:
        spec = {"resources": {"requests": {"nvidia.com/gpu": "8"}}}
        labels = {"karpenter.sh/nodepool": "h100"}
        body = make.custom(name, spec, {"nodeName": on}, labels=labels, creationTimestamp=created)
        return read_nodeclaim(make.raw(body))

    cluster.listed("nodeclaims", claim("there", "n1"), claim("stuck", created=make.LONG_AGO))
    cluster.watched("nodeclaims", claim("a"), claim("b"))
    cluster.watched("nodeclaims", claim("a", "n2"))
    (seen,) = (seen for seen in cluster.state.flush(NOW + QUIET, whole=True) if isinstance(seen, ChangeSeen))
    assert (seen.change.what, seen.change.gpus) == ("h100 2 nodes asked for", 16.0)


def test_a_budget_reaches_the_workloads_that_it_covers(cluster: Cluster) -> None:
    facts = read_budget(make.raw(make.budget("b", 2, {})))
    cluster.listed("pods", pod("p", on="n1"))
    cluster.listed("poddisruptionbudgets", facts)
    (seen,) = cluster.flush(WorkloadsSeen)
    assert [workload.disruptions_allowed for workload in seen.workloads] == [2]
    cluster.watched("poddisruptionbudgets", facts, gone=True)
    (seen,) = cluster.flush(WorkloadsSeen)
    assert [workload.disruptions_allowed for workload in seen.workloads] == [None]


def test_no_capacity_is_told(cluster: Cluster) -> None:
    cluster.watched(
        "events", event("InsufficientCapacityError", ("NodeClaim", "h100-x7"), "no p5.48xlarge", component="karpenter")
    )
    (seen,) = cluster.flush(ChangeSeen)
    assert (seen.change.who, seen.change.what) == ("karpenter", "no capacity: no p5.48xlarge")


def test_a_flood_keeps_its_newest(cluster: Cluster) -> None:
    jobs = [
        make.controller(f"j{n}", created=f"2026-09-01T{7 + n // 360:02}:{n // 6 % 60:02}:00Z", spec={"parallelism": 1})
        for n in range(1_500)
    ]
    cluster.listed("jobs", *(controller_reader("Job")(make.raw(job)) for job in jobs))
    told = cluster.flush(ChangeSeen)
    assert len(told) == 500
    assert told[-1].change.subject == "prod/Job/ml/j1499"


def test_hostile_text_comes_out_harmless(cluster: Cluster) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mred\u202egnp\u200b\n[bold]" + "x" * 10_000
    cluster.listed("nodes", node("n1", labels={"team": evil, evil: "v"}))
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": evil}}}]}
    notes = {"finops-tui/planned": evil, "runbook": evil}
    cluster.listed("pods", pod("p", on="n1", labels={evil: evil, "team": evil}, status=waiting, annotations=notes))
    old, new = (
        controller_reader("Deployment")(
            make.raw(make.controller("d", image=f"{evil}{n}", managed=[{"manager": evil, "time": make.LONG_AGO}]))
        )
        for n in range(2)
    )
    cluster.listed("deployments", old)
    cluster.watched("deployments", new)
    quotas = [
        limits_reader("quota")(make.raw(make.custom("q", {"hard": {evil: number}}, generation=number)))
        for number in (1, 2)
    ]
    cluster.listed("resourcequotas", quotas[0])
    cluster.watched("resourcequotas", quotas[1])
    cluster.listed("events", event("InsufficientCapacityError", ("NodeClaim", evil), evil))
    for seen in cluster.flush():
        for text in _texts(seen):
            assert text.isprintable()
            assert len(text) < 1_000


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.items() for text in _texts(list(item))]
        case tuple() | list():
            return [text for item in value for text in _texts(item)]
    slots = getattr(type(value), "__dataclass_fields__", {})
    return [text for name in slots for text in _texts(getattr(value, name))]


def test_a_quota_of_this_program_is_told_with_its_namespace_until_it_is_gone(cluster: Cluster) -> None:
    def quota(name: str, recipe: str = "") -> Any:
        annotations = {"finops-tui/undo": recipe} if recipe else {}
        return limits_reader("quota")(make.raw(make.custom(name, {"hard": {"pods": "9"}}, annotations=annotations)))

    def marks() -> list[tuple[str, ...]]:
        return [one.marks for seen in cluster.flush(NamespacesSeen) for one in seen.namespaces]

    cluster.listed("resourcequotas", quota("a", '{"plan":"1"}'), quota("of-somebody-else"))
    assert marks() == [], "which namespaces there are is not known yet"
    cluster.listed("namespaces", read_namespace(make.raw({"metadata": {"name": "ml", "uid": "ns", "labels": {}}})))
    assert marks() == [('{"plan":"1"}',)]
    cluster.watched("resourcequotas", quota("b", '{"plan":"2"}'))
    assert marks() == [('{"plan":"1"}', '{"plan":"2"}')]
    cluster.watched("resourcequotas", quota("a", '{"plan":"1"}'), gone=True)
    assert marks() == [('{"plan":"2"}',)]
    cluster.watched("resourcequotas", quota("b"))
    assert marks() == [()]
    cluster.watched("resourcequotas", quota("of-somebody-else"), gone=True)
    assert marks() == []
