"""Every action on Kubernetes' own kinds against a real kube-apiserver with its controllers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
import yaml

from finops_tui.actions.access import Access
from finops_tui.actions.base import Permission
from finops_tui.actions.manifest import manifest
from finops_tui.actions.nodes import Cordon, Uncordon
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.actions.scale import Scale
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk
from tests.actions.make import fleet, hands, node, node_target, snapshot, target, workload
from tests.actions.real import JOB, deployment, job, plan, run_pods, until, wait
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane, control_plane


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


@pytest.fixture
def ana(plane: ControlPlane) -> Hands:
    return hands(plane.kubeconfig())


@pytest.fixture
def ben(plane: ControlPlane) -> Hands:
    return hands(plane.kubeconfig(), "ben")


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"ns-{abs(hash(request.node.name)) % 10**8}"
    plane.namespace(name)
    return name


async def test_a_job_is_paused_and_brought_back(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    path = job(plane, namespace)
    run_pods(plane, path)
    pause, of = Pause(ana), target("Job", namespace, "train")
    running = workload("Job", namespace, "train", ["n1", "n2"])
    known = fleet([node("n1"), node("n2")], [running])
    made = await plan(pause, of, known)
    assert made.dry_run == "accepted by prod"
    assert [(change.object, change.path, change.before, change.after) for change in made.changes[:1]] == [
        ("job/train", "spec.suspend", "false", "true")
    ]
    assert made.permissions == (f"patch batch/jobs in {namespace}", f"get batch/jobs in {namespace}")
    assert (made.saves_usd_per_hour, made.pods, made.gpus, made.nodes) == (20.0, 2, 16.0, 2)
    assert plane.request("GET", path)["spec"]["suspend"] is False, "a plan changes nothing"

    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    await until(pause, made, Outcome.DONE)
    there = plane.request("GET", path)
    assert there["spec"]["suspend"] is True
    assert not there["status"].get("active")
    assert json.loads(there["metadata"]["annotations"]["finops-tui/undo"])["was"] == {"/spec/suspend": False}

    await asyncio.sleep(1.1)  # start times are whole seconds; in the same second no version of Kubernetes stumbles
    back = await pause.undo_plan(made, snapshot(known), known, NOON)
    assert (back.saves_usd_per_hour, back.touches) == (-20.0, "1 job, ≈2 pods, ≈16 GPUs")
    assert (await pause.apply(back)).outcome is Outcome.APPLIED
    await until(pause, back, Outcome.DONE)
    wait(lambda: plane.request("GET", path)["status"].get("active") == 2)
    there = plane.request("GET", path)["metadata"]["annotations"]
    assert "finops-tui/undo" not in there
    assert there["finops-tui/plan"] == back.id


async def test_somebody_else_takes_a_pause_back_from_what_stands_on_the_object(
    plane: ControlPlane, ana: Hands, ben: Hands, namespace: str
) -> None:
    path = job(plane, namespace)
    of = target("Job", namespace, "train")
    await Pause(ana).apply(await plan(Pause(ana), of))
    resume = Resume(ben)
    made = await plan(resume, of)
    assert made.title == "Resume train"
    assert made.undo == "does it again, as ana did at 2026-03-10T12:00:00Z"
    assert (await resume.apply(made)).outcome is Outcome.APPLIED
    assert plane.request("GET", path)["spec"]["suspend"] is False
    with pytest.raises(ActionError, match="Nothing stands on job/train"):
        await resume.undo_plan(of, snapshot(fleet()), fleet(), NOON)


async def test_what_somebody_changed_since_is_not_taken_back(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    path = deployment(plane, namespace)
    of, scale = target("Deployment", namespace, "web"), Scale(ana)
    made = await plan(scale, of, replicas="1")
    await scale.apply(made)
    await until(scale, made, Outcome.DONE)
    plane.patch(f"{path}/scale", {"spec": {"replicas": 5}})
    with pytest.raises(ActionError, match="has been changed since") as error:
        await scale.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    assert "spec.replicas was set to 1 by ana at 2026-03-10T12:00:00Z, and then to 5 by" in error.value.detail
    assert "spec.replicas of deployment/web was set to 5 by" in await until(scale, made, Outcome.FAILED)


async def test_a_new_object_of_the_same_name_is_not_touched(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    path = job(plane, namespace)
    of, pause = target("Job", namespace, "train"), Pause(ana)
    made = await plan(pause, of)
    await pause.apply(made)
    kept = plane.request("GET", path)["metadata"]["annotations"]
    plane.delete(f"{path}?propagationPolicy=Background")
    wait(lambda: not any(item["metadata"]["name"] == "train" for item in plane.request("GET", path[:-6])["items"]))
    assert "is gone" in await until(pause, made, Outcome.FAILED)
    plane.create(path.rpartition("/")[0], {"metadata": {"name": "train", "annotations": kept}, "spec": JOB})
    assert "is another one now" in await until(pause, made, Outcome.FAILED)
    again = await pause.apply(made)
    assert again.outcome is Outcome.FAILED
    assert "is another one now" in again.words
    for done in (made, of):
        with pytest.raises(ActionError, match="is another one now"):
            await pause.undo_plan(done, snapshot(fleet()), fleet(), NOON)
    stale = target("Job", namespace, "train", uid="the-one-before")
    with pytest.raises(ActionError, match="is another one now"):
        await plan(pause, stale)
    assert plane.request("GET", path)["spec"]["suspend"] is False


async def test_two_who_planned_the_same_do_it_once(plane: ControlPlane, ana: Hands, ben: Hands, namespace: str) -> None:
    path = deployment(plane, namespace)
    of = target("Deployment", namespace, "web")
    first, second = await plan(Scale(ana), of, replicas="1"), await plan(Scale(ben), of, replicas="2")
    results = await asyncio.gather(Scale(ana).apply(first), Scale(ben).apply(second))
    assert sorted(result.outcome for result in results) == [Outcome.APPLIED, Outcome.FAILED]
    (lost,) = (result.words for result in results if result.outcome is Outcome.FAILED)
    assert "has changed since it was planned: spec.replicas 3 →" in lost
    assert "Nothing is different. Plan it again." in lost
    assert plane.request("GET", path)["spec"]["replicas"] in (1, 2)


async def test_a_plan_is_carried_out_once_however_often_it_is_tried(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    path = job(plane, namespace)
    pause = Pause(ana)
    made = await plan(pause, target("Job", namespace, "train"))
    await pause.apply(made)
    before = plane.request("GET", path)["metadata"]["annotations"]
    again = await pause.apply(made)
    assert (again.outcome, again.words) == (Outcome.APPLIED, "job/train was done already.")
    assert plane.request("GET", path)["metadata"]["annotations"] == before


async def test_a_status_that_moves_all_the_time_does_not_hinder(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    path = job(plane, namespace)
    pause = Pause(ana)
    made = await plan(pause, target("Job", namespace, "train"))
    plane.patch(path, {"metadata": {"annotations": {"note": "the resource version is another one now"}}})
    assert (await pause.apply(made)).outcome is Outcome.APPLIED


async def test_a_cron_job_and_its_runs_are_paused_together(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    crons = f"/apis/batch/v1/namespaces/{namespace}/cronjobs"
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": JOB}}
    cron = plane.create(crons, {"metadata": {"name": "nightly"}, "spec": spec})
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": "nightly",
        "uid": cron["metadata"]["uid"],
        "controller": True,
    }
    run = job(plane, namespace, "nightly-1", ownerReferences=[owner])
    reference = {"kind": "Job", "namespace": namespace, "name": "nightly-1", "apiVersion": "batch/v1"}
    plane.patch(f"{crons}/nightly/status", {"status": {"active": [reference]}})
    of, pause = target("CronJob", namespace, "nightly"), Pause(ana)
    left = await plan(pause, of, runs="leave")
    assert {change.object for change in left.changes} == {"cronjob/nightly"}
    assert left.saves_usd_per_hour == 0.0
    made = await plan(pause, of)
    assert {change.object for change in made.changes} == {"cronjob/nightly", "job/nightly-1"}
    await pause.apply(made)
    await until(pause, made, Outcome.DONE)
    assert plane.request("GET", run)["spec"]["suspend"] is True
    back = await pause.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    assert (await pause.apply(back)).outcome is Outcome.APPLIED
    assert plane.request("GET", run)["spec"]["suspend"] is False
    assert plane.request("GET", f"{crons}/nightly")["spec"]["suspend"] is False


@pytest.mark.parametrize(("kind", "plural"), [("Deployment", "deployments"), ("StatefulSet", "statefulsets")])
async def test_what_serves_is_paused_by_taking_its_replicas(
    plane: ControlPlane, ana: Hands, namespace: str, kind: str, plural: str
) -> None:
    path = deployment(plane, namespace, kind=plural)
    of, pause, resume = target(kind, namespace, "web"), Pause(ana), Resume(ana)
    made = await plan(pause, of)
    assert made.changes[0].after == "0"
    await pause.apply(made)
    await until(pause, made, Outcome.DONE)
    with pytest.raises(ActionError, match="is paused already"):
        await plan(pause, of)
    back = await plan(resume, of)
    await resume.apply(back)
    await until(resume, back, Outcome.DONE)
    assert plane.request("GET", path)["status"]["replicas"] == 3
    with pytest.raises(ActionError):
        await plan(resume, of)


async def test_a_replica_set_of_its_own_is_scaled_and_one_of_a_deployment_warns(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    deployment(plane, namespace)
    (owned,) = plane.request("GET", f"/apis/apps/v1/namespaces/{namespace}/replicasets")["items"]
    made = await plan(Scale(ana), target("ReplicaSet", namespace, owned["metadata"]["name"]), replicas="1")
    assert [(revert.who, revert.advice) for revert in made.reverts] == [("deployment", "act on Deployment web instead")]


async def test_an_hpa_that_would_set_it_back_is_named_and_its_bounds_are_moved_instead(
    plane: ControlPlane, ana: Hands, namespace: str
) -> None:
    path = deployment(plane, namespace)
    hpas = f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers"
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    plane.create(
        hpas, {"metadata": {"name": "web"}, "spec": {"minReplicas": 3, "maxReplicas": 6, "scaleTargetRef": aim}}
    )
    of, scale = target("Deployment", namespace, "web"), Scale(ana)
    fought = await plan(scale, of, replicas="1")
    assert [(revert.who, revert.words) for revert in fought.reverts] == [
        ("hpa", "horizontalpodautoscaler/web sets it again within seconds, min 3, max 6")
    ]
    await scale.apply(fought)
    assert "was set to 3 by hpa" in await until(scale, fought, Outcome.FAILED)

    moved = await plan(scale, of, autoscaler="min=1,max=2")
    assert [(change.object, change.path, change.after) for change in moved.changes[:2]] == [
        ("horizontalpodautoscaler/web", "spec.minReplicas", "1"),
        ("horizontalpodautoscaler/web", "spec.maxReplicas", "2"),
    ]
    assert moved.reverts == ()
    await scale.apply(moved)
    await until(scale, moved, Outcome.DONE)
    assert plane.request("GET", path)["spec"]["replicas"] == 2
    with pytest.raises(ActionError, match="has been changed since"):
        await scale.undo_plan(fought, snapshot(fleet()), fleet(), NOON)
    back = await scale.undo_plan(moved, snapshot(fleet()), fleet(), NOON)
    await scale.apply(back)
    assert plane.request("GET", f"{hpas}/web")["spec"]["maxReplicas"] == 6

    paused = await plan(Pause(ana), of)
    assert paused.reverts == (), "at 0 replicas an HPA stands down"


async def test_a_node_is_cordoned_and_opened_again(plane: ControlPlane, ana: Hands) -> None:
    plane.node("gpu-1", gpus=8)
    cordon, uncordon, of = Cordon(ana), Uncordon(ana), node_target("gpu-1")
    known = fleet([node("gpu-1")])
    made = await plan(cordon, of, known)
    assert (made.saves_usd_per_hour, made.slo_risk) == (0.0, Risk.NONE)
    await cordon.apply(made)
    await until(cordon, made, Outcome.DONE)
    assert plane.request("GET", "/api/v1/nodes/gpu-1")["spec"]["unschedulable"] is True
    with pytest.raises(ActionError, match="is cordoned already"):
        await plan(cordon, of)
    back = await cordon.undo_plan(of, snapshot(known), known, NOON)
    await cordon.apply(back)
    assert "unschedulable" not in plane.request("GET", "/api/v1/nodes/gpu-1")["spec"]
    again = await cordon.undo_plan(back, snapshot(known), known, NOON)
    await cordon.apply(again)
    assert plane.request("GET", "/api/v1/nodes/gpu-1")["spec"]["unschedulable"] is True, "an undo is undone too"
    opened = await plan(uncordon, of)
    await uncordon.apply(opened)
    await until(uncordon, opened, Outcome.DONE)
    with pytest.raises(ActionError, match="is open already"):
        await plan(uncordon, of)


async def test_a_plan_that_the_server_would_not_take_says_so(plane: ControlPlane, namespace: str) -> None:
    job(plane, namespace)
    quiet = plane.service_account(
        f"reader-{namespace}", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]
    )
    reader = hands(plane.kubeconfig(quiet, name=f"reader-{namespace}"))
    made = await plan(Pause(reader), target("Job", namespace, "train"))
    assert made.dry_run.startswith('refused by prod: 403 jobs.batch "train" is forbidden')
    result = await Pause(reader).apply(made)
    assert (result.outcome, "You may not do this to job/train" in result.words) == (Outcome.FAILED, True)


@pytest.mark.parametrize("of_one_namespace", [False, True])
async def test_the_printed_role_is_enough_and_no_more(
    plane: ControlPlane, ana: Hands, namespace: str, *, of_one_namespace: bool
) -> None:
    job(plane, namespace)
    printed = manifest(kubernetes_actions(ana), [namespace] if of_one_namespace else [])
    token = plane.service_account(f"on-call-{namespace}", [])
    subject = {"kind": "ServiceAccount", "name": f"on-call-{namespace}", "namespace": "default"}
    for document in yaml.safe_load_all(printed):
        place = f"namespaces/{document['metadata']['namespace']}/" if "namespace" in document["metadata"] else ""
        document["metadata"]["name"] += f"-{namespace}"
        if "roleRef" in document:
            document["roleRef"]["name"] += f"-{namespace}"
            document["subjects"] = [subject]
        plane.create(f"/apis/rbac.authorization.k8s.io/v1/{place}{document['kind'].lower()}s", document)
    on_call = hands(plane.kubeconfig(token, name=f"on-call-{namespace}"))
    pause, of = Pause(on_call), target("Job", namespace, "train")
    access = Access(on_call.client)

    async with asyncio.timeout(10):  # a role takes a moment to be known everywhere
        while await Access(on_call.client).missing("prod", pause.permissions(of, fleet()), NOON):
            pass
    made = await plan(pause, of)
    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    await until(pause, made, Outcome.DONE)
    back = await pause.undo_plan(of, snapshot(fleet()), fleet(), NOON)
    assert (await pause.apply(back)).outcome is Outcome.APPLIED
    forbidden = [
        Permission(verb="delete", resource="jobs", group="batch", namespace=namespace),
        Permission(verb="get", resource="secrets", namespace=namespace),
    ]
    assert list(await access.missing("prod", forbidden, NOON)) == forbidden
    elsewhere = [Permission(verb="patch", resource="jobs", group="batch", namespace="default")]
    assert bool(await access.missing("prod", elsewhere, NOON)) is of_one_namespace


async def test_a_trial_leaves_nothing_behind(plane: ControlPlane, ana: Hands, namespace: str) -> None:
    path = deployment(plane, namespace)
    wait(lambda: plane.request("GET", path)["status"].get("observedGeneration") == 1)
    before = plane.request("GET", path)
    await plan(Scale(ana), target("Deployment", namespace, "web"), replicas="1")
    after = plane.request("GET", path)
    assert before["spec"] == after["spec"]
    assert "annotations" not in after["metadata"] or "finops-tui/plan" not in after["metadata"]["annotations"]
