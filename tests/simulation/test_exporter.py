from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.errors import UsageError
from finops_tui.simulation.exporter import Exporter, openmetrics_history, serve
from tests.servers.require import require_binary

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*)\} (\S+)')


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def exporter(hand: Hand) -> Exporter:
    return Exporter(7, SimulatedClock(START, 1.0, hand))


def samples(text: str) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        assert match is not None, line
        assert (match[1], match[2]) not in found, line
        found[match[1], match[2]] = float(match[3])
    return found


def test_every_line_parses_and_no_series_stands_twice(exporter: Exporter) -> None:
    assert len(samples(exporter.text())) > 5000
    for cluster in ("prod-us", "prod-eu", "research"):
        assert samples(exporter.text(cluster))


def test_the_whole_is_its_clusters(exporter: Exporter) -> None:
    parts = sum(len(samples(exporter.text(cluster))) for cluster in ("prod-us", "prod-eu", "research"))
    assert len(samples(exporter.text())) == parts


@pytest.mark.parametrize(
    "name",
    [
        "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_POWER_USAGE", "kube_node_info",
        "kube_node_labels", "kube_node_status_capacity", "kube_pod_owner", "kube_pod_status_phase",
        "kube_pod_container_resource_requests", "kube_namespace_labels", "kube_deployment_spec_replicas",
        "node_total_hourly_cost", "node_gpu_hourly_cost", "kubecost_node_is_spot", "container_gpu_allocation",
        "vllm:request_success_total", "vllm:e2e_request_latency_seconds_bucket", "nv_inference_request_success",
        "http_requests_total", "sloth_slo_info", "slo:sli_error:ratio_rate5m", "slo:sli_error:ratio_rate30d",
        "slo:objective:ratio", "slo:period_error_budget_remaining:ratio", "container_network_transmit_bytes_total",
        "kubecost_pod_network_egress_bytes_total", "kubecost_network_internet_egress_cost", "pv_hourly_cost",
        "kube_persistentvolumeclaim_info", "kube_persistentvolume_capacity_bytes", "kubelet_volume_stats_used_bytes",
    ],
)  # fmt: skip
def test_the_usual_names_are_there(exporter: Exporter, hand: Hand, name: str) -> None:
    hand.seconds = 60.0
    assert any(series == name for series, _ in samples(exporter.text()))


def test_counters_only_grow_and_move(exporter: Exporter, hand: Hand) -> None:
    hand.seconds = 60.0
    before = samples(exporter.text())
    hand.seconds = 360.0
    after = samples(exporter.text())
    gauges = {"node_gpu_count", "nv_inference_pending_request_count"}
    growing = ("_total", "_bucket", "_count", "_sum", "_success")
    counters = [key for key in before if key[0].endswith(growing) and key[0] not in gauges]
    assert all(after[key] >= before[key] for key in counters)
    assert any(after[key] > before[key] for key in counters)


def test_buckets_rise_to_the_count(exporter: Exporter, hand: Hand) -> None:
    hand.seconds = 300.0
    rows = samples(exporter.text("prod-us"))
    buckets: dict[str, list[tuple[float, float]]] = {}
    for (name, labels), value in rows.items():
        if name == "http_request_duration_seconds_bucket":
            rest, _, bound = labels.rpartition(',le="')
            buckets.setdefault(rest, []).append((float(bound.rstrip('"')), value))
    assert buckets
    for rest, counts in buckets.items():
        values = [value for _, value in sorted(counts)]
        assert values == sorted(values)
        assert values[-1] == rows["http_request_duration_seconds_count", rest]


def test_what_is_requested_is_what_the_world_holds(exporter: Exporter) -> None:
    rows = samples(exporter.text("prod-us"))
    requested = sum(
        value
        for (name, labels), value in rows.items()
        if name == "kube_pod_container_resource_requests" and 'resource="nvidia_com_gpu"' in labels
    )
    works = [work for work in exporter.world.works.values() if work.cluster == "prod-us"]
    assert requested == sum(pod.gpus for work in works for pod in work.pods)
    cost = sum(value for (name, _), value in rows.items() if name == "node_total_hourly_cost")
    machines = [machine for machine in exporter.world.machines() if machine.pool.cluster.name == "prod-us"]
    assert cost == pytest.approx(sum(exporter.world.usd_per_hour(machine) or 0.0 for machine in machines))


def test_a_node_without_a_price_has_no_cost_series(exporter: Exporter) -> None:
    rows = samples(exporter.text("prod-eu"))
    canary = [labels for name, labels in rows if name == "node_gpu_count" and "a3-ultragpu-8g" in labels]
    assert canary
    assert not [labels for name, labels in rows if name == "node_total_hourly_cost" and "a3-ultragpu-8g" in labels]


@pytest.fixture
def served(hand: Hand) -> Iterator[str]:
    stop, listening = threading.Event(), threading.Event()
    address: list[str] = []

    def ready(url: str) -> None:
        address.append(url)
        listening.set()

    thread = threading.Thread(
        target=serve, args=(7, SimulatedClock(START, 1.0, hand), "127.0.0.1", 0), kwargs={"ready": ready, "stop": stop}
    )
    thread.start()
    assert listening.wait(10)
    yield address[0]
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_it_answers_over_http(served: str) -> None:
    with urlopen(f"{served}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        whole = samples(answer.read().decode())
    with urlopen(f"{served}/metrics/prod-eu", timeout=10) as answer:
        part = samples(answer.read().decode())
    assert 0 < len(part) < len(whole)
    with pytest.raises(HTTPError, match="404") as refused:
        urlopen(f"{served}/metrics/nowhere", timeout=10)
    refused.value.close()


def test_an_address_in_use_is_explained(served: str, hand: Hand) -> None:
    port = int(served.rpartition(":")[2])
    with pytest.raises(UsageError, match="Cannot listen on"):
        serve(7, SimulatedClock(START, 1.0, hand), "127.0.0.1", port)


def test_promtool_reads_the_metrics(exporter: Exporter, hand: Hand) -> None:
    promtool = require_binary("promtool")
    hand.seconds = 120.0
    result = subprocess.run(
        [promtool, "check", "metrics"], input=exporter.text().encode(), capture_output=True, check=False, timeout=60
    )
    # It judges style too, which the exporters that we speak for do not always keep; parsing errors are the rest.
    style = re.compile(r"should|not contain")
    complaints = [line for line in result.stderr.decode().splitlines() if not style.search(line)]
    assert not complaints


def test_promtool_backfills_the_past(tmp_path: Path) -> None:
    promtool = require_binary("promtool")
    text = tmp_path / "past.txt"
    text.write_text("".join(openmetrics_history(7, int(START.timestamp()), 0.5, 3600)), encoding="utf-8")
    subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(tmp_path / "data")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert any((tmp_path / "data").iterdir())


def test_the_past_is_the_same_each_time() -> None:
    def past() -> str:
        return "".join(openmetrics_history(3, int(START.timestamp()), 0.25, 3600, "prod-us"))

    assert past() == past()
    assert "cluster=" not in past()
