from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.model.change import ChangeKind
from finops_tui.sources.kubernetes.changes import Dated, controller_changes, controller_gone
from finops_tui.sources.kubernetes.controllers import ControllerFacts, controller_reader
from tests.sources.kubernetes import make
from tests.sources.kubernetes.make import NOW

SINCE = NOW - timedelta(hours=6)


THREE_SEVENTHS = {"resources": {"limits": {"nvidia.com/mig-3g.20gb": "1"}}}
"""Of a GPU that MIG cuts."""


def read(kind: str, *args: Any, **more: Any) -> ControllerFacts:
    return controller_reader(kind)(make.raw(make.controller(*args, **more)))


def told(before: ControllerFacts | None, after: ControllerFacts) -> list[Dated]:
    return list(controller_changes("prod", before, after, now=NOW, since=SINCE))


def lines(before: ControllerFacts | None, after: ControllerFacts) -> list[str]:
    return [f"{change.who}: {change.what}" for _, change in told(before, after)]


def managed(manager: str, at: str = "2026-09-01T11:58:00Z", subresource: str = "") -> list[dict[str, str]]:
    early = {"manager": "helm", "time": make.LONG_AGO, "operation": "Update"}
    noise = {"manager": "kube-controller-manager", "time": "2026-09-01T11:59:00Z", "subresource": "status"}
    return [early, {"manager": manager, "time": at, "subresource": subresource}, noise]


def test_a_new_image_is_a_rollout_by_whoever_wrote_last() -> None:
    before = read("Deployment", "rerank-eu", replicas=4)
    after = read(
        "Deployment",
        "rerank-eu",
        replicas=4,
        image="reg.test/app:v2",
        generation=2,
        managed=managed("argocd-controller"),
    )
    ((at, change),) = told(before, after)
    assert (change.who, change.what) == ("argocd", "rerank-eu image v1→v2")
    assert change.kind is ChangeKind.ROLLOUT
    assert change.subject == "prod/Deployment/ml/rerank-eu"
    assert at == NOW - timedelta(minutes=2)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("reg.test/app@sha256:0123456789abcdef0123", "image v1→0123456789ab"),
        ("reg.test:5000/other:v9", "image app:v1→other:v9"),
        ("reg.test/app", "image v1→latest"),
    ],
)
def test_images_are_told_as_short_as_they_differ(image: str, words: str) -> None:
    assert lines(read("Deployment", "a"), read("Deployment", "a", image=image)) == [f"unknown: a {words}"]


def test_a_restart_is_a_rollout_too() -> None:
    after = make.controller("a")
    after["spec"]["template"]["metadata"] = {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}
    facts = controller_reader("Deployment")(make.raw(after))
    assert lines(read("Deployment", "a"), facts) == ["unknown: a pod template changed"]


def test_the_autoscaler_is_told_from_people() -> None:
    before = read("Deployment", "a", replicas=4)
    hpa = managed("kube-controller-manager", subresource="scale")
    assert lines(before, read("Deployment", "a", replicas=6, managed=hpa)) == ["hpa: a replicas 4→6"]
    kubectl = managed("kubectl-client-side-apply")
    assert lines(before, read("Deployment", "a", replicas=6, managed=kubectl)) == ["kubectl: a replicas 4→6"]


def test_what_controllers_note_on_an_object_is_no_write_of_anybodys() -> None:
    noted = [*managed("argocd-controller"), {"manager": "kube-controller-manager", "time": "2026-09-01T11:59:30Z"}]
    after = read("Deployment", "a", image="reg.test/app:v2", managed=noted)
    ((at, change),) = told(read("Deployment", "a"), after)
    assert (change.who, at) == ("argocd", NOW - timedelta(minutes=2))
    alone = read("Deployment", "a", image="reg.test/app:v2", managed=noted[-1:])
    assert lines(read("Deployment", "a"), alone) == ["kube-controller-manager: a image v1→v2"]


def test_status_changes_are_no_changes() -> None:
    busy = {"conditions": [{"type": "Available", "status": "True"}]}
    assert lines(read("Deployment", "a", replicas=1), read("Deployment", "a", replicas=1, status=busy)) == []


def test_a_job_is_paused_resumed_and_ends() -> None:
    running = read("Job", "train", gpus=8, spec={"parallelism": 4})
    paused = read("Job", "train", gpus=8, spec={"parallelism": 4, "suspend": True})
    failed = {"conditions": [{"type": "Failed", "status": "True", "lastTransitionTime": "2026-09-01T11:00:00Z"}]}
    assert lines(running, paused) == ["unknown: job train paused"]
    assert lines(paused, running) == ["unknown: job train resumed"]
    assert lines(running, read("Job", "train", gpus=8, spec={"parallelism": 4}, status=failed)) == [
        "kubernetes: job train failed"
    ]


