"""The reasons of a page, in words with figures."""

from __future__ import annotations

from datetime import UTC, datetime

from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.verdict import Question
from finops_tui.phrases import rate

MANY = 100.0
"""A ratio from which on no decimals are told."""


def reason(  # noqa: PLR0917 - the figures of one sentence
    question: Question, ts: float, value: float, normal: float | None, reach: float, turns: int, rules: SpendRules
) -> str:  # fmt: skip
    """Return why it pages; `reach` is the $/h that the question compares with."""
    days = rules.days_compared
    ever = f"the highest in {days} days was {rate(reach)}."
    at_hour = f"the highest at this time of day in {days} days was {rate(reach)}."
    compared = _compared(ts, value, normal)
    match question:
        case Question.THRASH:
            return f"{turns} turns up or down in {rules.turns_hours:g} h, more than in {days} days; {compared}; {ever}"
        case Question.ABOVE_HOUR:
            return f"{compared}; {at_hour}"
        case Question.PLATEAU:
            return f"{compared}; it stays where it always falls, {at_hour}"
        case Question.CREEP:
            return f"{compared}; it grew little by little, {ever}"
        case _:
            return f"{compared}; {ever}"


def lasting(normal: float, before: float) -> str:
    """Return why it pages no more though it is still there."""
    return f"It stays: {rate(normal)} is taken for the new normal, {rate(before)} was normal before."


def _compared(ts: float, value: float, normal: float | None) -> str:
    if normal is None:
        return rate(value)
    moment = f"{datetime.fromtimestamp(ts, UTC):%A %H}:00Z"
    if normal <= 0:
        return f"{rate(value)} where nothing is normal for a {moment}"
    times = value / normal
    return f"{times:,.0f}× normal for a {moment}" if times >= MANY else f"{times:.1f}× normal for a {moment}"
