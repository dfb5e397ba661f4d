"""GPU telemetry whose host is no node's name is told of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from finops_tui.model.observations import SourceHealth
from tests.servers.prometheus import prometheus_with
from tests.servers.victoriametrics import victoriametrics_with
from tests.sources.prometheus.collect import of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import HOUR, gpu


@pytest.fixture(scope="module", params=["prometheus", "victoriametrics"])
def strange(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server with 8 GPUs under their exporter's name, one on a node, and one on a node that went just now."""
    samples = Samples.around_now(HOUR)
    engine, node = "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "ip-10-0-0-7.ec2.internal"
    for index in range(8):
        samples.add(engine, gpu("dcgm-exporter-x7k2p", index, kubernetes_node=node, zone="lost"), 0.5)
    samples.add(engine, gpu(node, 8, zone="found"), 0.5)
    samples.add("kube_node_info", {"node": node, "zone": "lost"}, 1)
    samples.add("kube_node_info", {"node": node, "zone": "found"}, 1)
    start = {"prometheus": prometheus_with, "victoriametrics": victoriametrics_with}[request.param]
    with start(samples.text(), tmp_path_factory.mktemp("strange")) as url:
        yield url


async def warnings(url: str, **more: Any) -> tuple[str, ...]:
    return of(await one_round(source(url, **more)), SourceHealth)[-1].warnings


async def test_gpus_under_hosts_that_are_no_nodes_are_a_warning(strange: str) -> None:
    (warning,) = await warnings(strange)
    assert warning.startswith("8 GPUs report under hosts that are no nodes (dcgm-exporter-x7k2p): ")
    assert "`labels.host`" in warning


async def test_doctor_says_it_too(strange: str) -> None:
    (check,) = (check for check in await source(strange).diagnose() if check.subject == "GPU hosts")
    assert check.state == "warn"
    assert "8 GPUs" in check.detail
    assert "`labels.host`" in check.hint


async def test_the_right_label_makes_it_good(strange: str) -> None:
    assert await warnings(strange, labels={"host": ["kubernetes_node", "Hostname"]}) == ()
    assert await warnings(strange, matchers={"zone": "found"}) == ()


async def test_without_any_host_that_is_said(strange: str) -> None:
    (warning,) = await warnings(strange, labels={"host": ["no_such_label"]})
    assert warning.startswith("9 GPUs report without a host: ")
