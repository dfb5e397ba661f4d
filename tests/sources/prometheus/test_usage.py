from __future__ import annotations

import time
from pathlib import Path

from finops_tui.model.observations import Observation, SourceHealth, UsageReadings
from finops_tui.model.usage import Traffic, UsageReading
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import about, of, one_round, source
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import GIB, MIB, growing

HOUR = 3600


def by_namespace(seen: list[Observation]) -> dict[str, UsageReading]:
    return {reading.namespace: reading for reading in of(seen, UsageReadings)[-1].readings}


async def test_traffic_by_where_it_goes_once_though_two_servers_saw_it(server: str) -> None:
    seen = await one_round(source(server))
    readings = by_namespace(seen)
    assert readings["search"].sent == {Traffic.INTERNET: about(2 * MIB, rel=0.01)}, "within a zone it is free"
    assert readings["train"].sent == {
        Traffic.ZONE: about(3 * MIB, rel=0.01), Traffic.REGION: about(0.5 * MIB, rel=0.01),
    }  # fmt: skip
    assert of(seen, UsageReadings)[-1].usd_per_gib == {Traffic.INTERNET: 0.12}


async def test_who_sends_most_under_their_topmost_controllers(server: str) -> None:
    readings = by_namespace(await one_round(source(server)))
    assert readings["search"].senders == (("Deployment/rerank", about(2 * MIB, rel=0.01)),)
    assert readings["train"].senders == (("CronJob/retrain", about(3.5 * MIB, rel=0.01)),)


async def test_volumes_with_their_prices_and_those_that_have_none(server: str) -> None:
    readings = by_namespace(await one_round(source(server)))
    assert set(readings) == {"search", "train"}, "a claim without a volume and a volume without a claim are nobody's"
    search, train = readings["search"], readings["train"]
    assert (search.volume_bytes, search.used_bytes) == (1000 * GIB, 250 * GIB), "mounted twice, but there once"
    assert (search.volume_usd_per_hour, search.unmetered_bytes) == (about(0.2), None)
    assert (train.volume_bytes, train.used_bytes) == (600 * GIB, 260 * GIB)
    assert (train.volume_usd_per_hour, train.unmetered_bytes) == (about(0.01), 500 * GIB)


async def test_cadvisor_tells_all_that_pods_send_but_not_what_their_nodes_do(tmp_path: Path) -> None:
    now = int(time.time()) // 60 * 60
    samples = Samples(now - HOUR, now + HOUR, step=30)
    for pod, node_network, rate in (("web-0", "false", 2.0), ("web-1", "false", 1.0), ("agent", "true", 900.0)):
        who = {"namespace": "shop", "pod": pod}
        samples.add("kube_pod_info", {**who, "node": "n-1", "host_network": node_network}, 1)
        owner = {"owner_kind": "StatefulSet", "owner_name": "web", "owner_is_controller": "true"}
        samples.add("kube_pod_owner", {**who, **owner}, 1)
        for interface, share in (("eth0", 0.75), ("net1", 0.25)):
            sent = growing(samples.start, rate * share * MIB)
            samples.add("container_network_transmit_bytes_total", {**who, "interface": interface}, sent)
    samples.add("kubelet_volume_stats_capacity_bytes", {"namespace": "shop", "persistentvolumeclaim": "db"}, 8 * GIB)
    with prometheus_with(samples.text(), tmp_path) as url:
        seen = await one_round(source(url))
    shop = by_namespace(seen)["shop"]
    assert shop.sent == {Traffic.ANY: about(3 * MIB, rel=0.01)}
    assert shop.senders == (("StatefulSet/web", about(3 * MIB, rel=0.01)),)
    assert (shop.volume_bytes, shop.volume_usd_per_hour, shop.unmetered_bytes) == (8 * GIB, None, None)
    assert [each for each in of(seen, SourceHealth)[-1].missing if each.startswith("usage.")] == []


async def test_a_server_that_knows_of_neither_tells_nothing(tmp_path: Path) -> None:
    now = int(time.time()) // 60 * 60
    samples = Samples(now - HOUR, now + HOUR)
    samples.add("DCGM_FI_DEV_GPU_UTIL", {"Hostname": "n-1", "UUID": "GPU-1", "modelName": "L4"}, 50)
    with prometheus_with(samples.text(), tmp_path) as url:
        assert not of(await one_round(source(url)), UsageReadings)
