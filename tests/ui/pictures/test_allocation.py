"""The allocation screen, held against pictures that somebody has looked at."""

from __future__ import annotations

import pytest

from finops_tui.model.snapshot import Snapshot
from tests.ui.allocation_samples import ALLOCATED
from tests.ui.pictures.test_pictures import NORMAL, SIZES, SMALL, Compare, compare
from tests.ui.samples import EMPTY
from tests.ui.screens.test_allocation import OLD

PARTS = {"team": (), "namespace": ("2",), "environment": ("6",), "units": ("tab",), "coverage": ("tab", "tab")}
SCREENS = {
    "details": ("enter",),
    "explain": ("X",),
    "unit-details": ("tab", "down", "enter"),
    "coverage-details": ("tab", "tab", "enter"),
    "filter": ("slash", *"usd>100"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("part", PARTS)
def test_allocation(snap_compare: Compare, part: str, size: str) -> None:
    assert compare(snap_compare, ALLOCATED, SIZES[size], ("$", *PARTS[part]))


@pytest.mark.parametrize("size", SIZES)
def test_allocation_without_colour_in_ascii(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, ALLOCATED, SIZES[size], ("$",), theme="mono", ascii=True)


@pytest.mark.parametrize("size", [(200, 60), (60, 15)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_allocation_at_other_sizes(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert compare(snap_compare, ALLOCATED, size, ("$",))


@pytest.mark.parametrize("state", [OLD, EMPTY, None], ids=["stale", "empty", "loading"])
def test_allocation_in_trouble(snap_compare: Compare, state: Snapshot | None) -> None:
    assert compare(snap_compare, state, SMALL, ("$",))


@pytest.mark.parametrize("screen", SCREENS)
def test_from_allocation(snap_compare: Compare, screen: str) -> None:
    assert compare(snap_compare, ALLOCATED, NORMAL, ("$", *SCREENS[screen]))
