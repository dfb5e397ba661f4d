"""Reasons, lengths and words of what is decided about findings."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.errors import UsageError
from finops_tui.model.finding import FindingState
from finops_tui.ui.decisions import (
    ACKNOWLEDGE,
    CUSTOM,
    LENGTHS,
    LONGEST,
    MOVES,
    REASONS,
    REOPEN,
    SNOOZE,
    Decision,
    effect,
    fitting,
    length,
    reason_with,
    subject,
    told,
    until,
)
from finops_tui.ui.screens.finding_screen import STATES_OF
from tests.ui.samples import FINDINGS, NOW, RETRAIN, at, triaged


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("45m", 45), ("2h30m", 150), ("2h 30m", 150), ("1d", 1_440), ("1D2H", 1_560), (" 90m ", 90), ("30d", 43_200)],
)
def test_a_length_of_time(text: str, minutes: int) -> None:
    assert length(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Say for how long."),
        ("soon", "'soon' is not a length of time."),
        ("2x", "'2x' is not"),
        ("5", "'5' is not"),
        ("0m", "from 1m to 30d"),
        ("31d", "from 1m to 30d"),
        ("-5m", "is not a length"),
        ("m", "is not a length"),
    ],
)
def test_what_is_no_length_says_so(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        length(text)


@given(st.text(max_size=12) | st.from_regex(r"\A([0-9]{1,4}[dhm]){1,3}\Z"))
def test_whatever_is_typed_is_a_length_within_bounds_or_a_mistake(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert timedelta(minutes=1) <= length(text) <= LONGEST


def test_a_snooze_ends_after_its_length() -> None:
    ends = {name: until(name, "2h30m", NOW) for name, _ in LENGTHS}
    assert ends == {
        "15m": NOW + timedelta(minutes=15),
        "1h": NOW + timedelta(hours=1),
        "4h": NOW + timedelta(hours=4),
        "tomorrow": datetime(2026, 3, 14, 8, 0, tzinfo=UTC),
        CUSTOM: NOW + timedelta(hours=2, minutes=30),
    }


def test_each_move_applies_where_its_key_works() -> None:
    assert {action: set(move.applies_to) for action, move in MOVES.items()} == {
        action: {FindingState(state) for state in states} for action, states in STATES_OF.items()
    }


def test_every_reason_that_is_offered_first_is_one() -> None:
    assert {move.reason for move in MOVES.values()} <= {*REASONS, ""}


def test_only_what_is_not_decided_yet_can_be() -> None:
    acknowledged = triaged(RETRAIN, FindingState.ACKNOWLEDGED)
    assert fitting(ACKNOWLEDGE, (acknowledged, *FINDINGS[1:])) == FINDINGS[1:]
    assert fitting(REOPEN, (acknowledged, *FINDINGS[1:])) == (acknowledged,)


def test_the_words() -> None:
    assert reason_with("investigating", " with mei\x1b ") == "investigating: with mei?"
    assert reason_with("", "") == ""
    assert subject((RETRAIN,)) == "retrain-v7"
    assert subject(FINDINGS) == "5 findings"
    ends = at(15, 2)
    assert (
        told(SNOOZE, (RETRAIN,), Decision("known issue", ends), NOW)
        == "nlp-train/job/retrain-v7 is snoozed until 15:02Z (known issue)."
    )
    assert told(REOPEN, FINDINGS, Decision("", None), NOW) == "5 findings are open again."
    assert all(effect(move, ends, NOW).endswith(".") for move in MOVES.values())
    assert "15:02Z" in effect(SNOOZE, ends, NOW)
