from __future__ import annotations

import pytest

from finops_tui.sources.base import Check
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from tests.servers.process import free_port
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import source

HELD = (
    *(
        "DCGM_FI_DEV_GPU_UTIL",
        "DCGM_FI_DEV_POWER_USAGE",
        "kube_node_info",
        "kube_node_status_capacity",
        "kube_pod_info",
    ),
    *("kube_pod_status_phase", "kube_pod_owner", "kube_pod_container_resource_requests"),
)


def by_subject(checks: list[Check]) -> dict[str, Check]:
    return {check.subject: check for check in checks}


async def test_all_is_well(server: str) -> None:
    checks = await source(server, inventory=True).diagnose()
    (but,) = (check for check in checks if check.state != "ok")
    assert but.detail.startswith("6 GPUs report under hosts that are no nodes"), "the world tells of two nodes"
    told = by_subject(checks)
    assert "answers queries" in told["connection"].detail
    assert "DCGM_FI_PROF_GR_ENGINE_ACTIVE" in told["GPU utilization"].detail
    assert told["model servers"].detail == "vLLM, Triton"
    assert told["objectives"].detail == "imported from Sloth and Pyrra"


@pytest.mark.parametrize("objective", ["sum(rate(http_requests_total[$window]))", "sum(rate(nothing[$window]))", "("])
async def test_objectives_are_tried(server: str, objective: str) -> None:
    indicator = {"errors": "$window", "total": f"{objective} # $window"}
    slo = SloDefinition.model_validate({"name": "n", "service": "s", "objective": 99, "indicator": indicator})
    told = by_subject(await source(server, slos=(slo,)).diagnose())["objective s/n"]
    assert told.state == {"sum(rate(h": "ok", "sum(rate(n": "warn", "(": "fail"}[objective[:10]]


@pytest.mark.parametrize(
    ("indicator", "state"),
    [
        ({"good": "sum(rate(good_total[$window]))", "total": "sum(rate(all_total[$window]))"}, "warn"),
        ({"latency": {"histogram": "seconds", "threshold": 1}}, "warn"),
        ({"errors": "sum(rate(bad_total[$window]))", "total": "sum(rate(all_total[$window]))"}, "ok"),
    ],
)
async def test_good_events_that_nobody_counts_are_told(indicator: dict[str, object], state: str) -> None:
    """A slip of the pen there would burn the whole budget; that no error was ever counted is as it should be."""
    told = SloDefinition.model_validate({"name": "n", "service": "s", "objective": 99, "indicator": indicator})

    def script(request: Request) -> Reply:
        return vector(({}, 5)) if "all_total" in request.query or "_count" in request.query else vector()

    with scripted(script) as server:
        check = by_subject(await source(server.url, slos=(told,)).diagnose())["objective s/n"]
    assert check.state == state
    assert ("nobody counts the good ones" in check.detail) == (state == "warn")


async def test_an_empty_server_tells_what_each_gap_costs() -> None:
    with scripted(lambda _: vector()) as server:
        told = by_subject(await source(server.url, inventory=True).diagnose())
    assert told["GPU utilization"].state == "fail"
    assert "no utilization" in told["GPU utilization"].detail
    assert "dcgm-exporter" in told["GPU utilization"].hint
    assert told["pod owners"].state == "warn"
    assert told["kube-state-metrics"].state == "fail"
    assert told["objectives"].state == "warn"


async def test_queries_that_the_server_refuses_are_told() -> None:
    """It holds all metrics, and yet nobody would see a workload."""
    too_many = "query processing would load too many samples into memory in query execution"

    def script(request: Request) -> Reply:
        if request.query.startswith("sum by (namespace, owner_kind, owner_name"):
            return error(422, too_many)
        return vector(*(({"__name__": name}, 1) for name in HELD)) if "group by" in request.query else vector()

    with scripted(script) as server:
        told = by_subject(await source(server.url, inventory=True).diagnose())
    assert told["queries"].state == "fail"
    assert told["queries"].detail.startswith("3 of ")
    assert "inventory.requests: 422" in told["queries"].detail
    assert "matchers" in told["queries"].hint


async def test_a_look_around_that_fails_says_what_to_do_about_it() -> None:
    with scripted(lambda asked: vector() if asked.query == "1" else error(503, "query timed out")) as server:
        told = by_subject(await source(server.url).diagnose())
    assert told["metrics"].detail == "503 Service Unavailable: query timed out"
    assert "overloaded" in told["metrics"].hint


async def test_the_fallback_is_a_warning() -> None:
    with scripted(lambda _: vector(({"__name__": "DCGM_FI_DEV_GPU_UTIL"}, 1))) as server:
        told = by_subject(await source(server.url).diagnose())
    assert told["GPU profiling"].state == "warn"
    assert "DCGM_FI_PROF_GR_ENGINE_ACTIVE" in told["GPU profiling"].hint


async def test_amd_is_not_told_of_nvidias_counters() -> None:
    with scripted(lambda _: vector(({"__name__": "gpu_gfx_activity"}, 1))) as server:
        told = by_subject(await source(server.url).diagnose())
    assert told["GPU utilization"].state == "ok"
    assert {"GPU profiling", "XID errors"}.isdisjoint(told)
    assert "GPU_USED_VRAM" in told["GPU memory"].hint
    assert not [check for check in told.values() if "DCGM" in check.hint]


async def test_what_keeps_us_out() -> None:
    with scripted(lambda _: error(401, "token expired")) as server:
        (refused,) = await source(server.url).diagnose()
    assert (refused.subject, refused.state) == ("connection", "fail")
    assert "token expired" in refused.detail
    assert "`auth`" in refused.hint
    (gone,) = await source(f"http://127.0.0.1:{free_port()}").diagnose()
    assert "connection refused" in gone.detail
