from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.model.inventory import Workload
from finops_tui.sources.kubernetes.controllers import ControllerFacts, controller_reader
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
    st.tuples(
        st.just("job"), st.sampled_from(["j1", "j2"]), st.sampled_from([None, ("CronJob", "c"), ("JobSet", "s")])
    ),
    st.tuples(st.just("flush")),
)


@settings(max_examples=200)
@given(st.lists(steps, max_size=30))
def test_what_was_told_step_by_step_is_what_a_fresh_book_would_tell(history: list[tuple[Any, ...]]) -> None:
    """However pods and owners come and go, the sum of all that was told is the cluster as it stands."""
    book, screen = WorkloadBook("prod"), dict[str, Workload]()
    pods: dict[str, PodFacts] = {}
    jobs: dict[str, ControllerFacts] = {}

    def flush(some: WorkloadBook, onto: dict[str, Workload]) -> None:
        workloads, gone = some.flush()
        for key in gone:
            del onto[key]
        onto.update({workload.key: workload for workload in workloads})

    for step in history:
        match step:
            case ("pod", name, owner, on, gpus, phase):
                # A pod's owner never changes while it lives: another owner is another pod.
                uid = f"{name}-{owner}"
                facts = pod(name, owner=owner, on=on, gpus=gpus, uid=uid, status={"phase": phase})
                book.put_pod(facts)
                pods[uid] = facts
            case ("drop", name):
                for uid in [uid for uid in pods if uid.startswith(f"{name}-")]:
                    book.drop_pod(uid)
                    del pods[uid]
            case ("job", name, owner):
                more = {} if owner is None else {"owner": owner}
                jobs[name] = controller("Job", name, spec={"parallelism": 1}, **more)
                book.put_controller(jobs[name])
            case _:
                flush(book, screen)
    flush(book, screen)
    fresh, expected = WorkloadBook("prod"), dict[str, Workload]()
    for facts in pods.values():
        fresh.put_pod(facts)
    for job in jobs.values():
        fresh.put_controller(job)
    flush(fresh, expected)
    assert screen == expected
