"""The bills page and the month on the money line, held against pictures that somebody has looked at."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.snapshot import Snapshot
from tests.ui.bill_samples import BILLED, NOTHING_BILLED, OLD_BILLS
from tests.ui.desk import ARMED
from tests.ui.pictures.test_pictures import NORMAL, SIZES, SMALL, Compare, compare
from tests.ui.samples import EMPTY
from tests.ui.screens.test_bills import hostile

SCREENS = {
    "advice-details": ("6", "enter"),
    "bill-details": ("3", "enter"),
    "outside-details": ("7", "enter"),
    "service-explain": ("2", "X"),
}


@pytest.mark.parametrize("size", SIZES)
def test_month_on_the_money_line(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, BILLED, SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_month_on_the_money_line_without_colour_in_ascii(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], theme="mono", ascii=True)


def test_month_on_the_smallest_money_line(snap_compare: Compare) -> None:
    assert compare(snap_compare, BILLED, (60, 15))


@pytest.mark.parametrize("part", ["2", "6", "7"])
@pytest.mark.parametrize("size", SIZES)
def test_bills(snap_compare: Compare, size: str, part: str) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], ("m", part))


@pytest.mark.parametrize("part", ["2", "6", "7"])
@pytest.mark.parametrize("size", SIZES)
def test_bills_without_colour_in_ascii(snap_compare: Compare, size: str, part: str) -> None:
    assert compare(snap_compare, BILLED, SIZES[size], ("m", part), theme="mono", ascii=True)


@pytest.mark.parametrize("size", SIZES)
def test_bills_with_keys_that_act(snap_compare: Compare, size: str) -> None:
    """The queue can be closed, as somebody has armed it."""
    armed = replace(BILLED, armed=ARMED)
    assert compare(snap_compare, armed, SIZES[size], ("m", "7", "G"))


@pytest.mark.parametrize("size", [(200, 60), (60, 15)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_bills_at_other_sizes(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert compare(snap_compare, BILLED, size, ("m",))


@pytest.mark.parametrize(
    "state", [OLD_BILLS, NOTHING_BILLED, EMPTY, None], ids=["stale", "nothing-billed", "empty", "loading"]
)
@pytest.mark.parametrize("size", SIZES)
def test_bills_in_trouble(snap_compare: Compare, size: str, state: Snapshot | None) -> None:
    assert compare(snap_compare, state, SIZES[size], ("m", "3"))


def test_hostile_bills(snap_compare: Compare) -> None:
    assert compare(snap_compare, hostile("\x1b[31m[red]日本\u202e evil" * 3), NORMAL, ("m", "3"))


@pytest.mark.parametrize("screen", SCREENS)
def test_from_bills(snap_compare: Compare, screen: str) -> None:
    assert compare(snap_compare, BILLED, SMALL, ("m", *SCREENS[screen]))
