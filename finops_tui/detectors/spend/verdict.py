"""What the watch says after each sample."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Question(StrEnum):
    """The narrow question that was answered with yes."""

    ABOVE_WEEK = "above_week"
    """Is it above everything of the past week?"""
    ABOVE_HOUR = "above_hour"
    """Is it above what this time of day ever reached? Asked where days resemble each other."""
    CREEP = "creep"
    """One of the two, and it got there hour upon hour instead of at once."""
    PLATEAU = "plateau"
    """Above this time of day because it stays when it always falls."""
    THRASH = "thrash"
    """Does it move back and forth more than in the past week, above what was reached?"""
    BELOW = "below"
    """Of what is not money: is it below everything of the past week or of this time of day?"""


class Verdict(NamedTuple):
    page: bool
    """Somebody is to be called, or has been and it is still on."""
    score: float
    """Evidence as a share of what pages; 1 and more pages."""
    reason: str
    """In words with figures; empty where there is nothing to say."""
    since: float | None
    """Unix seconds at which the excess began. With `page` off: it lasts and was taken for the new normal."""
    normal: float | None
    """$/h expected at this time; None while too little is known."""
    question: str
    """A `Question`, or empty."""
    excess: float
    """$/h above normal; 0 where nothing is unusual."""


QUIET = Verdict(page=False, score=0.0, reason="", since=None, normal=None, question="", excess=0.0)
QUESTIONS = frozenset(str(question) for question in Question) | {""}
