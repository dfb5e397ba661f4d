from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.model.inventory import Workload
from finops_tui.sources.kubernetes.annotations import kept_annotations
from finops_tui.sources.kubernetes.controllers import ControllerFacts, controller_reader
from finops_tui.sources.kubernetes.disruption_budgets import BudgetFacts, read_budget
from finops_tui.sources.kubernetes.pods import PodFacts, read_pod
from finops_tui.sources.kubernetes.quantities import GpuScale
from finops_tui.sources.kubernetes.workloads import WorkloadBook
from tests.sources.kubernetes import make


def pod(*args: Any, **more: Any) -> PodFacts:
    return read_pod(make.raw(make.pod(*args, **more)))


def controller(kind: str, *args: Any, **more: Any) -> ControllerFacts:
    return controller_reader(kind)(make.raw(make.controller(*args, **more)))


def told(book: WorkloadBook) -> dict[str, Workload]:
    workloads, _ = book.flush()
    return {workload.key: workload for workload in workloads}


def test_pods_of_a_deployment_are_one_workload_without_asking_for_replica_sets() -> None:
    book = WorkloadBook("prod")
    book.put_controller(controller("Deployment", "rerank", replicas=2, labels={"team": "search"}))
    for name, on in (("a", "n1"), ("b", "n2"), ("c", "")):
        book.put_pod(
            pod(
                name,
                owner=("ReplicaSet", "rerank-5d8f"),
                labels={"pod-template-hash": "5d8f", "app": "r"},
                on=on,
                gpus=1,
            )
        )
    (workload,) = told(book).values()
    assert workload.key == "prod/Deployment/ml/rerank"
    assert [(placement.node, placement.gpus) for placement in workload.placements] == [("n1", 1.0), ("n2", 1.0)]
    assert (workload.pods, workload.pods_pending, workload.gpus_pending, workload.replicas) == (2, 1, 1.0, 2)
    assert workload.labels == {"team": "search", "app": "r"}


@pytest.mark.parametrize(
    ("owner", "labels", "workload"),
    [
        (None, {}, "Pod/p"),
        (("Node", "n1"), {}, "Pod/p"),
        (("ReplicaSet", "web-66"), {"pod-template-hash": "66"}, "Deployment/web"),
        (("ReplicaSet", "web-66"), {"rollouts-pod-template-hash": "66"}, "Rollout/web"),
        (("ReplicaSet", "web"), {}, "ReplicaSet/web"),
        (("PyTorchJob", "train"), {}, "PyTorchJob/train"),
    ],
)
def test_who_a_pod_belongs_to(owner: tuple[str, str] | None, labels: dict[str, str], workload: str) -> None:
    book = WorkloadBook("prod")
    facts = pod("p", owner=owner, labels=labels)
    kind, _, name = book.workload_of(facts)
    assert f"{kind}/{name}" == workload


def test_owners_are_followed_to_the_top_in_whatever_order_they_come() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", owner=("Job", "retrain-77"), on="n1", gpus=8))
    assert list(told(book)) == ["prod/Job/ml/retrain-77"]
    book.put_controller(controller("Job", "retrain-77", owner=("CronJob", "retrain"), spec={"parallelism": 1}))
    workloads, gone = book.flush()
    assert [workload.key for workload in workloads] == ["prod/CronJob/ml/retrain"]
    assert gone == ["prod/Job/ml/retrain-77"]
    assert workloads[0].gpus == 8


def test_owners_in_a_circle_end() -> None:
    book = WorkloadBook("prod")
    book.put_controller(controller("Job", "a", owner=("Job", "b")))
    book.put_controller(controller("Job", "b", owner=("Job", "a")))
    book.put_pod(pod("p", owner=("Job", "a"), on="n1"))
    assert sum(workload.pods for workload in told(book).values()) == 1


def test_finished_pods_do_not_count() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", on="n1", gpus=1))
    told(book)
    book.put_pod(pod("p", on="n1", gpus=1, status={"phase": "Failed"}))
    assert book.flush() == ([], ["prod/Pod/ml/p"])


