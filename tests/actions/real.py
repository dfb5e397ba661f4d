"""Objects of a real cluster, and waiting for what its controllers do with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from finops_tui.actions.base import Action
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, Target
from tests.actions.make import fleet, snapshot
from tests.samples import NOON
from tests.servers.kube_apiserver import ControlPlane

POD: dict[str, Any] = {
    "containers": [{"name": "c", "image": "example.test/c:1"}],
    "terminationGracePeriodSeconds": 0,
    "automountServiceAccountToken": False,
}
JOB = {"template": {"spec": POD | {"restartPolicy": "Never"}}, "parallelism": 2, "completions": 4}


def job(plane: ControlPlane, namespace: str, name: str = "train", **metadata: Any) -> str:
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    plane.create(path, {"metadata": {"name": name, **metadata}, "spec": JOB})
    wait(lambda: plane.request("GET", f"{path}/{name}")["status"].get("active") == 2)
    return f"{path}/{name}"


def run_pods(plane: ControlPlane, path: str) -> None:
    """Play kubelet for a job's pods, and wait until its controller has seen them.

    A pod that is deleted before its controller has seen it come keeps that controller waiting for it for minutes.
    """
    namespace, name = path.split("/")[5], path.split("/")[7]
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    pods = plane.request("GET", f"/api/v1/namespaces/{namespace}/pods?labelSelector=job-name={name}")["items"]
    for pod in pods:
        plane.patch(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}/status", {"status": status})
    wait(lambda: plane.request("GET", path)["status"].get("ready") == len(pods))


def deployment(plane: ControlPlane, namespace: str, replicas: int = 3, kind: str = "deployments", **more: Any) -> str:
    path = f"/apis/apps/v1/namespaces/{namespace}/{kind}"
    labels = {"app": "web"}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": POD},
    }
    extra = {"serviceName": "web", "podManagementPolicy": "Parallel"} if kind == "statefulsets" else {}
    plane.create(path, {"metadata": {"name": "web", **more}, "spec": spec | extra})
    wait(lambda: plane.request("GET", f"{path}/web")["status"].get("replicas"))
    return f"{path}/web"


def wait(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


async def plan(action: Action, of: Target, known: Fleet | None = None, **parameters: str) -> Plan:
    known = known or fleet()
    return await action.plan(of, parameters, snapshot(known), known, NOON)


async def until(action: Action, made: Plan, outcome: Outcome, seconds: float = 20.0) -> str:
    """Verify until that is so; return its words."""
    deadline = time.monotonic() + seconds
    while (result := await action.verify(made)).outcome is not outcome:
        assert time.monotonic() < deadline, f"it is {result.outcome}: {result.words}"
        await asyncio.sleep(0.05)
    return result.words
