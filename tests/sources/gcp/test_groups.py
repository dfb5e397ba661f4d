from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.billing.beside import Told
from finops_tui.sources.gcp.aggregated import region
from finops_tui.sources.gcp.groups import Project
from finops_tui.sources.gcp.source import Gcp
from tests.sources.billing.following import Following, following, hurried, ledger_at
from tests.sources.billing.test_calls import Noted
from tests.sources.gcp.answers import Asked, Fixed, answering, row, table
from tests.sources.gcp.machines import (
    API,
    PROJECT,
    ZONES,
    Machines,
    autoscaler,
    cluster,
    link,
    manager,
    pool,
    template,
)
from tests.sources.gcp.test_gcp import answers, settings

HERE, THERE = ZONES
FORBIDDEN = httpx.Response(403, json={"error": {"code": 403, "message": "Required permission"}})
GKE_PERMISSION, LIST_GROUPS = "container.clusters.list", "compute.instanceGroupManagers.list"


def google(**more: Any) -> Machines:
    return Machines(answers(table(row())), **more)


def project(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> tuple[Project, Asked]:
    asked = answering(monkeypatch, machines)
    return Project(settings(groups=(PROJECT,)), Fixed(), Noted(), "gcp acme", PROJECT), asked


def groups(told: Told) -> dict[str, MachineGroup]:
    """Return the groups by name, of the last word on each region and kind."""
    words = {(one.region, one.kinds): one for one in told.observations if isinstance(one, MachineGroupsSeen)}
    return {each.name: each for one in words.values() for each in one.groups}


def seen(one: Following) -> list[MachineGroupsSeen]:
    return [each for each in one.seen if isinstance(each, MachineGroupsSeen)]


async def test_a_node_pool_is_told_with_the_size_of_the_groups_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = tuple(f"gke-train-h100-{zone}" for zone in ZONES)
    scaled = pool(
        "h100",
        behind=tuple(link(zone, name) for zone, name in zip(ZONES, behind, strict=True)),
        autoscaling={"enabled": True, "minNodeCount": 1, "maxNodeCount": 4},
    )
    machines = google(
        clusters=[cluster(scaled)],
        listed={"instanceGroupManagers": [
            {f"zones/{HERE}": [manager(behind[0], HERE, size=3, running=2)]},
            {f"zones/{THERE}": [manager(behind[1], THERE, size=2, running=2)]},
        ]},
    )  # fmt: skip
    one, asked = project(machines, monkeypatch)
    told = await one.look()
    assert not told.faults
    (h100,) = groups(told).values()
    assert (h100.kind, h100.account, h100.region, h100.cluster) == ("gke-nodepool", PROJECT, "us-central1", "train")
    assert (h100.minimum, h100.maximum, h100.desired, h100.running) == (2, 8, 5, 4), "for all zones together"
    assert (h100.instance_types, h100.accelerators) == (("a3-highgpu-8g",), ""), "its GPUs belong to its type"
    assert (h100.spot, h100.state) == (False, "RUNNING")
    paths = [request.url.path for request in asked.requests]
    assert paths == [
        f"/compute/v1/projects/{PROJECT}/aggregated/instanceGroupManagers",
        f"/compute/v1/projects/{PROJECT}/aggregated/instanceGroupManagers",
        f"/v1/projects/{PROJECT}/locations/-/clusters",
    ], "nobody asks for the templates and autoscalers of groups that GKE made"
    assert all(request.headers["authorization"] == "Bearer ya29.open-sesame" for request in asked.requests)
    assert asked.requests[0].url.params["returnPartialSuccess"] == "true"
    assert "masterAuth" not in asked.requests[-1].url.params["fields"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"autoscaling": {}}, (None, None, 2)),
        ({"autoscaling": {}, "initialNodeCount": None}, (None, None, None)),
        ({"autoscaling": {"enabled": True, "maxNodeCount": 4}}, (0, 8, None)),
        ({"autoscaling": {"enabled": True, "totalMinNodeCount": 1, "totalMaxNodeCount": 5}}, (1, 5, None)),
        ({"autoscaling": {"enabled": True, "totalMaxNodeCount": 5, "locationPolicy": "ANY"}}, (0, 5, None)),
    ],
)
async def test_without_the_groups_behind_it_a_size_is_told_as_far_as_the_pool_knows_it(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], expected: tuple[int | None, ...]
) -> None:
    each = pool("h100", behind=(link(HERE, "gke-a"), link(THERE, "gke-b")), **more)
    only_one = [{f"zones/{HERE}": [manager("gke-a")]}]
    one, _ = project(google(clusters=[cluster(each)], listed={"instanceGroupManagers": only_one}), monkeypatch)
    (told,) = groups(await one.look()).values()
    assert (told.minimum, told.maximum, told.desired) == expected, "the cluster autoscaler leaves the first size as is"
    assert told.running is None


