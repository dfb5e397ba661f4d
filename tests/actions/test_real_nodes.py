"""Nodes, pools and quotas against a real kube-apiserver with its controllers; the test plays kubelets and Karpenter."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from finops_tui.actions.drain import Drain
from finops_tui.actions.idle_node import DeleteNode
from finops_tui.actions.planning import Hands
from finops_tui.actions.pools import Limit
from finops_tui.actions.quota import Quota
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.extensions import define
from tests.actions.make import fleet, hands, namespace_target, node_target, pool_target, snapshot
from tests.actions.real import POD, plan, until, wait
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane, control_plane

KARPENTER = "/apis/karpenter.sh/v1"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        define(running, "karpenter.sh", "v1", "nodepools", "NodePool", namespaced=False)
        define(running, "karpenter.sh", "v1", "nodeclaims", "NodeClaim", namespaced=False)
        yield running


@pytest.fixture
def ana(plane: ControlPlane, namespace: str) -> Hands:
    return hands(plane.kubeconfig(), f"ana-{namespace}")  # so that plans of several tests have ids of their own


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"ns-{abs(hash(request.node.name)) % 10**8}"
    plane.namespace(name)
    return name


def pod(plane: ControlPlane, namespace: str, name: str, node: str, *, owned: bool = True, **more: Any) -> None:
    """Put a pod that serves on a node, of a controller that does not make it again."""
    config_maps = f"/api/v1/namespaces/{namespace}/configmaps"
    if owned and not [each for each in plane.request("GET", config_maps)["items"] if each["metadata"]["name"] == "x"]:
        plane.create(config_maps, {"metadata": {"name": "x"}})
    metadata = {"name": name} | more
    if owned:
        above = plane.request("GET", f"{config_maps}/x")["metadata"]["uid"]
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": above, "controller": True}
        metadata["ownerReferences"] = [reference]
    pods = f"/api/v1/namespaces/{namespace}/pods"
    plane.create(pods, {"metadata": metadata, "spec": POD | {"nodeName": node}})
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    plane.patch(f"{pods}/{name}/status", {"status": ready})


def names(plane: ControlPlane, namespace: str) -> list[str]:
    return sorted(
        each["metadata"]["name"] for each in plane.request("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]
    )


def reasons(plane: ControlPlane, namespace: str) -> list[str]:
    events = plane.request("GET", f"/apis/events.k8s.io/v1/namespaces/{namespace}/events")["items"]
    return [each["reason"] for each in events if each["reportingController"] == "finops-tui"]


async def test_a_node_is_drained_as_its_budgets_allow(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    node = f"gpu-{namespace}"
    plane.node(node, gpus=8)
    pod(plane, namespace, "train-0", node)
    for name in ("web-0", "web-1"):
        pod(plane, namespace, name, node, labels={"app": "web"})
    pod(plane, namespace, "proxy", node, owned=False, annotations={"kubernetes.io/config.mirror": "x"})
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    wanted = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    plane.create(budgets, {"metadata": {"name": "web"}, "spec": wanted})
    wait(lambda: plane.request("GET", f"{budgets}/web")["status"].get("currentHealthy") == 2)

    drain, of = Drain(ana), node_target(node)
    made = await plan(drain, of, timeout="10")
    assert made.dry_run == "accepted by prod"
    assert [(each.object, each.before, each.after) for each in made.changes if each.path.startswith("pods")] == [
        (f"{namespace}/configmap/x", "3", "0")
    ]
    assert len(names(plane, namespace)) == 4, "a plan changes nothing"
    result = await drain.apply(made)
    held = f"{namespace}/web holds 2"
    assert result.outcome is Outcome.APPLIED
    assert result.words == (
        f"prod took it. 1 of 3 pods evicted in 10s; 2 are still there. {held}. Drain it again to go on."
    )
    assert names(plane, namespace) == ["proxy", "web-0", "web-1"]
    assert (await drain.verify(made)).words == f"1 of 3 pods gone; {held}."

    plane.patch(f"{budgets}/web", {"spec": {"minAvailable": 0}})
    wait(lambda: plane.request("GET", f"{budgets}/web")["status"].get("disruptionsAllowed") == 2)
    again = await plan(drain, of, timeout="60")
    assert (await drain.apply(again)).words == "2 of 2 pods evicted."
    assert names(plane, namespace) == ["proxy"]
    assert await until(drain, made, Outcome.DONE)
    back = await drain.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    await drain.apply(back)
    assert "unschedulable" not in plane.request("GET", f"/api/v1/nodes/{node}")["spec"]
    assert {"FinopsDrained", "FinopsUndone"} <= set(reasons(plane, "default"))


async def test_a_pod_that_nobody_starts_again_is_not_evicted_unasked(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    node = f"gpu-{namespace}"
    plane.node(node)
    pod(plane, namespace, "alone", node, owned=False)
    drain, of = Drain(ana), node_target(node)
    with pytest.raises(ActionError, match="loses more than work"):
        await plan(drain, of)
    await drain.apply(await plan(drain, of, force="true"))
    assert names(plane, namespace) == []


async def test_an_idle_node_goes_with_its_claim(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    node, claim = f"gpu-{namespace}", f"h100-{namespace}"
    plane.create(
        f"{KARPENTER}/nodeclaims",
        {
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodeClaim",
            "metadata": {"name": claim, "finalizers": ["karpenter.sh/termination"]},
            "spec": {},
        },
    )
    path = f"{KARPENTER}/nodeclaims/{claim}"
    plane.patch(f"{path}/status", {"status": {"nodeName": node}})
    uid = plane.request("GET", path)["metadata"]["uid"]
    plane.node(node, gpus=8)
    reference = {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "name": claim, "uid": uid}
    plane.patch(f"/api/v1/nodes/{node}", {"metadata": {"ownerReferences": [reference]}})
    delete, of = DeleteNode(ana), node_target(node)
    made = await plan(delete, of)
    assert (made.dry_run, made.undo) == ("accepted by prod", "")
    assert "deletionTimestamp" not in plane.request("GET", path)["metadata"], "a plan changes nothing"
    pod(plane, namespace, "train-0", node)
    assert "is not idle any more" in (await delete.apply(made)).words
    with pytest.raises(ActionError, match="is not idle"):
        await plan(delete, of)
    plane.delete(f"/api/v1/namespaces/{namespace}/pods/train-0", grace_seconds=0)
    assert (await delete.apply(made)).outcome is Outcome.APPLIED
    seen = await delete.verify(made)
    assert (seen.outcome, seen.words) == (
        Outcome.APPLIED,
        f"nodeclaim/{claim} is being deleted. karpenter.sh/termination holds it.",
    )
    plane.patch(path, {"metadata": {"finalizers": None}})
    assert await until(delete, made, Outcome.DONE) == f"nodeclaim/{claim} is gone."
    assert "FinopsNodeDeleted" in reasons(plane, "default")


async def test_a_pool_is_capped_and_opened_again(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    name = f"h100-{namespace}"
    path = f"{KARPENTER}/nodepools/{name}"
    spec = {"disruption": {"consolidateAfter": "5m"}, "limits": {"cpu": "900"}}
    plane.create(
        f"{KARPENTER}/nodepools",
        {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": spec},
    )
    plane.patch(f"{path}/status", {"status": {"resources": {"nvidia.com/gpu": "16"}}})
    limit, of = Limit(ana), pool_target(name)
    made = await plan(limit, of)
    assert (made.dry_run, made.until_then) == ("accepted by prod", "its empty nodes go after 5m")
    await limit.apply(made)
    assert plane.request("GET", path)["spec"]["limits"] == {"cpu": "900", "nvidia.com/gpu": "16"}
    assert (await limit.verify(made)).outcome is Outcome.DONE
    none = await plan(limit, of, gpus="0")
    await limit.apply(none)
    with pytest.raises(ActionError, match="has been changed since"):
        await limit.undo_plan(made, snapshot(fleet()), fleet(), NOON)
    await limit.apply(await limit.undo_plan(of, snapshot(fleet()), fleet(), NOON))
    assert plane.request("GET", path)["spec"]["limits"]["nvidia.com/gpu"] == "16"


async def test_a_quota_keeps_more_pods_out_until_it_is_taken_away(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    plane.pod(namespace, "train-0", gpus=8)
    plane.pod(namespace, "waits", gpus=4)
    quota, of = Quota(ana), namespace_target(namespace)
    made = await plan(quota, of)
    assert (made.title, made.dry_run) == (f"Limit {namespace} to 12 GPUs", "accepted by prod")
    await quota.apply(made)
    await until(quota, made, Outcome.DONE)
    wait(lambda: _refused(plane, namespace, "one-more"))
    assert names(plane, namespace) == ["train-0", "waits"]
    back = await quota.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    assert back.dry_run == "accepted by prod"
    assert len(plane.request("GET", f"/api/v1/namespaces/{namespace}/resourcequotas")["items"]) == 1
    await quota.apply(back)
    await until(quota, back, Outcome.DONE)
    wait(lambda: not _refused(plane, namespace, "one-more"))
    assert plane.request("GET", f"/api/v1/namespaces/{namespace}/resourcequotas")["items"] == []
    assert set(reasons(plane, namespace)) == {"FinopsQuotaSet", "FinopsUndone"}


def _refused(plane: ControlPlane, namespace: str, name: str) -> bool:
    """Tell whether a pod that asks for a GPU is refused; one that is not is there then."""
    try:
        plane.pod(namespace, name, gpus=1)
    except urllib.error.HTTPError as error:
        return error.code == 403
    return False
