from __future__ import annotations

from datetime import timedelta

from finops_tui.engine.triage import applies, state_of
from finops_tui.model.finding import FindingState, Severity, Triage
from tests.samples import NOON

MINUTE = timedelta(minutes=1)
TICKET = Severity.TICKET


def triage(**given: object) -> Triage:
    fields: dict[str, object] = {
        "key": "k",
        "since": NOON,
        "state": FindingState.ACKNOWLEDGED,
        "at": NOON + MINUTE,
        "by": "ana",
    }
    return Triage(**(fields | given))  # type: ignore[arg-type]  # test data by name


def test_a_decision_is_about_the_trouble_it_was_made_about() -> None:
    assert applies(triage(), NOON, NOON, TICKET) is not None
    assert applies(triage(), NOON + 5 * MINUTE, NOON + 9 * MINUTE, TICKET) is not None
    assert applies(triage(), NOON + 60 * MINUTE, NOON + 70 * MINUTE, TICKET) is None
    assert applies(None, NOON, NOON, TICKET) is None


def test_a_snooze_without_an_end_is_none() -> None:
    assert state_of(triage(state=FindingState.SNOOZED), NOON) is FindingState.OPEN
    until = triage(state=FindingState.SNOOZED, until=NOON + MINUTE)
    assert state_of(until, NOON) is FindingState.SNOOZED
    assert state_of(until, NOON + MINUTE) is FindingState.OPEN


def test_a_decision_about_a_ticket_is_none_about_the_page_it_became() -> None:
    assert applies(triage(severity=TICKET), NOON, NOON, Severity.PAGE) is None
    assert applies(triage(severity=Severity.PAGE), NOON, NOON, TICKET) is not None
