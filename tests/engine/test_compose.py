from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from finops_tui.engine.compose import ESTIMATES, NOT_JUDGED, Composer
from finops_tui.engine.history import SpendHistory
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.fleet import Fleet
from finops_tui.model.gpu import GpuError, GpuMethod, GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Namespace, Placement
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import (
    GpuErrorsSeen,
    HistorySeen,
    HistorySeries,
    NamespacesSeen,
    NodesSeen,
    Quantity,
    ServingReadings,
    SliReadings,
    SlosSeen,
    WorkloadsSeen,
)
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.slo import ServingReading, SliReading, Slo
from finops_tui.model.snapshot import Mode, Unpriced
from tests.engine.fleets import (
    INVENTORY,
    TELEMETRY,
    composer,
    fleet,
    fold,
    health,
    list_price,
    node,
    nodes_seen,
    prices_seen,
    readings,
    rows,
    total,
    workload,
    workloads_seen,
)
from tests.samples import NOON

MINUTE = timedelta(minutes=1)


def small() -> Fleet:
    """Two nodes of $80/h: 4 GPUs train for `nlp`, 2 of them idle; 8 serve for nobody; 4 are free."""
    return fleet(
        prices_seen(list_price()),
        health(),
        health(TELEMETRY, HealthState.POLLED, short="prom"),
        NamespacesSeen(at=NOON, source="k", cluster="prod", namespaces=(Namespace(cluster="prod", name="ml"),)),
        nodes_seen(node("n1", gpu_model="H100"), node("n2", gpu_model="H100"), node("n3", instance_type="rare")),
        workloads_seen(
            workload("train", Placement("n1", 2, 4.0), labels={"team": "nlp", "model": "bert", "env": "prod"}),
            workload("serve", Placement("n2", 4, 8.0), kind="Deployment", labels={}, pods_pending=1),
        ),
        readings(
            GpuScope.NODE,
            GpuReading(name="n1", gpus=8, active=2, utilization=0.2, memory_used=0.5, power_watts=1000.0),
            GpuReading(name="n2", gpus=8, active=8, utilization=0.8, memory_used=0.7, power_watts=5000.0),
        ),
        readings(
            GpuScope.WORKLOAD,
            GpuReading(name="ml/Job/train", gpus=4, active=2, utilization=0.4),
            GpuReading(name="ml/Deployment/serve", gpus=8, active=8, utilization=0.8),
        ),
    )


def test_the_money_line() -> None:
    head = composer().compose(small(), NOON).headline
    assert head.usd_per_hour.value == 160.0
    assert head.usd_per_hour.source == "list"
    assert head.usd_per_hour.at == NOON
    assert head.idle_usd_per_hour.value == 20.0
    assert head.unallocated_usd_per_hour.value == 40.0
    assert (head.nodes, head.gpus, head.gpus_allocated, head.workloads) == (3, 24, 12.0, 2)
    assert head.normal_usd_per_hour.value is None
    assert head.normal_usd_per_hour.missing == "Normal is not known yet: 0 of 2 days seen."
    assert head.today_usd.value is None
    assert head.today_usd.missing == "History begins at 12:00Z; the sum since midnight is not known."
    assert head.strip[-1] == 160.0
    assert head.strip[:-1] == (None,) * 179


def test_a_node_without_a_price_is_counted_and_never_free() -> None:
    snapshot = composer().compose(small(), NOON)
    assert snapshot.headline.unpriced == (
        Unpriced(reason="no price known for rare in here", nodes=1, example="prod/n3"),
    )
    assert total(snapshot).missing == "1 of 3 nodes not counted: no price known for rare in here"


def test_pods_that_wait_are_counted_in_all_that_holds_them_but_pools() -> None:
    snapshot = composer().compose(small(), NOON)
    assert total(snapshot).pods_pending == 1
    assert rows(snapshot, ScopeKind.CLUSTER)["prod"].pods_pending == 1
    assert rows(snapshot, ScopeKind.NAMESPACE)["prod/ml"].pods_pending == 1
    assert [row.pods_pending for row in snapshot.spend[ScopeKind.POOL]] == [None]

    unasked = composer().compose(fleet(prices_seen(list_price()), health(), nodes_seen(node("n1"))), NOON)
    assert total(unasked).pods_pending is None
    assert [row.pods_pending for row in unasked.spend[ScopeKind.TEAM]] == [None]