def test_what_did_not_change_is_not_told_again() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", on="n1"))
    told(book)
    book.put_pod(pod("p", on="n1", status={"phase": "Running", "podIP": "10.0.0.9"}))
    assert book.flush() == ([], [])


def test_a_paused_job_stays_and_a_finished_one_goes() -> None:
    book = WorkloadBook("prod")
    book.put_controller(controller("Job", "train", spec={"parallelism": 4, "suspend": True}))
    (paused,) = told(book).values()
    assert (paused.suspended, paused.replicas, paused.pods) == (True, 0, 0)
    done = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": make.LONG_AGO}]}
    book.put_controller(controller("Job", "train", spec={"parallelism": 4, "suspend": False}, status=done))
    assert book.flush() == ([], ["prod/Job/ml/train"])


def test_shared_gpus_are_divided_whenever_the_node_becomes_known() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", on="n1", gpus=1))
    assert [workload.gpus for workload in told(book).values()] == [1.0]
    book.set_scale("n1", GpuScale(0.25))
    assert [workload.gpus for workload in told(book).values()] == [0.25]


def test_a_successor_of_the_same_name_is_not_dropped_with_its_forerunner() -> None:
    book = WorkloadBook("prod")
    old, new = (controller("Deployment", "web", replicas=1, uid=uid) for uid in ("old", "new"))
    book.put_controller(old)
    book.put_controller(new)
    book.drop_controller(old.identity, old.uid)
    assert [workload.uid for workload in told(book).values()] == ["new"]


def one(book: WorkloadBook) -> Workload:
    (workload,) = told(book).values()
    return workload


def test_pods_that_do_not_get_on_are_counted_by_reason() -> None:
    def waiting(reason: str) -> dict[str, Any]:
        return {"containerStatuses": [{"restartCount": 3, "state": {"waiting": {"reason": reason}}}]}

    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    gated = unscheduled | {"reason": "SchedulingGated"}
    states: list[dict[str, Any]] = [
        waiting("CrashLoopBackOff"),
        waiting("CrashLoopBackOff"),
        waiting("ErrImagePull"),
        waiting("ImagePullBackOff"),
        waiting("ContainerCreating"),
        {"initContainerStatuses": [{"state": {"waiting": {"reason": "CreateContainerConfigError"}}}]},
        {"conditions": [unscheduled]},
        {"conditions": [gated]},
        {"containerStatuses": [{"state": {"running": {}}}]},
    ]
    book = WorkloadBook("prod")
    for number, status in enumerate(states):
        book.put_pod(pod(str(number), owner=("Job", "train"), status=status))
    assert one(book).failing == {
        "CrashLoopBackOff": 2,
        "CreateContainerConfigError": 1,
        "ImagePullBackOff": 2,
        "Unschedulable": 1,
    }


def test_pods_say_what_pausing_would_mean() -> None:
    spec = {"priorityClassName": "high", "restartPolicy": "OnFailure", "activeDeadlineSeconds": 60}
    book = WorkloadBook("prod")
    book.put_pod(pod("p", on="n1", spec=spec, status={"startTime": "2026-09-01T11:00:00Z"}))
    workload = one(book)
    assert (workload.priority_class, workload.restart_policy) == ("high", "OnFailure")
    assert workload.deadline_at == make.NOW - timedelta(minutes=59)


def test_a_controller_without_pods_says_it_by_its_template() -> None:
    pods = {"priorityClassName": "high", "restartPolicy": "Never"}
    book = WorkloadBook("prod")
    book.put_controller(controller("Job", "train", pods=pods, spec={"parallelism": 1}))
    workload = one(book)
    assert (workload.priority_class, workload.restart_policy) == ("high", "Never")


