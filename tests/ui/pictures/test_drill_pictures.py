"""The drill-down page, held against pictures that somebody has looked at."""

from __future__ import annotations

from typing import Any

import pytest

from finops_tui.errors import FinopsError
from tests.ui.answers import AnswersDouble
from tests.ui.bill_samples import BILLED
from tests.ui.pictures.test_pictures import NORMAL, SIZES, Compare, compare

OPEN = ("m", "3", "i")
IN_COLOUR: dict[str, Any] = {}
MONO: dict[str, Any] = {"theme": "mono", "ascii": True}


def refused() -> AnswersDouble:
    answers = AnswersDouble()
    answers.trouble = FinopsError(
        "request budget: $4.00 of $4 this month, next request 01 Apr 00:00Z", "StartQueryExecution",
        "Raise `requests_usd_per_month` to ask more often.",
    )  # fmt: skip
    return answers


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [IN_COLOUR, MONO], ids=["colour", "mono"])
def test_before_the_yes(snap_compare: Compare, size: str, look: dict[str, Any]) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], OPEN, answers=AnswersDouble, **look)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [IN_COLOUR, MONO], ids=["colour", "mono"])
def test_the_dearest(snap_compare: Compare, size: str, look: dict[str, Any]) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], (*OPEN, "y", "j"), answers=AnswersDouble, **look)


@pytest.mark.parametrize("size", SIZES)
def test_refused(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], (*OPEN, "y"), answers=refused)


def test_a_row_that_can_be_drilled_into(snap_compare: Compare) -> None:
    assert compare(snap_compare, BILLED, NORMAL, ("m", "3"), answers=AnswersDouble)
