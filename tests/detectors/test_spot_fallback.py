"""Pools that pay on-demand for lost spot capacity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.spot_fallback import FallbackRules, SpotFallback
from finops_tui.detectors.spot_storm import SpotStorm
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import InterruptionRow
from tests.detectors.spot_scenes import HOUR, MINUTE, pool_spend, scene, spot_row, standing, taken
from tests.detectors.test_spot_storm import figures, losses
from tests.samples import NOON

BEGAN = NOON - 2 * HOUR


def judge(of: Scene, rules: FallbackRules | None = None) -> list[Signal]:
    return list(SpotFallback(rules).judge(of))


def afterwards(usd: float | None = 57.7, lost: int = 8) -> Scene:
    """Two hours after the loss of eight nodes, for which on-demand stood in three minutes later."""
    nodes = [*standing(4), *standing(8, spot=False, at=BEGAN + 3 * MINUTE)]
    return scene(NOON, taken(lost, BEGAN), nodes, spot=[spot_row(usd=usd)], pools=[pool_spend()])


def test_a_pool_that_pays_on_demand_for_lost_spot_is_told_with_its_surcharge() -> None:
    (signal,) = judge(afterwards())
    assert (signal.kind, signal.scope) == ("spot", Scope(ScopeKind.POOL, "prod/a100-spot"))
    assert (signal.name, signal.owner, signal.severity) == ("pool/a100-spot", "platform", Severity.TICKET)
    assert (signal.usd_per_hour, signal.excess_usd_per_hour, signal.since) == (96.2, 57.7, BEGAN)
    assert signal.normal_usd_per_hour == pytest.approx(38.5)
    assert signal.burned_usd == pytest.approx(57.7 * 117 / 60)
    assert [(cause.what, cause.at) for cause in signal.causes] == [("8 spot lost → on-demand", BEGAN)]
    assert signal.why == (
        "8 on-demand nodes took the place of lost spot nodes and cost $57.7/h more; 4 spot nodes left."
    )


def test_spot_that_came_back_as_spot_is_no_trouble() -> None:
    nodes = [*standing(4), *standing(8, at=BEGAN + 3 * MINUTE)]
    assert judge(scene(NOON, taken(8, BEGAN), nodes, spot=[spot_row(usd=0.0)])) == []


def test_on_demand_without_a_loss_is_no_trouble() -> None:
    nodes = standing(8, spot=False, at=BEGAN)
    assert judge(scene(NOON, [], nodes, spot=[spot_row(usd=57.7, lost_24h=0)])) == []


def test_what_joined_much_later_joined_for_another_reason() -> None:
    nodes = standing(3, spot=False, at=BEGAN + 61 * MINUTE)
    assert judge(scene(NOON, taken(3, BEGAN), nodes, spot=[spot_row(usd=57.7)])) == []


def test_losses_that_spot_made_good_have_no_stand_ins() -> None:
    nodes = standing(3, spot=False, at=BEGAN + 10 * MINUTE)
    rows = taken(3, BEGAN, replaced_by="n9, spot", replaced_after_seconds=100.0)
    assert judge(scene(NOON, rows, nodes, spot=[spot_row(usd=57.7)])) == []


@pytest.mark.parametrize("usd", [None, 0.0, 4.9])
def test_unknown_and_small_surcharges_are_left_out(usd: float | None) -> None:
    assert judge(afterwards(usd)) == []


def test_stand_ins_must_have_stood_a_while() -> None:
    now = NOON
    nodes = standing(8, spot=False, at=now - MINUTE)
    rows = taken(2, now - 40 * MINUTE)
    assert judge(scene(now, rows, nodes, spot=[spot_row(usd=57.7)])) == []
    assert judge(scene(now + MINUTE, rows, nodes, spot=[spot_row(usd=57.7)]))


def test_its_onset_is_the_loss_that_the_stand_ins_make_good() -> None:
    rows = taken(1, NOON - 20 * HOUR) + taken(8, BEGAN) + taken(1, NOON - 20 * MINUTE)
    nodes = standing(6, spot=False, at=BEGAN + 3 * MINUTE)
    (signal,) = judge(scene(NOON, rows, nodes, spot=[spot_row(usd=57.7)]))
    assert signal.since == BEGAN
    assert signal.evidence[0].words == "6 on demand, the first since 10:03Z"


@pytest.mark.parametrize(
    ("usd", "severity"),
    [(8.0, Severity.INFO), (25.7, Severity.TICKET), (57.7, Severity.TICKET), (251.0, Severity.PAGE)],
)
def test_severity_goes_by_dollars(usd: float, severity: Severity) -> None:
    assert judge(afterwards(usd))[0].severity is severity


def test_what_lasts_becomes_a_ticket() -> None:
    nodes = standing(8, spot=False, at=NOON - 7 * HOUR - 30 * MINUTE)
    (signal,) = judge(scene(NOON, taken(8, NOON - 8 * HOUR), nodes, spot=[spot_row(usd=8.0)]))
    assert signal.severity is Severity.TICKET
    assert signal.burned_usd == pytest.approx(60)


def test_during_a_storm_the_storm_tells_it_and_afterwards_it_tells_itself() -> None:
    rows = taken(8, NOON)
    nodes = [*standing(4), *standing(8, spot=False, at=NOON + 3 * MINUTE)]
    replaced = [replace(row, replaced_after_seconds=180.0) for row in rows]
    told = []
    for minutes in (1, 5, 10, 14, 20, 40):
        of = scene(NOON + minutes * MINUTE, replaced, nodes, spot=[spot_row(usd=57.7)])
        told.append([signal.kind for detector in (SpotStorm(), SpotFallback()) for signal in detector.judge(of)])
    assert told == [["spot-storm"]] * 4 + [["spot"]] * 2


def test_the_same_scene_gives_the_same_signals() -> None:
    detector, one = SpotFallback(), afterwards()
    assert list(detector.judge(one)) == list(detector.judge(one))


@given(st.lists(losses, max_size=12), figures, figures, figures)
def test_no_figures_make_it_raise(
    rows: list[InterruptionRow], usd: float | None, work: float | None, spend: float | None
) -> None:
    nodes = standing(4, spot=False, at=NOON - HOUR)
    of = scene(NOON, rows, nodes, spot=[spot_row(usd=usd, lost_work_usd=work)], pools=[pool_spend(usd=spend)])
    for signal in judge(of):
        assert (signal.burned_usd or 0.0) >= 0
