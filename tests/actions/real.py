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


def deployment(plane: ControlPlane, namespace: str, replicas: int = 3, kind: str = "deployments", **more: Any) -> str:
    path = f"/apis/apps/v1/namespaces/{namespace}/{kind}"
    labels = {"app": "web"}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": POD},
    }
    extra = {"serviceName": "web"} if kind == "statefulsets" else {}
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
    async with asyncio.timeout(seconds):
        while True:
            result = await action.verify(made)
            if result.outcome is outcome:
                return result.words
            await asyncio.sleep(0.05)
