from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.access import Access
from finops_tui.actions.base import Permission
from finops_tui.actions.discovery import AGGREGATED, find_scalable
from finops_tui.actions.identity import Identity
from finops_tui.actions.kube_client import KubeClient
from finops_tui.errors import ActionError
from finops_tui.simulation.api.documents import leaves, merged, without
from finops_tui.simulation.api.paths import Place, parsed
from finops_tui.simulation.api.store import MOST, Store
from finops_tui.simulation.estate import CLUSTERS
from tests.simulation.api.stage import Stage

JOBS = "/apis/batch/v1/namespaces/nlp-train/jobs"
CHAT = "/apis/apps/v1/namespaces/chat/deployments/chat-api-70b"
HPA = "/apis/autoscaling/v2/namespaces/chat/horizontalpodautoscalers/chat-api-70b"


async def first_job(stage: Stage) -> tuple[str, Any]:
    there = (await stage.get("prod-us", JOBS))["items"][0]
    return f"{JOBS}/{there['metadata']['name']}", there


async def test_every_object_of_every_cluster_is_its_own_and_is_found_where_the_list_says() -> None:
    stage = Stage(7)
    for cluster in CLUSTERS:
        api, uids = stage.api(cluster.name), set()
        for resource in api._served:
            root = f"/apis/{resource.group}/{resource.version}" if resource.group else "/api/v1"
            for item in (await stage.get(cluster.name, f"{root}/{resource.plural}"))["items"]:
                meta = item["metadata"]
                place = f"/namespaces/{meta['namespace']}" if resource.namespaced else ""
                assert await stage.get(cluster.name, f"{root}{place}/{resource.plural}/{meta['name']}") == item
                uids.add(meta["uid"])
                assert item["kind"] == resource.kind
                assert meta["resourceVersion"].isdecimal()
        listed = [len((await stage.get(cluster.name, path(each)))["items"]) for each in api._served]
        assert len(uids) == sum(listed)


def path(resource: Any) -> str:
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else "/api/v1"
    return f"{root}/{resource.plural}"


async def test_workloads_and_nodes_have_the_uids_that_the_fleet_knows() -> None:
    stage = Stage(7)
    for work in stage.world.works.values():
        group = "batch" if work.kind in ("Job", "CronJob") else "apps"
        address = f"/apis/{group}/v1/namespaces/{work.namespace}/{work.kind.lower()}s/{work.name}"
        assert (await stage.get(work.cluster, address))["metadata"]["uid"] == stage.seen(work).uid
    for machine in stage.world.machines():
        cluster = machine.pool.cluster.name
        there = await stage.get(cluster, f"/api/v1/nodes/{machine.name}")
        assert there["metadata"]["uid"] == stage.fleet.clusters[cluster].nodes[machine.name].uid


async def test_the_same_seed_answers_the_same() -> None:
    answers = []
    for seed in (7, 7, 8):
        stage = Stage(seed)
        told = [await stage.api("prod-us").send("GET", path(each)) for each in stage.api("prod-us")._served]
        answers.append(repr(told))
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