async def test_spot_pools_and_zonal_clusters_are_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    spot = pool("spot", config={"machineType": "g2-standard-8", "spot": True})
    added = [{"acceleratorCount": "4", "acceleratorType": "nvidia-tesla-t4"}]
    old = pool("old", config={"machineType": "n1-standard-8", "preemptible": True, "accelerators": added})
    bare = pool("bare", config=None)
    clusters = [cluster(spot, old), cluster(bare, name="small", location="europe-west4-b")]
    one, _ = project(google(clusters=clusters), monkeypatch)
    told = await one.look()
    found = groups(told)
    assert [found[name].spot for name in ("spot", "old", "bare")] == [True, True, None]
    assert (found["bare"].region, found["bare"].instance_types) == ("europe-west4", ())
    assert found["old"].accelerators == "4 nvidia-tesla-t4", "a type of N1 costs what it costs without"
    assert [each.region for each in told.observations if isinstance(each, MachineGroupsSeen)] == [
        "europe-west4", "us-central1",
    ]  # fmt: skip


async def test_pools_of_autopilot_are_told_apart_for_pods_are_billed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = [
        cluster(pool("default-pool"), name="auto", autopilot={"enabled": True}),
        cluster(pool("h100"), autopilot={}),
    ]
    one, asked = project(google(clusters=clusters), monkeypatch)
    told = await one.look()
    assert {name: each.kind for name, each in groups(told).items()} == {
        "default-pool": "gke-autopilot", "h100": "gke-nodepool",
    }  # fmt: skip
    (word,) = told.observations
    assert isinstance(word, MachineGroupsSeen)
    assert word.kinds == ("gke-nodepool", "gke-autopilot"), "one word replaces both: a cluster is never of both"
    assert "autopilot/enabled" in asked.requests[-1].url.params["fields"]