def test_a_job_that_is_over_says_since_when_while_its_pods_hold_nodes() -> None:
    done = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": "2026-09-01T11:00:00Z"}]}
    book = WorkloadBook("prod")
    book.put_pod(pod("p", owner=("Job", "train"), on="n1", gpus=8))
    book.put_controller(controller("Job", "train", spec={"parallelism": 1}, status=done))
    workload = one(book)
    assert (workload.finished_at, workload.gpus) == (make.NOW - timedelta(hours=1), 8.0)


def test_the_deadline_of_the_run_that_is_under_way_is_the_cron_jobs() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", owner=("Job", "eval-1"), on="n1"))
    run = {"owner": ("CronJob", "eval"), "status": {"startTime": "2026-09-01T11:00:00Z"}}
    book.put_controller(controller("Job", "eval-1", spec={"activeDeadlineSeconds": 3_600}, **run))
    assert one(book).deadline_at == make.NOW
    book.put_controller(controller("Job", "eval-1", spec={"activeDeadlineSeconds": 7_200}, **run))
    assert one(book).deadline_at == make.NOW + timedelta(hours=1)


def test_annotations_are_kept_where_something_looks_at_them() -> None:
    own = {"runbook_url": "https://r.test", "finops-tui/planned": "load test", "secret": "hunter2"}
    book = WorkloadBook("prod")
    book.put_controller(controller("Job", "train", annotations=own, spec={"parallelism": 1}))
    book.put_pod(pod("p", owner=("Job", "train"), annotations={"slack": "#nlp", "runbook": "of the pod"}))
    assert one(book).annotations == {
        "finops-tui/chat": "#nlp",
        "finops-tui/planned": "load test",
        "finops-tui/runbook": "https://r.test",
        "runbook": "of the pod",
        "runbook_url": "https://r.test",
        "slack": "#nlp",
    }


def test_annotations_that_the_config_names_are_kept_too() -> None:
    annotations = {"example.com/ticket": "T-1", "example.com/other": "x", "finops-tui/owner": "ana", "owner": "bo"}
    assert kept_annotations(annotations, ("example.com/ticket",)) == {
        "example.com/ticket": "T-1",
        "finops-tui/owner": "ana",
        "owner": "bo",
    }


def test_the_newest_checkpoint_counts_and_nonsense_is_none() -> None:
    book = WorkloadBook("prod")
    for number, said in enumerate(
        ("2026-09-01T11:00:00Z", "2026-09-01T13:30:00+02:00", "yesterday", "2026-09-01T23:00:00")
    ):
        annotations = {"finops-tui/checkpoint-at": said}
        book.put_pod(pod(str(number), owner=("Job", "train"), on="n1", annotations=annotations))
    assert one(book).checkpoint_at == make.NOW - timedelta(minutes=30)


def test_since_when_its_oldest_pod_runs_is_known_and_a_pod_that_waits_does_not_run() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("waits", owner=("Job", "train"), status={"startTime": "2026-09-01T10:00:00Z"}))
    assert one(book).running_since is None
    for name, minute in (("late", 50), ("early", 40)):
        book.put_pod(pod(name, owner=("Job", "train"), on="n1", status={"startTime": f"2026-09-01T11:{minute}:00Z"}))
    assert one(book).running_since == make.NOW - timedelta(minutes=20)


def budget(allowed: int, app: str = "web", uid: str = "b") -> BudgetFacts:
    return read_budget(make.raw(make.budget("b", allowed, {"matchLabels": {"app": app}}, uid=uid)))


def test_the_strictest_budget_of_a_workload_counts() -> None:
    book = WorkloadBook("prod")
    book.put_pod(pod("p", owner=("Job", "train"), labels={"app": "web"}))
    assert one(book).disruptions_allowed is None
    book.put_budget(budget(3))
    assert one(book).disruptions_allowed == 3
    book.put_budget(budget(1, uid="c"))
    book.put_budget(budget(0, app="other", uid="d"))
    assert one(book).disruptions_allowed == 1
    book.put_budget(budget(1, app="other", uid="c"))
    assert one(book).disruptions_allowed == 3
    book.drop_budget(budget(3))
    assert one(book).disruptions_allowed is None
    book.put_budget(budget(5, app="other"))
    assert book.flush() == ([], [])


