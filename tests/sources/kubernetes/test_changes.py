from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.model.change import ChangeKind
from finops_tui.sources.kubernetes.changes import Dated, controller_changes, controller_gone, limit_changes
from finops_tui.sources.kubernetes.controllers import ControllerFacts, controller_reader
from finops_tui.sources.kubernetes.limits import LimitFacts, limits_reader
from tests.sources.kubernetes import make
from tests.sources.kubernetes.make import NOW

SINCE = NOW - timedelta(hours=6)


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


def test_a_raised_limit_is_told() -> None:
    def hpa(most: int) -> LimitFacts:
        spec = {"minReplicas": 2, "maxReplicas": most}
        body = {"metadata": {"name": "rerank", "namespace": "ml", "uid": "h", "managedFields": managed("kubectl-edit")}}
        return limits_reader("hpa")(make.raw(body | {"spec": spec}))

    ((at, change),) = limit_changes("prod", hpa(10), hpa(60), now=NOW)
    assert (change.who, change.what) == ("kubectl-edit", "hpa rerank max 10→60")
    assert at == NOW - timedelta(minutes=2)
    assert list(limit_changes("prod", None, hpa(60), now=NOW)) == []
