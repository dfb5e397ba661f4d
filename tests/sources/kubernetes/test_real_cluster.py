"""Against a real kube-apiserver, etcd and controller manager. It skips where those programs are not, CI included:
there is no package to install them from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.actions.marks import Mark
from finops_tui.clock import WallClock
from finops_tui.engine.standing import standing
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.inventory import Workload
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import ChangeSeen, PodEvicted, SpotInterrupted
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.kubernetes.source import KubernetesSource
from tests.servers.kube_apiserver import ControlPlane, control_plane
from tests.sources.kubernetes.conftest import Watcher
from tests.sources.kubernetes.test_permissions import role

SPOT = {
    "karpenter.sh/nodepool": "h100-spot",
    "karpenter.sh/capacity-type": "spot",
    "node.kubernetes.io/instance-type": "p5.48xlarge",
    "topology.kubernetes.io/region": "us-east-1",
    "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
}
TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "rerank"}},
    "spec": {
        "containers": [{"name": "c", "image": "reg.test/app:v1", "resources": {"limits": {"nvidia.com/gpu": "1"}}}],
        "terminationGracePeriodSeconds": 0,
    },
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


def settings(plane: ControlPlane, kubeconfig: Path | None = None, **more: Any) -> KubernetesSettings:
    return KubernetesSettings(cluster="prod", kubeconfig=kubeconfig or plane.kubeconfig(), **more)


async def off_loop(call: Any, *args: Any, **more: Any) -> Any:
    return await asyncio.to_thread(call, *args, **more)


async def test_a_cluster_as_it_lives(plane: ControlPlane) -> None:
    async with Watcher(settings(plane)) as watcher:
        await watcher.until(lambda: watcher.state() == "live", 20)
        await off_loop(plane.namespace, "ml", {"team": "search"})
        await off_loop(plane.node, "spot-1", labels=SPOT, gpus=8)
        await watcher.until(lambda: "spot-1" in watcher.nodes and watcher.fleet.cluster("prod").nodes["spot-1"].ready)
        node = watcher.fleet.cluster("prod").nodes["spot-1"]
        assert (node.pool, node.gpus, node.capacity_type) == ("h100-spot", 8, CapacityType.SPOT)
        assert watcher.fleet.cluster("prod").namespaces["ml"].labels == {"team": "search"}

        await off_loop(plane.pod, "ml", "train", node="spot-1", gpus=2, labels={"team": "nlp"})
        began = time.monotonic()
        await watcher.until(lambda: "Pod/ml/train" in watcher.workloads)
        assert time.monotonic() - began < 2.0
        workload = watcher.fleet.cluster("prod").workloads["prod/Pod/ml/train"]
        assert (workload.gpus, workload.labels) == (2.0, {"team": "nlp"})

        spec = {"replicas": 2, "selector": {"matchLabels": {"app": "rerank"}}, "template": TEMPLATE}
        deployments = "/apis/apps/v1/namespaces/ml/deployments"
        await off_loop(plane.create, deployments, {"metadata": {"name": "rerank"}, "spec": spec})
        await watcher.until(lambda: _pending(watcher, "prod/Deployment/ml/rerank") == 2)
        await off_loop(plane.patch, f"{deployments}/rerank", {"spec": {"replicas": 4}})
        await watcher.until(lambda: _pending(watcher, "prod/Deployment/ml/rerank") == 4)
        await watcher.until(lambda: "rerank replicas 2→4" in _changes(watcher))

        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "train", "namespace": "ml"}}
        await off_loop(plane.create, "/api/v1/namespaces/ml/pods/train/eviction", eviction)
        await watcher.until(lambda: "Pod/ml/train" not in watcher.workloads)
        await watcher.until(lambda: any(isinstance(seen, PodEvicted) for seen in watcher.seen))
        (evicted,) = (seen.eviction for seen in watcher.seen if isinstance(seen, PodEvicted))
        assert (evicted.pod, evicted.workload, evicted.reason) == ("train", "Pod/train", "evicted")

        taint = {"key": "aws-node-termination-handler/spot-itn", "effect": "NoSchedule"}
        await off_loop(plane.patch, "/api/v1/nodes/spot-1", {"spec": {"taints": [taint]}})
        await watcher.until(lambda: any(isinstance(seen, SpotInterrupted) for seen in watcher.seen))
        await off_loop(plane.delete, "/api/v1/nodes/spot-1")
        await watcher.until(lambda: "spot-1" not in watcher.nodes)
        assert sum(isinstance(seen, SpotInterrupted) for seen in watcher.seen) == 1


async def test_jobs_of_a_cron_job_are_one_workload(plane: ControlPlane) -> None:
    await off_loop(plane.namespace, "batch")
    job = {"spec": {"template": {"spec": TEMPLATE["spec"] | {"restartPolicy": "Never"}}, "suspend": False}}
    cron = {"metadata": {"name": "retrain"}, "spec": {"schedule": "0 0 1 1 *", "jobTemplate": job}}
    made = await off_loop(plane.create, "/apis/batch/v1/namespaces/batch/cronjobs", cron)
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "retrain", "uid": made["metadata"]["uid"]}
    metadata = {"name": "retrain-1", "ownerReferences": [owner | {"controller": True}]}
    await off_loop(plane.create, "/apis/batch/v1/namespaces/batch/jobs", {"metadata": metadata, "spec": job["spec"]})
    async with Watcher(settings(plane, namespaces=("batch",))) as watcher:
        await watcher.until(lambda: _pending(watcher, "prod/CronJob/batch/retrain") == 1, 20)
        assert watcher.workloads == {"CronJob/batch/retrain"}
        assert "job retrain-1 started, 1 GPU" in _changes(watcher)


async def test_what_changed_is_told_field_by_field(plane: ControlPlane) -> None:
    await off_loop(plane.namespace, "diffs")
    deployments = "/apis/apps/v1/namespaces/diffs/deployments"
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "rerank"}}, "template": TEMPLATE}
    await off_loop(plane.create, deployments, {"metadata": {"name": "rerank"}, "spec": spec})
    async with Watcher(settings(plane, namespaces=("diffs",))) as watcher:
        await watcher.until(lambda: "Deployment/diffs/rerank" in watcher.workloads, 20)
        container = TEMPLATE["spec"]["containers"][0] | {
            "image": "reg.test/app:v2",
            "env": [{"name": "TOKEN", "value": "hunter2"}],
            "args": ["--batch=8"],
            "resources": {"limits": {"nvidia.com/gpu": "4"}},
        }
        pod_spec = {"containers": [container], "nodeSelector": {"pool": "h100"}}
        await off_loop(plane.patch, f"{deployments}/rerank", {"spec": {"template": {"spec": pod_spec}}})
        await watcher.until(lambda: any(change.kind is ChangeKind.ROLLOUT for change in _told(watcher)))
        rollout = next(change for change in _told(watcher) if change.kind is ChangeKind.ROLLOUT)
        assert rollout.details == (
            "GPUs a pod 1→4",
            "image v1→v2",
            "args changed",
            "env changed",
            "node selector changed",
        )
        assert (rollout.gpus, rollout.subject) == (6.0, "prod/Deployment/diffs/rerank")
        assert "hunter2" not in repr(watcher.seen)

        jobs = "/apis/batch/v1/namespaces/diffs/jobs"
        job = {"parallelism": 1, "template": {"spec": TEMPLATE["spec"] | {"restartPolicy": "Never"}}}
        annotations = {"finops-tui/runbook": "https://r.test", "finops-tui/checkpoint-at": "2026-09-01T12:00:00Z"}
        metadata = {"name": "train", "annotations": annotations}
        await off_loop(plane.create, jobs, {"metadata": metadata, "spec": job | {"activeDeadlineSeconds": 3_600}})
        await watcher.until(lambda: "job train started, 1 GPU" in _changes(watcher))
        await off_loop(plane.patch, f"{jobs}/train", {"spec": {"parallelism": 9}})
        await watcher.until(lambda: any(change.what == "train workers 1→9" for change in _told(watcher)))
        assert next(change.gpus for change in _told(watcher) if change.what == "train workers 1→9") == 8.0

        def train() -> Workload | None:
            return watcher.fleet.cluster("prod").workloads.get("prod/Job/diffs/train")

        await watcher.until(lambda: (known := train()) is not None and known.deadline_at is not None)
        known = train()
        assert known is not None
        assert (known.restart_policy, known.annotations["finops-tui/runbook"]) == ("Never", "https://r.test")
        assert known.checkpoint_at is not None


async def test_bounds_quotas_and_budgets_of_a_real_cluster(plane: ControlPlane) -> None:
    await off_loop(plane.namespace, "bounds")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    hpa = {"minReplicas": 1, "maxReplicas": 4, "scaleTargetRef": target}
    hpas = "/apis/autoscaling/v2/namespaces/bounds/horizontalpodautoscalers"
    quotas, budgets = (
        "/api/v1/namespaces/bounds/resourcequotas",
        "/apis/policy/v1/namespaces/bounds/poddisruptionbudgets",
    )
    await off_loop(plane.create, hpas, {"metadata": {"name": "web"}, "spec": hpa})
    hard = {"requests.nvidia.com/gpu": "8"}
    await off_loop(plane.create, quotas, {"metadata": {"name": "team"}, "spec": {"hard": hard}})
    selector = {"matchLabels": {"app": "web"}}
    budget = {"metadata": {"name": "web"}, "spec": {"minAvailable": 1, "selector": selector}}
    await off_loop(plane.create, budgets, budget)
    await off_loop(plane.pod, "bounds", "web-0", node="anywhere", labels={"app": "web"})

    def allowed(watcher: Watcher) -> int | None:
        known = watcher.fleet.cluster("prod").workloads.get("prod/Pod/bounds/web-0")
        return known.disruptions_allowed if known is not None else None

    async with Watcher(settings(plane, namespaces=("bounds",))) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and allowed(watcher) is not None, 20)
        await off_loop(plane.patch, f"{hpas}/web", {"spec": {"maxReplicas": 60}})
        await off_loop(plane.patch, f"{quotas}/team", {"spec": {"hard": {"requests.nvidia.com/gpu": "64"}}})
        await watcher.until(lambda: {"hpa web max 4→60"} <= set(_changes(watcher)))
        await watcher.until(lambda: "quota team requests.nvidia.com/gpu 8→64" in _changes(watcher))
        (raised,) = (change for change in _told(watcher) if change.what == "hpa web max 4→60")
        assert (raised.subject, raised.kind) == ("prod/Deployment/bounds/web", ChangeKind.CONFIG)


@pytest.mark.parametrize("namespaces", [(), ("overdue",)], ids=["everywhere", "in one namespace"])
async def test_a_quota_of_this_program_that_should_be_gone_is_seen_by_whoever_looks_next(
    plane: ControlPlane, namespaces: tuple[str, ...]
) -> None:
    if not namespaces:
        await off_loop(plane.namespace, "overdue")
    mark = Mark(
        action="quota", plan=f"plan-{len(namespaces)}", by="ana", at="2026-03-10T11:00:00Z", uid="",
        was={("spec", "hard", "pods"): None}, set={("spec", "hard", "pods"): "72"}, until="2026-03-10T11:30:00Z",
    )  # fmt: skip
    quotas = "/api/v1/namespaces/overdue/resourcequotas"
    metadata = {"name": f"finops-tui-{mark.plan}", "annotations": {"finops-tui/undo": mark.to_json()}}
    await off_loop(plane.create, quotas, {"metadata": metadata, "spec": {"hard": {"pods": "72"}}})
    async with Watcher(settings(plane, namespaces=namespaces)) as watcher:
        await watcher.until(lambda: mark.plan in {row.key for row in standing(watcher.fleet, ())}, 20)
        row = next(row for row in standing(watcher.fleet, ()) if row.key == mark.plan)
        assert (row.target, row.undoable, row.until is not None) == ("prod/overdue", True, True)
        await off_loop(plane.request, "DELETE", f"{quotas}/{metadata['name']}")
        await watcher.until(lambda: mark.plan not in {row.key for row in standing(watcher.fleet, ())}, 20)


async def test_whoever_may_read_little_sees_that_much_and_hears_what_is_missing(plane: ControlPlane) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}]
    token = await off_loop(plane.service_account, "narrow", rules)
    narrow = settings(plane, plane.kubeconfig(token, name="narrow"))
    await off_loop(plane.namespace, "seen")
    await off_loop(plane.pod, "seen", "visible", node="anywhere", gpus=1)
    async with Watcher(narrow) as watcher:
        await watcher.until(lambda: watcher.state() == "partial" and "Pod/seen/visible" in watcher.workloads, 20)
        nodes = next(line for line in watcher.health.missing if line.startswith("Cannot list nodes"))
        assert "forbidden for user system:serviceaccount:default:narrow" in nodes
        assert not any("pods" in line.partition(":")[0] for line in watcher.health.missing)
    checks = {check.subject: check for check in await KubernetesSource(narrow, WallClock()).diagnose()}
    assert checks["pods"].state == "ok"
    assert checks["nodes"].state == "warn"
    assert "system:serviceaccount:default:narrow" in checks["nodes"].hint


async def test_the_documented_role_is_enough(plane: ControlPlane) -> None:
    token = await off_loop(plane.service_account, "documented", role())
    documented = settings(plane, plane.kubeconfig(token, name="documented"))
    async with Watcher(documented) as watcher:
        await watcher.until(lambda: watcher.state() == "live", 20)
    assert {check.state for check in await KubernetesSource(documented, WallClock()).diagnose()} == {"ok"}


async def test_impersonation_really_acts_as_somebody_else(plane: ControlPlane) -> None:
    acting = settings(plane, plane.kubeconfig(impersonate="ana", name="acting"))
    async with Watcher(acting) as watcher:
        await watcher.until(lambda: watcher.state() == "down", 20)
        assert 'User "ana" cannot list resource' in watcher.health.reason


async def test_two_thousand_pods_come_in_pages_quickly(plane: ControlPlane) -> None:
    await off_loop(plane.namespace, "big")
    nodes = [
        (
            "/api/v1/nodes",
            {"metadata": {"name": f"big-{n}", "labels": SPOT}, "status": {"capacity": {"nvidia.com/gpu": "8"}}},
        )
        for n in range(200)
    ]
    container = {"name": "c", "image": "reg.test/app:v1", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
    pods = [
        (
            "/api/v1/namespaces/big/pods",
            {"metadata": {"name": f"p{n}"}, "spec": {"nodeName": f"big-{n % 200}", "containers": [container]}},
        )
        for n in range(2_000)
    ]
    await off_loop(plane.create_many, nodes + pods)
    began, cpu = time.monotonic(), time.process_time()
    async with Watcher(settings(plane)) as watcher:
        await watcher.until(lambda: len([key for key in watcher.workloads if "/big/" in key]) == 2_000, 30)
        assert time.monotonic() - began < 15.0
        assert time.process_time() - cpu < 3.0


def _pending(watcher: Watcher, key: str) -> int:
    workload = watcher.fleet.cluster("prod").workloads.get(key)
    return workload.pods_pending if workload is not None else 0


def _told(watcher: Watcher) -> list[Change]:
    return [seen.change for seen in watcher.seen if isinstance(seen, ChangeSeen)]


def _changes(watcher: Watcher) -> list[str]:
    return [change.what for change in _told(watcher)]
