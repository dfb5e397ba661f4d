"""Whatever comes in, in whatever order: nothing raises, tables add up, and what is remembered makes no difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.gpu import GpuError, GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import (
    ChangeSeen,
    GpuErrorsSeen,
    GpuReadings,
    HistorySeen,
    HistorySeries,
    NodesSeen,
    Observation,
    PodEvicted,
    PricesSeen,
    Quantity,
    ServingReadings,
    SliReadings,
    SlosSeen,
    SourceHealth,
    SpotInterrupted,
    WorkloadsSeen,
)
from finops_tui.model.samples import Samples
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.slo import ServingReading, SliReading, Slo
from finops_tui.model.snapshot import Snapshot
from finops_tui.model.spot import Eviction, Interruption
from tests.engine.fleets import composer, fleet
from tests.samples import NOON

figure = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 7.0, -1.0, nan, inf, -inf, 1e308]), st.floats(0, 1e4))
maybe = st.one_of(st.none(), figure)
text = st.sampled_from(["", "a", "b", "\x1b[31m", "[bold]x", "\u202e", "x" * 300])
clusters = st.sampled_from(["prod", "lab"])
sources = st.sampled_from(["kubernetes prod", "prometheus lab"])
moments = st.integers(-100_000, 600).map(lambda seconds: NOON + timedelta(seconds=seconds))
names = st.sampled_from(["n1", "n2", "n3"])

node = st.builds(
    Node, cluster=st.just("prod"), name=names, uid=text, pool=text, instance_type=st.sampled_from(["", "big", "rare"]),
    region=text, capacity_type=st.sampled_from(CapacityType), gpus=st.sampled_from([0, 8, -1, 10**9]), cpu_cores=figure,
    memory_bytes=st.sampled_from([0, 1000, -1]), created_at=st.one_of(st.none(), moments),
    labels=st.dictionaries(st.sampled_from(["team", "lot"]), text, max_size=2),
)  # fmt: skip
workload = st.builds(
    Workload, cluster=st.just("prod"), kind=st.sampled_from(["Job", "Pod", ""]), namespace=text, name=text,
    labels=st.dictionaries(st.sampled_from(["team", "model", "env"]), text, max_size=3),
    placements=st.lists(
        st.builds(Placement, names, st.integers(0, 5), figure, figure, st.sampled_from([0, 10, -1])), max_size=3
    ).map(tuple),
)  # fmt: skip
reading = st.builds(
    GpuReading, name=st.sampled_from(["n1", "n2", "a/Job/a"]), gpus=st.integers(-1, 9),
    active=st.one_of(st.none(), st.integers(-1, 20)), utilization=maybe, memory_used=maybe, power_watts=maybe,
)  # fmt: skip
price = st.builds(
    Price, kind=st.sampled_from(PriceKind), usd_per_hour=figure, source=text, cluster=st.sampled_from(["", "prod"]),
    node=st.sampled_from(["", "n1"]), labels=st.dictionaries(st.just("lot"), text, max_size=1),
    instance_type=st.sampled_from(["", "big"]), region=text, spot_discount=maybe,
    capacity_type=st.one_of(st.none(), st.sampled_from(CapacityType)),
)  # fmt: skip
series = st.builds(
    HistorySeries, quantity=st.sampled_from(Quantity), step_seconds=st.sampled_from([60, 3600, 0, -5]),
    scope=st.sampled_from([TOTAL, Scope(ScopeKind.CLUSTER, "prod"), Scope(ScopeKind.TEAM, "a")]),
    points=st.lists(
        st.tuples(st.one_of(st.floats(NOON.timestamp() - 1e6, NOON.timestamp() + 1e4), figure), figure), max_size=9
    ).map(Samples),
    labels=st.dictionaries(st.sampled_from(["instance_type", "capacity_type"]), text, max_size=2),
)  # fmt: skip
slo = st.builds(
    Slo, id=text, name=text, cluster=clusters, service=text, objective=figure, period_seconds=figure
)  # fmt: skip
sli = st.builds(
    SliReading, slo_id=text, window_seconds=st.sampled_from([300, 3600, 0, -1]), error_ratio=maybe, events=maybe
)
serving = st.builds(
    ServingReading, namespace=text, model=text, server=text, requests_per_second=maybe, p95_seconds=maybe,
    error_ratio=maybe, queue_depth=maybe, tokens_per_second=maybe,
)  # fmt: skip


def seen(kind: Callable[..., Observation], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Observation]:
    return st.builds(kind, at=moments, source=sources, cluster=clusters, **given)


def many(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=4).map(tuple)


nodes_seen = st.tuples(clusters, moments, st.lists(node, max_size=4), st.booleans()).map(
    lambda given: NodesSeen(
        at=given[1], source="kubernetes prod", cluster=given[0], complete=given[3],
        nodes=tuple(replace(one, cluster=given[0]) for one in given[2]),
    )
)  # fmt: skip
workloads_seen = st.tuples(clusters, moments, st.lists(workload, max_size=4), st.booleans()).map(
    lambda given: WorkloadsSeen(
        at=given[1], source="kubernetes prod", cluster=given[0], complete=given[3],
        workloads=tuple(replace(one, cluster=given[0]) for one in given[2]),
    )
)  # fmt: skip
observation = st.one_of(
    nodes_seen,
    nodes_seen,
    workloads_seen,
    workloads_seen,
    seen(PricesSeen, prices=many(price)),
    seen(GpuReadings, scope=st.sampled_from(GpuScope), readings=many(reading)),
    seen(GpuErrorsSeen, errors=many(st.builds(GpuError, node=names, device=text, xid=st.integers(), message=text))),
    seen(HistorySeen, series=many(series)),
    seen(SlosSeen, slos=many(slo)),
    seen(SliReadings, readings=many(sli)),
    seen(ServingReadings, readings=many(serving)),
    seen(
        SpotInterrupted, interruption=st.builds(Interruption, id=text, node=names, pool=text, reason=text)
    ),
    seen(
        PodEvicted,
        eviction=st.builds(Eviction, id=text, namespace=text, pod=text, workload=text, node=names, reason=text),
    ),
    seen(
        ChangeSeen,
        change=st.builds(Change, id=text, kind=st.sampled_from(ChangeKind), who=text, subject=text, what=text),
    ),
    seen(
        SourceHealth, short=text, state=st.sampled_from(HealthState), since=moments, reason=text,
        answered_at=st.one_of(st.none(), moments), stale_after_seconds=st.sampled_from([1.0, 60.0, inf]),
    ),
)  # fmt: skip
stories = st.lists(st.lists(observation, max_size=5), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(stories)
def test_law_whatever_comes_in_tables_add_up_and_no_figure_is_nonsense(story: list[list[Observation]]) -> None:
    known, making = fleet(), composer()
    for step, observations in enumerate(story):
        for one in observations:
            known.fold(one)
        snapshot = making.compose(known, NOON + timedelta(minutes=step))
        check(snapshot)


def check(snapshot: Snapshot) -> None:
    paid = snapshot.headline.usd_per_hour.value
    for kind in ScopeKind:
        table = snapshot.spend[kind]
        assert sum(row.usd_per_hour or 0.0 for row in table) == pytest.approx(paid or 0.0, abs=0.05)
        assert len({row.key for row in table}) == len(table)
        for row in table:
            figures = (row.usd_per_hour, row.idle_usd_per_hour, row.normal_usd_per_hour, row.utilization, *row.trend)
            assert all(value is None or (isfinite(value) and value >= 0) for value in figures)
            assert row.usd_per_hour is not None or row.missing
    for pool in snapshot.pools:
        for value in (pool.utilization, pool.memory_used, pool.power_watts, pool.allocated, pool.usd_per_hour):
            assert value is None or (isfinite(value) and value >= 0)
    for slo_row in snapshot.slos:
        assert all(window.burn_rate is None or isfinite(window.burn_rate) for window in slo_row.windows)


@settings(max_examples=60, deadline=None)
@given(stories)
def test_law_what_is_remembered_makes_no_difference_to_the_present(story: list[list[Observation]]) -> None:
    known, making = fleet(), composer()
    for observations in story:
        for one in observations:
            known.fold(one)
        kept = making.compose(known, NOON)
    assert present(kept) == present(composer().compose(known, NOON))


def present(snapshot: Snapshot) -> object:
    """Return what does not depend on the past."""
    tables = {
        kind: [
            (
                (row.key, row.name, row.owner, row.model, row.gpus, row.pods, row.stale, row.missing, row.priced_by),
                (row.at, round(row.usd_per_hour or -1, 6), round(row.idle_usd_per_hour or -1, 6)),
            )
            for row in sorted(table, key=lambda row: row.key)
        ]
        for kind, table in snapshot.spend.items()
    }
    pools = [(row.key, row.nodes, row.allocated, row.busy, row.errors, row.missing) for row in snapshot.pools]
    slos = [(row.key, repr(row.windows), row.missing) for row in snapshot.slos]
    happened = [row for row in snapshot.activity if row.kind != "finding"]  # findings are looked for every ten seconds
    return tables, pools, slos, happened, snapshot.clusters, snapshot.headline.unpriced
