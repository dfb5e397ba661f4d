"""A finding in sentences."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import Evidence, Finding, FindingState, Severity
from finops_tui.ui.panes import story
from tests.ui.samples import NOW, RESOLVED, RETRAIN, SLOS, ago, at, triaged


def said(phrases: Iterable[story.Phrase]) -> str:
    return "   ".join("".join(text for text, _ in phrase) for phrase in phrases)


BARE = replace(RETRAIN, owner="", evidence=())


def test_who_and_since_when() -> None:
    asked = replace(RETRAIN, evidence=(Evidence(label="Contact", words="#nlp-oncall"),))
    assert said(story.who(asked, NOW)) == "owner nlp   #nlp-oncall   open 14m since 13:48Z   not acknowledged"
    assert said(story.who(BARE, NOW)).startswith("no owner is known   open 14m")
    assert story.seen(asked) == ()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (triaged(BARE, FindingState.ACKNOWLEDGED), "acknowledged by ana 14:01Z (investigating)"),
        (triaged(BARE, FindingState.ACKNOWLEDGED, reason=""), "acknowledged by ana 14:01Z"),
        (triaged(BARE, FindingState.SNOOZED, until=at(15, 1)), "snoozed until 15:01Z by ana (investigating)"),
        (BARE, "not acknowledged"),
    ],
)
def test_what_somebody_decided(found: Finding, words: str) -> None:
    assert said([story.decided(found, NOW)]) == words


def test_the_money() -> None:
    assert said(story.money(RETRAIN, NOW)) == (
        "≈$412.0/h   normal $38.0   +$374.0/h   burned $87.3   if nothing changes $8,976 a day"
    )


def test_the_money_where_little_is_known() -> None:
    unknown = replace(RETRAIN, normal_usd_per_hour=None, excess_usd_per_hour=None, burned_usd=None)
    assert said(story.money(unknown, NOW)) == "≈$412.0/h   normal is not known yet"
    assert said(story.money(replace(unknown, usd_per_hour=None), NOW)) == ""


def test_old_money_says_so() -> None:
    old = replace(RETRAIN, stale=True, seen_at=ago(371))
    assert said(story.money(old, NOW)).startswith("~ ≈$412.0/h  6m old   normal $38.0")


def test_what_saves_money_promises_no_loss() -> None:
    less = replace(RETRAIN, excess_usd_per_hour=-3.0)
    assert "if nothing changes" not in said(story.money(less, NOW))


def test_an_ended_finding_says_when_how_long_and_what_it_burned() -> None:
    assert story.ending(RESOLVED, NOW) == "✓ Over since 09:41Z. It lasted 1h24m and burned $12.4."
    assert story.ending(replace(RESOLVED, burned_usd=None), NOW) == "✓ Over since 09:41Z. It lasted 1h24m."
    assert story.ending(RETRAIN, NOW) == ""
    assert said([story.lead(RESOLVED)]) == "✓ OVER"
    assert "if nothing changes" not in said(story.money(RESOLVED, NOW))
    assert said(story.who(RESOLVED, NOW)) == "owner platform   began 08:16Z"


@pytest.mark.parametrize(
    ("severity", "words"), [(Severity.PAGE, "▲ PAGE"), (Severity.TICKET, "● TICKET"), (Severity.INFO, "○ INFO")]
)
def test_urgency_has_a_mark_and_a_word(severity: Severity, words: str) -> None:
    assert said([story.lead(replace(RETRAIN, severity=severity))]) == words


def test_an_acknowledged_finding_is_not_bold() -> None:
    assert story.title(RETRAIN)[0] == (RETRAIN.name, "text bold")
    assert story.title(triaged(RETRAIN, FindingState.ACKNOWLEDGED))[0] == (RETRAIN.name, "text")
    assert len(story.title(replace(RETRAIN, cluster=""))) == 1


def test_an_objective_in_words() -> None:
    assert said(story.burning(SLOS[0])) == "target 99.5%   31% of the error budget left   out in 19h"
    bare = replace(SLOS[0], budget_left=None, exhausted_in_seconds=None)
    assert said(story.burning(bare)) == "target 99.5%"
