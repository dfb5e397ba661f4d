"""The whole program on a real API server with its controllers: a job is seen, planned, paused, verified, taken back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest

from finops_tui.clock import WallClock
from finops_tui.config.load import load
from finops_tui.engine.desk import Desk
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.naming import target_named
from finops_tui.engine.proposal import Answer, Request, Undo
from finops_tui.engine.runner import EngineThread
from finops_tui.model.plan import Decision, Outcome
from finops_tui.model.scope import ScopeKind
from finops_tui.wiring import live
from tests.actions.real import wait
from tests.servers.kube_apiserver import ControlPlane, control_plane

T = TypeVar("T")
NAMESPACE = "nlp-train"
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
WORKERS = 3
JOB = f"prod-us/Job/{NAMESPACE}/retrain-v7"
GPU = {"nvidia.com/gpu": "8"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


def runaway(plane: ControlPlane) -> None:
    """Make a job with a worker on each of three GPU nodes, playing scheduler and kubelet."""
    plane.namespace(NAMESPACE)
    for number in range(WORKERS):
        labels = {"karpenter.sh/nodepool": "h100-train", "node.kubernetes.io/instance-type": "p5.48xlarge"}
        plane.node(f"n{number}", labels=labels, gpus=8)
    container = {"name": "c", "image": "example.test/c:1", "resources": {"limits": GPU}}
    pod = {"containers": [container], "restartPolicy": "Never", "automountServiceAccountToken": False}
    template = {"spec": pod | {"terminationGracePeriodSeconds": 0}}
    spec = {"parallelism": WORKERS, "completions": WORKERS, "template": template}
    plane.create(JOBS, {"metadata": {"name": "retrain-v7", "labels": {"team": "nlp"}}, "spec": spec})
    wait(lambda: plane.request("GET", f"{JOBS}/retrain-v7")["status"].get("active") == WORKERS)
    bind(plane)


def bind(plane: ControlPlane) -> None:
    for number, pod in enumerate(plane.request("GET", PODS)["items"]):
        name = pod["metadata"]["name"]
        if not pod["spec"].get("nodeName"):
            target = {"apiVersion": "v1", "kind": "Node", "name": f"n{number}"}
            plane.create(f"{PODS}/{name}/binding", {"metadata": {"name": name}, "target": target})
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        plane.patch(f"{PODS}/{name}/status", {"status": status})


class Running:
    """The engine of a live run on its own thread, asked as the screen asks it."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        written = folder / "config.yaml"
        written.write_text(
            f"sources: [{{type: kubernetes, cluster: prod-us, kubeconfig: {plane.kubeconfig()}}}]\n"
            f"state_folder: {folder / 'state'}\n"
            "policy: {read_only: false, typed_environments: []}\n"
        )
        config = load(written, {}).config
        self.feed = Feed()
        self.failure: BaseException | None = None
        self._engine = EngineThread(lambda: live.hub(config, WallClock(), self.feed), self._failed)

    def _failed(self, error: BaseException) -> None:
        self.failure = error

    def __enter__(self) -> Self:
        self._engine.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.stop(5)
        assert self.failure is None

    def ask(self, question: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
        wait(lambda: self.feed.ask(_nothing) is not None)
        future = self.feed.ask(question)
        assert future is not None
        return future.result(20)

    def job(self) -> tuple[int, Outcome | None]:
        """Return how many pods the job has on the screen, and what became of the last action."""
        snapshot = self.feed.snapshot
        if snapshot is None:
            return -1, None
        rows = [row for row in snapshot.spend.get(ScopeKind.WORKLOAD, ()) if row.key == JOB]
        outcome = snapshot.actions[0].outcome if snapshot.actions else None
        return (rows[0].pods or 0 if rows else 0), outcome


async def _nothing(_: Desk) -> None:
    return


def test_a_job_on_the_screen_is_paused_seen_to_be_gone_and_brought_back(plane: ControlPlane, tmp_path: Path) -> None:
    runaway(plane)
    with Running(plane, tmp_path) as live:
        wait(lambda: live.job()[0] == WORKERS)
        snapshot = live.feed.snapshot
        assert snapshot is not None
        target = target_named(f"{NAMESPACE}/retrain-v7", snapshot)

        unarmed = live.ask(lambda desk: desk.propose(Request(action="pause", targets=(target,))))
        assert unarmed.decision is Decision.REFUSE
        live.ask(lambda desk: desk.arm())
        plan = live.ask(lambda desk: desk.propose(Request(action="pause", targets=(target,))))
        assert (plan.decision, plan.plans[0].dry_run) == (Decision.CONFIRM, "accepted by prod-us")
        assert plan.plans[0].nodes == WORKERS
        carried = live.ask(lambda desk: desk.confirm(plan, Answer(reason="INC-12")))
        assert [entry.outcome for entry in carried.entries] == [Outcome.APPLIED]
        wait(lambda: live.job() == (0, Outcome.DONE), 40)
        assert plane.request("GET", PODS)["items"] == []

        back = live.ask(lambda desk: desk.propose(Undo(entry=carried.entries[0].id)))
        live.ask(lambda desk: desk.confirm(back, Answer()))
        wait(lambda: plane.request("GET", f"{JOBS}/retrain-v7")["status"].get("active") == WORKERS)
        bind(plane)
        wait(lambda: live.job() == (WORKERS, Outcome.DONE), 40)
    entries = Journal(tmp_path / "state").entries()
    done = [(entry.plan.action, entry.outcome) for entry in entries]
    assert done == [("pause", Outcome.DONE), ("undo", Outcome.DONE)]
    assert entries[0].undone_by == entries[1].id
    assert entries[0].who.cluster_user, "the cluster says who it was"
