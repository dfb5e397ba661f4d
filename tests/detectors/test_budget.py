"""Budgets of a day: thresholds, the forecast, the end of the day."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.budget import Budget, BudgetRules, BudgetWatch
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import Figure
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from tests.detectors.scenes import evidence
from tests.samples import NOON, empty_snapshot

MINUTE = timedelta(minutes=1)
NLP = Scope(ScopeKind.TEAM, "nlp")
DAY = Budget(name="gpu", usd=2_400.0)
"""$100/h all day long."""


def scene(spent: float | None, usd: float | None, now: datetime = NOON, *, team_spent: float | None = None) -> Scene:
    snapshot = empty_snapshot()
    total = SpendRow(key=TOTAL.name, kind=ScopeKind.TOTAL, name="total", cluster="", owner="", usd_per_hour=usd)
    team = SpendRow(
        key="nlp", kind=ScopeKind.TEAM, name="nlp", cluster="", owner="nlp", usd_per_hour=usd, today_usd=team_spent
    )
    return Scene(
        snapshot=replace(
            snapshot,
            headline=replace(snapshot.headline, today_usd=Figure(value=spent, unit="USD")),
            spend={ScopeKind.TOTAL: (total,), ScopeKind.TEAM: (team,)},
        ),
        fleet=Fleet(),
        now=now,
    )


def watch(*budgets: Budget) -> BudgetWatch:
    return BudgetWatch(BudgetRules(budgets=budgets or (DAY,)))


def judge(of: Scene) -> list[Signal]:
    return list(watch().judge(of))


def test_without_budgets_there_is_nothing_to_say() -> None:
    assert list(BudgetWatch().judge(scene(9e9, 9e9))) == []


def test_what_is_on_its_way_to_fit_is_left_alone() -> None:
    assert judge(scene(1_100, 90)) == []


@pytest.mark.parametrize(
    ("spent", "severity", "words"),
    [
        (1_200, Severity.INFO, "has passed 50%"),
        (1_900, Severity.INFO, "has passed 75%"),
        (2_160, Severity.INFO, "has passed 90%"),
        (2_400, Severity.TICKET, "is overrun: $2.40k of $2.40k"),
        (9_000, Severity.TICKET, "is overrun"),
    ],
)
def test_each_threshold_is_told_and_an_overrun_is_urgent(spent: float, severity: Severity, words: str) -> None:
    (signal,) = judge(scene(spent, 10))
    assert (signal.severity, signal.scope, signal.part) == (severity, TOTAL, "gpu")
    assert words in signal.why


def test_an_overrun_ahead_is_told_once_it_has_been_so_for_a_while() -> None:
    detector = watch()
    assert list(detector.judge(scene(900, 150))) == []
    (signal,) = detector.judge(scene(937, 150, NOON + 15 * MINUTE))
    assert signal.severity is Severity.TICKET
    assert signal.why == "Budget gpu will be overrun by $300 at the rate of now: $937 of $2.40k are spent today."
    assert {evidence.label: evidence.words for evidence in signal.evidence} == {
        "Spent": "$937 of $2.40k, 39%",
        "Forecast": "$2.70k at 24:00Z if it stays at $150.0/h",
        "Runs out": "22:00Z at that rate",
    }


def test_a_short_spike_is_no_forecast() -> None:
    detector = watch()
    for minute in range(30):
        spike = 150 if minute % 10 < 3 else 90
        assert list(detector.judge(scene(900 + minute, spike, NOON + minute * MINUTE))) == []


def test_its_onset_stays_as_thresholds_pass_and_is_new_on_another_day() -> None:
    detector = watch()
    (first,) = detector.judge(scene(1_300, 10))
    (second,) = detector.judge(scene(2_300, 10, NOON + 60 * MINUTE))
    assert (first.key, first.since) == (second.key, second.since) == ("budget/total/total/gpu", NOON)
    tomorrow = NOON + timedelta(hours=24)
    (third,) = detector.judge(scene(1_300, 10, tomorrow))
    assert (third.key, third.since) == (first.key, tomorrow)


def test_a_team_has_its_own_budget() -> None:
    detector = watch(Budget(name="nlp", scope=NLP, usd=240), DAY)
    (signal,) = detector.judge(scene(100, 1, team_spent=130))
    assert (signal.scope, signal.owner, signal.normal_usd_per_hour) == (NLP, "nlp", 10)


@pytest.mark.parametrize(("spent", "usd"), [(None, 100.0), (5_000.0, None), (float("nan"), 100.0)])
def test_what_is_not_known_is_not_judged(spent: float | None, usd: float | None) -> None:
    assert judge(scene(spent, usd)) == []


def test_a_budget_of_something_that_is_not_there_is_not_judged() -> None:
    assert list(watch(Budget(name="x", scope=Scope(ScopeKind.TEAM, "gone"), usd=1)).judge(scene(9, 9))) == []


def test_the_same_scene_gives_the_same_signals() -> None:
    detector, one = watch(), scene(1_300, 10)
    assert list(detector.judge(one)) == list(detector.judge(one))


figures = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(figures, figures, st.timedeltas(-48 * 60 * MINUTE, 48 * 60 * MINUTE)), max_size=6), figures)
def test_no_figures_make_it_raise(
    looks: list[tuple[float | None, float | None, timedelta]], usd_per_day: float | None
) -> None:
    detector = watch(Budget(name="x", usd=0.0 if usd_per_day is None else usd_per_day))
    for spent, usd, later in sorted(looks, key=lambda look: look[2]):
        for signal in detector.judge(scene(spent, usd, NOON + later)):
            assert signal.since <= NOON + later


def unknown(
    name: str, kind: ScopeKind = ScopeKind.TEAM, minutes: int = 20, *, seen_first: bool = False
) -> list[Signal]:
    detector = watch(Budget(name="b", scope=Scope(kind, name), usd=100.0))
    if seen_first:
        known = scene(None, 10.0, team_spent=1.0)
        row = replace(known.snapshot.spend[ScopeKind.TEAM][0], key=name, name=name)
        list(
            detector.judge(dataclasses.replace(known, snapshot=replace(known.snapshot, spend={ScopeKind.TEAM: (row,)})))
        )
    signals: list[Signal] = []
    for minute in range(minutes + 1):
        signals = list(detector.judge(scene(None, 10.0, NOON + minute * MINUTE, team_spent=1.0)))
    return signals


def test_a_budget_of_what_nothing_carries_is_told() -> None:
    (signal,) = unknown("nosuch")
    assert signal.severity is Severity.INFO
    assert signal.scope == Scope(ScopeKind.TEAM, "nosuch")
    assert (
        signal.why == "Budget b names the team nosuch, which nothing carries that was seen so far: it counts nothing."
    )
    assert signal.usd_per_hour is None
    (meant,) = unknown("nlpp")
    assert evidence(meant)["Did you mean"] == "nlp"


def test_what_is_not_there_yet_may_be_soon() -> None:
    assert unknown("nosuch", minutes=10) == []


def test_what_was_there_and_has_gone_home_is_no_mistake() -> None:
    assert unknown("night-shift", seen_first=True) == []


def test_before_anything_was_seen_no_name_is_wrong() -> None:
    assert unknown("nosuch", kind=ScopeKind.MODEL) == []
