"""What happened in a stretch of time."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from finops_tui.model.finding import FindingState, Severity, Triage, Turn
from finops_tui.model.snapshot import ActivityRow, Snapshot
from finops_tui.ui.panes.events import NO_LETTER, Event, Kind, events, finding_of, nearest
from tests.ui.samples import INCIDENT, NOW, RESOLVED, RETRAIN, ago, at, happened

THREE_HOURS = timedelta(hours=3)


def told(snapshot: Snapshot, found: object = None, hours: float = 3.0) -> list[Event]:
    return events(snapshot, RETRAIN if found else None, NOW - timedelta(hours=hours), NOW)


def test_everything_of_the_stretch_newest_first() -> None:
    found = told(INCIDENT)
    assert [event.at for event in found] == sorted((event.at for event in found), reverse=True)
    assert all(NOW - THREE_HOURS <= event.at <= NOW for event in found)
    assert "chat synced 91ab0d4, by tom" not in {event.what for event in found}


def test_findings_begin_with_their_mark_and_end_with_what_they_burned() -> None:
    by_key = {event.key: event for event in told(INCIDENT, hours=8)}
    began = by_key[f"opened:{RETRAIN.key}"]
    assert (began.at, began.sign[0], began.kind) == (RETRAIN.since, "▲", Kind.FINDING)
    assert began.what.startswith("nlp-train/job/retrain-v7 began: 10.8× normal")
    ended = by_key[f"resolved:{RESOLVED.key}"]
    assert (ended.sign[0], ended.what) == ("✓", "l40s-infer is over after 1h24m, burned $12.4")


def test_changes_have_letters_by_time() -> None:
    changes = [(event.sign[0], event.what) for event in told(INCIDENT) if event.kind is Kind.CHANGE]
    assert [letter for letter, _ in changes] == ["C", "B", "A"]
    assert changes[-1][1] == "rerank-eu replicas 4→6"


def test_of_too_many_changes_the_newest_have_letters() -> None:
    many = tuple(happened(60.0 * number, "hpa", f"change {number}") for number in range(30))
    signs = [event.sign[0] for event in told(replace(INCIDENT, activity=many)) if event.kind is Kind.CHANGE]
    assert signs == [*reversed("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), *NO_LETTER[0] * 4]


def test_with_a_finding_the_letters_are_those_of_its_causes() -> None:
    reported = ActivityRow(
        key="change/change-3", at=at(13, 47), who="argocd", what="retrain-v7 workers 1→9", kind="change"
    )
    found = told(replace(INCIDENT, activity=(*INCIDENT.activity, reported)), RETRAIN)
    letters = {event.what: event.sign[0] for event in found if event.kind is Kind.CHANGE}
    assert letters["retrain-v7 workers 1→9"] == "C"
    assert letters["image nlp-train:4e1f9c2"] == "B"
    assert letters["rerank-eu replicas 4→6"] == "+"
    assert "workers 1→9" not in letters, "it is reported, and told once"


def test_what_the_program_did_and_what_else_happened() -> None:
    rows = (happened(10, "ana", "paused retrain-v7", "action"), happened(20, "prom", "prometheus down", "source"))
    found = told(replace(INCIDENT, activity=rows))
    assert [(event.kind, event.sign[0]) for event in found[:2]] == [(Kind.ACTION, "■"), (Kind.OTHER, "")]


def test_a_finding_that_became_less_urgent_says_when_and_opens_from_there() -> None:
    turned = Turn(at=ago(60), before=Severity.PAGE, after=Severity.TICKET, why="acknowledged by ana")
    found = told(replace(INCIDENT, findings=(replace(RETRAIN, turned=(turned,)),)))
    (sunk,) = [event for event in found if event.key.startswith("turned:")]
    assert (sunk.at, sunk.kind, sunk.sign[0]) == (ago(60), Kind.FINDING, "●")
    assert sunk.what == "nlp-train/job/retrain-v7 is a ticket now, it was a page: acknowledged by ana"
    assert finding_of(sunk.key) == RETRAIN.key
    assert finding_of(f"opened:{RETRAIN.key}") == RETRAIN.key
    assert finding_of("change/x") == ""


def test_what_somebody_decided_was_done_with_this_program() -> None:
    """A manual resolve stands in the lane of actions, beside what it ended in the lane of findings."""
    decided = Triage(
        key=RETRAIN.key, since=RETRAIN.since, state=FindingState.RESOLVED, at=ago(60), by="ana", reason="fixed: scaled"
    )
    over = replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=ago(60), triage=decided)
    found = told(replace(INCIDENT, findings=(), resolved=(over,)))
    (done,) = [event for event in found if event.kind is Kind.ACTION]
    assert (done.at, done.who, done.sign[0]) == (ago(60), "ana", "■")
    assert done.what == "nlp-train/job/retrain-v7 resolved: fixed: scaled"
    assert done.key == f"decided:{RETRAIN.key}", "it opens the finding"
    assert f"resolved:{RETRAIN.key}" in {event.key for event in found}


def test_findings_in_the_activity_are_not_told_twice() -> None:
    rows = (happened(10, "finops", "finding opened", "finding"),)
    assert "finding opened" not in {event.what for event in told(replace(INCIDENT, activity=rows))}


def test_the_nearest_is_what_happened_last_until_then() -> None:
    found = told(INCIDENT)
    assert nearest(found, NOW) is found[0]
    assert nearest(found, ago(3_600)) is next(event for event in found if event.at <= ago(3_600))
    assert nearest(found, ago(100_000)) is found[-1]
    assert nearest([], NOW) is None
