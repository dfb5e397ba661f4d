from __future__ import annotations

import csv
from importlib.resources import files
from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.history import RECENT_SECONDS, History
from finops_tui.simulation.usual import Use, Usual, payers_of
from finops_tui.simulation.world import World
from tests.simulation.test_world import run

MONDAY = 1_795_392_000


def test_a_world_begins_as_it_usually_is() -> None:
    for hours in range(0, 168, 13):
        at = MONDAY + hours * 3600
        assert World(5, at).spend() == pytest.approx(Usual(5).spend(at)[TOTAL], rel=0.06)


def test_a_quiet_world_stays_near_its_own_history() -> None:
    usual = Usual(9)
    world = World(9, MONDAY + 4 * 86_400 + 12 * 3600)  # Friday noon, into the weekend
    lived = expected = 0.0
    worst = 0.0
    for _ in range(30):
        hour_lived = hour_expected = 0.0
        for step in range(360):
            world.step()
            if step % 60 == 0:
                hour_lived += world.spend()
                hour_expected += usual.spend(world.now)[TOTAL]
        lived += hour_lived
        expected += hour_expected
        worst = max(worst, abs(hour_lived / hour_expected - 1.0))
    assert lived / expected == pytest.approx(1.0, abs=0.03)
    assert worst < 0.15


@pytest.mark.parametrize("seed", range(4))
def test_nothing_jumps_where_the_history_ends_and_the_world_begins(seed: int) -> None:
    at = MONDAY + seed * 41 * 3600
    lived, expected = by_scope(World(seed, at)), Usual(seed).spend(at)
    stand_ins = 30.0  # one or two machines that the history has on demand for the moment
    for scope, usd in expected.items():
        if scope.kind is not ScopeKind.WORKLOAD:
            assert lived.get(scope, 0.0) == pytest.approx(usd, abs=stand_ins)
    alike = [scope for scope, usd in expected.items() if lived.get(scope, 0.0) == pytest.approx(usd, abs=0.01)]
    assert len(alike) > 0.9 * len(expected)


def test_history_wavers_as_much_as_the_world_does() -> None:
    seed, start, hours = 4, MONDAY + 86_400 + 6 * 3600, 16
    world = World(seed, start)
    lived = []
    for _ in range(hours):
        looks = []
        for _ in range(12):
            run(world, 300)
            looks.append(world.spend())
        lived.append(fmean(looks))
    told = History(seed, start + hours * 3600 + RECENT_SECONDS)
    for _ in told.stretches():
        pass
    total = next(series for series in told.series() if series.scope == TOTAL)
    past = [usd for at, usd in total.points if start <= at < start + hours * 3600]
    assert len(past) == hours
    assert fmean(lived) == pytest.approx(fmean(past), rel=0.03)
    assert waver(past) == pytest.approx(waver(lived), rel=0.4)


def waver(hours: list[float]) -> float:
    return pstdev([after - before for before, after in pairwise(hours)])


def by_scope(world: World) -> dict[Scope, float]:
    """Return what every scope spends now: each pod pays for its part of its machine."""
    spend: dict[Scope, float] = {}
    for machine in world.machines():
        usd, pool = world.usd_per_hour(machine) or 0.0, machine.pool
        for scope in (TOTAL, Scope(ScopeKind.CLUSTER, pool.cluster.name), Scope(ScopeKind.POOL, pool.key)):
            spend[scope] = spend.get(scope, 0.0) + usd
        for pod in machine.pods:
            work = pod.work
            use = Use(work.cluster, work.kind, work.namespace, work.name, pool.plan.name, work.model, 1, pod.gpus)
            for scope in payers_of(use):
                spend[scope] = spend.get(scope, 0.0) + usd * pod.gpus / len(machine.slots)
    return spend


def test_scopes_add_up() -> None:
    spend = Usual(7).spend(MONDAY + 50_000)
    for kind in (ScopeKind.CLUSTER, ScopeKind.POOL):
        assert sum(usd for scope, usd in spend.items() if scope.kind is kind) == pytest.approx(spend[TOTAL])
    held = sum(usd for scope, usd in spend.items() if scope.kind is ScopeKind.WORKLOAD)
    assert held == pytest.approx(sum(usd for scope, usd in spend.items() if scope.kind is ScopeKind.NAMESPACE))
    assert held < spend[TOTAL]
    assert sum(usd for scope, usd in spend.items() if scope.kind is ScopeKind.TEAM) < held  # some have no owner


def test_days_and_weekends_differ() -> None:
    usual = Usual(7)
    busy = usual.spend(MONDAY + 86_400 + 18 * 3600)[TOTAL]
    assert usual.spend(MONDAY + 86_400 + 6 * 3600)[TOTAL] < 0.9 * busy
    assert usual.spend(MONDAY + 5 * 86_400 + 18 * 3600)[TOTAL] < 0.95 * busy


def test_instance_types_and_prices_are_those_of_the_price_table() -> None:
    table = files("finops_tui.sources").joinpath("price_table.csv").read_text(encoding="utf-8")
    known: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in csv.DictReader(table.splitlines()):
        known.setdefault((row["provider"], row["instance_type"]), []).append(row)
    for cluster in CLUSTERS:
        for pool in cluster.pools:
            rows = known[(cluster.cloud, pool.instance.name)]
            row = next((row for row in rows if row["region"] == cluster.region), rows[0])
            assert int(row["gpu_count"]) == pool.instance.gpus
            usd = float(row["usd_per_hour_on_demand"]) if row["usd_per_hour_on_demand"] else None
            assert usd == pool.instance.usd_per_hour
