"""Fixed rules: each fires on its case and is silent beside it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.fixed_rules import Comparison, FixedRule, FixedRules, FixedRuleSet
from finops_tui.detectors.hourly_means import HOURS, WATCHED_MOST, HourlyMeans
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import TREND_CELLS, SpendRow
from tests.samples import NOON, empty_snapshot

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def row(name: str = "nlp", usd: float | None = 100.0, **given: object) -> SpendRow:
    fields: dict[str, object] = {
        "key": name, "kind": ScopeKind.TEAM, "name": name, "cluster": "", "owner": name, "usd_per_hour": usd,
    }  # fmt: skip
    return SpendRow(**(fields | given))  # type: ignore[arg-type]  # test data by name


def scene(now: datetime, *rows: SpendRow) -> Scene:
    return Scene(snapshot=replace(empty_snapshot(), spend={ScopeKind.TEAM: rows}), fleet=Fleet(), now=now)


def rule(test: Comparison, value: float | None = None, **given: object) -> FixedRule:
    fields: dict[str, object] = {"name": "r", "test": test, "value": value, "kind": ScopeKind.TEAM}
    return FixedRule(**(fields | given))  # type: ignore[arg-type]  # test data by name


def after(minutes: float, of: FixedRule, *rows: SpendRow) -> list[Signal]:
    detector = FixedRules(FixedRuleSet(rules=(of,)))
    detector.judge(scene(NOON, *rows))
    return list(detector.judge(scene(NOON + timedelta(minutes=minutes), *rows)))


def test_there_are_none_by_default() -> None:
    assert list(FixedRules().judge(scene(NOON, row(usd=9e9)))) == []


def test_a_limit_is_broken_once_it_has_lasted() -> None:
    limit = rule(Comparison.LIMIT, 80, minutes=10, severity=Severity.PAGE)
    assert after(9, limit, row()) == []
    (signal,) = after(10, limit, row())
    assert (signal.key, signal.severity, signal.since) == ("rule/team/nlp/r", Severity.PAGE, NOON)
    assert (signal.scope, signal.owner) == (Scope(ScopeKind.TEAM, "nlp"), "nlp")
    assert (signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour) == (100, 80, 20)
    assert signal.why == "Rule r: $100.0/h is more than the limit of $80.0/h, since 12:00Z."
    assert after(10, limit, row(usd=80)) == []


@pytest.mark.parametrize(("usd", "fires"), [(110.0, False), (111.0, True)])
def test_ten_percent_over_normal(usd: float, fires: bool) -> None:
    assert bool(after(10, rule(Comparison.NORMAL), row(usd=usd, normal_usd_per_hour=100))) is fires
    assert after(10, rule(Comparison.NORMAL), row(usd=usd)) == [], "normal is not known"


@pytest.mark.parametrize(
    ("before", "usd", "fires"), [(100.0, 119.0, False), (100.0, 121.0, True), (None, 500.0, False)]
)
def test_a_fifth_more_within_the_hour(before: float | None, usd: float, fires: bool) -> None:
    trend = [50.0] * (TREND_CELLS - 9) + [before] + [usd] * 8
    assert len(trend) == TREND_CELLS
    assert bool(after(10, rule(Comparison.HOUR), row(usd=usd, trend=tuple(trend)))) is fires
    assert after(10, rule(Comparison.HOUR), row(usd=usd)) == [], "no trend yet"


@pytest.mark.parametrize(("usd", "fires"), [(200.0, False), (201.0, True)])
def test_a_days_budget_spent_twice_too_fast(usd: float, fires: bool) -> None:
    signals = after(10, rule(Comparison.BUDGET, usd_per_day=2_400), row(usd=usd))
    assert bool(signals) is fires
    assert after(10, rule(Comparison.BUDGET), row(usd=usd)) == [], "no budget"


def test_two_deviations_above_the_mean_of_a_week() -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.SIGMA, minutes=0),)))
    for hour in range(48):
        assert list(detector.judge(scene(NOON + hour * HOUR, row(usd=90 if hour % 2 else 110)))) == []
    now = NOON + 48 * HOUR
    assert list(detector.judge(scene(now, row(usd=119)))) == []
    (signal,) = detector.judge(scene(now + MINUTE, row(usd=121)))
    assert signal.why == "Rule r: $121.0/h is more than the 7-day mean of $100.0/h plus 2 x $10.0/h, since 12:01Z."


def test_a_mean_of_less_than_a_day_says_nothing() -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.SIGMA, minutes=0),)))
    for hour in range(23):
        detector.judge(scene(NOON + hour * HOUR, row(usd=100)))
    assert list(detector.judge(scene(NOON + 23 * HOUR, row(usd=900)))) == []


def test_what_is_learned_survives_a_restart() -> None:
    rules = FixedRuleSet(rules=(rule(Comparison.SIGMA, minutes=0),))
    before, later = FixedRules(rules), FixedRules(rules)
    for hour in range(30):
        before.judge(scene(NOON + hour * HOUR, row(usd=100)))
    later.restore(json.loads(json.dumps(before.state())))
    assert list(later.judge(scene(NOON + 31 * HOUR, row(usd=200))))


def test_a_rule_is_for_those_that_it_names() -> None:
    limit = rule(Comparison.LIMIT, 80, names="nlp*", minutes=0)
    assert [signal.name for signal in after(1, limit, row("nlp"), row("nlp-2"), row("search"))] == ["nlp", "nlp-2"]
    assert after(1, dataclasses.replace(limit, kind=ScopeKind.POOL), row("nlp")) == []


def test_a_few_cents_are_nothing() -> None:
    assert after(10, rule(Comparison.NORMAL, least_usd_per_hour=5), row(usd=14, normal_usd_per_hour=10)) == []


def test_a_short_break_does_not_begin_it_anew() -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.LIMIT, 80, minutes=5),)))
    looks = [list(detector.judge(scene(NOON + minute * MINUTE, row(usd=usd)))) for minute, usd in
             enumerate([100, 100, 100, 100, 70, 100])]  # fmt: skip
    assert [len(signals) for signals in looks] == [0, 0, 0, 0, 0, 1]
    assert looks[-1][0].since == NOON
    detector.judge(scene(NOON + 20 * MINUTE, row(usd=70)))
    assert list(detector.judge(scene(NOON + 21 * MINUTE, row()))) == []


def test_a_rule_that_is_kept_for_less_than_a_finding_stays_open_is_told_since_it_was_first_broken() -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.LIMIT, 80, minutes=1),)))
    kept = {4, 5, 6}
    for minute in range(9):
        signals = list(detector.judge(scene(NOON + minute * MINUTE, row(usd=70 if minute in kept else 100))))
    assert [signal.since for signal in signals] == [NOON]
    assert signals[0].why.endswith("since 12:00Z.")
    for minute in range(9, 25):
        signals = list(detector.judge(scene(NOON + minute * MINUTE, row(usd=70 if minute < 20 else 100))))
    assert [signal.since for signal in signals] == [NOON + 20 * MINUTE]


@pytest.mark.parametrize(
    ("of", "given", "words"),
    [
        (rule(Comparison.LIMIT, 80), {}, "the limit of $80.0/h"),
        (rule(Comparison.NORMAL), {"normal_usd_per_hour": 50.0}, "normal at this hour, $50.0/h"),
        (rule(Comparison.HOUR), {"trend": (40.0,) * TREND_CELLS}, "what it was an hour ago, $40.0/h"),
        (rule(Comparison.BUDGET, usd_per_day=720), {}, "an even day of the budget, $30.0/h"),
    ],
)
def test_it_says_what_it_is_held_against(of: FixedRule, given: dict[str, object], words: str) -> None:
    (signal,) = after(10, of, row(**given))  # type: ignore[arg-type]  # test data by name
    assert {each.label: each.words for each in signal.evidence}["Held against"] == words


def test_the_same_scene_gives_the_same_signals() -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.LIMIT, 80, minutes=0),)))
    one = scene(NOON, row())
    assert list(detector.judge(one)) == list(detector.judge(one))


def test_the_memory_is_a_week_of_so_many_scopes() -> None:
    means = HourlyMeans()
    for number in range(WATCHED_MOST + 50):
        means.add(str(number), 1.0, NOON)
    assert len(means.state()) == WATCHED_MOST
    means.add("late", 1.0, NOON + 8 * 24 * HOUR)
    assert list(means.state()) == ["late"]
    for hour in range(400):
        means.add("late", float(hour), NOON + (8 * 24 + hour) * HOUR)
    week = means.week("late")
    assert week is not None
    assert (week.hours, week.mean) == (HOURS, 398 - (HOURS - 1) / 2)


def test_hours_without_samples_are_gaps() -> None:
    means = HourlyMeans()
    for hour in (0, 1, 5, 6):
        means.add("x", 10.0 + hour, NOON + hour * HOUR)
    week = means.week("x")
    assert week is not None
    assert (week.hours, week.mean) == (3, 12.0)


figures = st.none() | st.floats(allow_nan=True, allow_infinity=True)
rows = st.builds(
    SpendRow,
    key=st.sampled_from(["a", "b", ""]),
    kind=st.just(ScopeKind.TEAM),
    name=st.sampled_from(["a", "[", "\x00"]),
    cluster=st.just(""),
    owner=st.just(""),
    usd_per_hour=figures,
    normal_usd_per_hour=figures,
    trend=st.lists(figures, max_size=24).map(tuple),
)


@given(
    st.lists(st.lists(rows, max_size=3), max_size=5),
    st.sampled_from(list(Comparison)),
    figures,
    st.floats(allow_nan=True, allow_infinity=True),
)
def test_no_figures_make_it_raise(
    looks: Sequence[Sequence[SpendRow]], test: Comparison, value: float | None, usd_per_day: float
) -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(test, value, usd_per_day=usd_per_day, minutes=0, names="[*"),)))
    everything = FixedRules(FixedRuleSet(rules=(rule(test, value, usd_per_day=usd_per_day, minutes=0),)))
    for hour, seen in enumerate(looks):
        for judge in (detector, everything):
            list(judge.judge(scene(NOON + hour * 13 * HOUR, *seen)))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["hour", "means", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["team nlp", "x"]), junk))
def test_what_cannot_be_read_is_learned_anew(state: dict[str, object]) -> None:
    detector = FixedRules(FixedRuleSet(rules=(rule(Comparison.SIGMA, minutes=0),)))
    detector.restore(state)
    detector.judge(scene(NOON, row()))