def test_a_group_of_which_not_all_is_priced_says_so_and_a_whole_one_does_not() -> None:
    known = fleet(
        prices_seen(list_price()),
        health(),
        nodes_seen(node("n1"), node("n2", instance_type="rare")),
        workloads_seen(
            workload("train", Placement("n1", 1, 8.0)),
            workload("tune", Placement("n2", 1, 8.0)),
            workload("later"),
            workload("serve", Placement("n1", 1, 0.0), namespace="web", labels={"team": "web", "model": "bert"}),
        ),
    )
    shown = composer().compose(known, NOON)
    said = "1 of 2 workloads not wholly counted: 1 of its 1 nodes not counted: no price known for rare in here"
    for kind, name in ((ScopeKind.TEAM, "nlp"), (ScopeKind.NAMESPACE, "prod/ml"), (ScopeKind.MODEL, "(no model)")):
        row = rows(shown, kind)[name]
        assert (row.usd_per_hour, row.missing) == (80.0, said)
    assert rows(shown, ScopeKind.TEAM)["web"].missing == ""


def test_a_team_of_which_nothing_is_known_is_not_free_because_something_of_it_rests() -> None:
    known = fleet(
        prices_seen(list_price()),
        workloads_seen(workload("train", Placement("unseen", 1, 8.0)), workload("paused")),
    )
    spend = composer().compose(known, NOON)
    assert rows(spend, ScopeKind.WORKLOAD)["prod/Job/ml/paused"].usd_per_hour == 0.0
    for kind, name in ((ScopeKind.TEAM, "nlp"), (ScopeKind.NAMESPACE, "prod/ml")):
        row = rows(spend, kind)[name]
        assert (row.usd_per_hour, row.missing) == (None, "None of its nodes has a price or has been seen.")


def test_every_table_adds_up_to_what_the_nodes_cost() -> None:
    snapshot = composer().compose(small(), NOON)
    assert {
        kind: sum(row.usd_per_hour or 0.0 for row in table) for kind, table in snapshot.spend.items()
    } == dict.fromkeys(ScopeKind, 160.0)


def test_a_workload() -> None:
    row = rows(composer().compose(small(), NOON), ScopeKind.WORKLOAD)["prod/Job/ml/train"]
    assert (row.name, row.cluster, row.namespace) == ("ml/job/train", "prod", "ml")
    assert (row.owner, row.model, row.labels) == ("nlp", "bert", (("environment", "prod"),))
    assert (row.usd_per_hour, row.idle_usd_per_hour) == (40.0, 20.0)
    assert (row.gpus, row.pods, row.utilization) == (4.0, 2, 0.4)
    assert (row.priced_by, row.missing, row.stale) == ("list", "", False)


def test_what_is_unowned_and_what_is_unallocated_have_rows() -> None:
    snapshot = composer().compose(small(), NOON)
    teams = {key: row.usd_per_hour for key, row in rows(snapshot, ScopeKind.TEAM).items()}
    assert teams == {"nlp": 40.0, "(unowned)": 80.0, "(unallocated)": 40.0}
    models = {key: row.usd_per_hour for key, row in rows(snapshot, ScopeKind.MODEL).items()}
    assert models == {"bert": 40.0, "(no model)": 80.0, "(unallocated)": 40.0}
    assert rows(snapshot, ScopeKind.NAMESPACE)["prod/ml"].usd_per_hour == 120.0
    assert rows(snapshot, ScopeKind.NAMESPACE)["prod/(unallocated)"].gpus == 12.0
    assert rows(snapshot, ScopeKind.WORKLOAD)["prod/(unallocated)"].usd_per_hour == 40.0


def test_the_most_expensive_comes_first() -> None:
    table = composer().compose(small(), NOON).spend[ScopeKind.WORKLOAD]
    assert [row.usd_per_hour for row in table] == [80.0, 40.0, 40.0]


