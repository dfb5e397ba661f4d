"""Storms: what is one, of whom, how long it lasts, when it wakes somebody up."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.spot_bursts import StormRules
from finops_tui.detectors.spot_storm import SpotStorm
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import InterruptionRow
from tests.detectors.spot_scenes import (
    HOUR,
    LONG_AGO,
    MINUTE,
    pool_spend,
    scene,
    slo_row,
    spot_row,
    standing,
    taken,
)
from tests.samples import NOON

POOL = Scope(ScopeKind.POOL, "prod/a100-spot")


def judge(of: Scene, rules: StormRules | None = None) -> list[Signal]:
    return list(SpotStorm(rules).judge(of))


def test_eight_nodes_of_a_pool_within_minutes_are_a_storm() -> None:
    losses = taken(8, NOON - 4 * MINUTE)
    (signal,) = judge(scene(NOON, losses, standing(4), spot=[spot_row(usd=57.7)], pools=[pool_spend()]))
    assert (signal.kind, signal.scope, signal.key) == ("spot-storm", POOL, "spot-storm/pool/prod/a100-spot")
    assert (signal.name, signal.cluster, signal.owner) == ("pool/a100-spot", "prod", "platform")
    assert signal.since == losses[0].at
    assert (signal.usd_per_hour, signal.excess_usd_per_hour) == (96.2, 57.7)
    assert signal.normal_usd_per_hour == pytest.approx(38.5)
    assert signal.why == (
        "The cloud took 8 spot nodes within 1m, all p4d.24xlarge: 8 of a100-spot. 4 spot nodes left there."
    )


def test_a_quarter_of_a_small_pool_is_a_storm_if_it_is_three_nodes() -> None:
    assert judge(scene(NOON, taken(3, NOON - MINUTE), standing(9)))
    assert judge(scene(NOON, taken(2, NOON - MINUTE), standing(1))) == [], "two nodes are never one"
    assert judge(scene(NOON, taken(3, NOON - MINUTE), standing(10))) == []


def test_what_joined_since_does_not_make_the_share_smaller() -> None:
    replacements = standing(30, at=NOON - MINUTE)
    assert judge(scene(NOON, taken(3, NOON - 2 * MINUTE), [*standing(9), *replacements]))


def test_losses_that_are_spread_over_hours_are_none() -> None:
    assert judge(scene(NOON, taken(8, NOON - 8 * 20 * MINUTE, every=20 * MINUTE), standing(4))) == []


def test_a_large_fleet_that_always_loses_as_many_has_none() -> None:
    usual = taken(24 * 40, NOON - 24 * HOUR, every=HOUR / 40)
    assert judge(scene(NOON, usual, standing(800))) == []
    (signal,) = judge(scene(NOON, [*usual, *taken(30, NOON - MINUTE, zone="z9", every=MINUTE / 60)], standing(800)))
    assert signal.since > NOON - HOUR / 2


def test_it_is_over_when_all_is_replaced_and_quiet_or_after_an_hour() -> None:
    begun = NOON
    losses = taken(8, begun)
    last = losses[-1].at
    replaced = [replace(row, replaced_after_seconds=180.0) for row in losses]
    for rows, lasts in ((replaced, 15 * MINUTE), (losses, 60 * MINUTE), ([*replaced[:7], losses[7]], 60 * MINUTE)):
        assert judge(scene(last + lasts, rows, standing(4)))
        assert judge(scene(last + lasts + timedelta(seconds=1), rows, standing(4))) == []


def test_it_goes_on_with_further_losses_under_the_same_key_and_onset() -> None:
    rows = taken(8, NOON) + taken(3, NOON + 10 * MINUTE)
    first = judge(scene(NOON + 2 * MINUTE, rows, standing(7)))[0]
    later = judge(scene(NOON + 20 * MINUTE, rows, standing(4)))[0]
    assert (first.key, first.since) == (later.key, later.since)
    assert "8 spot nodes" in first.why
    assert "11 spot nodes" in later.why


def test_a_zone_that_several_pools_share_explains_it() -> None:
    rows = [row for pool in "abc" for row in taken(3, NOON - 2 * MINUTE, pool, zone="us-east-1a")]
    nodes = [one for pool in "abc" for one in standing(20, pool)]
    (signal,) = judge(scene(NOON, rows, nodes, spot=[spot_row("a", usd=10), spot_row("b", usd=20)]))
    assert (signal.scope, signal.name) == (TOTAL, "spot us-east-1a")
    assert signal.excess_usd_per_hour == 30
    assert signal.causes[0].what == "9 spot nodes taken, all us-east-1a"
    assert {"prod/a", "prod/b", "prod/c"} <= set(signal.related)


def test_an_instance_type_that_several_pools_share_explains_it() -> None:
    rows = [row for pool in "abc" for row in taken(3, NOON - 2 * MINUTE, pool)]
    (signal,) = judge(scene(NOON, rows, [one for pool in "abc" for one in standing(20, pool)]))
    assert (signal.scope, signal.name) == (TOTAL, "spot p4d.24xlarge")


def test_the_pool_hit_hardest_stands_for_all_and_stays_when_others_follow() -> None:
    rows = taken(6, NOON, "a", zone="z") + taken(2, NOON, "b", zone="z")
    more = taken(9, NOON + 12 * MINUTE, "b", zone="z")
    nodes = standing(20, "a", zone="z") + standing(20, "b", zone="z")
    (early,) = judge(scene(NOON + 2 * MINUTE, rows, nodes))
    (late,) = judge(scene(NOON + 16 * MINUTE, rows + more, nodes))
    assert early.scope == late.scope == Scope(ScopeKind.POOL, "prod/a")


def test_storms_that_have_nothing_in_common_are_two() -> None:
    rows = taken(4, NOON, "a", zone="z1") + taken(4, NOON, "b", cluster="other", zone="z2")
    assert {signal.scope.name for signal in judge(scene(NOON + MINUTE, rows))} == {"prod/a", "other/b"}


def test_it_pages_for_dollars_and_for_objectives_and_otherwise_waits() -> None:
    cheap = taken(8, NOON - MINUTE)
    assert judge(scene(NOON, cheap))[0].severity is Severity.TICKET
    dear = taken(8, NOON - MINUTE, lost_work_usd=4.0, surcharge_usd_per_hour=2.3)
    assert judge(scene(NOON, dear))[0].severity is Severity.PAGE
    assert judge(scene(NOON, cheap, slos=[slo_row("h100, a100-spot")]))[0].severity is Severity.PAGE
    assert judge(scene(NOON, cheap, slos=[slo_row("h100")]))[0].severity is Severity.TICKET
    assert judge(scene(NOON, dear), StormRules(page_usd=500))[0].severity is Severity.TICKET


def test_the_evidence_tells_each_pools_fate() -> None:
    rows = [
        *taken(6, NOON - MINUTE, hit=("prod/Job/ml/x",), lost_work_usd=4.0, replaced_after_seconds=150.0),
        *taken(2, NOON - MINUTE, "b", leaves_at=NOON + timedelta(seconds=74)),
    ]
    (signal,) = judge(scene(NOON, rows, spot=[spot_row(usd=57.7), spot_row("b")], slos=[slo_row("b")]))
    words = {evidence.label: evidence.words for evidence in signal.evidence}
    assert words["Leaving now"] == "2 nodes, the next in 74s, the last in 74s"
    assert words["a100-spot"] == (
        "6 nodes lost, 1 workload hit, $24.0 of work lost, 6 replaced, typically after 2m, "
        "on-demand in its place costs $57.7/h more"
    )
    assert words["b"] == "2 nodes lost, 0 workloads hit, 2 not replaced yet"
    assert words["SLOs"] == "served there: chat ttft"
    assert "prod/Job/ml/x" in signal.related


def test_unknown_surcharge_is_not_nothing() -> None:
    (signal,) = judge(scene(NOON, taken(8, NOON - MINUTE), spot=[spot_row(usd=None)], pools=[pool_spend()]))
    assert (signal.excess_usd_per_hour, signal.normal_usd_per_hour) == (None, None)


def test_the_same_scene_gives_the_same_signals() -> None:
    detector, one = SpotStorm(), scene(NOON, taken(8, NOON - MINUTE), standing(4))
    assert list(detector.judge(one)) == list(detector.judge(one))


def test_nothing_that_happened_is_nothing_wrong() -> None:
    assert judge(scene(NOON, [])) == []


figures = st.none() | st.floats(allow_nan=True, allow_infinity=True)
losses = st.builds(
    InterruptionRow,
    key=st.uuids().map(str),
    at=st.timedeltas(-26 * HOUR, 2 * HOUR).map(lambda since: NOON + since),
    cluster=st.sampled_from(["prod", "other", ""]),
    pool=st.sampled_from(["a100-spot", "b", ""]),
    node=st.sampled_from(["", "n1", "n2"]),
    reason=st.just(""),
    zone=st.sampled_from(["", "z"]),
    leaves_at=st.none() | st.just(NOON) | st.just(LONG_AGO),
    lost_work_usd=figures,
    replaced_after_seconds=figures,
    surcharge_usd_per_hour=figures,
)


@given(st.lists(losses, max_size=25), figures, figures)
def test_no_figures_make_it_raise(rows: list[InterruptionRow], usd: float | None, spend: float | None) -> None:
    of = scene(NOON, rows, standing(3), spot=[spot_row(usd=usd)], pools=[pool_spend(usd=spend)], total_usd=spend)
    everything = replace(of.snapshot, interruptions=tuple(rows))
    for signal in judge(dataclasses.replace(of, snapshot=everything)):
        assert signal.since <= NOON
        assert signal.why