def test_the_first_list_tells_only_what_lately_happened() -> None:
    assert lines(None, read("Deployment", "old")) == []
    new = read("Job", "train", gpus=2, spec={"parallelism": 4}, created="2026-09-01T11:00:00Z")
    assert lines(None, new) == ["unknown: job train started, 8 GPUs"]
    progress = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    rolled = {"conditions": [progress | {"lastUpdateTime": "2026-09-01T10:00:00Z"}]}
    assert lines(None, read("Deployment", "web", status=rolled)) == ["unknown: web rolled out app:v1"]


def test_children_of_other_controllers_and_small_scheduled_jobs_are_silent() -> None:
    lately = "2026-09-01T11:00:00Z"
    assert lines(None, read("Job", "tick-1", owner=("CronJob", "tick"), created=lately)) == []
    assert lines(None, read("Job", "set-0", owner=("JobSet", "set"), gpus=8, created=lately)) == []
    assert lines(
        None, read("Job", "eval-1", owner=("CronJob", "eval"), gpus=1, created=lately, spec={"parallelism": 1})
    )


def test_ids_differ_for_each_change_and_stay_for_the_same() -> None:
    one, two = (read("Deployment", "a", replicas=n, generation=n) for n in (1, 2))
    three = read("Deployment", "a", replicas=1, generation=3)
    first, back = told(one, two)[0].change.id, told(two, three)[0].change.id
    assert first != back
    assert told(one, two)[0].change.id == first


def test_deleting_what_still_ran_is_told() -> None:
    assert [change.what for _, change in controller_gone("prod", read("Deployment", "a"), now=NOW)] == [
        "deployment a deleted"
    ]
    done = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": make.LONG_AGO}]}
    assert list(controller_gone("prod", read("Job", "a", status=done), now=NOW)) == []


def details(before: ControllerFacts, after: ControllerFacts) -> tuple[str, ...]:
    (dated,) = told(before, after)
    return dated.change.details


def test_a_rollout_tells_field_by_field_what_is_different() -> None:
    before = read(
        "Deployment", "a", replicas=4, gpus=1, pods={"container": {"env": [{"name": "K", "value": "hunter2"}]}}
    )
    pods = {
        "container": {"env": [{"name": "K", "value": "hunter3"}], "args": ["--batch=8"]},
        "nodeSelector": {"pool": "h100"},
        "affinity": {"nodeAffinity": {}},
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": "high",
    }
    after = read("Deployment", "a", replicas=4, gpus=2, image="reg.test/app:v2", pods=pods)
    ((_, change),) = told(before, after)
    assert change.what == "a GPUs a pod 1→2 and 7 more"
    assert change.details == (
        "GPUs a pod 1→2",
        "image v1→v2",
        "args changed",
        "env changed",
        "node selector changed",
        "affinity changed",
        "tolerations changed",
        "priority class none→high",
    )
    assert change.gpus == 4.0


def test_nothing_of_an_environment_is_kept() -> None:
    secret = {"container": {"env": [{"name": "TOKEN", "value": "hunter2"}], "args": ["--password=hunter2"]}}
    facts = read("Deployment", "a", pods=secret)
    assert "hunter2" not in repr(facts)
    assert "TOKEN" not in repr(facts)
    assert facts.groups[0].template.containers[0].env


def test_requests_are_told_in_units_that_people_use() -> None:
    small, large = (
        {"container": {"resources": {"requests": {"cpu": cpu, "memory": memory}}}}
        for cpu, memory in (("500m", "1Gi"), ("2", "16384Mi"))
    )
    assert details(read("Deployment", "a", pods=small), read("Deployment", "a", pods=large)) == (
        "CPU cores a pod 0.5→2",
        "memory a pod 1→16 GiB",
    )


def test_containers_are_told_by_name_where_there_are_several() -> None:
    def pods(*images: str) -> dict[str, Any]:
        return {"containers": [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]}

    before = read("Deployment", "a", pods=pods("r/a:1", "r/b:1"))
    assert details(before, read("Deployment", "a", pods=pods("r/a:2", "r/b:1", "r/c:1"))) == (
        "c0 image 1→2",
        "container c2 added",
    )
    assert details(before, read("Deployment", "a", pods=pods("r/a:1"))) == ("container c1 removed",)


def test_a_change_says_how_many_gpus_more_it_asks_for() -> None:
    one, nine = (read("Job", "train", gpus=8, spec={"parallelism": n}) for n in (1, 9))
    paused = read("Job", "train", gpus=8, spec={"parallelism": 9, "suspend": True})
    done = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": "2026-09-01T11:00:00Z"}]}
    ended = read("Job", "train", gpus=8, spec={"parallelism": 9}, status=done)

    def only(before: ControllerFacts | None, after: ControllerFacts) -> tuple[str, float | None]:
        ((_, change),) = told(before, after)
        return change.what, change.gpus

    assert only(one, nine) == ("train workers 1→9", 64.0)
    assert only(nine, paused) == ("job train paused", -72.0)
    assert only(paused, nine) == ("job train resumed", 72.0)
    assert only(nine, ended) == ("job train completed", -72.0)
    assert only(paused, ended) == ("job train completed", 0.0)
    fresh = read("Job", "train", gpus=8, spec={"parallelism": 9}, created="2026-09-01T11:00:00Z")
    assert only(None, fresh) == ("job train started, 72 GPUs", 72.0)
    part = read("StatefulSet", "cut", replicas=1, created="2026-09-01T11:00:00Z", pods={"container": THREE_SEVENTHS})
    assert only(None, part)[0] == "statefulset cut created, 0.4 GPUs"
    ((_, gone),) = controller_gone("prod", nine, now=NOW)
    assert (gone.what, gone.gpus) == ("job train deleted", -72.0)


