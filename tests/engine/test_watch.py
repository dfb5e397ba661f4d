from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.engine.absorb import key_of
from finops_tui.engine.planned import ANNOTATION, PlannedWindow
from finops_tui.engine.watch import RUNBOOK
from finops_tui.model.finding import FindingState, Severity, Triage
from finops_tui.model.inventory import Workload
from finops_tui.model.observations import FindingTriaged, WorkloadsSeen
from finops_tui.model.scope import Scope, ScopeKind
from tests.engine.findings import JOB, Watching, minutes, signal
from tests.samples import NOON


def decide(watching: Watching, state: FindingState, minute: float, until: float | None = None) -> None:
    triage = Triage(
        key=key_of(signal()),
        severity=Severity.TICKET,
        since=NOON,
        state=state,
        at=minutes(minute),
        by="ana",
        reason="looking",
        until=None if until is None else minutes(until),
    )
    watching.fleet.fold(FindingTriaged(at=triage.at, source="user", cluster="", triage=triage))


def test_what_is_wrong_is_listed_with_its_onset_and_when_it_was_noticed() -> None:
    sight = Watching().look(7, signal())
    (finding,) = sight.findings
    assert (finding.since, finding.opened_at, finding.seen_at) == (NOON, minutes(7), minutes(7))
    assert finding.state is FindingState.OPEN


def test_what_it_burned_counts_from_the_onset_and_goes_on() -> None:
    watching = Watching()
    assert watching.look(30, signal()).findings[0].burned_usd == pytest.approx(30.0)  # 60 $/h for half an hour
    sight = watching.look(60, signal(excess_usd_per_hour=20.0))
    assert sight.findings[0].burned_usd == pytest.approx(40.0)
    assert sight.burned_usd == pytest.approx(40.0)


def test_a_clock_that_is_set_back_blinds_nobody_and_takes_back_no_dollars() -> None:
    watching = Watching()
    watching.look(60, signal())
    other = Scope(ScopeKind.TEAM, "cv")
    burned = {f.scope: f.burned_usd for f in watching.look(0, signal(), signal(scope=other)).findings}
    assert burned == {signal().scope: pytest.approx(60.0), other: 0.0}


def test_a_short_silence_ends_nothing_and_a_long_one_resolves() -> None:
    watching = Watching(grace_seconds=300.0)
    watching.look(0, signal())
    assert watching.look(4).findings
    sight = watching.look(6)
    assert not sight.findings
    (over,) = sight.resolved
    assert (over.state, over.resolved_at) == (FindingState.RESOLVED, NOON)


def test_what_comes_back_with_the_same_onset_had_not_ended() -> None:
    watching = Watching()
    watching.look(1, signal())
    watching.look(20)
    sight = watching.look(30, signal())
    assert sight.findings[0].opened_at == minutes(1)
    assert not sight.resolved


def test_the_same_trouble_hours_later_is_another_finding() -> None:
    watching = Watching()
    watching.look(1, signal())
    watching.look(20)
    sight = watching.look(200, signal(since=minutes(190)))
    assert sight.findings[0].opened_at == minutes(200)
    assert len(sight.resolved) == 1


def test_what_is_over_is_forgotten_after_a_day() -> None:
    watching = Watching(kept_hours=24.0)
    watching.look(1, signal())
    assert watching.look(20).resolved
    assert not watching.look(60 * 25).resolved


def test_an_acknowledged_finding_stays_listed_and_says_by_whom() -> None:
    watching = Watching()
    watching.look(1, signal())
    decide(watching, FindingState.ACKNOWLEDGED, 2)
    (finding,) = watching.look(2, signal()).findings
    assert finding.state is FindingState.ACKNOWLEDGED
    assert finding.triage is not None
    assert finding.triage.by == "ana"


