"""The rules that are printed, checked by promtool, loaded by a real Prometheus, and believed only where they fit."""

from __future__ import annotations

import asyncio
import re
import threading
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.model.gpu import GpuScope
from finops_tui.model.observations import GpuReadings, Observation, UsageReadings, WorkloadsSeen
from finops_tui.simulation.exporter import serve
from finops_tui.sources.base import Check
from finops_tui.sources.prometheus.answer import Answer, Series
from finops_tui.sources.prometheus.catalogue import BY_ID, CATALOGUE
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import discover
from finops_tui.sources.prometheus.recording import RECORDED, covers, digest, series
from finops_tui.sources.prometheus.rules import Rule, as_yaml
from tests.servers.prometheus import prometheus_scraping
from tests.servers.require import require_binary
from tests.sources.prometheus.collect import of, one_round, settings, source

CLUSTER = "prod-us"
PAYERS = ("team", "owner", "model")
SCRAPE_SECONDS = 2.0
"""A scrape may take as long; one that takes longer has no figures, and a busy machine is slow."""


def test_names_follow_the_convention_and_none_stands_twice() -> None:
    names = [query.record for query in CATALOGUE if query.record]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", name) for name in names), "level:metric:operations"


async def test_promtool_accepts_every_rule_that_is_printed(server: str, tmp_path: Path) -> None:
    rules = await source(server, payers=PAYERS).rules()
    assert {"node_model:gpu_utilization:avg", "namespace_labels:cost_usd_per_hour:sum"} <= {r.record for r in rules}
    file = tmp_path / "rules.yml"
    file.write_text(as_yaml({"prod-us": rules, 'lab "x"': rules}))
    check = await asyncio.create_subprocess_exec(
        require_binary("promtool"), "check", "rules", str(file), stdout=PIPE, stderr=PIPE
    )
    _, complaints = await check.communicate()
    assert check.returncode == 0, complaints.decode()
    told = yaml.safe_load(file.read_text())
    assert sum(len(group["rules"]) for group in told["groups"]) == 2 * len(rules)


def test_without_anything_to_record_the_file_is_empty() -> None:
    assert yaml.safe_load(as_yaml({})) == {"groups": []}


@pytest.fixture(scope="module")
def exporter() -> Iterator[str]:
    """URL of one cluster's metrics, whose time stands still."""
    stop, ready = threading.Event(), threading.Event()
    address: list[str] = []

    def listening(url: str) -> None:
        address.append(url)
        ready.set()

    clock = SimulatedClock(datetime.now(UTC), speed=0.001)
    thread = threading.Thread(
        target=serve, args=(7, clock, "127.0.0.1", 0), kwargs={"ready": listening, "stop": stop}, daemon=True
    )
    thread.start()
    assert ready.wait(30)
    yield f"{address[0]}/metrics/{CLUSTER}"
    stop.set()
    thread.join(10)


