from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.model.change import Change, ChangeKind
from finops_tui.sources.kubernetes.limit_changes import limit_changes, limit_gone
from finops_tui.sources.kubernetes.limits import LimitFacts, limits_reader
from tests.sources.kubernetes import make
from tests.sources.kubernetes.make import NOW

SINCE = NOW - timedelta(hours=6)
TARGET = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "rerank"}


def read(kind: str, spec: dict[str, Any], **metadata: Any) -> LimitFacts:
    written = [{"manager": "kubectl-edit", "time": "2026-09-01T11:58:00Z", "operation": "Update"}]
    return limits_reader(kind)(make.raw(make.custom("rerank", spec, **({"managedFields": written} | metadata))))


def told(before: LimitFacts | None, after: LimitFacts) -> list[Change]:
    return [dated.change for dated in limit_changes("prod", before, after, now=NOW, since=SINCE)]


def moved(kind: str, before: dict[str, Any], after: dict[str, Any], **metadata: Any) -> str:
    (change,) = told(read(kind, before, **metadata), read(kind, after, **metadata))
    assert change.kind is ChangeKind.CONFIG
    return change.what


def hpa(most: int, utilization: int = 80) -> dict[str, Any]:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": utilization}}
    queue = {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "30"}}
    metrics = [{"type": "Resource", "resource": cpu}, {"type": "External", "external": queue}]
    return {"minReplicas": 2, "maxReplicas": most, "metrics": metrics, "scaleTargetRef": TARGET}


def test_a_raised_bound_is_told_of_the_workload_that_it_bounds() -> None:
    ((at, change),) = limit_changes("prod", read("hpa", hpa(10)), read("hpa", hpa(60)), now=NOW, since=SINCE)
    assert (change.who, change.what, change.details) == ("kubectl-edit", "hpa rerank max 10→60", ("max 10→60",))
    assert change.subject == "prod/StatefulSet/ml/rerank"
    assert at == NOW - timedelta(minutes=2)


def test_a_moved_target_is_told() -> None:
    assert moved("hpa", hpa(10, 80), hpa(10, 20)) == "hpa rerank cpu target 80%→20%"


def keda(threshold: str, **more: Any) -> dict[str, Any]:
    metadata = {"serverAddress": "http://user:hunter2@prom", "query": "q", "threshold": threshold}
    return {"scaleTargetRef": {"name": "rerank"}, "triggers": [{"type": "prometheus", "metadata": metadata}]} | more


def test_keda_tells_its_thresholds_and_bounds_but_never_its_addresses() -> None:
    assert moved("scaledobject", keda("100"), keda("5")) == "scaledobject rerank prometheus threshold 100→5"
    assert moved("scaledobject", keda("5", maxReplicaCount=3), keda("5", maxReplicaCount=50)).endswith("max 3→50")
    facts = read("scaledobject", keda("5"))
    assert "hunter2" not in repr(facts)
    (change,) = told(facts, read("scaledobject", keda("5"), annotations={"autoscaling.keda.sh/paused-replicas": "9"}))
    assert (change.what, change.subject) == ("scaledobject rerank paused-replicas none→9", "prod/Deployment/ml/rerank")


def nodepool(**more: Any) -> dict[str, Any]:
    kinds = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": more.pop("bought", ["spot"])}
    disruption = {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s", "budgets": [{"nodes": "10%"}]}
    return {
        "limits": {"nvidia.com/gpu": "64"},
        "disruption": disruption | more.pop("disruption", {}),
        "template": {"spec": {"requirements": [kinds]}},
    } | more


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"limits": {"nvidia.com/gpu": "640"}}, "limit nvidia.com/gpu 64→640"),
        ({"limits": {}}, "limit nvidia.com/gpu 64→none"),
        (
            {"disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized"}},
            "consolidation WhenEmpty→WhenEmptyOrUnderutilized",
        ),
        ({"disruption": {"consolidateAfter": "Never"}}, "consolidate after 30s→Never"),
        (
            {"disruption": {"budgets": [{"nodes": "0", "schedule": "0 9 * * *", "duration": "8h"}]}},
            "disruption budget 1 10% nodes→0 nodes 0 9 * * * 8h",
        ),
        ({"bought": ["spot", "on-demand"]}, "capacity-type spot→spot,on-demand"),
        ({"weight": 90}, "weight none→90"),
    ],
)
def test_what_a_pool_may_do_is_told_of_the_pool(after: dict[str, Any], words: str) -> None:
    pool = {"namespace": ""}
    (change,) = told(read("nodepool", nodepool(), **pool), read("nodepool", nodepool(**after), **pool))
    assert (change.what, change.subject) == (f"nodepool rerank {words}", "prod/rerank")


def test_a_quota_is_told_of_its_namespace() -> None:
    before, after = ({"hard": {"requests.nvidia.com/gpu": number, "pods": "10"}} for number in ("8", "64"))
    (change,) = told(read("quota", before), read("quota", after))
    assert (change.what, change.subject) == (
        "quota rerank requests.nvidia.com/gpu 8→64",
        "prod/ResourceQuota/ml/rerank",
    )


def test_the_first_list_tells_what_was_written_lately_and_how_it_stands() -> None:
    (written,) = told(None, read("hpa", hpa(60)))
    assert written.what == "hpa rerank changed, now min 2, max 60, cpu target 80% and 1 more"
    (created,) = told(None, read("hpa", hpa(60), creationTimestamp="2026-09-01T11:58:00Z"))
    assert created.what.startswith("hpa rerank created min 2, max 60")
    long_ago = [{"manager": "helm", "time": make.LONG_AGO}]
    assert told(None, read("hpa", hpa(60), managedFields=long_ago)) == []
    by_itself = [{"manager": "karpenter", "time": "2026-09-01T11:58:00Z"}]
    assert told(None, read("nodepool", nodepool(), managedFields=by_itself)) == []


def test_what_keda_writes_to_its_autoscaler_is_not_told_twice() -> None:
    by_keda = [{"manager": "keda-operator", "time": "2026-09-01T11:58:00Z"}]
    assert told(read("hpa", hpa(10)), read("hpa", hpa(60), managedFields=by_keda)) == []


def test_what_no_longer_limits_is_told() -> None:
    at, change = limit_gone("prod", read("hpa", hpa(60)), now=NOW)
    assert (at, change.who, change.what) == (NOW, "unknown", "hpa rerank deleted")


def test_many_moved_limits_fit_a_line() -> None:
    hard = {f"count/{number}": "1" for number in range(100)}
    (change,) = told(read("quota", {"hard": {}}), read("quota", {"hard": hard}))
    assert change.what.endswith(" and 37 more")
    assert len(change.details) == 20