def test_a_pool() -> None:
    known = small()
    error = GpuError(node="n1", device="0", xid=79, message="fallen off the bus")
    known.fold(GpuErrorsSeen(at=NOON - 59 * MINUTE, source=TELEMETRY, cluster="prod", errors=(error,)))
    old = GpuError(node="n2", device="0", xid=31)
    known.fold(GpuErrorsSeen(at=NOON - 61 * MINUTE, source=TELEMETRY, cluster="prod", errors=(old,)))
    (pool,) = composer().compose(known, NOON).pools
    assert (pool.key, pool.name, pool.gpu_model) == ("prod/gpu", "gpu", "H100")
    assert (pool.nodes, pool.gpus, pool.allocated, pool.busy, pool.reporting) == (3, 24, 12.0, 10, 16)
    assert pool.utilization == pytest.approx(0.5)
    assert pool.memory_used == pytest.approx(0.6)
    assert pool.power_watts == 6000.0
    assert (pool.usd_per_hour, pool.idle_usd_per_hour, pool.unallocated_usd_per_hour) == (160.0, 20.0, 40.0)
    assert pool.unpriced_nodes == 1
    assert pool.method == ""
    assert pool.errors == ("XID 79 on n1, fallen off the bus",)


def test_a_lesser_instrument_is_named() -> None:
    known = small()
    known.fold(readings(GpuScope.NODE, GpuReading(name="n1", gpus=8, utilization=1.0, method=GpuMethod.KERNEL_RUNNING)))
    (pool,) = composer().compose(known, NOON).pools
    assert (pool.method, pool.busy, pool.reporting) == ("kernel running", None, 8)


def test_without_telemetry_what_gpus_do_is_not_known() -> None:
    known = fleet(
        prices_seen(list_price()), nodes_seen(node("n1")), workloads_seen(workload("a", Placement("n1", 1, 4)))
    )
    snapshot = composer().compose(known, NOON)
    (pool,) = snapshot.pools
    assert (pool.utilization, pool.busy, pool.idle_usd_per_hour) == (None, None, None)
    assert pool.missing == "No GPU telemetry from prod."
    assert snapshot.headline.idle_usd_per_hour.missing == "No GPU telemetry."


def test_without_nodes_nobody_is_told_to_look_at_the_telemetry() -> None:
    known = fleet(prices_seen(list_price()))
    known.fold(readings(GpuScope.NODE, GpuReading(name="n1", gpus=8, utilization=1.0)))
    headline = composer().compose(known, NOON).headline
    assert "no nodes have been seen yet" in headline.usd_per_hour.missing
    assert headline.idle_usd_per_hour.missing == headline.usd_per_hour.missing


def test_without_nodes_the_headline_says_why_there_are_none() -> None:
    known = fleet(prices_seen(list_price()))
    known.fold(readings(GpuScope.NODE, GpuReading(name="n1", gpus=8, utilization=1.0)))
    known.fold(replace(health("kubernetes prod", HealthState.PARTIAL), without_nodes="cannot list nodes: forbidden"))
    assert (
        "kubernetes prod: cannot list nodes: forbidden" in composer().compose(known, NOON).headline.usd_per_hour.missing
    )


def test_pools_without_gpus_are_no_gpu_pools() -> None:
    known = fleet(prices_seen(list_price()), nodes_seen(node("c1", gpus=0, pool="web")))
    snapshot = composer().compose(known, NOON)
    assert snapshot.pools == ()
    assert rows(snapshot, ScopeKind.POOL)["prod/web"].usd_per_hour == 80.0


def test_what_a_source_said_stays_and_says_that_it_is_stale() -> None:
    known, making = small(), composer()
    fresh = making.compose(known, NOON)
    later = NOON + 6 * MINUTE
    down = health(state=HealthState.DOWN, at=later, since=later, reason="connection refused")
    fold(known, [down, health(TELEMETRY, HealthState.POLLED, at=later, answered_at=later)])
    stale = making.compose(known, later)
    assert stale.headline.usd_per_hour == replace(fresh.headline.usd_per_hour)
    for kind, table in stale.spend.items():
        assert [(row.key, row.usd_per_hour, row.at) for row in table] == [
            (row.key, row.usd_per_hour, NOON) for row in fresh.spend[kind]
        ]
        assert all(row.stale for row in table)
    assert all(pool.stale for pool in stale.pools)
    assert stale.headline.strip[-1] is None
    assert total(stale).trend[-1] == total(fresh).trend[-1]