@pytest.fixture(scope="module")
def rules(exporter: str, tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    """What a Prometheus that scrapes it is told to record."""
    with prometheus_scraping(exporter, tmp_path_factory.mktemp("plain"), SCRAPE_SECONDS) as url:
        return asyncio.run(source(url, cluster=CLUSTER, payers=PAYERS).rules())


@pytest.fixture(scope="module")
def recording(exporter: str, rules: list[Rule], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Prometheus that scrapes the same and has loaded them."""
    text = re.sub(r"interval: .*", "interval: 1s", as_yaml({CLUSTER: rules}))
    with prometheus_scraping(exporter, tmp_path_factory.mktemp("recording"), SCRAPE_SECONDS, text) as url:
        asyncio.run(_until_recorded(url))
        yield url


async def _until_recorded(url: str) -> None:
    client = PrometheusClient(settings(url), WallClock())
    for _ in range(300):
        if (await client.query('count({finops_query!=""})')).samples:
            answer = await client.query('count(namespace_owner:pod_labels:max{finops_query!=""})')
            if answer.samples:
                break
        await asyncio.sleep(0.1)
    client.close()


class Ear:
    """Hears what is asked of a server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        ask = PrometheusClient.query

        async def query(client: PrometheusClient, expr: str) -> Answer:
            self.asked.append(expr)
            return await ask(client, expr)

        monkeypatch.setattr(PrometheusClient, "query", query)


def figures(seen: list[Observation]) -> tuple[object, ...]:
    by_scope = {told.scope: told.readings for told in of(seen, GpuReadings)}
    usage = of(seen, UsageReadings)[-1].readings
    volumes = [(one.namespace, one.volume_bytes) for one in usage]
    workloads = sorted(of(seen, WorkloadsSeen)[-1].workloads, key=lambda workload: workload.key)
    return by_scope[GpuScope.NODE], by_scope[GpuScope.WORKLOAD], workloads, volumes


async def test_what_was_recorded_is_asked_and_says_the_same(
    recording: str, exporter: str, rules: list[Rule], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prometheus_scraping(exporter, tmp_path, SCRAPE_SECONDS) as plain:
        expected = figures(await one_round(source(plain, inventory=True, cluster=CLUSTER, payers=PAYERS)))
    ear = Ear(monkeypatch)
    seen = await one_round(source(recording, inventory=True, cluster=CLUSTER, payers=PAYERS))
    assert figures(seen) == expected
    asked = {expr.partition("{")[0] for expr in ear.asked}
    assert {"namespace_owner:gpu_utilization:avg", "namespace_owner_node_resource:requests:sum"} <= asked
    dear = {rule.expr for rule in rules if rule.family == "workload"}
    assert not dear & set(ear.asked), "nothing dear is asked where it is recorded"


async def test_what_was_recorded_of_another_query_is_not_believed(recording: str) -> None:
    """Other matchers, other labels, a query of one's own: then the digest is another."""
    asked = settings(recording, matchers={"cluster": ""}, cluster=CLUSTER)
    client = PrometheusClient(asked, WallClock())
    desk = Desk(client, asked)
    found = await discover(desk, asked)
    assert found is not None
    desk.adopt(found)
    expr = desk.expression(BY_ID["gpu.utilization"], desk.by_node)
    assert expr is not None
    assert found.recorded
    assert (BY_ID["gpu.utilization"].record, digest(expr)) not in found.recorded
    answer = await desk.ask(BY_ID["gpu.utilization"])
    client.close()
    assert answer is not None
    assert answer.samples
    assert "finops_query" not in answer.samples[0].labels


async def test_rules_that_stopped_cost_no_figure(recording: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded no longer is asked of the server itself."""
    ear = Ear(monkeypatch)
    asked = settings(recording, cluster=CLUSTER)
    client = PrometheusClient(asked, WallClock())
    desk = Desk(client, asked)
    found = await discover(desk, asked)
    assert found is not None
    desk.adopt(found)
    query = BY_ID["gpu.utilization"]
    expr = desk.expression(query, desk.by_node)
    assert expr is not None
    monkeypatch.setattr("finops_tui.sources.prometheus.desk.series", lambda *_: 'nothing:of_the_kind:avg{a="b"}')
    answer = await desk.ask(query)
    client.close()
    assert answer is not None
    assert answer.samples
    assert ear.asked[-2:] == ['nothing:of_the_kind:avg{a="b"}', expr]


async def test_the_doctor_says_whether_the_rules_fit(recording: str, server: str) -> None:
    def told(checks: list[Check]) -> Check:
        return next(check for check in checks if check.subject == "recording rules")

    fit = told(await source(recording, cluster=CLUSTER, payers=PAYERS).diagnose())
    assert fit.state == "ok"
    assert fit.detail.endswith(" at work")
    other = told(await source(recording, cluster=CLUSTER, payers=("squad",)).diagnose())
    assert other.state == "warn"
    assert "namespace_labels:cost_usd_per_hour:sum" in other.detail
    assert "finops-tui rules" in other.hint
    assert told(await source(server).diagnose()).detail.startswith("none of ")


def test_a_span_is_recorded_when_nearly_all_of_it_is() -> None:
    span = (0, 99 * 60, 60)
    whole = Series({}, tuple((60.0 * number, 1.0) for number in range(100)))
    assert covers(Answer(series=(whole,)), span)
    assert not covers(Answer(series=(Series({}, whole.points[20:]),)), span)
    halves = (Series({}, whole.points[:50]), Series({}, whole.points[50:]))
    assert covers(Answer(series=halves), span)
    assert not covers(Answer(), span)
    assert not covers(None, span)


def test_the_series_of_a_query_bears_its_digest() -> None:
    assert series(BY_ID["gpu.power"], "up") == 'node_model:gpu_power_watts:sum{finops_query="' + digest("up") + '"}'
    assert {query.id for query in RECORDED} >= {"history.namespace", "workload.utilization", "inventory.requests"}
