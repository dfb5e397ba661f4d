"""The whole source against a server that misbehaves in every way that real ones do."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ChangeSeen, NodesSeen, SourceHealth, WorkloadsSeen
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kubernetes import reader, source
from finops_tui.sources.kubernetes.api import ApiError, KubeApi
from finops_tui.sources.kubernetes.kinds import KUBE_STATE_METRICS
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from tests.samples import NOON
from tests.servers.kube_double import NODES, PODS, TOKEN, Answer, KubeDouble, Request
from tests.sources.kubernetes import make
from tests.sources.kubernetes.conftest import Watcher


def fill(double: KubeDouble, pods: int = 25) -> None:
    double.put(NODES, make.node("n1", capacity={"nvidia.com/gpu": "8"}))
    for number in range(pods):
        double.put(PODS, make.pod(f"p{number}", owner=("Job", "train"), on="n1"))


def lists(double: KubeDouble) -> int:
    """Return how often pods were listed; to see where the server is, one is enough."""
    return sum(request.query["limit"] != "1" for request in double.asked(PODS))


def pods_of(watcher: Watcher) -> int:
    return sum(workload.pods for workload in watcher.fleet.cluster("prod").workloads.values())


async def test_it_lists_in_pages_and_is_live(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        assert watcher.nodes == {"n1"}
        assert watcher.workloads == {"Job/ml/train"}
        assert pods_of(watcher) == 25
        assert [request.query.get("continue", "") for request in double.asked(PODS)] == ["", "10-126", "20-126"]
        assert double.asked(PODS)[0].query["limit"] == "10"
        assert double.asked(PODS)[0].query["fieldSelector"] == "status.phase!=Succeeded"
        assert [type(seen) for seen in watcher.seen].count(WorkloadsSeen) == 1


async def test_changes_arrive_as_they_happen(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.workloads)
        double.put(PODS, make.pod("q", on="n1"))
        await watcher.until(lambda: "Pod/ml/q" in watcher.workloads)
        double.delete(PODS, "q", "ml")
        await watcher.until(lambda: "Pod/ml/q" not in watcher.workloads)
        double.put("/apis/apps/v1/deployments", make.controller("web", replicas=4))
        await watcher.until(lambda: "Deployment/ml/web" in watcher.workloads)
        double.put("/apis/apps/v1/deployments", make.controller("web", replicas=6, generation=2))
        await watcher.until(lambda: any(isinstance(seen, ChangeSeen) for seen in watcher.seen))
        (change,) = (seen.change.what for seen in watcher.seen if isinstance(seen, ChangeSeen))
        assert change == "web replicas 4→6"
        assert len(double.asked(PODS)) == 1


async def test_a_watch_goes_on_from_the_last_bookmark(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        double.bookmark(PODS)
        bookmark = double._version
        await asyncio.sleep(0.2)
        double.break_watches()
        await watcher.until(lambda: len(double.asked(PODS, watch=True)) == 2)
        assert double.asked(PODS, watch=True)[1].query["resourceVersion"] == str(bookmark)
        assert lists(double) == 1
        assert watcher.state() == "live"


@pytest.mark.parametrize("form", ["status", "event"])
async def test_a_version_that_is_too_old_lists_again(
    form: str, double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=2)

    def gone(_: Request, answer: Answer) -> None:
        if form == "status":
            answer.status(410, "too old resource version", "Expired")
        else:
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            answer.stream(json.dumps({"type": "ERROR", "object": status}).encode() + b"\n")

    double.fault(f"watch {PODS}", gone)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: len(double.asked(PODS)) == 2 and len(double.asked(PODS, watch=True)) == 2)
        double.put(PODS, make.pod("late", on="n1"))
        await watcher.until(lambda: "Pod/ml/late" in watcher.workloads)
        await watcher.until(lambda: watcher.state() == "live")


async def test_an_extension_that_is_taken_away_is_no_trouble(double: KubeDouble, settings: KubernetesSettings) -> None:
    jobsets = double.serve_kind("jobset.x-k8s.io", "v1alpha2", "jobsets")
    double.always[f"list {jobsets}"] = lambda _, answer: answer.status(404, "404 page not found")
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        assert double.asked(jobsets)


async def test_a_server_that_was_set_back_is_listed_again(double: KubeDouble, settings: KubernetesSettings) -> None:
    """As from a backup, or a new cluster at the same address: a watch from a version to come would wait in silence."""
    fill(double, pods=2)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and pods_of(watcher) == 2)
        double.restore(version=5)
        await watcher.until(lambda: not watcher.workloads and not watcher.nodes)
        double.put(PODS, make.pod("new", on="n1"))
        await watcher.until(lambda: watcher.workloads == {"Pod/ml/new"} and watcher.state() == "live")


async def test_a_list_whose_token_grew_too_old_starts_over(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double)

    def compact(request: Request, answer: Answer) -> None:
        double.forget_past()
        answer.body(json.dumps(double.page(PODS, request.query)).encode())
        double.forget_past()

    double.fault(f"list {PODS}", compact)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: pods_of(watcher) == 25)


async def test_what_vanished_during_an_outage_is_gone_after_it(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=3)
    double.put(PODS, make.pod("short-lived", on="n1"))
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: "Pod/ml/short-lived" in watcher.workloads)
        double.always[f"watch {PODS}"] = lambda _, answer: answer.status(410, "too old", "Expired")
        double.break_watches()
        double.delete(PODS, "short-lived", "ml")
        await watcher.until(lambda: "Pod/ml/short-lived" not in watcher.workloads)
        assert pods_of(watcher) == 3


async def test_too_many_requests_are_waited_out(
    double: KubeDouble, settings: KubernetesSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(double, pods=1)
    busy: list[float] = []

    def too_many(request: Request, answer: Answer) -> None:
        busy.append(request.at)
        answer.status(429, "Too many requests", "TooManyRequests", {"Retry-After": "1"})

    double.fault(f"list {PODS}", too_many)
    monkeypatch.setattr(reader, "LONGEST_WAIT_SECONDS", 5.0)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: pods_of(watcher) == 1)
    assert double.asked(PODS)[1].at - busy[0] >= 1.0


@pytest.mark.parametrize(
    ("headers", "details", "seconds"),
    [
        ({"Retry-After": "7"}, 3, 7),
        ({"Retry-After": format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, 3, 90),
        ({"Retry-After": "soon"}, 3, 3),
        ({}, 3, 3),
        ({"Retry-After": "-5"}, 0, None),
    ],
)
def test_what_it_asks_for_is_waited_for(
    headers: dict[str, str], details: int, seconds: float | None, double: KubeDouble, settings: KubernetesSettings
) -> None:
    body = {"kind": "Status", "message": "too many", "details": {"retryAfterSeconds": details}}
    double.fault(f"list {PODS}", lambda _, answer: answer.body(json.dumps(body).encode(), 429, headers))
    api = KubeApi(
        load_access(kubeconfig=settings.kubeconfig),
        connect_timeout_seconds=5,
        read_timeout_seconds=5,
        clock=SimulatedClock(NOON, monotonic=lambda: 0.0),
    )
    with pytest.raises(ApiError) as caught:
        api.get(PODS)
    assert caught.value.retry_after_seconds == seconds


async def test_it_waits_for_a_connection_on_the_clock_that_it_is_given(
    double: KubeDouble, settings: KubernetesSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "RETRY_SECONDS", (3_600.0, 3_600.0))
    fill(double, pods=1)
    tokens, double.tokens = double.tokens, set()
    async with Watcher(settings, clock=SimulatedClock(NOON, speed=36_000.0)) as watcher:
        await watcher.until(lambda: watcher.state() == "down")
        double.tokens = tokens
        await watcher.until(lambda: pods_of(watcher) == 1)


async def test_credentials_that_ran_out_are_renewed_once(
    double: KubeDouble, settings: KubernetesSettings, tmp_path: Path
) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        double.kubeconfig(tmp_path, {"token": "newer-token"})  # first: who is refused reads it again at once
        double.tokens = {"newer-token"}
        double.break_watches()
        await watcher.until(lambda: double.asked(PODS, watch=True)[-1].headers["Authorization"] == "Bearer newer-token")
        double.put(PODS, make.pod("late", on="n1"))
        await watcher.until(lambda: "Pod/ml/late" in watcher.workloads)
        assert {seen.state for seen in watcher.seen if isinstance(seen, SourceHealth)} == {"connecting", "live"}


async def test_credentials_that_nobody_renews_are_down_and_recover(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        double.tokens = set()
        double.break_watches()
        await watcher.until(lambda: watcher.state() == "down")
        assert watcher.health.reason == "401 Unauthorized"
        assert "Log in again" in watcher.health.hint
        assert pods_of(watcher) == 1  # what is known stays, and grows old
        double.tokens = {TOKEN}
        await watcher.until(lambda: watcher.state() == "live")


async def test_a_status_that_the_server_repeats_is_said_once(double: KubeDouble, settings: KubernetesSettings) -> None:
    double.always[f"list {NODES}"] = lambda _, answer: answer.status(404, "404 page not found")
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "partial")
        (missing,) = watcher.health.missing
        assert "404 page not found" in missing
        assert "404 404" not in missing


async def test_one_kind_that_may_not_be_read_costs_that_kind_alone(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=2)
    words = 'nodes is forbidden: User "ana" cannot list resource "nodes" in API group "" at the cluster scope'
    double.always[f"list {NODES}"] = lambda _, answer: answer.status(403, words, "Forbidden")
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "partial" and pods_of(watcher) == 2)
        (missing,) = watcher.health.missing
        assert missing.startswith("Cannot list nodes in prod: forbidden for user ana. Needs: list, watch nodes")
        assert KUBE_STATE_METRICS in watcher.health.hint
        assert not any(isinstance(seen, NodesSeen) for seen in watcher.seen)
        del double.always[f"list {NODES}"]
        await watcher.until(lambda: watcher.state() == "live" and watcher.nodes == {"n1"})


async def test_a_server_that_is_not_there_is_down_with_a_reason(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    double.always["get /apis"] = lambda _, answer: answer.reset()
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "down")
        assert "reset" in watcher.health.reason.lower() or "closed" in watcher.health.reason.lower()
        assert KUBE_STATE_METRICS in watcher.health.hint, "nothing is known of it, and there is another way to"
        fill(double, pods=1)
        del double.always["get /apis"]
        await watcher.until(lambda: watcher.state() == "live" and pods_of(watcher) == 1)


async def test_without_a_kubeconfig_each_way_out_is_a_sentence(settings: KubernetesSettings, tmp_path: Path) -> None:
    async with Watcher(settings.model_copy(update={"kubeconfig": tmp_path / "none"})) as watcher:
        await watcher.until(lambda: watcher.state() == "down")
        assert watcher.health.hint.startswith("Set $KUBECONFIG")
        assert watcher.health.hint.endswith(f"log in first. {KUBE_STATE_METRICS}")


async def test_an_outage_shows_and_ends_by_itself(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        double.always["get /version"] = lambda _, answer: answer.reset()
        await watcher.until(lambda: watcher.state() == "down")
        since = watcher.health.since
        answered = watcher.health.answered_at
        await watcher.until(lambda: watcher.health.at > since)
        assert (watcher.health.since, watcher.health.answered_at) == (since, answered)
        assert KUBE_STATE_METRICS not in watcher.health.hint, "what it told stands"
        del double.always["get /version"]
        await watcher.until(lambda: watcher.state() == "live")
        assert answered is not None
        assert watcher.health.answered_at is not None
        assert watcher.health.answered_at > answered


@pytest.mark.parametrize("end", ["close", "cut"])
async def test_a_line_cut_short_is_read_again(end: str, double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)

    def truncated(_: Request, answer: Answer) -> None:
        whole = json.dumps({"type": "ADDED", "object": double.put(PODS, make.pod("cut", on="n1"))}).encode()
        answer.stream(whole[:40], whole[40:90], end=end)

    double.fault(f"watch {PODS}", truncated)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: "Pod/ml/cut" in watcher.workloads)
        assert lists(double) == 1


async def test_a_line_in_many_pieces_is_one_event(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)

    def in_pieces(_: Request, answer: Answer) -> None:
        line = json.dumps({"type": "ADDED", "object": make.pod("slow", on="n1")}).encode() + b"\n"
        answer.stream(*(line[at : at + 7] for at in range(0, len(line), 7)), end="hang")

    double.fault(f"watch {PODS}", in_pieces)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: "Pod/ml/slow" in watcher.workloads)


async def test_nonsense_in_a_watch_is_not_the_end(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    double.fault(f"watch {PODS}", lambda _, answer: answer.stream(b'{"type":\n', b"<html>\n", b"\xff\xfe\n"))
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: len(double.asked(PODS, watch=True)) == 2)
        double.put(PODS, make.pod("late", on="n1"))
        await watcher.until(lambda: "Pod/ml/late" in watcher.workloads)


async def test_one_object_that_makes_no_sense_costs_itself_alone(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=1)
    odd = make.pod("odd", on="n1")
    odd["spec"]["containers"] = "none"
    double.put(PODS, odd)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        assert pods_of(watcher) == 1
        assert watcher.health.warnings == ("1 pods could not be read",)


async def test_a_silent_connection_is_noticed(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    double.fault(f"watch {PODS}", lambda _, answer: answer.stream(b"\n", end="hang"))
    async with Watcher(settings.model_copy(update={"silence_seconds": 0.4})) as watcher:
        await watcher.until(lambda: len(double.asked(PODS, watch=True)) >= 2)
        double.put(PODS, make.pod("late", on="n1"))
        await watcher.until(lambda: "Pod/ml/late" in watcher.workloads)


async def test_a_server_that_ends_every_watch_at_once_is_not_hammered(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    double.always[f"watch {PODS}"] = lambda _, answer: answer.stream()
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live")
        await asyncio.sleep(1.0)
    assert len(double.asked(PODS, watch=True)) < 12


async def test_refresh_lists_again_but_not_as_often_as_a_finger_can_press(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        for _ in range(20):
            await watcher.source.refresh()
        await watcher.until(lambda: len(double.asked(PODS)) == 2)
        await asyncio.sleep(0.3)
        assert len(double.asked(PODS)) == 2
        assert watcher.state() == "live"
        assert [type(seen) for seen in watcher.seen].count(WorkloadsSeen) == 1


async def test_its_threads_end_with_it(double: KubeDouble, settings: KubernetesSettings) -> None:
    others = set(threading.enumerate())  # those of the test before may still be on their way out
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live")
        mine = [thread for thread in threading.enumerate() if thread.name.startswith("kubernetes-")]
        mine = [thread for thread in mine if thread not in others]
        assert len(mine) == len(double.objects) + 1  # and the heartbeat
        assert all(thread.daemon for thread in mine)
    for thread in mine:
        await asyncio.to_thread(thread.join, 2.0)
    assert not any(thread.is_alive() for thread in mine)


async def test_a_slow_engine_slows_the_readers_and_loses_nothing(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    fill(double, pods=1)
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        for number in range(300):
            double.put(PODS, make.pod(f"burst{number}", owner=("Job", "train"), on="n1"))
        await watcher.until(lambda: pods_of(watcher) == 301)


async def test_only_the_named_namespaces_are_asked_for(double: KubeDouble, settings: KubernetesSettings) -> None:
    for path in ("/api/v1/namespaces/ml/pods", "/api/v1/namespaces/web/pods"):
        double.objects[path] = {}
    double.put("/api/v1/namespaces/ml/pods", make.pod("p", on="n1"))
    double.put("/api/v1/namespaces/web/pods", make.pod("q", on="n1", namespace="web"))
    async with Watcher(settings.model_copy(update={"namespaces": ("ml", "web")})) as watcher:
        await watcher.until(lambda: watcher.workloads == {"Pod/ml/p", "Pod/web/q"})
        assert not double.asked(PODS)
        selectors = {request.query["fieldSelector"] for request in double.asked("/api/v1/namespaces")}
        assert selectors == {"metadata.name=ml", "metadata.name=web"}


async def test_what_is_nice_to_have_costs_only_itself(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    quotas = "/api/v1/resourcequotas"
    double.always[f"list {quotas}"] = lambda _, answer: answer.status(
        403, 'User "ana" cannot list resource', "Forbidden"
    )
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "live" and watcher.workloads)
        assert watcher.health.missing == ()
        (warning,) = watcher.health.warnings
        assert warning.startswith("Cannot list resourcequotas in prod: forbidden for user ana. Needs: list, watch")
        assert warning.endswith("Without: changes of quotas.")


async def test_budgets_and_quotas_are_watched(double: KubeDouble, settings: KubernetesSettings) -> None:
    fill(double, pods=1)
    budgets, quotas = "/apis/policy/v1/poddisruptionbudgets", "/api/v1/resourcequotas"
    double.put(budgets, make.budget("b", 1, {}))
    double.put(quotas, make.custom("q", {"hard": {"requests.nvidia.com/gpu": "8"}}))

    def allowed() -> list[int | None]:
        return [workload.disruptions_allowed for workload in watcher.fleet.cluster("prod").workloads.values()]

    async with Watcher(settings) as watcher:
        await watcher.until(lambda: allowed() == [1])
        double.put(budgets, make.budget("b", 0, {}))
        await watcher.until(lambda: allowed() == [0])
        double.put(quotas, make.custom("q", {"hard": {"requests.nvidia.com/gpu": "64"}}, generation=2))
        await watcher.until(lambda: any(isinstance(seen, ChangeSeen) for seen in watcher.seen))
        (change,) = (seen.change.what for seen in watcher.seen if isinstance(seen, ChangeSeen))
        assert change == "quota q requests.nvidia.com/gpu 8→64"


async def test_extensions_are_read_where_they_are_served(double: KubeDouble, settings: KubernetesSettings) -> None:
    jobsets = double.serve_kind("jobset.x-k8s.io", "v1alpha2", "jobsets")
    double.put(jobsets, {"metadata": {"name": "llm", "namespace": "ml", "labels": {"team": "nlp"}}, "spec": {}})
    double.put("/apis/batch/v1/jobs", make.controller("llm-workers-0", owner=("JobSet", "llm")))
    double.put(PODS, make.pod("w", owner=("Job", "llm-workers-0"), on="n1", gpus=8))
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.workloads)
        (workload,) = watcher.fleet.cluster("prod").workloads.values()
        assert (workload.key, workload.gpus, workload.labels) == ("prod/JobSet/ml/llm", 8.0, {"team": "nlp"})
        assert not [request for request in double.requests if "ray.io" in request.path]


async def test_the_first_word_is_that_it_connects(settings: KubernetesSettings) -> None:
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.seen)
        first = watcher.seen[0]
        assert isinstance(first, SourceHealth)
        assert (first.state, first.short) == (HealthState.CONNECTING, "k8s")


async def test_an_unusable_kubeconfig_is_told_and_tried_again(
    double: KubeDouble, settings: KubernetesSettings, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text("clusters: [")
    async with Watcher(settings) as watcher:
        await watcher.until(lambda: watcher.state() == "down")
        assert watcher.health.reason.startswith("The kubeconfig cannot be used: ")
        double.kubeconfig(tmp_path)
        await watcher.until(lambda: watcher.state() == "live")
