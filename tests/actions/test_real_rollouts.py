"""Rolling back each kind that keeps revisions against a real kube-apiserver with its controllers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from finops_tui.actions.rollback import Rollback
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.make import fleet, hands, snapshot, target
from tests.actions.real import POD, plan, until, wait
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane, control_plane

KINDS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


@pytest.fixture
def rollback(plane: ControlPlane) -> Rollback:
    return Rollback(hands(plane.kubeconfig()))


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"ns-{abs(hash(request.node.name)) % 10**8}"
    plane.namespace(name)
    return name


def put(plane: ControlPlane, namespace: str, kind: str) -> str:
    """Make a workload of one pod, and wait until its controller keeps its first revision."""
    path = f"/apis/apps/v1/namespaces/{namespace}/{KINDS[kind]}"
    labels = {"app": "web"}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": POD},
    }
    if kind != "DaemonSet":
        spec["replicas"] = 1
    if kind == "StatefulSet":
        spec["serviceName"] = "web"
    plane.create(path, {"metadata": {"name": "web"}, "spec": spec})
    followed(plane, f"{path}/web")
    return f"{path}/web"


def followed(plane: ControlPlane, path: str) -> None:
    def seen() -> bool:
        there = plane.request("GET", path)
        return bool(there["status"].get("observedGeneration") == there["metadata"]["generation"])

    wait(seen)


def update(plane: ControlPlane, path: str, container: dict[str, Any], **spec: Any) -> None:
    template = {"spec": {"containers": [POD["containers"][0] | container], **spec}}
    plane.patch(path, {"spec": {"template": template}})
    followed(plane, path)


def template(plane: ControlPlane, path: str) -> Any:
    return plane.request("GET", path)["spec"]["template"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_workload_goes_back_to_its_last_revision_and_forth_again(
    plane: ControlPlane, rollback: Rollback, namespace: str, kind: str
) -> None:
    path, of = put(plane, namespace, kind), target(kind, namespace, "web")
    with pytest.raises(ActionError, match="has no earlier revision"):
        await plan(rollback, of)
    first = template(plane, path)
    env = [{"name": "TOKEN", "value": "s3cr3t"}]
    limits = {"limits": {"nvidia.com/gpu": "2"}, "requests": {"nvidia.com/gpu": "2"}}
    update(plane, path, {"image": "example.test/c:2", "env": env, "resources": limits}, nodeSelector={"pool": "h200"})
    second = template(plane, path)

    made = await plan(rollback, of)
    assert (made.title, made.dry_run) == ("Roll back web to revision 1", "accepted by prod")
    shown = {each.path: (each.before, each.after) for each in made.changes if "annotation" not in each.path}
    container = "spec.template.spec.containers[c]"
    assert shown == {
        f"{container}.image": ("example.test/c:2", "example.test/c:1"),
        f"{container}.env[TOKEN]": ("a value", "–"),
        f"{container}.resources.limits[nvidia.com/gpu]": ("2", "–"),
        f"{container}.resources.requests[nvidia.com/gpu]": ("2", "–"),
        "spec.template.spec.nodeSelector.pool": ("h200", "–"),
    }
    assert "s3cr3t" not in repr(made)
    assert template(plane, path) == second, "a plan changes nothing"

    assert (await rollback.apply(made)).outcome is Outcome.APPLIED
    followed(plane, path)
    assert template(plane, path) == first
    assert (await rollback.verify(made)).outcome in {Outcome.APPLIED, Outcome.DONE}
    back = await rollback.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    assert back.title == "Undo rollback of web"
    assert (await rollback.apply(back)).outcome is Outcome.APPLIED
    followed(plane, path)
    assert template(plane, path) == second
    assert (await rollback.verify(made)).outcome is Outcome.FAILED
    with pytest.raises(ActionError):
        await rollback.undo_plan(of, snapshot(fleet()), fleet(), NOON)


async def test_it_is_done_when_the_pods_of_that_revision_serve(
    plane: ControlPlane, rollback: Rollback, namespace: str
) -> None:
    path, of = put(plane, namespace, "Deployment"), target("Deployment", namespace, "web")
    update(plane, path, {"image": "example.test/c:2"})
    made = await plan(rollback, of)
    await rollback.apply(made)
    followed(plane, path)
    assert "0 of 1 pods are of that revision and serve" in (await rollback.verify(made)).words
    pods = f"/api/v1/namespaces/{namespace}/pods"

    def serve() -> bool:
        """Play kubelet: what is there runs."""
        for pod in plane.request("GET", pods)["items"]:
            status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
            plane.patch(f"{pods}/{pod['metadata']['name']}/status", {"status": status})
        status = plane.request("GET", path)["status"]
        return bool(status.get("availableReplicas") == status.get("updatedReplicas") == status.get("replicas") == 1)

    wait(serve)
    assert await until(rollback, made, Outcome.DONE) == "1 of 1 pods are of that revision and serve."


async def test_what_somebody_deployed_since_is_not_taken_back(
    plane: ControlPlane, rollback: Rollback, namespace: str
) -> None:
    path, of = put(plane, namespace, "Deployment"), target("Deployment", namespace, "web")
    update(plane, path, {"image": "example.test/c:2"})
    made = await plan(rollback, of)
    update(plane, path, {"image": "example.test/c:3"})
    result = await rollback.apply(made)
    assert (result.outcome, "since it was planned" in result.words) == (Outcome.FAILED, True)
    again = await plan(rollback, of)
    await rollback.apply(again)
    followed(plane, path)
    assert template(plane, path)["spec"]["containers"][0]["image"] == "example.test/c:2"
    update(plane, path, {"image": "example.test/c:4"})
    with pytest.raises(ActionError, match="has been changed since"):
        await rollback.undo_plan(of, snapshot(fleet()), fleet(), NOON)