def test_a_job_that_came_and_went_before_the_start_is_told_both_ways() -> None:
    done = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": "2026-09-01T11:30:00Z"}]}
    job = read("Job", "train", gpus=8, spec={"parallelism": 2}, created="2026-09-01T11:00:00Z", status=done)
    assert [(change.what, change.gpus) for _, change in told(None, job)] == [
        ("job train started, 16 GPUs", 16.0),
        ("job train completed", -16.0),
    ]


def test_more_pods_that_each_ask_for_more_are_two_changes_that_add_up() -> None:
    before, after = read("Deployment", "a", replicas=2, gpus=1), read("Deployment", "a", replicas=4, gpus=2)
    changes = [dated.change for dated in told(before, after)]
    assert [change.kind for change in changes] == [ChangeKind.ROLLOUT, ChangeKind.SCALE]
    assert sum(change.gpus or 0.0 for change in changes) == 4 * 2 - 2 * 1


def test_a_job_that_is_created_paused_asks_for_nothing_yet() -> None:
    spec = {"parallelism": 4, "suspend": True}
    waiting = read("Job", "train", gpus=8, spec=spec, created="2026-09-01T11:00:00Z")
    ((_, change),) = told(None, waiting)
    assert (change.what, change.gpus) == ("job train created, paused", 0.0)


def test_a_run_of_a_cron_job_is_told_of_the_cron_job() -> None:
    run = read(
        "Job", "eval-1", owner=("CronJob", "eval"), gpus=1, created="2026-09-01T11:00:00Z", spec={"parallelism": 1}
    )
    ((_, change),) = told(None, run)
    assert (change.who, change.what, change.subject) == ("cron", "job eval-1 started, 1 GPU", "prod/CronJob/ml/eval")


def test_a_cron_job_tells_its_schedule_and_its_template() -> None:
    def cron(schedule: str, image: str) -> ControllerFacts:
        spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": make.pod_template(image, 8)}}}
        return controller_reader("CronJob")(make.raw(make.custom("eval", spec)))

    before = cron("0 1 * * *", "r/a:1")
    ((_, change),) = told(before, cron("0 * * * *", "r/a:1"))
    assert (change.kind, change.what) == (ChangeKind.CONFIG, "cronjob eval schedule 0 1 * * *→0 * * * *")
    assert lines(before, cron("0 1 * * *", "r/a:2")) == ["unknown: eval image 1→2"]


def test_what_an_unknown_operator_makes_is_told_of_its_operator() -> None:
    before, after = (read("Deployment", "nim-0", replicas=n, gpus=1, owner=("NIMService", "nim")) for n in (1, 3))
    ((_, change),) = told(before, after)
    assert (change.what, change.subject, change.gpus) == ("nim-0 replicas 1→3", "prod/NIMService/ml/nim", 2.0)


def test_what_scales_below_a_model_server_is_told_of_the_server() -> None:
    before, after = (
        read("Deployment", "llm-predictor", replicas=n, gpus=1, owner=("InferenceService", "llm"), image=f"r/a:{n}")
        for n in (1, 3)
    )
    ((_, change),) = told(before, after)
    assert (change.kind, change.subject) == (ChangeKind.SCALE, "prod/InferenceService/ml/llm")


def test_a_scaling_by_hand_before_the_start_is_told_and_the_autoscalers_is_left_to_its_events() -> None:
    by_hand = managed("kubectl", "2026-09-01T11:30:00Z", "scale")
    assert lines(None, read("Deployment", "a", replicas=6, managed=by_hand)) == ["kubectl: a replicas set to 6"]
    by_hpa = managed("kube-controller-manager", "2026-09-01T11:30:00Z", "scale")
    assert lines(None, read("Deployment", "a", replicas=6, managed=by_hpa)) == []


@pytest.mark.parametrize(
    ("marks", "who"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}, "argocd"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, "flux"),
        ({}, "unknown"),
    ],
)
def test_gitops_is_named_by_its_marks_where_no_manager_is(marks: dict[str, Any], who: str) -> None:
    after = read("Deployment", "a", replicas=2, **marks)
    assert lines(read("Deployment", "a", replicas=1), after) == [f"{who}: a replicas 1→2"]


def test_what_this_program_did_is_an_action() -> None:
    after = read("Deployment", "a", replicas=0, managed=managed("finops-tui", subresource="scale"))
    ((_, change),) = told(read("Deployment", "a", replicas=4), after)
    assert (change.kind, change.who) == (ChangeKind.ACTION, "finops-tui")
