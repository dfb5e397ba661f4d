from __future__ import annotations

import pytest

from finops_tui.model.observations import Quantity
from finops_tui.model.usage import Traffic
from finops_tui.simulation.history import History
from finops_tui.simulation.network_metrics import NEIGHBOURS, NetworkMeter, volumes
from finops_tui.simulation.readings import of_cluster
from finops_tui.simulation.usage import claims, usage_readings
from finops_tui.simulation.usual import Usual
from finops_tui.simulation.world import World
from finops_tui.wiring import headless
from tests.simulation.test_world import run

MONDAY = 1_795_392_000
CLUSTERS = ("prod-us", "prod-eu", "research")


def test_a_world_begins_with_the_traffic_that_its_past_tells() -> None:
    at = MONDAY + 15 * 3600
    world, usual = World(5, at), Usual(5).sent(at)
    lived = {
        (f"{cluster}/{reading.namespace}", traffic): rate
        for cluster in CLUSTERS
        for reading in usage_readings(5, cluster, of_cluster(world.works.values(), cluster), world.now)
        for traffic, rate in reading.sent.items()
    }
    assert sum(lived.values()) == pytest.approx(sum(usual.values()), rel=0.1)
    assert {name for name, _ in lived} >= {scope.name for (scope, _), rate in usual.items() if rate > 1e6}


def test_the_history_tells_it_too() -> None:
    history = History(5, MONDAY + 15 * 3600)
    for _ in history.stretches():
        pass
    sent = [series for series in history.series() if series.quantity is Quantity.SENT]
    assert {series.labels["traffic"] for series in sent} == {"internet", "zone"}
    assert all(rate >= 0 for series in sent for _, rate in series.points)


def test_counters_count_what_the_readings_say() -> None:
    world, meter = World(5, MONDAY + 15 * 3600), NetworkMeter()
    meter.count(world, 0.0)
    expected: dict[str, float] = {}
    for _ in range(6):
        run(world, 10)
        meter.count(world, 10)
        for reading in usage_readings(5, "prod-us", of_cluster(world.works.values(), "prod-us"), world.now):
            sent = reading.sent.get(Traffic.INTERNET, 0.0)
            expected[reading.namespace] = expected.get(reading.namespace, 0.0) + 10 * sent
    every, egress = meter.families("prod-us")
    counted: dict[str, float] = {}
    for _, labels, value in egress.samples:
        if labels["internet"] == "true":
            counted[labels["namespace"]] = counted.get(labels["namespace"], 0.0) + value
    assert counted == pytest.approx({name: value for name, value in expected.items() if value}, rel=0.02)
    outward = sum(value for _, labels, value in egress.samples if labels["same_zone"] == "false")
    assert sum(value for _, _, value in every.samples) == pytest.approx(outward * (1 + NEIGHBOURS))


def test_volumes_keep_their_size_and_fill_slowly() -> None:
    now, later = list(claims(5, "prod-us", MONDAY)), list(claims(5, "prod-us", MONDAY + 7 * 86_400))
    assert [claim.capacity for claim in now] == [claim.capacity for claim in later]
    assert all(0 < before.used < after.used < after.capacity for before, after in zip(now, later, strict=True))
    assert len({claim.volume for claim in now}) == len(now)
    capacity = next(each for each in volumes(World(5, MONDAY), "prod-us") if each.name.endswith("capacity_bytes"))
    assert sum(value for _, _, value in capacity.samples) == sum(claim.capacity for claim in now)


def test_nothing_grows_by_itself() -> None:
    snapshot = headless.demo_snapshot(seed=7, seconds=7200, speed=float("inf"))
    assert len(snapshot.usage) > 20
    assert all(row.egress_told_apart and row.storage_usd_per_hour for row in snapshot.usage)
    assert [finding.name for finding in (*snapshot.findings, *snapshot.resolved) if finding.kind == "growth"] == []