async def test_an_instance_group_is_told_with_its_bounds_and_its_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    rolled = manager("rolled", versions=[{"instanceTemplate": f"{API}/regions/us-central1/instanceTemplates/new"}])
    either = {"instanceSelections": {"best": {"machineTypes": ["g2-standard-8", "a2-highgpu-1g"]}}}
    free = manager("free", size=2, running=2, instanceTemplate=None, versions=[], instanceFlexibilityPolicy=either)
    made_by_gke = [manager("gke-train-h100"), manager("gk3-auto-pool"), manager("k8s-ig--1")]
    gpus = {"acceleratorType": "nvidia-tesla-t4", "acceleratorCount": 4}
    templates = [
        template("t4-v1", "n1-standard-8", guestAccelerators=[gpus]),
        template("rolled-v1"),
        template("new", "g2-standard-16", scheduling={"provisioningModel": "SPOT"})
        | {"selfLink": f"{API}/regions/us-central1/instanceTemplates/new"},
    ]
    machines = google(listed={
        "instanceGroupManagers": [{f"zones/{HERE}": [manager("t4"), rolled, free, *made_by_gke]}],
        "autoscalers": [{f"zones/{HERE}": [autoscaler("t4"), autoscaler("rolled", mode="OFF")]}],
        "instanceTemplates": [{"global": templates}],
    })  # fmt: skip
    one, asked = project(machines, monkeypatch)
    told = await one.look()
    found = groups(told)
    assert not told.faults
    assert set(found) == {"t4", "rolled", "free"}, "what GKE made is told as node pools"
    t4 = found["t4"]
    assert (t4.kind, t4.region, t4.cluster) == ("mig", "us-central1", "")
    assert (t4.minimum, t4.maximum, t4.desired, t4.running) == (1, 8, 3, 2), "what ends does not run"
    assert (t4.instance_types, t4.accelerators, t4.spot) == (("n1-standard-8",), "4 nvidia-tesla-t4", False)
    assert (t4.state, t4.since) == ("not stable", datetime(2026, 11, 1, 12, tzinfo=UTC))
    assert found["rolled"].instance_types == ("g2-standard-16", "g2-standard-8")
    assert (found["rolled"].spot, found["rolled"].suspended) == (None, ("autoscaling",)), "some are, and some are not"
    assert found["free"].instance_types == ("a2-highgpu-1g", "g2-standard-8")
    assert (found["free"].maximum, found["free"].state) == (None, "stable")
    fields = next(each.url.params["fields"] for each in asked.requests if "instanceTemplates" in each.url.path)
    assert "metadata" not in fields, "start-up scripts hold secrets"


@pytest.mark.parametrize(
    ("refused", "missing", "permission", "left"),
    [
        ("clusters", "GKE node pools", GKE_PERMISSION, {"t4"}),
        ("instanceGroupManagers", "instance groups", LIST_GROUPS, {"h100"}),
        ("autoscalers", "autoscalers", "compute.autoscalers.list", {"h100", "t4"}),
        ("instanceTemplates", "instance templates", "compute.instanceTemplates.list", {"h100", "t4"}),
    ],
)
async def test_a_missing_right_costs_its_own_part_alone_and_is_named(
    monkeypatch: pytest.MonkeyPatch, refused: str, missing: str, permission: str, left: set[str]
) -> None:
    machines = google(
        clusters=[cluster(pool("h100"))],
        listed={
            "instanceGroupManagers": [{f"zones/{HERE}": [manager("t4")]}],
            "autoscalers": [{f"zones/{HERE}": [autoscaler("t4")]}],
            "instanceTemplates": [{"global": [template("t4-v1")]}],
        },
        refused={refused: [FORBIDDEN]},
    )
    one, _ = project(machines, monkeypatch)
    told = await one.look()
    assert set(groups(told)) == left
    ((what, error),) = told.faults.items()
    assert what == f"{missing} of {PROJECT}"
    assert error.title == "403 Forbidden: Required permission"
    assert permission in error.hint
    if refused == "autoscalers":
        assert groups(told)["t4"].maximum is None, "what is not known is not zero"
    if refused == "instanceTemplates":
        assert groups(told)["t4"].instance_types == ()


async def test_an_interface_that_was_never_enabled_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "Kubernetes Engine API has not been used in project 12 before or it is disabled. Enable it by visiting x"
    machines = google(
        listed={"instanceGroupManagers": [{f"zones/{HERE}": [manager("t4")]}]},
        refused={"clusters": [httpx.Response(403, json={"error": {"message": words}})]},
    )
    one, _ = project(machines, monkeypatch)
    told = await one.look()
    assert (dict(told.faults), set(groups(told))) == ({}, {"t4"})


