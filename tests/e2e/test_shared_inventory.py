"""The whole program on a real API server that lets little be read, beside a real Prometheus that knows the rest."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.clock import WallClock
from finops_tui.config.load import load
from finops_tui.model.fleet import Fleet
from finops_tui.sources.base import Source
from finops_tui.sources.kubernetes import reader
from finops_tui.wiring import live
from tests.e2e.terminal import PROGRAM
from tests.servers.kube_apiserver import ControlPlane, control_plane
from tests.servers.prometheus import prometheus_with
from tests.sources.kubernetes.test_permissions import role
from tests.sources.prometheus.world import world

CLUSTER = "prod-us"
KUBERNETES, PROMETHEUS = f"kubernetes {CLUSTER}", f"prometheus {CLUSTER}"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PATIENCE_SECONDS = 40.0


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane with the nodes that Prometheus knows, and a pod that it does not know."""
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        running.namespace("search", {"team": "search"})
        for name, gpus in (("a-1", 2), ("a-2", 1)):
            running.node(name, labels={"karpenter.sh/nodepool": "told-by-kubernetes"}, gpus=gpus)
        running.pod("search", "live", node="a-1", gpus=2)
        yield running


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus_with(world().text(), tmp_path_factory.mktemp("prometheus")) as url:
        yield url


def rules(without: str) -> list[dict[str, Any]]:
    """Return the documented role without one resource."""
    return [{**rule, "resources": [one for one in rule["resources"] if one != without]} for rule in role()]


def allow(plane: ControlPlane, account: str, resource: str) -> None:
    """Bind a role for this one resource to a service account of `default`."""
    name = f"{account}-{resource}"
    rule = {"apiGroups": [""], "resources": [resource], "verbs": ["list", "watch"]}
    plane.create(f"{RBAC}/clusterroles", {"metadata": {"name": name}, "rules": [rule]})
    bind(plane, account, {"kind": "ClusterRole", "name": name}, f"{RBAC}/clusterrolebindings", name)


def bind(plane: ControlPlane, account: str, role: dict[str, str], path: str, name: str) -> None:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "default"}
    of = {"apiGroup": "rbac.authorization.k8s.io", **role}
    plane.create(path, {"metadata": {"name": name}, "roleRef": of, "subjects": [subject]})


