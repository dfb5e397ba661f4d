"""The same objects and the same patches at a real API server and at the simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kube_calls import KubeCalls
from tests.servers.kube_apiserver import ControlPlane, control_plane
from tests.simulation.api.stage import Stage

JOB = "/apis/batch/v1/namespaces/nlp-train/jobs"
DEPLOYMENT = "/apis/apps/v1/namespaces/chat/deployments"
HPA = "/apis/autoscaling/v2/namespaces/chat/horizontalpodautoscalers"
NODE = "/api/v1/nodes"
SERVED = (
    "/apis/batch/v1/jobs", "/apis/batch/v1/cronjobs", "/apis/apps/v1/deployments",
    "/apis/autoscaling/v2/horizontalpodautoscalers", "/apis/policy/v1/poddisruptionbudgets", NODE,
)  # fmt: skip
PATCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    (JOB, {"spec": {"suspend": True}}),
    (JOB, {"spec": {"suspend": "yes"}}),
    (JOB, {"spec": {"parallelism": 3}}),
    (JOB, {"spec": {"parallelism": -1}}),
    (JOB, {"spec": {"template": {"spec": {"restartPolicy": "Never"}}}}),
    (JOB, {"metadata": {"uid": "another"}, "spec": {"suspend": True}}),
    (JOB, {"metadata": {"resourceVersion": "1"}, "spec": {"suspend": True}}),
    (JOB, {"metadata": {"uid": "another", "resourceVersion": "1"}}),
    (JOB, {"metadata": {"name": "other"}}),
    (JOB, {"metadata": {"annotations": {"finops-tui/plan": "1"}}}),
    (DEPLOYMENT, {"spec": {"replicas": 2}}),
    (DEPLOYMENT, {"spec": {"replicas": -1}}),
    (DEPLOYMENT, {"spec": {"replicas": "three"}}),
    (DEPLOYMENT, {"spec": {"selector": {"matchLabels": {"app": "other"}}}}),
    (DEPLOYMENT, {"spec": {"template": {"spec": {"containers": []}}}}),
    (HPA, {"spec": {"minReplicas": 1, "maxReplicas": 2}}),
    (HPA, {"spec": {"minReplicas": 0}}),
    (HPA, {"spec": {"minReplicas": 5, "maxReplicas": 2}}),
    (HPA, {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 4000}}}}),
    (NODE, {"spec": {"unschedulable": True}}),
    (NODE, {"spec": {"unschedulable": None}}),
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


def made(plane: ControlPlane, item: dict[str, Any]) -> str:
    """Make an object at a real server as the simulated one tells of it; return its path."""
    meta = {
        key: item["metadata"][key] for key in ("name", "namespace", "labels", "annotations") if key in item["metadata"]
    }
    namespace = meta.get("namespace", "")
    group = f"/apis/{item['apiVersion']}" if "/" in item["apiVersion"] else f"/api/{item['apiVersion']}"
    place = f"{group}/namespaces/{namespace}" if namespace else group
    collection = f"{place}/{item['kind'].lower()}s"
    plane.create(collection, {key: item[key] for key in ("apiVersion", "kind", "spec")} | {"metadata": meta})
    return f"{collection}/{meta['name']}"


async def test_a_real_server_takes_every_object_and_answers_every_patch_alike(plane: ControlPlane) -> None:
    stage, real = Stage(7), KubeCalls(load_access(kubeconfig=plane.kubeconfig()))
    items = [item for served in SERVED for item in (await stage.get("prod-us", served))["items"]]
    for namespace in sorted({item["metadata"]["namespace"] for item in items if "namespace" in item["metadata"]}):
        if namespace != "kube-system":
            plane.namespace(namespace)
    paths = [made(plane, item) for item in items if item["kind"] == "Node" or "ownerReferences" not in item["metadata"]]
    assert len(paths) > 40
    for collection, body in PATCHES:
        path = next(each for each in paths if each.startswith(f"{collection}/"))
        query = {"fieldManager": "finops-tui", "dryRun": "All"}
        (theirs, said), (ours, told) = [
            await calls.send("PATCH", path, body, query=query) for calls in (real, stage.api("prod-us"))
        ]
        assert ours == theirs, (path, body, said, told)
        if ours == 200:
            wanted = {key: said["spec"].get(key) for key in body.get("spec", {})}
            assert {key: told["spec"].get(key) for key in wanted} == wanted


QUOTAS = "/api/v1/namespaces/chat/resourcequotas"
GPUS = "requests.nvidia.com/gpu"
QUOTA = {"metadata": {"name": "q"}, "spec": {"hard": {GPUS: "4"}}}
STEPS: tuple[tuple[str, str, Any, bool], ...] = (
    ("POST", QUOTAS, QUOTA, True),
    ("GET", f"{QUOTAS}/q", None, False),
    ("POST", QUOTAS, QUOTA, False),
    ("POST", QUOTAS, QUOTA, False),
    ("POST", QUOTAS, {"metadata": {"name": "odd"}, "spec": {"hard": {GPUS: "many"}}}, False),
    ("POST", QUOTAS, {"spec": {"hard": {GPUS: "4"}}}, False),
    ("PATCH", f"{QUOTAS}/q", {"spec": {"hard": {GPUS: "6"}}}, False),
    ("PATCH", f"{QUOTAS}/q", {"spec": {"hard": {GPUS: "many"}}}, False),
    ("DELETE", f"{QUOTAS}/q", {"preconditions": {"uid": "another"}}, False),
    ("DELETE", f"{QUOTAS}/q", {"preconditions": {"resourceVersion": "1"}}, False),
    ("DELETE", f"{QUOTAS}/q", None, True),
    ("GET", f"{QUOTAS}/q", None, False),
    ("DELETE", f"{QUOTAS}/q", {"dryRun": ["All"]}, False),
    ("GET", f"{QUOTAS}/q", None, False),
    ("DELETE", f"{QUOTAS}/q", {"preconditions": {}}, True),
    ("GET", f"{QUOTAS}/q", None, False),
    ("POST", QUOTAS, QUOTA, False),
    ("DELETE", f"{QUOTAS}/q", None, False),
    ("DELETE", f"{QUOTAS}/q", None, False),
    ("POST", "/api/v1/namespaces/chat/pods/gone/eviction", {"metadata": {"name": "gone"}}, False),
    ("GET", "/apis/apps/v1/namespaces/chat/deployments/gone", None, False),
    ("GET", "/apis/keda.sh/v1alpha1/namespaces/chat/scaledobjects", None, False),
    ("GET", "/apis/keda.sh", None, False),
    ("PUT", "/apis/apps/v1/namespaces/chat/deployments", {}, False),
)


async def test_objects_are_made_and_deleted_as_by_a_real_server(plane: ControlPlane) -> None:
    stage, real = Stage(7), KubeCalls(load_access(kubeconfig=plane.kubeconfig()))
    if not any(each["metadata"]["name"] == "chat" for each in plane.request("GET", "/api/v1/namespaces")["items"]):
        plane.namespace("chat")
    for method, path, body, on_trial in STEPS:
        query = {"dryRun": "All"} if on_trial else {}
        (theirs, said), (ours, told) = [
            await calls.send(method, path, body, query=query) for calls in (real, stage.api("prod-us"))
        ]
        assert (200 if ours == 201 else ours) == theirs, (method, path, body, said, told)  # it calls both so