async def test_a_region_that_does_not_answer_keeps_what_was_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    far = f"{API}/zones/us-east5-b/instanceGroupManagers/far"
    everywhere = [{f"zones/{HERE}": [manager("near")], "zones/us-east5-b": [manager("far") | {"selfLink": far}]}]
    machines = google(clusters=[cluster(pool("h100"))], listed={"instanceGroupManagers": everywhere})
    one, _ = project(machines, monkeypatch)
    assert set(groups(await one.look())) == {"h100", "near", "far"}
    machines.listed["instanceGroupManagers"] = [{f"zones/{HERE}": []}]
    machines.unreachable, machines.missing_zones = [f"projects/{PROJECT}/zones/us-east5-b"], ["us-central1-f"]
    machines.clusters = []
    told = await one.look()
    words = {
        (each.kinds, each.region): each.groups for each in told.observations if isinstance(each, MachineGroupsSeen)
    }
    assert words == {(("mig",), "us-central1"): ()}, "what has no group any more is told empty"
    assert {what: error.title for what, error in told.faults.items()} == {
        f"instance groups of {PROJECT}": "us-east5 did not answer",
        f"GKE node pools of {PROJECT}": "us-central1 did not answer",
    }
    machines.unreachable, machines.missing_zones = [], []
    told = await one.look()
    assert not told.faults
    assert {each.region for each in told.observations if isinstance(each, MachineGroupsSeen) and not each.groups} == {
        "us-central1", "us-east5",
    }  # fmt: skip


async def test_whoever_is_busy_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = google(clusters=[cluster(pool("h100"))])
    machines.refused = {
        "clusters": [
            httpx.Response(429, headers={"retry-after": "20"}),
            *[httpx.Response(200, json={"clusters": machines.clusters})],
        ]
    }
    asked = answering(monkeypatch, machines)
    clock = Noted()
    one = Project(settings(groups=(PROJECT,)), Fixed(), clock, "gcp acme", PROJECT)
    assert set(groups(await one.look())) == {"h100"}
    assert clock.waited == [20.0]
    assert len([each for each in asked.requests if each.url.path.endswith("clusters")]) == 2


async def test_a_token_that_is_refused_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = google(clusters=[cluster(pool("h100"))])
    machines.refused = {"clusters": [httpx.Response(401), httpx.Response(401)]}
    token = Fixed()
    answering(monkeypatch, machines)
    one = Project(settings(groups=(PROJECT,)), token, Noted(), "gcp acme", PROJECT)
    told = await one.look()
    assert token.forgotten == 1
    assert "gcloud auth application-default login" in told.faults[f"GKE node pools of {PROJECT}"].hint