def test_a_budget_that_was_there_first_counts_too() -> None:
    book = WorkloadBook("prod")
    book.put_budget(budget(2))
    book.put_pod(pod("p", owner=("Job", "train"), labels={"app": "web"}))
    book.put_pod(pod("q", owner=("Job", "train"), labels={"app": "web"}, namespace="elsewhere"))
    assert {key: workload.disruptions_allowed for key, workload in told(book).items()} == {
        "prod/Job/ml/train": 2,
        "prod/Job/elsewhere/train": None,
    }


names = st.sampled_from("abcd")
owners = st.sampled_from([None, ("Job", "j1"), ("Job", "j2"), ("PyTorchJob", "t")])
pod_steps = st.tuples(
    st.just("pod"),
    names,
    owners,
    st.sampled_from(["", "n1", "n2"]),
    st.integers(0, 8),
    st.sampled_from(["Running", "Failed"]),
)
steps = st.one_of(
    pod_steps,
    st.tuples(st.just("drop"), names),
    st.tuples(st.just("budget"), st.sampled_from(["b", "c"]), st.sampled_from(["a", "b"]), st.integers(0, 2)),
    st.tuples(st.just("no_budget"), st.sampled_from(["b", "c"])),
    st.tuples(
        st.just("job"), st.sampled_from(["j1", "j2"]), st.sampled_from([None, ("CronJob", "c"), ("JobSet", "s")])
    ),
    st.tuples(st.just("flush")),
)


class History:
    """What was put into a book step by step, and the sum of what it told."""

    def __init__(self) -> None:
        self.book = WorkloadBook("prod")
        self.screen: dict[str, Workload] = {}
        self.pods: dict[str, PodFacts] = {}
        self.jobs: dict[str, ControllerFacts] = {}
        self.budgets: dict[str, BudgetFacts] = {}

    def pod(self, name: str, owner: tuple[str, str] | None, on: str, gpus: int, phase: str) -> None:
        # A pod's owner never changes while it lives: another owner is another pod.
        uid = f"{name}-{owner}"
        labels, status = {"app": name}, {"phase": phase}
        self.pods[uid] = pod(name, owner=owner, on=on, gpus=gpus, uid=uid, status=status, labels=labels)
        self.book.put_pod(self.pods[uid])

    def drop(self, name: str) -> None:
        for uid in [uid for uid in self.pods if uid.startswith(f"{name}-")]:
            self.book.drop_pod(uid)
            del self.pods[uid]

    def job(self, name: str, owner: tuple[str, str] | None) -> None:
        more = {} if owner is None else {"owner": owner}
        self.jobs[name] = controller("Job", name, spec={"parallelism": 1}, **more)
        self.book.put_controller(self.jobs[name])

    def budget(self, uid: str, app: str, allowed: int) -> None:
        self.budgets[uid] = budget(allowed, app, uid)
        self.book.put_budget(self.budgets[uid])

    def no_budget(self, uid: str) -> None:
        if uid in self.budgets:
            self.book.drop_budget(self.budgets.pop(uid))

    def flush(self) -> None:
        workloads, gone = self.book.flush()
        for key in gone:
            del self.screen[key]
        self.screen.update({workload.key: workload for workload in workloads})


@settings(max_examples=200)
@given(st.lists(steps, max_size=30))
def test_what_was_told_step_by_step_is_what_a_fresh_book_would_tell(history: list[tuple[Any, ...]]) -> None:
    """However pods, owners and budgets come and go, the sum of all that was told is the cluster as it stands."""
    lived = History()
    for what, *about in [*history, ("flush",)]:
        getattr(lived, what)(*about)
    fresh = History()
    for facts in lived.pods.values():
        fresh.book.put_pod(facts)
    for job in lived.jobs.values():
        fresh.book.put_controller(job)
    for facts_of_budget in lived.budgets.values():
        fresh.book.put_budget(facts_of_budget)
    fresh.flush()
    assert lived.screen == fresh.screen