@pytest.mark.parametrize("within", [(), ("ml",)])
def test_workloads_of_a_source_that_was_lost_are_stale_though_another_tells_of_nodes(within: tuple[str, ...]) -> None:
    later = NOON + 2 * MINUTE
    jobs = (workload("train", Placement("n1", 1, 4.0)),)
    polled = health(TELEMETRY, HealthState.POLLED, at=later, answered_at=later)
    known = fleet(
        prices_seen(list_price()),
        WorkloadsSeen(at=NOON, source=INVENTORY, cluster="prod", workloads=jobs, complete=True, within=within),
        NodesSeen(at=later, source=TELEMETRY, cluster="prod", nodes=(node("n1"),), complete=True),
    )
    if within:
        known.fold(WorkloadsSeen(at=later, source=TELEMETRY, cluster="prod", complete=True, beside=within))
    fold(known, [health(at=later, answered_at=later), polled])
    assert not total(composer().compose(known, later)).stale
    fold(known, [health(state=HealthState.DOWN, at=later, since=later)])
    snapshot = composer().compose(known, later)
    assert all(row.stale for row in snapshot.spend[ScopeKind.WORKLOAD])
    fold(known, [WorkloadsSeen(at=later, source=TELEMETRY, cluster="prod", workloads=jobs, complete=True)])
    assert not total(composer().compose(known, later)).stale, "all of it is told by who answers"


def test_telemetry_that_went_away_makes_pools_stale_but_not_the_money() -> None:
    known = small()
    snapshot = composer().compose(known, NOON + 2 * MINUTE)  # nobody has answered since noon
    assert total(snapshot).stale
    assert all(pool.stale for pool in snapshot.pools)
    known.fold(health(at=NOON + 2 * MINUTE, answered_at=NOON + 2 * MINUTE))
    snapshot = composer().compose(known, NOON + 2 * MINUTE)
    assert all(pool.stale for pool in snapshot.pools)
    assert not total(snapshot).stale


def test_an_inventory_that_its_source_ceased_to_tell_of_is_stale() -> None:
    """A Prometheus that came back with an empty disk answers every question, with nothing."""
    known, later = small(), NOON + 2 * MINUTE
    known.fold(health(state=HealthState.PARTIAL, at=later, answered_at=later))
    snapshot = composer().compose(known, later)
    assert total(snapshot).stale
    assert total(snapshot).at == NOON
    assert all(pool.stale for pool in snapshot.pools)


def test_a_cluster_that_was_never_seen_keeps_its_name() -> None:
    known = small()
    known.fold(health("kubernetes lab", HealthState.DOWN, cluster="lab", reason="forbidden", answered_at=None))
    snapshot = composer().compose(known, NOON)
    assert snapshot.clusters == ("lab", "prod")
    lab = rows(snapshot, ScopeKind.CLUSTER)["lab"]
    assert (lab.usd_per_hour, lab.missing) == (None, "kubernetes lab: forbidden")
    assert total(snapshot).usd_per_hour == 160.0
    assert total(snapshot).missing == "lab is not counted: kubernetes lab: forbidden"
    assert snapshot.headline.usd_per_hour.missing == ""


def test_nothing_at_all() -> None:
    snapshot = composer().compose(Fleet(), NOON)
    assert snapshot.headline.usd_per_hour.value is None
    assert snapshot.headline.usd_per_hour.missing == "Waiting for the first answer."
    assert snapshot.headline.today_usd.missing == "Nothing has been recorded today."
    assert snapshot.clusters == ()
    assert snapshot.spend[ScopeKind.WORKLOAD] == ()


def test_nodes_before_prices_cost_nothing_known() -> None:
    snapshot = composer().compose(fleet(nodes_seen(node("n1"))), NOON)
    assert snapshot.headline.usd_per_hour.value is None
    assert snapshot.headline.usd_per_hour.missing == "1 of 1 nodes not counted: no prices have been read yet"


