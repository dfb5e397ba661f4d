"""Every pane and screen, in every state, held against a picture that somebody has looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.panes import PANES
from tests.ui.samples import ACKNOWLEDGED, CALM, EMPTY, FAILING, INCIDENT, LEARNING, SNOOZED, STALE, hostile
from tests.ui.screen import build

Compare = Callable[..., bool]

SMALL, NORMAL = (80, 24), (120, 40)
SIZES = {"80x24": SMALL, "120x40": NORMAL}
STATES: dict[str, Snapshot | None] = {
    "incident": INCIDENT,
    "calm": CALM,
    "learning": LEARNING,
    "acknowledged": ACKNOWLEDGED,
    "snoozed": SNOOZED,
    "stale": STALE,
    "failing": FAILING,
    "empty": EMPTY,
    "loading": None,
}


def compare(
    snap_compare: Compare, state: Snapshot | None, size: tuple[int, int], keys: Sequence[str] = (), **settings: Any
) -> bool:
    return snap_compare(build(state, **settings), press=list(keys), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", STATES)
def test_main(snap_compare: Compare, state: str, size: str) -> None:
    assert compare(snap_compare, STATES[state], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["incident", "calm", "learning", "acknowledged", "snoozed", "stale", "failing"])
def test_main_without_colour_in_ascii(snap_compare: Compare, state: str, size: str) -> None:
    assert compare(snap_compare, STATES[state], SIZES[size], theme="mono", ascii=True)


@pytest.mark.parametrize("size", [(200, 60), (60, 15), (40, 10), (36, 9)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_main_at_other_sizes(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert compare(snap_compare, INCIDENT, size)


@pytest.mark.parametrize("theme", ["day", "high-contrast", "colour-blind", "ansi-16"])
def test_main_in_other_colours(snap_compare: Compare, theme: str) -> None:
    assert compare(snap_compare, INCIDENT, NORMAL, theme=theme)


@pytest.mark.parametrize("layout", ["debug", "executive"])
def test_other_layouts(snap_compare: Compare, layout: str) -> None:
    assert compare(snap_compare, INCIDENT, NORMAL, layout=layout)


def test_hostile_names(snap_compare: Compare) -> None:
    assert compare(snap_compare, hostile(), NORMAL)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)
def test_pane(snap_compare: Compare, pane: Any, size: str) -> None:
    assert compare(snap_compare, INCIDENT, SIZES[size], (str(pane.number), "f"), layout=_layout_with(pane.id))


@pytest.mark.parametrize("state", ["stale", "failing", "empty"])
@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)
def test_pane_in_trouble(snap_compare: Compare, pane: Any, state: str) -> None:
    assert compare(snap_compare, STATES[state], SMALL, (str(pane.number),), layout=_layout_with(pane.id))


SCREENS = {
    "details": ("d",),
    "explain": ("X",),
    "acknowledge": ("a",),
    "snooze": ("A",),
    "snooze-custom": ("A", "right", "right", "right", *"2h30m"),
    "marked": ("space", "j", "j", "v"),
    "slo-details": ("3", "enter"),
    "gpu-explain": ("2", "X"),
    "help": ("question_mark",),
    "sources": ("h",),
    "commands": ("colon",),
    "layouts": ("L",),
    "themes": ("t",),
    "filter": ("slash", *"usd>30"),
    "filter-mistake": ("slash", *"usdd>30"),
    "filter-empty": ("slash", *"zzz", "enter"),
    "frozen": ("x",),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", SCREENS)
def test_screen(snap_compare: Compare, screen: str, size: str) -> None:
    assert compare(snap_compare, INCIDENT, SIZES[size], SCREENS[screen])


@pytest.mark.parametrize("state", ["stale", "failing"])
@pytest.mark.parametrize("screen", ["details", "sources"])
def test_screen_in_trouble(snap_compare: Compare, screen: str, state: str) -> None:
    assert compare(snap_compare, STATES[state], SMALL, SCREENS[screen])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", ["commands", "snooze", "marked"])
def test_screen_without_colour_in_ascii(snap_compare: Compare, screen: str, size: str) -> None:
    assert compare(snap_compare, INCIDENT, SIZES[size], SCREENS[screen], theme="mono", ascii=True)


def _layout_with(pane: str) -> str:
    return "debug" if pane in ("serving", "sources") else "on-call"