def config(folder: Path, kubeconfig: Path, url: str, more: str = "") -> Path:
    path = folder / "config.yaml"
    path.write_text(
        f"sources:\n"
        f"  - {{type: kubernetes, cluster: {CLUSTER}, kubeconfig: {kubeconfig}{more}}}\n"
        f"  - {{type: prometheus, cluster: {CLUSTER}, url: '{url}', history_days: 0}}\n"
        f"state_folder: {folder / 'state'}\n"
    )
    return path


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = [*PROGRAM, *arguments, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def names(snapshot: dict[str, Any]) -> set[str]:
    return {row["name"] for row in snapshot["spend"]["workload"]}


def told_by(snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {source["name"]: source for source in snapshot["sources"]}


def test_who_may_read_all_but_nodes_sees_the_spend_at_the_first_start(
    plane: ControlPlane, prometheus: str, tmp_path: Path
) -> None:
    token = plane.service_account("no-nodes", rules("nodes"))
    written = config(tmp_path, plane.kubeconfig(token, name="no-nodes"), prometheus)
    status, snapshot = run("snapshot", "--config", str(written), "--wait", "60s")
    assert status == 0
    headline = snapshot["headline"]
    assert (headline["nodes"], headline["gpus"], headline["gpus_allocated"]) == (2, 3, 2.0)
    assert headline["usd_per_hour"]["value"] > 30
    assert {pool["name"] for pool in snapshot["pools"]} == {"a100"}, "as kube-state-metrics names it"
    assert "search/pod/live" in names(snapshot)
    assert not [name for name in names(snapshot) if name.startswith(("lab/", "train/"))], "Kubernetes may list pods"
    kubernetes = told_by(snapshot)[KUBERNETES]
    assert kubernetes["state"] == "partial"
    (missing,) = kubernetes["missing"]
    assert missing.startswith(
        f"Cannot list nodes in {CLUSTER}: forbidden for user system:serviceaccount:default:no-nodes"
    )
    assert missing.endswith(f"Meanwhile they come from {PROMETHEUS}.")
    status, found = run("doctor", "--config", str(written))
    assert status == 0
    checks = {(check["system"], check["subject"]): check for check in found["checks"]}
    assert checks[KUBERNETES, "nodes"]["state"] == "warn"
    assert "unless a Prometheus tells of it" in checks[KUBERNETES, "nodes"]["detail"]
    assert checks[PROMETHEUS, "kube-state-metrics"]["detail"] == "tells of nodes"


def test_who_may_read_one_namespace_sees_the_others_as_prometheus_knows_them(
    plane: ControlPlane, prometheus: str, tmp_path: Path
) -> None:
    token = plane.service_account("one-namespace", [])
    plane.create(f"{RBAC}/clusterroles", {"metadata": {"name": "one-namespace-role"}, "rules": rules("nodes")})
    bindings = f"{RBAC}/namespaces/search/rolebindings"
    bind(plane, "one-namespace", {"kind": "ClusterRole", "name": "one-namespace-role"}, bindings, "one-namespace")
    kubeconfig = plane.kubeconfig(token, name="one-namespace")
    written = config(tmp_path, kubeconfig, prometheus, ", namespaces: [search]")
    _, snapshot = run("snapshot", "--config", str(written), "--wait", "60s")
    assert names(snapshot) >= {"search/pod/live", "train/cronjob/retrain", "lab/sts/notebook"}
    assert "search/deploy/rerank" not in names(snapshot), "what Kubernetes reads it knows better"
    headline = snapshot["headline"]
    assert (headline["gpus"], headline["gpus_allocated"]) == (3, 3.0), "nothing counts as free because it is not seen"


def test_a_server_that_cannot_be_reached_costs_what_only_it_knows(prometheus: str, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
    user = {"name": "u", "user": {"token": "t"}}
    known = {"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "x"}
    kubeconfig.write_text(json.dumps(known))  # JSON is YAML
    status, snapshot = run("snapshot", "--config", str(config(tmp_path, kubeconfig, prometheus)), "--wait", "60s")
    assert status == 4, "one of two answers"
    assert snapshot["headline"]["nodes"] == 2
    assert "search/deploy/rerank" in names(snapshot)


async def test_a_permission_that_comes_and_goes_moves_the_nodes_between_the_two(
    plane: ControlPlane, prometheus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "REFUSED_WAIT_SECONDS", 0.5)
    token = await asyncio.to_thread(plane.service_account, "changing", rules("nodes"))
    written = config(tmp_path, plane.kubeconfig(token, name="changing"), prometheus)
    sources, fleet = live.sources(load(written, {}).config, WallClock()), Fleet()
    tasks = [asyncio.create_task(fold(source, fleet)) for source in sources]
    cluster = fleet.cluster(CLUSTER)

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.02)

    def pools() -> set[str]:
        return {node.pool for node in cluster.nodes.values()}

    await until(lambda: cluster.inventory_source == PROMETHEUS)
    assert pools() == {"a100"}
    await asyncio.to_thread(allow, plane, "changing", "nodes")
    await until(lambda: cluster.inventory_source == KUBERNETES)
    assert pools() == {"told-by-kubernetes"}
    assert cluster.nodes.keys() == {"a-1", "a-2"}
    await until(lambda: fleet.health[KUBERNETES].state.value == "live")
    await asyncio.to_thread(plane.delete, f"{RBAC}/clusterrolebindings/changing-nodes")
    kubernetes = next(source for source in sources if source.name == KUBERNETES)
    await kubernetes.refresh()  # else the watch that is open goes on for minutes
    await until(lambda: cluster.inventory_source == PROMETHEUS)
    assert pools() == {"a100"}
    await asyncio.to_thread(
        bind,
        plane,
        "changing",
        {"kind": "ClusterRole", "name": "changing-nodes"},
        f"{RBAC}/clusterrolebindings",
        "again",
    )
    await until(lambda: cluster.inventory_source == KUBERNETES)
    assert pools() == {"told-by-kubernetes"}, "all of them anew, though none of them has changed"
    assert {key for key in cluster.workloads if "/search/" in key} == {f"{CLUSTER}/Pod/search/live"}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def fold(source: Source, fleet: Fleet) -> None:
    async for observation in source.observe():
        fleet.fold(observation)
