"""How urgent an open finding stays, and what is told of it where that changes."""

from __future__ import annotations

from finops_tui.engine.absorb import key_of
from finops_tui.engine.planned import PlannedWindow
from finops_tui.model.finding import Finding, FindingState, Severity, Signal, Triage
from finops_tui.model.observations import FindingTriaged
from tests.engine.findings import Watching, minutes, signal

DAY = 24 * 60
PAGE, TICKET, INFO = Severity.PAGE, Severity.TICKET, Severity.INFO


def paging(**given: object) -> Signal:
    return signal(severity=PAGE, **given)


def watched(watching: Watching, first: float, last: float, *signals: Signal) -> Finding:
    """Look every five minutes; return what is listed at the end."""
    minute = first
    while minute < last:
        watching.look(minute, *signals)
        minute += 5
    (finding,) = watching.look(last, *signals).findings
    return finding


def decide(watching: Watching, state: FindingState, minute: float) -> None:
    made = Triage(key=key_of(signal()), severity=PAGE, since=minutes(0), state=state, at=minutes(minute), by="ana")
    watching.fleet.fold(FindingTriaged(at=made.at, source="user", cluster="", triage=made))


def turns(finding: Finding) -> list[tuple[Severity, Severity, str]]:
    return [(turn.before, turn.after, turn.why) for turn in finding.turned]


def test_a_page_that_nobody_decided_about_stays_one_while_it_burns() -> None:
    watching = Watching()
    watching.look(1, paging())
    finding = watched(watching, 5, 600, signal())
    assert (finding.severity, finding.opened_at, finding.turned) == (PAGE, minutes(1), ())
    said = {each.label: each.words for each in finding.evidence}
    assert said["Urgency"] == (
        "Stays a page until Wed 12:01Z unless somebody decides about it; its detector calls it a ticket by now."
    )


def test_a_page_that_nobody_decided_about_within_a_day_becomes_a_ticket_and_says_so() -> None:
    watching = Watching()
    watching.look(1, paging())
    assert watched(watching, 5, DAY, signal()).severity is PAGE
    finding = watched(watching, DAY + 5, 2 * DAY, signal())
    assert finding.severity is TICKET
    assert turns(finding) == [(PAGE, TICKET, "open for 1d00h, and nobody decided about it")]


def test_another_view_that_comes_and_goes_does_not_make_it_flip() -> None:
    watching = Watching()
    watching.look(1, paging())
    told = [
        watched(watching, 5 + 60 * hour, 60 + 60 * hour, signal(severity=each))
        for hour, each in enumerate((TICKET, PAGE, TICKET, INFO))
    ]
    assert {(finding.severity, finding.opened_at, finding.turned) for finding in told} == {(PAGE, minutes(1), ())}


def test_a_page_of_which_less_than_half_is_left_calms_down_and_says_so() -> None:
    watching = Watching()
    watching.look(1, paging())
    finding = watched(watching, 5, 30, signal(excess_usd_per_hour=29.0))
    assert (finding.severity, finding.opened_at) == (TICKET, minutes(1))
    assert turns(finding) == [(PAGE, TICKET, "+$29.0/h is left of +$60.0/h")]


def test_a_dip_of_a_moment_calms_nothing_down() -> None:
    watching = Watching(grace_seconds=300.0)
    watching.look(1, paging())
    assert watching.look(5, signal(excess_usd_per_hour=1.0)).findings[0].severity is PAGE
    assert watched(watching, 8, 60, signal()).turned == ()


def test_what_somebody_acknowledged_may_become_less_urgent() -> None:
    watching = Watching()
    watching.look(1, paging())
    decide(watching, FindingState.ACKNOWLEDGED, 2)
    finding = watched(watching, 5, 30, signal())
    assert (finding.severity, finding.state) == (TICKET, FindingState.ACKNOWLEDGED)
    assert turns(finding) == [(PAGE, TICKET, "acknowledged by ana")]


def test_what_comes_to_be_planned_is_for_information_at_once() -> None:
    window = PlannedWindow(match="ml", begins=minutes(-5), ends=minutes(60), reason="quarterly retraining")
    watching = Watching()
    watching.look(1, paging())
    watching.watch._rules = type(watching.watch._rules)(planned=(window,))
    (finding,) = watching.look(2, paging()).findings
    assert finding.severity is INFO
    assert turns(finding) == [(PAGE, INFO, "planned: quarterly retraining")]


def test_what_becomes_a_page_says_so_though_its_onset_is_the_same() -> None:
    watching = Watching()
    watched(watching, 1, 29, signal())
    (finding,) = watching.look(30, paging(excess_usd_per_hour=90.0)).findings
    assert (finding.since, finding.opened_at) == (minutes(0), minutes(30))
    assert turns(finding) == [(TICKET, PAGE, "+$90.0/h, burned $29.0")]


def test_what_is_not_about_dollars_is_as_urgent_as_its_detector_says() -> None:
    watching = Watching()
    slo = {"kind": "slo", "excess_usd_per_hour": None, "burned_usd": None}
    watching.look(1, paging(**slo))
    assert turns(watched(watching, 5, 30, signal(**slo))) == [(PAGE, TICKET, "")]


def test_after_a_restart_it_is_as_urgent_as_it_was() -> None:
    before = Watching()
    before.look(1, paging())
    watched(before, 5, 300, signal())
    after = Watching()
    after.watch.restore(before.watch.state())
    assert watched(after, 301, 1_200, signal()).severity is PAGE
    sunk = watched(after, 1_205, DAY + 60, signal())
    assert (sunk.severity, len(sunk.turned)) == (TICKET, 1)


def test_only_the_newest_turns_are_kept() -> None:
    watching = Watching(grace_seconds=0.0)
    for step in range(40):
        watching.look(step * 5, paging() if step % 2 else signal(excess_usd_per_hour=1.0))
    (finding,) = watching.look(200, signal()).findings
    assert 1 < len(finding.turned) <= 8