@pytest.mark.parametrize(
    "body",
    [
        b'{"clusters": [{"name": "x"',
        b'{"clusters": 7}',
        b'{"clusters": [{"nodePools": ["x"]}]}',
        b'{"clusters": [{"name": "a", "location": "b", "nodePools": [{"name": "x", "instanceGroupUrls": 3}]}]}',
        b"<html>sign in</html>",
        b'[["clusters"]]',
    ],
)
async def test_an_answer_of_another_shape_costs_its_own_part_alone(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    machines = google(
        listed={"instanceGroupManagers": [{f"zones/{HERE}": [manager("t4")]}]},
        refused={"clusters": [httpx.Response(200, content=body)]},
    )
    one, _ = project(machines, monkeypatch)
    told = await one.look()
    assert set(told.faults) == {f"GKE node pools of {PROJECT}"}
    assert set(groups(told)) == {"t4"}


async def test_figures_that_make_no_sense_are_not_known_and_text_is_made_harmless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = (
        b'{"clusters": [{"name": "a\\u001b[31mb\\n", "location": "us-central1", "nodePools": [{"name": "x\\u202ey", '
        b'"status": "RUN\\tNING", "initialNodeCount": 1e999999999, '
        b'"autoscaling": {"enabled": true, "minNodeCount": -3, "maxNodeCount": 2.5}}, '
        b'{"name": "z", "initialNodeCount": 1e999999999}]}]}'
    )
    one, _ = project(google(refused={"clusters": [httpx.Response(200, content=body)]}), monkeypatch)
    found = groups(await one.look())
    assert (found["xy"].cluster, found["xy"].state) == ("ab", "RUN NING")
    assert (found["xy"].minimum, found["xy"].maximum, found["z"].desired) == (None, None, None)


async def test_a_list_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = httpx.Response(200, json={"items": {}, "nextPageToken": "again"})
    one, asked = project(google(refused={"instanceGroupManagers": [endless]}), monkeypatch)
    told = await one.look()
    assert told.faults[f"instance groups of {PROJECT}"].title == "there are more than 25,000 of them"
    assert len(asked.requests) == 51


async def test_groups_are_told_beside_the_bill_and_again_at_their_own_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = google(clusters=[cluster(pool("h100"))])
    asked = answering(monkeypatch, machines)
    source = Gcp(settings(groups=(PROJECT,)), ledger_at(tmp_path), hurried(), Fixed())
    async with following(source) as one:
        await one.answered()
        await one.until(lambda: len(seen(one)) > 1)
        first, second = seen(one)[:2]
    assert second.at - first.at >= timedelta(minutes=15)
    assert (first.source, first.account, first.kinds) == (source.name, PROJECT, ("gke-nodepool", "gke-autopilot"))
    assert one.state is HealthState.POLLED
    assert one.bills is not None
    queries = [each for each in asked.requests if each.url.host.startswith("bigquery")]
    assert len(queries) == 1, "what is paid for keeps its own pace"


async def test_without_the_groups_there_is_still_the_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, google(refused={"clusters": [FORBIDDEN], "instanceGroupManagers": [FORBIDDEN]}))
    async with following(Gcp(settings(groups=(PROJECT,)), ledger_at(tmp_path), hurried(), Fixed())) as one:
        await one.until(lambda: one.state is HealthState.PARTIAL)
        assert one.bills is not None
        assert set(one.health.missing) == {
            f"instance groups of {PROJECT}: 403 Forbidden: Required permission",
            f"GKE node pools of {PROJECT}: 403 Forbidden: Required permission",
        }
        assert LIST_GROUPS in one.health.hint


async def test_the_doctor_says_what_may_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {"jobComplete": True, "totalBytesProcessed": "1"}
    machines = Machines(lambda _: httpx.Response(200, json=plan), clusters=[cluster(pool("h100"), pool("cpu"))])
    answering(monkeypatch, machines)
    source = Gcp(settings(groups=(PROJECT,), budgets=False), ledger_at(tmp_path), hurried(), Fixed())
    checks = await source.diagnose()
    assert [(each.subject, each.state, each.detail) for each in checks[1:]] == [
        (f"groups of machines of {PROJECT}", "ok", "2 groups")
    ]
    machines.refused = {"clusters": [FORBIDDEN]}
    _, refused = await source.diagnose()
    assert (refused.subject, refused.state) == (f"GKE node pools of {PROJECT}", "warn")
    assert GKE_PERMISSION in refused.hint


async def test_no_project_is_asked_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, google())
    async with following(Gcp(settings(), ledger_at(tmp_path), hurried(), Fixed())) as one:
        assert (await one.answered()).state is HealthState.POLLED
    assert not any(each.url.host.startswith(("compute", "container")) for each in asked.requests)


def test_a_project_is_an_id_and_an_address_is_one() -> None:
    for wrong in ({"groups": ("p/zones",)}, {"container_url": "ftp://x"}, {"interval_seconds": 1}):
        with pytest.raises(ValidationError):
            settings(**wrong)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("us-central1-a", "us-central1"), ("zones/us-central1-ai1a", "us-central1"),
        ("projects/p/regions/northamerica-northeast2", "northamerica-northeast2"), ("global", "global"),
    ],
)  # fmt: skip
def test_a_zone_is_in_its_region(place: str, expected: str) -> None:
    assert region(place) == expected


@given(st.text())
def test_no_place_from_outside_brings_a_line_of_its_own(text: str) -> None:
    assert region(text).isprintable()