async def test_a_version_moves_with_every_change_and_with_nothing_else() -> None:
    stage = Stage(7)
    address, before = await first_job(stage)
    stage.run(60)
    assert (await stage.get("prod-us", address))["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    status, after = await stage.patch("prod-us", address, {"metadata": {"annotations": {"note": "1"}}})
    assert status == 200
    assert int(after["metadata"]["resourceVersion"]) > int(before["metadata"]["resourceVersion"])
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    _, paused = await stage.patch("prod-us", address, {"spec": {"suspend": True}})
    assert paused["metadata"]["generation"] == after["metadata"]["generation"] + 1


def test_objects_that_nobody_wrote_to_are_forgotten_in_the_end() -> None:
    store = Store(0)
    store.written("changed", [("spec",)], "mei", 0)
    for number in range(3 * MOST):
        store.complete({"apiVersion": "v1", "metadata": {"uid": f"pod-{number}"}}, {})
    assert len(store._kept) <= MOST
    assert "changed" in store._kept


async def test_a_patch_for_another_object_or_another_version_is_refused() -> None:
    stage = Stage(7)
    address, there = await first_job(stage)
    change = {"spec": {"suspend": True}}
    for condition, refusal in (({"uid": "another"}, 422), ({"uid": "another", "resourceVersion": "1"}, 409)):
        status, _ = await stage.patch("prod-us", address, {**change, "metadata": condition})
        assert status == refusal
    assert (await stage.get("prod-us", address)) == there
    condition = {name: there["metadata"][name] for name in ("uid", "resourceVersion")}
    assert (await stage.patch("prod-us", address, {**change, "metadata": condition}))[0] == 200


async def test_a_trial_judges_and_does_nothing() -> None:
    stage = Stage(7)
    address, there = await first_job(stage)
    stage.listen()
    status, answer = await stage.patch("prod-us", address, {"spec": {"suspend": True}}, dryRun="All")
    assert (status, answer["spec"]["suspend"]) == (200, True)
    assert await stage.get("prod-us", address) == there
    assert stage.listen() == []
    assert (await stage.patch("prod-us", address, {"spec": {"suspend": "yes"}}, dryRun="All"))[0] == 422


@pytest.mark.parametrize(
    ("address", "change"),
    [
        (JOBS, {"spec": {"parallelism": -1}}),
        (JOBS, {"spec": {"completions": 99}}),
        (JOBS, {"spec": {"template": {"spec": {"restartPolicy": "Always"}}}}),
        (CHAT, {"spec": {"replicas": -1}}),
        (CHAT, {"spec": {"replicas": "three"}}),
        (CHAT, {"spec": {"selector": {"matchLabels": {"app": "other"}}}}),
        (CHAT, {"spec": {"template": {"spec": {"containers": []}}}}),
        (HPA, {"spec": {"minReplicas": 0}}),
        (HPA, {"spec": {"maxReplicas": 1}}),
    ],
)
async def test_what_an_object_cannot_be_is_refused(address: str, change: dict[str, Any]) -> None:
    stage = Stage(7)
    if address == JOBS:
        address, _ = await first_job(stage)
    before = await stage.get("prod-us", address)
    status, answer = await stage.patch("prod-us", address, change)
    assert (status, answer["reason"]) == (422, "Invalid"), answer
    assert await stage.get("prod-us", address) == before


async def test_what_is_not_there_is_not_found_and_what_cannot_be_done_is_said() -> None:
    stage = Stage(7)
    api = stage.api("prod-us")
    address, _ = await first_job(stage)
    assert (await api.send("GET", f"{JOBS}/no-such-job"))[0] == 404
    assert (await api.send("GET", "/apis/jobset.x-k8s.io/v1alpha2/namespaces/a/jobsets"))[0] == 404
    assert (await api.send("GET", "/healthz"))[0] == 404
    assert (await api.send("PUT", address, {}))[0] == 405
    assert (await api.send("DELETE", JOBS))[0] == 405
    assert (await api.send("PATCH", address, []))[0] == 400
    assert (await api.send("PATCH", address, {"metadata": {"name": "other"}}))[0] == 400
    assert (await api.send("GET", "/api/v1/pods", query={"fieldSelector": "spec.colour=red"}))[0] == 400


async def test_fields_that_the_world_has_no_place_for_are_kept_with_who_wrote_them() -> None:
    stage = Stage(7)
    body = {"metadata": {"labels": {"tier": "gold"}}, "spec": {"minReadySeconds": 5}}
    await stage.patch("prod-us", CHAT, body)
    there = await stage.get("prod-us", CHAT)
    assert there["metadata"]["labels"] == {"app": "chat-api-70b", "model": "chat-70b", "tier": "gold"}
    assert there["spec"]["minReadySeconds"] == 5
    (entry,) = [each for each in there["metadata"]["managedFields"] if each["manager"] == "kubectl-edit"]
    assert entry["fieldsV1"] == {"f:metadata": {"f:labels": {"f:tier": {}}}, "f:spec": {"f:minReadySeconds": {}}}
    await stage.patch("prod-us", CHAT, {"spec": {"minReadySeconds": None}, "metadata": {"labels": {"tier": None}}})
    there = await stage.get("prod-us", CHAT)
    assert "minReadySeconds" not in there["spec"]
    assert "tier" not in there["metadata"]["labels"]


async def test_one_may_look_everywhere_and_not_touch_everything() -> None:
    stage = Stage(7)
    access = Access(lambda cluster: KubeClient(cluster, stage.api(cluster)))
    verbs = [
        Permission(verb=verb, resource="statefulsets", group="apps", namespace="data-sci") for verb in ("get", "patch")
    ]
    assert await access.missing("research", verbs, stage.now) == (verbs[1],)
    elsewhere = Permission(verb="patch", resource="jobs", group="batch", namespace="nlp-train")
    everywhere = Permission(verb="patch", resource="nodes", namespaced=False)
    assert await access.missing("prod-us", [elsewhere, everywhere], stage.now) == ()


async def test_one_is_told_who_one_is() -> None:
    stage = Stage(7)
    assert await Identity(lambda cluster: KubeClient(cluster, stage.api(cluster))).of("prod-us") == "you"
    for reviews in ("authentication.k8s.io/v1/selfsubjectreviews", "authorization.k8s.io/v1/selfsubjectaccessreviews"):
        assert (await stage.api("prod-us").send("GET", f"/apis/{reviews}"))[0] == 405
        assert (await stage.api("prod-us").send("POST", f"/apis/{reviews}"))[0] == 400


async def test_what_is_served_can_be_discovered() -> None:
    stage = Stage(7)
    client = KubeClient("prod-eu", stage.api("prod-eu"))
    groups = await client.get("/apis", "groups", AGGREGATED)
    assert {each["metadata"]["name"] for each in groups["items"]} >= {"apps", "batch", "autoscaling", "keda.sh"}
    assert {each["name"] for each in (await client.get("/apis", "groups"))["groups"]} >= {"apps", "keda.sh"}
    assert (await client.get("/apis/batch", "batch"))["preferredVersion"]["version"] == "v1"
    kinds = (await client.get("/apis/batch/v1", "batch"))["resources"]
    assert {each["kind"] for each in kinds} == {"Job", "CronJob"}
    with pytest.raises(ActionError, match="Widget is not known here and not served by prod-eu"):
        await find_scalable(client, "Widget")


async def test_lists_are_narrowed_by_namespace_labels_and_fields() -> None:
    stage = Stage(7)
    api = stage.api("prod-us")
    chat = (await stage.get("prod-us", "/apis/apps/v1/namespaces/chat/deployments"))["items"]
    assert {item["metadata"]["namespace"] for item in chat} == {"chat"}
    _, named = await api.send("GET", "/api/v1/pods", query={"labelSelector": "app=chat-api-70b"})
    assert len(named["items"]) == len(stage.world.works["prod-us/Deployment/chat/chat-api-70b"].pods)
    _, one = await api.send("GET", "/apis/apps/v1/deployments", query={"fieldSelector": "metadata.name=embed"})
    assert [item["metadata"]["name"] for item in one["items"]] == ["embed"]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("/api/v1/nodes/a%3Ab", Place("", "v1", "nodes", "", "a:b")),
        ("/api/v1/namespaces/chat", Place("", "v1", "namespaces", "", "chat")),
        ("/apis/batch/v1/namespaces/a/jobs/b/status", Place("batch", "v1", "jobs", "a", "b", "status")),
        ("/apis/batch/v1/jobs", Place("batch", "v1", "jobs")),
        ("/apis", Place("")),
        ("/apis/batch", Place("batch")),
        ("/metrics", None),
        ("/apis/a/b/c/d/e/f", None),
    ],
)
def test_paths_name_places(written: str, place: Place | None) -> None:
    assert parsed(written) == place


@pytest.mark.parametrize(
    ("into", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_are_merged_as_rfc_7396_says_in_its_examples(into: Any, patch: Any, result: Any) -> None:
    assert merged(into, patch) == result


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(patch=OBJECTS, above=st.sampled_from("abc"), below=st.sampled_from("abc"))
def test_a_patch_less_some_fields_names_none_of_them(patch: Any, above: str, below: str) -> None:
    paths = [(above,), (below, "a")]
    rest = without(patch, paths)
    assert not [leaf for leaf in leaves(rest) if leaf[:1] == paths[0] or leaf[:2] == paths[1]]
    kept = [leaf for leaf in leaves(patch) if leaf[:1] != paths[0] and leaf[:2] != paths[1] and leaf != (below,)]
    assert set(kept) <= set(leaves(rest))