def test_a_decision_shows_at_once_though_no_look_is_due() -> None:
    watching = Watching(every_seconds=3_600.0)
    watching.look(0, signal())
    decide(watching, FindingState.ACKNOWLEDGED, 0.1)
    assert watching.look(0.2, signal()).findings[0].state is FindingState.ACKNOWLEDGED
    assert watching.said.asked == 1


def test_a_snooze_ends_by_itself() -> None:
    watching = Watching()
    watching.look(1, signal())
    decide(watching, FindingState.SNOOZED, 2, until=30)
    assert watching.look(10, signal()).findings[0].state is FindingState.SNOOZED
    assert watching.look(31, signal()).findings[0].state is FindingState.OPEN


def test_what_somebody_resolved_is_off_the_list_while_it_lasts_and_opens_when_it_begins_anew() -> None:
    watching = Watching()
    watching.look(1, signal())
    decide(watching, FindingState.RESOLVED, 2)
    sight = watching.look(3, signal())
    assert not sight.findings
    assert sight.resolved[0].resolved_at == minutes(2)
    watching.look(30)
    assert watching.look(120, signal(since=minutes(110))).findings[0].state is FindingState.OPEN


def test_a_planned_window_lets_nothing_page() -> None:
    window = PlannedWindow(match="ml", begins=minutes(-5), ends=minutes(60), reason="quarterly retraining")
    (finding,) = Watching(planned=(window,)).look(5, signal(severity=Severity.PAGE)).findings
    assert (finding.severity, finding.planned) == (Severity.INFO, "quarterly retraining")


def test_a_workload_may_say_itself_that_it_is_planned() -> None:
    watching = Watching()
    job = Workload(
        cluster="prod", kind="Job", namespace="ml", name="train", annotations={ANNOTATION: "backfill", RUNBOOK: "u"}
    )
    watching.fleet.fold(WorkloadsSeen(at=NOON, source="k", cluster="prod", workloads=(job,)))
    (finding,) = watching.look(5, signal(severity=Severity.PAGE)).findings
    assert (finding.severity, finding.planned, finding.runbook) == (Severity.INFO, "backfill", "u")


def test_a_least_duration_keeps_what_passes_quickly_off_the_list() -> None:
    watching = Watching(least_seconds={Severity.TICKET: 600.0})
    assert not watching.look(0, signal()).findings
    assert not watching.look(9, signal()).findings
    assert watching.look(10, signal()).findings[0].opened_at == minutes(10)


def test_the_most_urgent_is_first_then_the_most_dollars() -> None:
    page = signal(kind="slo", severity=Severity.PAGE, excess_usd_per_hour=None, burned_usd=None)
    small = signal(part="small", excess_usd_per_hour=5.0)
    large = signal(kind="xid", excess_usd_per_hour=50.0)
    found = Watching().look(1, small, large, page).findings
    assert [finding.kind for finding in found][:2] == ["slo", "xid"]


def test_after_a_restart_it_is_the_same_finding() -> None:
    before = Watching()
    before.look(1, signal())
    before.look(30, signal())
    after = Watching()
    after.watch.restore(before.watch.state())
    (finding,) = after.look(40, signal(since=minutes(10))).findings
    assert (finding.since, finding.opened_at) == (NOON, minutes(1))
    assert finding.burned_usd is not None
    assert finding.burned_usd >= 30.0


def test_after_a_restart_long_after_its_end_it_is_another_one() -> None:
    before = Watching()
    before.look(1, signal())
    after = Watching()
    after.watch.restore(before.watch.state())
    (finding,) = after.look(400, signal(since=minutes(390))).findings
    assert finding.opened_at == minutes(400)


@given(st.lists(st.tuples(st.integers(0, 600), st.booleans(), st.floats(allow_nan=False, width=32)), max_size=20))
def test_whatever_detectors_say_every_finding_is_listed_once_and_burns_no_less_than_before(
    story: list[tuple[int, bool, float]],
) -> None:
    watching = Watching()
    burned = 0.0
    for minute, seen, excess in sorted(story, key=lambda step: step[0]):
        sight = watching.look(minute, *([signal(excess_usd_per_hour=excess)] if seen else []))
        keys = [finding.key for finding in sight.findings]
        assert len(keys) == len(set(keys))
        for finding in sight.findings:
            assert finding.burned_usd is not None
            if finding.opened_at < minutes(minute):
                assert finding.burned_usd >= burned - 1e-6
            burned = finding.burned_usd


