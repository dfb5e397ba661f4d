"""The reasons of a page, in words with figures."""

from __future__ import annotations

from datetime import UTC, datetime

from finops_tui.detectors.spend.verdict import Question

MANY = 100.0


def usd(value: float) -> str:
    return f"${value:,.1f}/h"


def times(value: float, reference: float) -> str:
    """Return how many times the reference, or how much instead of nothing."""
    if reference <= 0:
        return f"{usd(value)}, from nothing"
    ratio = value / reference
    return f"{ratio:,.0f}×" if ratio >= MANY else f"{ratio:.1f}×"


def moment(ts: float) -> str:
    """Return weekday and hour, e.g. `Friday 14:00Z`."""
    return f"{datetime.fromtimestamp(ts, UTC):%A %H}:00Z"


def reason(
    question: Question, ts: float, value: float, normal: float | None, reach: float, days: int, turns: int, hours: float
) -> str:
    """Return why it pages. `reach` is what the question compares with, in $/h."""
    if normal is None or normal < 0:
        compared = f"{usd(value)}."
    elif normal == 0:
        compared = f"{usd(value)} where nothing is normal for a {moment(ts)}."
    else:
        compared = f"{times(value, normal)} normal for a {moment(ts)}."
    ever = f"the highest in {days} days was {usd(reach)}."
    at_hour = f"the highest at this time of day in {days} days was {usd(reach)}."
    match question:
        case Question.ABOVE_WEEK:
            return f"{compared[:-1]}; {ever}"
        case Question.ABOVE_HOUR:
            return f"{compared[:-1]}; {at_hour}"
        case Question.PLATEAU:
            return f"{compared[:-1]}; it stays where it always falls, {at_hour}"
        case Question.CREEP:
            return f"{compared[:-1]}; it grew little by little, {ever}"
        case _:
            return f"{turns} turns up or down in {hours:g} h, more than ever in {days} days; now {usd(value)}, {ever}"
