"""The printed role against a real kube-apiserver: every action is planned, carried out and taken back under it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest
import yaml

from finops_tui.actions.access import Access
from finops_tui.actions.base import Action, Permission
from finops_tui.actions.manifest import manifest
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.actions.resolve import KINDS
from finops_tui.model.plan import Outcome, Target
from tests.actions.extensions import define
from tests.actions.make import fleet, hands, namespace_target, node_target, pool_target, snapshot, target
from tests.actions.real import POD, deployment, job, plan, wait
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane, control_plane

KARPENTER = "/apis/karpenter.sh/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        for group, version, plural, kind, namespaced in (
            ("karpenter.sh", "v1", "nodepools", "NodePool", False),
            ("karpenter.sh", "v1", "nodeclaims", "NodeClaim", False),
            ("ray.io", "v1", "rayclusters", "RayCluster", True),
            ("serving.kserve.io", "v1beta1", "inferenceservices", "InferenceService", True),
        ):
            define(running, group, version, plural, kind, namespaced=namespaced)
        yield running


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"ns-{abs(hash(request.node.name)) % 10**8}"
    plane.namespace(name)
    return name


async def on_call(plane: ControlPlane, namespace: str, printed: str, needed: Sequence[Permission]) -> Hands:
    """Apply a manifest for a new service account; return its hands once the role is known everywhere."""
    name = f"on-call-{namespace}"
    token = plane.service_account(name, [])
    for document in yaml.safe_load_all(printed):
        place = f"namespaces/{document['metadata']['namespace']}/" if "namespace" in document["metadata"] else ""
        document["metadata"]["name"] += f"-{namespace}"
        if "roleRef" in document:
            document["roleRef"]["name"] += f"-{namespace}"
            document["subjects"] = [{"kind": "ServiceAccount", "name": name, "namespace": "default"}]
        plane.create(f"{RBAC}/{place}{document['kind'].lower()}s", document)
    made = hands(plane.kubeconfig(token, name=name), name)
    async with asyncio.timeout(10):
        while await Access(made.client).missing("prod", needed, NOON):
            pass
    return made


def things(plane: ControlPlane, namespace: str) -> dict[str, list[tuple[Target, dict[str, str]]]]:
    """Make something for every action; return by action what it is done to, and how."""
    job(plane, namespace)
    web = deployment(plane, namespace)
    image = {"containers": [POD["containers"][0] | {"image": "example.test/c:2"}]}
    plane.patch(web, {"spec": {"template": {"spec": image}}})
    wait(lambda: plane.request("GET", web)["status"].get("observedGeneration") == 2)
    groups = [{"groupName": "gpu", "replicas": 4, "minReplicas": 1, "maxReplicas": 6}]
    for kind, spec in (
        ("RayCluster", {"workerGroupSpecs": groups}),
        ("InferenceService", {"predictor": {"minReplicas": 2, "maxReplicas": 4}}),
    ):
        ref = KINDS[kind].ref(KINDS[kind].versions[0], namespace, "x")
        body = {"apiVersion": ref.api_version, "kind": kind, "metadata": {"name": "x"}, "spec": spec}
        plane.create(ref.collection, body)
    pool = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": f"pool-{namespace}"}}
    plane.create(f"{KARPENTER}/nodepools", pool | {"spec": {"limits": {}}})
    busy, idle = f"busy-{namespace}", f"idle-{namespace}"
    plane.node(busy)
    plane.create(
        f"/api/v1/namespaces/{namespace}/pods", {"metadata": {"name": "alone"}, "spec": POD | {"nodeName": busy}}
    )
    claim = {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "metadata": {"name": idle}, "spec": {}}
    uid = plane.create(f"{KARPENTER}/nodeclaims", claim)["metadata"]["uid"]
    plane.patch(f"{KARPENTER}/nodeclaims/{idle}/status", {"status": {"nodeName": idle}})
    plane.node(idle)
    owner = {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "name": idle, "uid": uid}
    plane.patch(f"/api/v1/nodes/{idle}", {"metadata": {"ownerReferences": [owner]}})
    training, serving = target("Job", namespace, "train"), target("Deployment", namespace, "web")
    return {
        "pause": [(training, {})],
        "resume": [(training, {})],
        "rollback": [(serving, {})],  # before its size is changed: its controller has to have followed
        "scale": [
            (serving, {"replicas": "1"}),
            (target("RayCluster", namespace, "x"), {"replicas": "1"}),
            (target("InferenceService", namespace, "x"), {"replicas": "1"}),
        ],
        "cordon": [(node_target(busy), {})],
        "uncordon": [(node_target(busy), {})],
        "drain": [(node_target(busy), {"force": "true"})],
        "delete-node": [(node_target(idle), {})],
        "quota": [(namespace_target(namespace), {})],
        "limit": [(pool_target(f"pool-{namespace}"), {"gpus": "8"})],
    }


async def do(action: Action, of: Target, parameters: dict[str, str]) -> None:
    made = await plan(action, of, None, **parameters)
    assert made.dry_run == "accepted by prod", (action.id, made.dry_run)
    result = await action.apply(made)
    assert result.outcome is Outcome.APPLIED, (action.id, result.words)
    assert (await action.verify(made)).outcome in {Outcome.APPLIED, Outcome.DONE}, action.id
    if made.reversible and action.id not in ("pause", "cordon"):  # resume and uncordon are their ways back
        back = await action.undo_plan(made, snapshot(fleet()), fleet(), NOON)
        assert back.dry_run == "accepted by prod", action.id
        assert (await action.apply(back)).outcome is Outcome.APPLIED, action.id


@pytest.mark.parametrize("of_one_namespace", [False, True])
async def test_the_printed_role_carries_every_action_through(
    plane: ControlPlane, namespace: str, *, of_one_namespace: bool
) -> None:
    wishes = things(plane, namespace)
    known = {action.id: action for action in kubernetes_actions(hands(plane.kubeconfig()))}
    assert wishes.keys() == known.keys(), "every action is tried"
    printed = manifest(known.values(), [namespace] if of_one_namespace else [])
    needed = [
        each for name, wanted in wishes.items() for of, _ in wanted for each in known[name].permissions(of, fleet())
    ]
    made = await on_call(plane, namespace, printed, needed)
    actions = {action.id: action for action in kubernetes_actions(made)}
    for name, wanted in wishes.items():
        for of, parameters in wanted:
            await do(actions[name], of, parameters)
    forbidden = [
        Permission(verb="delete", resource="jobs", group="batch", namespace=namespace),
        Permission(verb="delete", resource="pods", namespace=namespace),
        Permission(verb="delete", resource="nodes"),
        Permission(verb="get", resource="secrets", namespace=namespace),
        Permission(verb="create", resource="pods", namespace=namespace),
    ]
    assert list(await Access(made.client).missing("prod", forbidden, NOON)) == forbidden
    elsewhere = [Permission(verb="patch", resource="jobs", group="batch", namespace="default")]
    assert bool(await Access(made.client).missing("prod", elsewhere, NOON)) is of_one_namespace


@pytest.mark.parametrize("only", ["cordon", "drain", "delete-node", "quota", "limit", "rollback"])
async def test_the_role_of_one_action_is_enough_for_it(plane: ControlPlane, namespace: str, only: str) -> None:
    wishes = things(plane, namespace)[only]
    known = kubernetes_actions(hands(plane.kubeconfig()))
    (action,) = (each for each in known if each.id == only)
    needed = [each for of, _ in wishes for each in action.permissions(of, fleet())]
    made = await on_call(plane, namespace, manifest(known, only=[only]), needed)
    (mine,) = (each for each in kubernetes_actions(made) if each.id == only)
    for of, parameters in wishes:
        await do(mine, of, parameters)
    (other,) = (each for each in kubernetes_actions(made) if each.id == "pause")
    missing = await Access(made.client).missing(
        "prod", other.permissions(target("Job", namespace, "train"), fleet()), NOON
    )
    assert missing, "and for nothing else"