def test_two_findings_about_one_scope_burn_once() -> None:
    sight = Watching().look(60, signal(), signal(kind="xid", excess_usd_per_hour=10.0))
    assert sight.burned_usd == pytest.approx(60.0)


def test_an_earlier_onset_of_the_same_trouble_does_not_move_what_is_listed() -> None:
    watching = Watching()
    watching.look(1, signal(since=minutes(1)))
    assert watching.look(5, replace(signal(), since=NOON - timedelta(minutes=9))).findings[0].since == minutes(1)


def test_a_detector_that_fails_costs_its_own_findings_alone() -> None:
    watching = Watching()
    watching.said.error = LookupError("no such thing")
    assert not watching.look(0, signal()).findings
    assert watching.watch.broken == {"said": ("LookupError: no such thing", minutes(0))}
    watching.said.error = None
    assert watching.look(5, signal()).findings
    assert watching.watch.broken == {}


def test_what_begins_to_page_is_another_trouble_than_the_ticket_somebody_acknowledged() -> None:
    watching = Watching()
    watching.look(1, signal())
    decide(watching, FindingState.ACKNOWLEDGED, 2)
    (finding,) = watching.look(60, signal(severity=Severity.PAGE, since=minutes(50))).findings
    assert (finding.state, finding.since, finding.opened_at) == (FindingState.OPEN, minutes(50), minutes(60))


def test_a_page_that_calms_down_stays_what_it_was() -> None:
    watching = Watching()
    watching.look(1, signal(severity=Severity.PAGE))
    watching.look(30, signal(excess_usd_per_hour=20.0))
    (finding,) = watching.look(35, signal(excess_usd_per_hour=20.0)).findings
    assert (finding.severity, finding.opened_at) == (Severity.TICKET, minutes(1))


def test_another_view_of_the_same_trouble_is_the_same_finding() -> None:
    watching = Watching()
    before = watching.look(1, signal(kind="spot-storm")).findings[0]
    after = watching.look(30, signal(kind="spot")).findings[0]
    assert (after.key, after.opened_at) == (before.key, before.opened_at)


def test_a_page_that_calms_down_and_flares_up_is_the_same() -> None:
    watching = Watching()
    watching.look(1, signal(severity=Severity.PAGE))
    watching.look(30, signal())
    (finding,) = watching.look(40, signal(severity=Severity.PAGE)).findings
    assert finding.opened_at == minutes(1)


def test_what_was_called_over_and_goes_on_opens_again() -> None:
    watching = Watching()
    watching.look(1, signal())
    decide(watching, FindingState.RESOLVED, 2)
    assert not watching.look(31, signal()).findings
    assert watching.look(33, signal()).findings[0].state is FindingState.OPEN


def test_after_a_start_what_was_open_is_listed_until_it_was_looked_at() -> None:
    before = Watching()
    before.look(1, signal())
    after = Watching()
    after.watch.restore(before.watch.state())
    (finding,) = after.look(2).findings
    assert finding.stale
    assert not after.look(6).findings


def test_before_the_onset_nothing_was_too_much() -> None:
    watching = Watching()
    past = watching.watch._history.scope(JOB)
    for minute in range(-180, 61):
        past.record(minutes(minute).timestamp(), 30.0 if minute < 0 else 90.0)
    (finding,) = watching.look(60, signal(normal_usd_per_hour=10.0)).findings
    excess = [
        usd > normal
        for usd, normal in zip(finding.minutes, finding.minutes_normal, strict=True)
        if usd is not None and normal is not None
    ]
    assert not any(excess[:100])
    assert all(excess[-55:])
