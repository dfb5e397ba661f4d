"""Kinds of extensions against a real kube-apiserver; the test plays their controllers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from finops_tui.actions.kinds import HPA, PAUSABLE, Kind, Pausable, Sign
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.planning import Hands
from finops_tui.actions.resolve import KINDS
from finops_tui.actions.scale import Scale
from finops_tui.actions.traces import _ref
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.extensions import define
from tests.actions.make import fleet, hands, node, snapshot, target, workload
from tests.actions.real import deployment, job, plan
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane, control_plane

EXTENSIONS = [kind for kind in PAUSABLE if kind.group != "batch"]
SCALE = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
OTHERS = (
    ("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", True, None),
    ("leaderworkerset.x-k8s.io", "v1", "leaderworkersets", "LeaderWorkerSet", True, SCALE),
    ("argoproj.io", "v1alpha1", "rollouts", "Rollout", True, SCALE),
    ("argoproj.io", "v1alpha1", "applications", "Application", True, None),
    ("karpenter.sh", "v1", "nodepools", "NodePool", False, None),
    (
        "example.test",
        "v1",
        "pools",
        "Pool",
        True,
        {"specReplicasPath": ".spec.size.want", "statusReplicasPath": ".status.size"},
    ),
    ("example.test", "v1", "widgets", "Widget", True, None),
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        for kind in EXTENSIONS:
            define(running, kind.group, kind.versions[0], kind.plural, kind.kind, namespaced=kind.namespaced)
        for group, version, plural, name, namespaced, scale in OTHERS:
            define(running, group, version, plural, name, namespaced=namespaced, scale=scale)
        yield running


@pytest.fixture
def ana(plane: ControlPlane) -> Hands:
    return hands(plane.kubeconfig())


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"ns-{abs(hash(request.node.name)) % 10**8}"
    plane.namespace(name)
    return name


def put(plane: ControlPlane, kind: Kind | tuple[str, str, str], namespace: str, name: str, body: dict[str, Any]) -> str:
    """Create an object of an extension; return its path."""
    if isinstance(kind, Kind):
        group, version, plural, called = kind.group, kind.versions[0], kind.plural, kind.kind
        namespaced = kind.namespaced
    else:
        group, version, plural, called, namespaced, _ = next(each for each in OTHERS if each[:3] == kind)
    place = f"/apis/{group}/{version}" + (f"/namespaces/{namespace}" if namespaced else "") + f"/{plural}"
    metadata = {"name": name} | body.pop("metadata", {})
    plane.create(place, {"apiVersion": f"{group}/{version}", "kind": called, "metadata": metadata, **body})
    return f"{place}/{name}"


def status_of(signs: tuple[Sign, ...]) -> dict[str, Any]:
    """Return a status that shows these signs."""
    status: dict[str, Any] = {}
    for sign in signs:
        if sign.path[:2] == ("status", "conditions"):
            status.setdefault("conditions", []).append({"type": sign.path[2], "status": sign.any_of[0]})
        else:
            part = status
            for key in sign.path[1:-1]:
                part = part.setdefault(key, {})
            part[sign.path[-1]] = sign.any_of[0]
    return status


@pytest.mark.parametrize("kind", EXTENSIONS, ids=lambda kind: kind.kind)
async def test_each_kind_is_paused_and_brought_back_as_it_was(
    plane: ControlPlane, ana: Hands, namespace: str, kind: Pausable
) -> None:
    name = f"x-{namespace}"
    path = put(plane, kind, namespace, name, {"spec": {"untouched": 7, "runPolicy": {"cleanPodPolicy": "None"}}})
    before = plane.request("GET", path)["spec"]
    of, pause = target(kind.kind, namespace if kind.namespaced else "", name), Pause(ana)
    made = await plan(pause, of)
    assert made.dry_run == "accepted by prod"
    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    if kind.done and not all(sign.seen(plane.request("GET", path)) for sign in kind.done):
        assert (await pause.verify(made)).outcome is Outcome.APPLIED
        plane.patch(f"{path}/status", {"status": status_of(kind.done)})
    assert (await pause.verify(made)).outcome is Outcome.DONE
    with pytest.raises(ActionError, match="is paused already"):
        await plan(pause, of)
    back = await plan(Resume(ana), of)
    assert (await Resume(ana).apply(back)).outcome is Outcome.APPLIED
    if kind.begun:
        assert (await Resume(ana).verify(back)).outcome is Outcome.APPLIED
        plane.patch(f"{path}/status", {"status": status_of(kind.begun)})
    assert (await Resume(ana).verify(back)).outcome is Outcome.DONE
    there = plane.request("GET", path)
    assert there["spec"] == before, "what was not set before is not set again"
    assert "serving.kserve.io/stop" not in there["metadata"]["annotations"]
    with pytest.raises(ActionError, match="is not paused"):
        await plan(Resume(ana), of)


@pytest.mark.parametrize("kind", [*KINDS.values(), HPA], ids=lambda kind: kind.kind)
def test_the_path_of_an_object_is_read_back(kind: Kind) -> None:
    for version in kind.versions:
        ref = kind.ref(version, "ns", "name")
        assert _ref(ref.path, KINDS) == ref


async def test_what_others_paused_is_resumed_too(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    (kind,) = (each for each in EXTENSIONS if each.kind == "PyTorchJob")
    path = put(plane, kind, namespace, "train", {"spec": {"runPolicy": {"suspend": True}}})
    of, resume = target("PyTorchJob", namespace, "train"), Resume(ana)
    made = await plan(resume, of)
    await resume.apply(made)
    assert plane.request("GET", path)["spec"]["runPolicy"]["suspend"] is False
    back = await resume.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    await resume.apply(back)
    assert plane.request("GET", path)["spec"]["runPolicy"]["suspend"] is True


async def test_a_job_that_kueue_admits_is_paused_at_its_workload(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    of, pause = target("Job", namespace, "train"), Pause(ana)
    path = job(plane, namespace, labels={"kueue.x-k8s.io/queue-name": "nlp"})
    with pytest.raises(ActionError, match="waits in Kueue's queue nlp and has no Workload yet"):
        await plan(pause, of)
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "train", "controller": True}
    owner["uid"] = plane.request("GET", path)["metadata"]["uid"]
    admitted = put(
        plane,
        KINDS["Workload"],
        namespace,
        "job-train-1a2b",
        {"metadata": {"ownerReferences": [owner]}, "spec": {"active": True}},
    )
    made = await plan(pause, of)
    assert {change.object for change in made.changes} == {"workload/job-train-1a2b"}
    assert made.permissions[0] == f"patch kueue.x-k8s.io/workloads in {namespace}"
    await pause.apply(made)
    assert plane.request("GET", admitted)["spec"]["active"] is False
    assert plane.request("GET", path)["spec"]["suspend"] is False
    back = await plan(Resume(ana), of)
    await pause.apply(back)
    assert plane.request("GET", admitted)["spec"]["active"] is True


async def test_keda_is_told_to_hold_what_it_would_scale_again(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    path = deployment(plane, namespace)
    of = target("Deployment", namespace, "web")
    scaled = put(
        plane,
        ("keda.sh", "v1alpha1", "scaledobjects"),
        namespace,
        "web-keda",
        {"spec": {"scaleTargetRef": {"name": "web"}, "minReplicaCount": 2, "maxReplicaCount": 8}},
    )
    fought = await plan(Scale(ana), of, replicas="1")
    assert [(revert.who, revert.words) for revert in fought.reverts] == [
        ("keda", "KEDA sets it again by scaledobject/web-keda, min 2, max 8")
    ]
    for action, held in ((Scale(ana), "1"), (Pause(ana), "0")):
        made = await plan(action, of, replicas="1", autoscaler="pause")
        assert [(change.object, change.path, change.after) for change in made.changes[:1]] == [
            ("scaledobject/web-keda", "annotation autoscaling.keda.sh/paused-replicas", held)
        ]
        await action.apply(made)
        assert (await action.verify(made)).outcome is Outcome.APPLIED
        plane.patch(f"{scaled}/status", {"status": {"conditions": [{"type": "Paused", "status": "True"}]}})
        assert (await action.verify(made)).outcome is Outcome.DONE
        back = await action.undo_plan(of, snapshot(fleet()), fleet(), NOON)
        await action.apply(back)
        assert "autoscaling.keda.sh/paused-replicas" not in plane.request("GET", scaled)["metadata"]["annotations"]
        plane.patch(f"{scaled}/status", {"status": {"conditions": []}})
    assert plane.request("GET", path)["spec"]["replicas"] == 3


@dataclass
class Sized:
    kind: str
    place: tuple[str, str, str]
    spec: dict[str, Any]
    after: dict[str, Any]
    status: dict[str, Any]


@pytest.mark.parametrize(
    "of_kind",
    [
        Sized(
            "LeaderWorkerSet",
            ("leaderworkerset.x-k8s.io", "v1", "leaderworkersets"),
            {"replicas": 4},
            {"replicas": 1},
            {"replicas": 1},
        ),
        Sized("Rollout", ("argoproj.io", "v1alpha1", "rollouts"), {"replicas": 4}, {"replicas": 1}, {"replicas": 1}),
        Sized("Pool", ("example.test", "v1", "pools"), {"size": {"want": 4}}, {"size": {"want": 1}}, {"size": 1}),
    ],
    ids=lambda sized: sized.kind,
)
async def test_whatever_has_a_scale_is_scaled_where_its_definition_says(
    plane: ControlPlane, ana: Hands, namespace: str, of_kind: Sized
) -> None:
    path = put(plane, of_kind.place, namespace, "x", {"spec": of_kind.spec})
    of, scale = target(of_kind.kind, namespace, "x"), Scale(ana)
    made = await plan(scale, of, replicas="1")
    await scale.apply(made)
    assert plane.request("GET", path)["spec"] == of_kind.after
    assert (await scale.verify(made)).outcome is Outcome.APPLIED
    plane.patch(f"{path}/status", {"status": of_kind.status})
    assert (await scale.verify(made)).outcome is Outcome.DONE
    await scale.apply(await scale.undo_plan(of, snapshot(fleet()), fleet(), NOON))
    assert plane.request("GET", path)["spec"] == of_kind.spec


async def test_a_kind_without_a_scale_and_one_that_nobody_knows_are_refused(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    put(plane, ("example.test", "v1", "widgets"), namespace, "x", {"spec": {}})
    with pytest.raises(ActionError, match="Widget cannot be paused or scaled from here"):
        await plan(Pause(ana), target("Widget", namespace, "x"))
    with pytest.raises(ActionError, match="Gadget is not known here and not served by prod"):
        await plan(Pause(ana), target("Gadget", namespace, "x"))
    put(plane, KINDS["PyTorchJob"], namespace, "x", {"spec": {}})
    with pytest.raises(ActionError, match="has no number of replicas"):
        await plan(Scale(ana), target("PyTorchJob", namespace, "x"), replicas="1")
    put(plane, KINDS["RayJob"], namespace, "x", {"spec": {}})
    with pytest.raises(ActionError, match="has no Ray cluster now"):
        await plan(Scale(ana), target("RayJob", namespace, "x"), replicas="1")


async def test_one_worker_group_is_scaled_and_the_list_is_otherwise_as_it_was(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    groups = [
        {"groupName": name, "replicas": 4, "minReplicas": 1, "maxReplicas": 6, "rayStartParams": {"num-gpus": "8"}}
        for name in ("cpu", "gpu")
    ]
    path = put(plane, KINDS["RayCluster"], namespace, "llm", {"spec": {"workerGroupSpecs": groups, "rayVersion": "2"}})
    before = plane.request("GET", path)["spec"]
    of, scale = target("RayCluster", namespace, "llm"), Scale(ana)
    made = await plan(scale, of, group="gpu", replicas="0")
    assert made.dry_run == "accepted by prod"
    assert plane.request("GET", path)["spec"] == before, "a plan changes nothing"
    plane.patch(path, {"metadata": {"annotations": {"note": "the resource version is another one now"}}})
    await scale.apply(made)
    there = plane.request("GET", path)["spec"]["workerGroupSpecs"]
    assert there == [groups[0], groups[1] | {"replicas": 0, "minReplicas": 0}]
    assert (await scale.verify(made)).outcome is Outcome.DONE
    await scale.apply(await scale.undo_plan(of, snapshot(fleet()), fleet(), NOON))
    assert plane.request("GET", path)["spec"] == before


async def test_an_inference_service_is_held_at_a_number_of_replicas(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    spec = {"predictor": {"maxReplicas": 5, "model": {"modelFormat": {"name": "huggingface"}}}}
    path = put(plane, KINDS["InferenceService"], namespace, "rerank", {"spec": spec})
    of, scale = target("InferenceService", namespace, "rerank"), Scale(ana)
    await scale.apply(await plan(scale, of, replicas="2"))
    assert plane.request("GET", path)["spec"]["predictor"] == spec["predictor"] | {"minReplicas": 2, "maxReplicas": 2}
    await scale.apply(await scale.undo_plan(of, snapshot(fleet()), fleet(), NOON))
    assert plane.request("GET", path)["spec"] == spec


async def test_argo_cd_is_named_with_its_app_and_whether_it_heals(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    if not any(each["metadata"]["name"] == "argocd" for each in plane.request("GET", "/api/v1/namespaces")["items"]):
        plane.namespace("argocd")
    of, name = target("Job", namespace, "train"), f"nlp-{namespace}"
    tracking = {"argocd.argoproj.io/tracking-id": f"{name}:batch/Job:{namespace}/train"}
    job(plane, namespace, annotations=tracking)
    (unknown,) = (await plan(Pause(ana), of)).reverts
    assert (unknown.who, unknown.words) == ("argocd", f"Argo CD app {name}")
    app = put(
        plane, ("argoproj.io", "v1alpha1", "applications"), "argocd", name, {"spec": {"syncPolicy": {"automated": {}}}}
    )
    (lazy,) = (await plan(Pause(ana), of)).reverts
    assert lazy.words == f"the next sync of Argo CD app {name}"
    assert lazy.advice == "self-heal is off, so it holds until somebody syncs"
    plane.patch(app, {"spec": {"syncPolicy": {"automated": {"selfHeal": True}}}})
    (keen,) = (await plan(Pause(ana), of)).reverts
    assert keen.words == f"Argo CD app {name}: self-heal is on, the change lasts minutes"


async def test_karpenter_says_when_the_nodes_go(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    pool = f"h100-{namespace}"
    path = put(
        plane, ("karpenter.sh", "v1", "nodepools"), "", pool, {"spec": {"disruption": {"consolidateAfter": "7m"}}}
    )
    job(plane, namespace)
    known = fleet([node("n1", pool), node("n2", pool)], [workload("Job", namespace, "train", ["n1", "n2"])])
    of = target("Job", namespace, "train")
    made = await plan(Pause(ana), of, known)
    assert made.saves_when == f"once 2 {pool} nodes are gone, about 12:07Z"
    assert made.saves_usd_per_hour == 20.0
    plane.patch(path, {"spec": {"disruption": {"consolidateAfter": "Never"}}})
    kept = await plan(Pause(ana), of, known)
    assert (kept.saves_usd_per_hour, kept.saves_when) == (0.0, f"2 {pool} nodes are empty then and stay")
