from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.retry_after import LONGEST_ASKED_SECONDS, retry_after_seconds

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SOON = NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("", 0),
        ("17", 17),
        (" 17 ", 17),
        ("1.5", 1.5),
        (format_datetime(SOON, usegmt=True), 90),
        (format_datetime(SOON.astimezone(timezone(timedelta(hours=2)))), 90),
        ("Friday, 20-Nov-26 06:01:30 GMT", 90),
        ("Fri Nov 20 06:01:30 2026", 90),
        ("Fri, 20 Nov 2026 05:59:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_ASKED_SECONDS),
        ("Fri, 31 Dec 2100 23:59:59 +99999999999999", 0),
        ("soon", 0),
        ("-5", 0),
        ("nan", 0),
        ("-inf", 0),
        ("inf", LONGEST_ASKED_SECONDS),
        ("9" * 5_000, LONGEST_ASKED_SECONDS),
        ("\N{SUPERSCRIPT TWO}", 0),
    ],
)
def test_seconds_and_dates_are_read_and_nonsense_is_bounded(told: str, seconds: float) -> None:
    assert retry_after_seconds(told, NOW) == seconds


@given(st.text(max_size=60))
def test_whatever_is_told_a_wait_of_at_most_a_day_comes_of_it(told: str) -> None:
    assert 0 <= retry_after_seconds(told, NOW) <= LONGEST_ASKED_SECONDS