def test_history_teaches_what_is_normal() -> None:
    known = small()
    hours = Samples((NOON.timestamp() - hour * 3600, 2.0) for hour in range(14 * 24, 0, -1))
    series = HistorySeries(
        quantity=Quantity.NODES,
        scope=Scope(ScopeKind.CLUSTER, "prod"),
        step_seconds=3600,
        points=hours,
        labels={"instance_type": "big", "region": "here"},
    )
    known.fold(HistorySeen(at=NOON, source=TELEMETRY, cluster="prod", series=(series,)))
    snapshot = composer().compose(known, NOON)
    assert snapshot.headline.normal_usd_per_hour.value == 160.0
    assert rows(snapshot, ScopeKind.CLUSTER)["prod"].delta_usd_per_hour == 0.0
    assert snapshot.headline.today_usd.value == pytest.approx(12 * 160.0)
    assert set(snapshot.headline.strip) == {160.0}
    assert set(snapshot.headline.strip_normal) == {160.0}


def test_what_is_told_of_the_past_later_stands_in_every_row_at_once() -> None:
    known, seen = small(), composer()
    assert rows(seen.compose(known, NOON), ScopeKind.CLUSTER)["prod"].normal_usd_per_hour is None
    hours = Samples((NOON.timestamp() - hour * 3600, 150.0) for hour in range(14 * 24, 0, -1))
    scopes = (Scope(ScopeKind.CLUSTER, "prod"), Scope(ScopeKind.NAMESPACE, "prod/ml"))
    series = tuple(
        HistorySeries(quantity=Quantity.USD_PER_HOUR, scope=scope, step_seconds=3600, points=hours) for scope in scopes
    )
    known.fold(HistorySeen(at=NOON, source=TELEMETRY, cluster="prod", series=series))
    snapshot = seen.compose(known, NOON)
    assert [rows(snapshot, scope.kind)[scope.name].normal_usd_per_hour for scope in scopes] == [150.0, 150.0]


