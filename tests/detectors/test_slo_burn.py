"""Burn-rate alerts: what holds, since when, how urgent, in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.burn_rules import BurnAlertRules, holds, short_window, threshold
from finops_tui.detectors.slo_burn import Alert, BurnAlert, onset
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet, Held
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.slo import SliReading, Slo
from finops_tui.model.snapshot import BurnWindow, ServingRow, SloRow, SpendRow
from tests.samples import NOON, empty_snapshot

HOUR, DAY = 3_600, 86_400
KEY = "prod-eu/search/rerank-latency"
CALM = {300: 0.2, 1_800: 0.3, HOUR: 0.4, 2 * HOUR: 0.4, 6 * HOUR: 0.5, DAY: 0.6, 3 * DAY: 0.7}
FAST = {**CALM, 300: 21.0, 1_800: 20.0, HOUR: 16.2, 2 * HOUR: 8.4, 6 * HOUR: 3.1}


def row(burns: Mapping[int, float | None], *, objective: float = 0.995, left: float | None = 0.31) -> SloRow:
    return SloRow(
        key=KEY,
        name="rerank-latency",
        cluster="prod-eu",
        service="rerank-eu",
        objective=objective,
        windows=tuple(
            BurnWindow(seconds=seconds, error_ratio=None if rate is None else rate * (1 - objective), burn_rate=rate)
            for seconds, rate in sorted(burns.items())
        ),
        budget_left=left,
        exhausted_in_seconds=19 * 3_600.0,
        events_per_hour=48_000.0,
    )


def scene(*rows: SloRow, at: datetime = NOON, events: float | None = None, fleet: Fleet | None = None) -> Scene:
    fleet = fleet or Fleet()
    for each in rows:
        for window in each.windows:
            reading = SliReading(
                slo_id=each.key, window_seconds=window.seconds, error_ratio=window.error_ratio, events=events
            )
            fleet.slis[each.key, window.seconds] = Held(reading, at, "prometheus")
    return Scene(snapshot=replace(empty_snapshot(), slos=rows), fleet=fleet, now=at)


def only(detector: BurnAlert, of: Scene) -> Signal:
    (signal,) = detector.judge(of)
    return signal


def labelled(signal: Signal) -> dict[str, str]:
    return {each.label: each.words for each in signal.evidence}


def test_the_worst_alert_that_holds_in_words_with_figures() -> None:
    signal = only(BurnAlert(), scene(row(FAST)))
    assert signal.severity is Severity.PAGE
    assert signal.why == ("Burns 16.2× too fast over 1 h and 21× over 5 min; 31% of the budget is left, gone in 19h.")
    told = labelled(signal)
    assert told["Alert"] == "page: 14.4× over 1 h and 5 min"
    assert told["Burn rates"].startswith("5 min 21×, 30 min 20×, 1 h 16.2×, 2 h 8.4×")
    assert told["Traffic"] == "48,000/h"
    assert "Not measured" not in told
    assert (signal.name, signal.subject, signal.key) == ("rerank-latency", KEY, f"slo/{KEY}")


@pytest.mark.parametrize(
    ("burns", "severity"),
    [
        ({HOUR: 14.4, 300: 14.4}, Severity.PAGE),
        ({HOUR: 14.3, 300: 90.0}, None),
        ({HOUR: 90.0, 300: 14.3}, None),
        ({6 * HOUR: 6.0, 1_800: 6.0}, Severity.PAGE),
        ({DAY: 3.0, 2 * HOUR: 3.0}, Severity.TICKET),
        ({3 * DAY: 1.0, 6 * HOUR: 1.0}, Severity.TICKET),
        ({3 * DAY: 1.0, 6 * HOUR: 0.9}, None),
    ],
)
def test_the_four_alerts_of_the_workbook(burns: dict[int, float], severity: Severity | None) -> None:
    signals = list(BurnAlert().judge(scene(row({**CALM, **burns}))))
    assert [signal.severity for signal in signals] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-19.56, "the error budget is used up 21 times over."),
        (-1_956.0, "the error budget is used up 1,957 times over."),
        (-0.4, "the error budget is used up 1.4 times over."),
        (-0.01, "the error budget is gone."),
        (0.0, "the error budget is gone."),
        (None, "what is left of the budget is not known."),
    ],
)
def test_a_budget_that_is_gone_is_said_to_be(left: float | None, words: str) -> None:
    assert only(BurnAlert(), scene(row(FAST, left=left))).why.endswith(words)


def test_few_events_wake_nobody() -> None:
    signal = only(BurnAlert(), scene(row(FAST), events=12.0))
    assert signal.severity is Severity.TICKET
    assert "Only 12 events in 5 min: too few to tell for certain." in signal.why
    assert labelled(signal)["Alert"] == "ticket: 14.4× over 1 h and 5 min, page with enough events"
    assert only(BurnAlert(), scene(row(FAST), events=100.0)).severity is Severity.PAGE
    assert only(BurnAlert(BurnAlertRules(minimum_events=10)), scene(row(FAST), events=12.0)).severity is Severity.PAGE


def test_factors_and_windows_can_be_others() -> None:
    rules = BurnAlertRules(page_fast_factor=2.0, page_fast_long_minutes=30, page_fast_short_minutes=5)
    signal = only(BurnAlert(rules), scene(row({**CALM, 300: 2.0, 1_800: 2.5})))
    assert signal.severity is Severity.PAGE
    assert "2.5× too fast over 30 min and 2× over 5 min" in signal.why


def test_no_traffic_is_not_an_error() -> None:
    assert list(BurnAlert().judge(scene(row(dict.fromkeys(CALM))))) == []
    assert list(BurnAlert().judge(scene(row({})))) == []
    assert list(BurnAlert().judge(scene(row({**FAST, 300: None, 1_800: None})))) == []


def test_windows_that_nobody_measures_are_named_and_the_rest_is_used() -> None:
    signal = only(BurnAlert(), scene(row({1_800: 20.0, HOUR: 16.0, 6 * HOUR: 5.0})))
    assert signal.severity is Severity.PAGE
    assert labelled(signal)["Not measured"] == "5 min, 2 h, 1 d, 3 d; 30 min stands in for 5 min"
    assert "16× too fast over 1 h and 20× over 30 min" in signal.why
    assert list(BurnAlert().judge(scene(row({HOUR: 50.0})))) == [], "one window alone proves nothing"


def test_pyrras_four_days_stand_in_for_three() -> None:
    """Its own slow alert is 1x over 4d and 6h."""
    pyrra = {300: 5.0, 1_800: 4.0, HOUR: 3.0, 2 * HOUR: 2.0, 6 * HOUR: 1.5, DAY: 1.2, 4 * DAY: 1.1}
    signal = only(BurnAlert(), scene(row(pyrra, objective=0.99, left=-0.05)))
    assert signal.severity is Severity.TICKET
    assert "1.1× too fast over 4 d and 1.5× over 6 h" in signal.why
    assert labelled(signal)["Not measured"] == "3 d; 4 d stands in for 3 d"
    assert list(BurnAlert().judge(scene(row({**pyrra, 4 * DAY: 0.9})))) == []
    assert list(BurnAlert().judge(scene(row({**pyrra, 3 * DAY: None})))) == [], "no traffic is measured too"
    assert list(BurnAlert().judge(scene(row({6 * HOUR: 1.5, 5 * DAY: 1.1})))) == [], "five days are too long"


def test_exactly_the_factor_is_enough() -> None:
    burn = 0.0144 / (1 - 0.999)
    assert burn < 14.4, "as binary fractions have it"
    assert only(BurnAlert(), scene(row({**CALM, 300: burn, HOUR: burn}, objective=0.999))).severity is Severity.PAGE


def test_an_alert_goes_on_until_it_burns_clearly_slower() -> None:
    detector = BurnAlert()
    wobbling = [{HOUR: 14.5, 300: 14.5}, {HOUR: 14.3, 300: 13.1}, {HOUR: 14.5, 300: 14.5}, {HOUR: 13.0, 300: 13.0}]
    for minute, burns in enumerate(wobbling):
        signal = only(detector, scene(row({**CALM, **burns}), at=NOON + timedelta(minutes=minute * 10)))
        assert signal.severity is Severity.PAGE
    assert list(detector.judge(scene(row({**CALM, HOUR: 13.0, 300: 12.9}), at=NOON + timedelta(hours=1)))) == []
    assert list(detector.judge(scene(row({**CALM, HOUR: 14.3, 300: 14.3}), at=NOON + timedelta(hours=2)))) == []


def test_one_answer_that_is_missing_does_not_end_an_alert() -> None:
    detector = BurnAlert()
    first = only(detector, scene(row(FAST)))
    gap = only(detector, scene(row({**FAST, 300: None}), at=NOON + timedelta(seconds=60)))
    assert (gap.since, gap.severity, gap.key) == (first.since, first.severity, first.key)
    assert list(detector.judge(scene(row({**FAST, 300: None}), at=NOON + timedelta(minutes=4)))) == []


def test_what_begins_to_page_is_another_trouble_than_the_ticket_it_was() -> None:
    detector = BurnAlert()
    slow = {**CALM, 6 * HOUR: 1.1, DAY: 1.1, 3 * DAY: 1.1}
    ticket = only(detector, scene(row(slow)))
    assert ticket.since == NOON - timedelta(days=3), "the longest window burned all along"
    later = NOON + timedelta(hours=5)
    page = only(detector, scene(row({**FAST, 3 * DAY: 1.2}), at=later))
    assert page.severity is Severity.PAGE
    assert later - timedelta(hours=1, minutes=5) <= page.since < later
    over = only(detector, scene(row(slow), at=later + timedelta(hours=1)))
    assert (over.severity, over.since) == (Severity.TICKET, ticket.since)


def test_an_objective_that_is_no_longer_there_says_nothing() -> None:
    detector = BurnAlert()
    only(detector, scene(row(FAST)))
    assert list(detector.judge(scene(at=NOON + timedelta(seconds=10)))) == []


def test_the_onset_is_read_off_the_longer_windows() -> None:
    detector = BurnAlert()
    steady = {**CALM, 300: 20.0, 1_800: 20.0, HOUR: 15.0, 2 * HOUR: 7.5, 6 * HOUR: 2.9}
    assert only(detector, scene(row(steady))).since == NOON - timedelta(minutes=45)
    again = only(detector, scene(row({**steady, HOUR: 18.0}), at=NOON + timedelta(minutes=9)))
    assert again.since == NOON - timedelta(minutes=45), "it stays as it was found"


def test_an_objective_with_a_large_budget_can_page_too() -> None:
    rule = BurnAlertRules().alerts[0]
    assert threshold(rule, 0.9) == pytest.approx(9.0)
    assert threshold(rule, 0.99) == 14.4
    down = dict.fromkeys(CALM, 10.0)
    assert only(BurnAlert(), scene(row(down, objective=0.9))).severity is Severity.PAGE


def linked() -> Scene:
    workload = Workload(
        cluster="prod-eu",
        kind="Deployment",
        namespace="search",
        name="rerank-eu",
        placements=(Placement("n1", 4, 4.0),),
    )
    fleet = Fleet()
    cluster = fleet.cluster("prod-eu")
    cluster.workloads[workload.key] = workload
    cluster.nodes["n1"] = Node(cluster="prod-eu", name="n1", uid="1", pool="l40s-infer")
    slo = Slo(id=KEY, name="rerank-latency", cluster="prod-eu", service="rerank-eu", objective=0.995)
    fleet.slos[KEY] = Held(slo, NOON, "prometheus")
    serving = replace(
        row(FAST), workload="Deployment/rerank-eu", model="rerank-2", pool="l40s-infer", usd_per_hour=57.2
    )
    spend = SpendRow(
        key=workload.key,
        kind=ScopeKind.WORKLOAD,
        name="search/deploy/rerank-eu",
        cluster="prod-eu",
        owner="search",
        namespace="search",
        model="rerank-2",
        usd_per_hour=57.2,
    )
    server = ServingRow(
        key="s",
        cluster="prod-eu",
        namespace="search",
        model="rerank-2",
        server="vLLM",
        requests_per_second=12.0,
        p95_seconds=1.84,
        error_ratio=None,
        queue_depth=31.0,
        tokens_per_second=None,
    )
    base = scene(serving, fleet=fleet)
    snapshot = replace(base.snapshot, spend={ScopeKind.WORKLOAD: (spend,)}, serving=(server,))
    return Scene(snapshot=snapshot, fleet=fleet, now=NOON)


def test_cost_and_reliability_stand_side_by_side() -> None:
    signal = only(BurnAlert(), linked())
    workload = "prod-eu/Deployment/search/rerank-eu"
    assert signal.scope == Scope(ScopeKind.WORKLOAD, workload)
    assert (signal.owner, signal.namespace, signal.model) == ("search", "search", "rerank-2")
    assert signal.usd_per_hour == 57.2
    assert signal.related == (KEY, workload, "prod-eu/l40s-infer")
    told = labelled(signal)
    assert told["Costs"] == "≈$57.2/h to serve"
    assert told["Pool"] == "l40s-infer"
    assert told["Serving"] == "vLLM: p95 1.84 s, 31 in the queue, 12 requests/s"


def test_without_a_workload_the_scope_is_the_model_or_the_namespace() -> None:
    lonely = Scene(
        snapshot=replace(linked().snapshot, spend={}, slos=(replace(row(FAST), model="rerank-2"),)),
        fleet=Fleet(),
        now=NOON,
    )
    assert only(BurnAlert(), lonely).scope == Scope(ScopeKind.MODEL, "rerank-2")
    fleet = Fleet()
    slo = Slo(id=KEY, name="x", cluster="prod-eu", service="s", objective=0.995, namespace="search")
    fleet.slos[KEY] = Held(slo, NOON, "prometheus")
    assert only(BurnAlert(), scene(row(FAST), fleet=fleet)).scope == Scope(ScopeKind.NAMESPACE, "prod-eu/search")


def test_it_is_the_same_trouble_once_the_workload_is_known() -> None:
    detector, whole = BurnAlert(), linked()
    early = Scene(snapshot=replace(whole.snapshot, spend={}), fleet=Fleet(), now=NOON)
    first, then = only(detector, early), only(detector, whole)
    assert first.scope != then.scope, "objectives may answer before a large cluster has been listed"
    assert first.key == then.key


def test_a_workload_that_could_be_either_is_not_blamed() -> None:
    both = linked()
    (row_,) = both.snapshot.slos
    (spend,) = both.snapshot.spend[ScopeKind.WORKLOAD]
    other = replace(spend, key="prod-eu/Deployment/staging/rerank-eu", namespace="staging")
    snapshot = replace(both.snapshot, spend={ScopeKind.WORKLOAD: (spend, other)}, slos=(row_,))
    signal = only(BurnAlert(), Scene(snapshot=snapshot, fleet=both.fleet, now=NOON))
    assert signal.scope == Scope(ScopeKind.MODEL, "rerank-2")


RATES = st.one_of(st.none(), st.floats(0, 1_000))


@given(RATES, RATES, st.floats(0.1, 100), st.floats(0, 100), st.floats(0, 100))
def test_law_both_windows_are_needed_and_more_burn_never_ends_an_alert(
    long: float | None, short: float | None, factor: float, more: float, less: float
) -> None:
    if holds(long, short, factor):
        assert long is not None
        assert short is not None
        assert min(long, short) >= factor
        assert holds(long + more, short + less, factor)
        assert holds(long, short, factor * 0.9)
        assert not holds(long, None, factor)
        assert not holds(None, short, factor)


@given(st.lists(st.floats(0, 60), min_size=7, max_size=7), st.floats(0, 40))
def test_law_a_faster_burn_is_never_milder(rates: list[float], more: float) -> None:
    def rank(of: list[float]) -> int:
        signals = list(BurnAlert().judge(scene(row(dict(zip(CALM, of, strict=True))))))
        return signals[0].severity.rank if signals else len(Severity)

    assert rank([rate + more for rate in rates]) <= rank(rates)


@given(st.floats(1, 20), st.floats(1, 20), RATES, RATES)
def test_law_over_the_same_windows_a_higher_factor_implies_a_lower(
    one: float, other: float, long: float | None, short: float | None
) -> None:
    def fires(factor: float) -> bool:
        rules = BurnAlertRules(page_fast_factor=factor)
        return bool(list(BurnAlert(rules).judge(scene(row({300: short, HOUR: long})))))

    low, high = sorted((one, other))
    assert fires(low) or not fires(high)


@given(st.dictionaries(st.sampled_from(sorted(CALM)), RATES))
def test_law_the_onset_is_neither_in_the_future_nor_before_the_longest_window(burns: dict[int, float | None]) -> None:
    rule = BurnAlertRules().alerts[0]
    short = short_window(rule, burns)
    if short is not None:
        since = onset(burns, Alert(rule, Severity.PAGE, 14.4, short, rule.long_seconds), NOON)
        assert NOON - timedelta(days=3) <= since <= NOON


ANY = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@given(st.dictionaries(st.sampled_from(sorted(CALM)), ANY), ANY, ANY, ANY, st.floats(allow_nan=True))
def test_law_nothing_raises_whatever_the_figures_are(
    burns: dict[int, float | None], left: float | None, out: float | None, events: float | None, objective: float
) -> None:
    odd = replace(row(burns, objective=objective, left=left), exhausted_in_seconds=out)
    detector = BurnAlert()
    for seconds in (0, 60, -60):
        for signal in detector.judge(scene(odd, at=NOON + timedelta(seconds=seconds), events=events)):
            assert signal.why