@pytest.mark.parametrize(
    ("quantity", "labels", "times"),
    [(Quantity.USD_PER_HOUR, {}, 1), (Quantity.NODES, {"instance_type": "big", "region": "here"}, 2)],
    ids=["dollars stand", "nodes are priced anew"],
)
def test_the_past_is_taken_in_again_only_where_new_prices_make_it(
    quantity: Quantity, labels: dict[str, str], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[object] = []
    monkeypatch.setattr(SpendHistory, "prime", lambda _, past, __: taken.append(past))
    known, making = small(), composer()
    points = Samples((NOON.timestamp() - hour * 3600, 2.0) for hour in range(24, 0, -1))
    series = HistorySeries(
        quantity=quantity, scope=Scope(ScopeKind.CLUSTER, "prod"), step_seconds=3600, points=points, labels=labels
    )
    known.fold(HistorySeen(at=NOON, source=TELEMETRY, cluster="prod", series=(series,)))
    making.compose(known, NOON)
    making.compose(known, NOON + MINUTE)
    known.fold(replace(prices_seen(list_price()), source="another cloud"))
    making.compose(known, NOON + 2 * MINUTE)
    assert len(taken) == times


def test_objectives() -> None:
    known = small()
    month = 30 * 86_400
    slo = Slo(id="prod/chat", name="chat", cluster="prod", service="chat", objective=0.999)
    known.fold(SlosSeen(at=NOON, source=TELEMETRY, cluster="prod", slos=(slo,)))
    given = {300: 0.0144, 3_600: 0.006, month: 0.0004}
    read = tuple(SliReading(slo_id="prod/chat", window_seconds=w, error_ratio=r) for w, r in given.items())
    known.fold(SliReadings(at=NOON, source=TELEMETRY, cluster="prod", readings=read))
    making = composer()
    snapshot = making.compose(known, NOON)
    (row,) = snapshot.slos
    assert row.burn(300) == pytest.approx(14.4)
    assert row.burn(3_600) == pytest.approx(6.0)
    assert row.budget_left == pytest.approx(0.6)
    assert row.exhausted_in_seconds == pytest.approx(0.6 * month / 6)
    assert not row.stale
    (again,) = making.compose(known, NOON).slos
    assert again is row
    (later,) = making.compose(known, NOON + 5 * MINUTE).slos
    assert later.stale
    assert later.at == NOON


def test_model_servers() -> None:
    known = small()
    reading = ServingReading(
        namespace="ml", model="bert", server="vLLM", requests_per_second=5.0, p95_seconds=float("nan")
    )
    known.fold(ServingReadings(at=NOON, source=TELEMETRY, cluster="prod", readings=(reading,)))
    (row,) = composer().compose(known, NOON).serving
    assert (row.key, row.requests_per_second, row.p95_seconds) == ("prod/ml/vLLM/bert", 5.0, None)


def test_sources_as_they_fare() -> None:
    by_name = {row.name: row for row in composer().compose(small(), NOON + 2 * MINUTE).sources}
    assert by_name[TELEMETRY].short == "prom"
    assert by_name[TELEMETRY].stale


def test_spot_pools() -> None:
    known = fleet(
        prices_seen(list_price(spot_discount=0.5)), nodes_seen(node("n1", capacity_type=CapacityType.SPOT), node("n2"))
    )
    (row,) = composer().compose(known, NOON).spot
    assert (row.key, row.nodes, row.spot_nodes, row.lost_24h, row.lost_usd_per_hour) == ("prod/gpu", 2, 1, 0, 0.0)


def test_a_snapshot_is_frozen_and_earlier_ones_do_not_change() -> None:
    known, making = small(), composer()
    first = making.compose(known, NOON)
    with pytest.raises(AttributeError, match="immutable"):
        first.at = NOON  # type: ignore[misc]  # the point of the test
    before = (first.headline, dict(first.spend), first.pools)
    known.fold(workloads_seen(workload("train", Placement("n1", 1, 1.0)), at=NOON + MINUTE))
    making.compose(known, NOON + MINUTE)
    assert (first.headline, first.spend, first.pools) == before


def test_rows_are_kept_until_a_figure_in_them_changes() -> None:
    known, making = small(), composer()
    first = rows(making.compose(known, NOON), ScopeKind.WORKLOAD)
    known.fold(
        workloads_seen(
            workload("train", Placement("n1", 2, 2.0)),
            known.clusters["prod"].workloads["prod/Deployment/ml/serve"],
        )
    )
    second = rows(making.compose(known, NOON + timedelta(seconds=1)), ScopeKind.WORKLOAD)
    assert second["prod/Deployment/ml/serve"] is first["prod/Deployment/ml/serve"]
    assert second["prod/Job/ml/train"].usd_per_hour == 20.0


def test_trends_grow_with_time() -> None:
    known, making = small(), composer()
    for minute in range(0, 31, 5):
        at = NOON + minute * MINUTE
        known.fold(health(at=at, answered_at=at))
        snapshot = making.compose(known, at)
    trend = rows(snapshot, ScopeKind.WORKLOAD)["prod/Job/ml/train"].trend
    assert len(trend) == 24
    assert trend[-5:] == (40.0,) * 5
    assert set(trend[:-5]) == {None}


def test_where_somebody_waits_the_first_figures_come_unjudged_and_the_next_are_judged() -> None:
    patient, waiting = composer(), Composer(EngineSettings(figures_first=True), Mode.LIVE, 1.0)
    judged, first = patient.compose(small(), NOON), waiting.compose(small(), NOON)
    for told in ("spend", "pools", "slos", "units", "coverage", "sources"):
        assert getattr(first, told) == getattr(judged, told)
    assert first.headline.usd_per_hour == judged.headline.usd_per_hour
    assert (first.findings, first.learning) == ((), NOT_JUDGED)
    later = NOON + MINUTE
    assert waiting.compose(small(), later).learning == patient.compose(small(), later).learning != NOT_JUDGED


def test_the_day_that_was_watched_outlives_a_restart() -> None:
    first, second = composer(), composer()
    known = small()
    for minute in range(0, 61, 5):
        at = NOON + minute * MINUTE
        known.fold(health(at=at, answered_at=at))
        first.compose(known, at)
    second.remember(first.learned(), ())
    assert first.learned()[ESTIMATES] == second.learned()[ESTIMATES] != {}


def test_without_a_word_on_pods_nothing_counts_as_free() -> None:
    known = fleet(prices_seen(list_price()), health(), nodes_seen(node("n1", gpu_model="H100")))
    snapshot = composer().compose(known, NOON)
    why = "What is requested in prod is not known: nobody tells of its pods."
    head, (pool,) = snapshot.headline, snapshot.pools
    assert (head.usd_per_hour.value, head.gpus, head.gpus_allocated) == (80.0, 8, None)
    assert (head.unallocated_usd_per_hour.value, head.unallocated_usd_per_hour.missing) == (None, why)
    assert (pool.allocated, pool.unallocated_usd_per_hour) == (None, None)
    assert why in pool.missing
    for kind in (ScopeKind.TEAM, ScopeKind.NAMESPACE, ScopeKind.MODEL, ScopeKind.WORKLOAD):
        (row,) = snapshot.spend[kind]
        assert (row.name, row.usd_per_hour, row.gpus, row.pods, row.missing) == ("(not known)", 80.0, 8, None, why)
    for row in (total(snapshot), *snapshot.spend[ScopeKind.CLUSTER], *snapshot.spend[ScopeKind.POOL]):
        assert (row.usd_per_hour, row.pods, row.missing) == (80.0, None, why)


def test_a_cluster_whose_workloads_are_told_and_are_none_is_free() -> None:
    known = fleet(prices_seen(list_price()), health(), nodes_seen(node("n1")), workloads_seen())
    head = composer().compose(known, NOON).headline
    assert (head.gpus_allocated, head.unallocated_usd_per_hour.value) == (0.0, 80.0)


def test_one_cluster_without_pods_does_not_make_the_gpus_of_others_look_free() -> None:
    silent = nodes_seen(node("n9", cluster="dev"), cluster="dev")
    known = fleet(
        prices_seen(list_price()),
        health(),
        nodes_seen(node("n1")),
        workloads_seen(workload("a", Placement("n1", 1, 6))),
        silent,
    )
    snapshot = composer().compose(known, NOON)
    assert (snapshot.headline.gpus, snapshot.headline.gpus_allocated) == (16, None)
    assert snapshot.headline.unallocated_usd_per_hour.value == 20.0
    assert rows(snapshot, ScopeKind.TEAM)["(unallocated)"].gpus == 2.0


def dead(name: str, cluster: str) -> Fleet:
    return fleet(
        replace(health(name, HealthState.DOWN), cluster=cluster, reason="connection refused", answered_at=None)
    )


@pytest.mark.parametrize("known", [fleet(), dead(INVENTORY, "prod")])
def test_what_nobody_has_told_of_is_not_zero(known: Fleet) -> None:
    snapshot = composer().compose(known, NOON)
    head = snapshot.headline
    assert (head.nodes, head.gpus, head.gpus_allocated, head.workloads) == (None, None, None, None)
    assert head.usd_per_hour.missing
    for row in (total(snapshot), *snapshot.spend[ScopeKind.CLUSTER]):
        assert (row.gpus, row.pods, row.pods_pending) == (None, None, None)
        assert row.missing


def test_a_cluster_that_answered_and_is_empty_has_none_of_anything() -> None:
    snapshot = composer().compose(fleet(health(), nodes_seen(), workloads_seen()), NOON)
    head = snapshot.headline
    assert (head.nodes, head.gpus, head.gpus_allocated, head.workloads) == (0, 0, 0.0, 0)
    (cluster,) = snapshot.spend[ScopeKind.CLUSTER]
    assert (cluster.gpus, cluster.pods, cluster.pods_pending) == (0.0, 0, 0)
    assert total(snapshot).gpus == 0.0


def test_one_cluster_that_answered_is_counted_beside_one_that_did_not() -> None:
    known = small()
    known.fold(replace(health("kubernetes lost", HealthState.DOWN), cluster="lost", reason="refused", answered_at=None))
    head = composer().compose(known, NOON).headline
    assert (head.nodes, head.gpus, head.workloads) == (3, 24, 2)
    assert head.usd_per_hour.value == 160.0
