"""The plan's dialog, the journal and remedies, held against pictures that somebody has looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from finops_tui.errors import ActionError
from finops_tui.model.action import ActionRow
from finops_tui.model.plan import Plan
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.plan import PlanDialog
from tests.ui.deeds import ACTIONS, HELPED, OVERDUE, UNKNOWN
from tests.ui.desk import ARMED, DISARMED, PROTECTED, STALE, TYPED, UNARMED, DeskDouble
from tests.ui.pictures.test_pictures import NORMAL, SIZES, SMALL, Compare
from tests.ui.samples import FINDINGS, INCIDENT, NODES, hostile
from tests.ui.screen import build

AGAIN = "plan again"
"""Among keys: what happens every few seconds."""
TINY = (60, 15)
ALL_SIZES = {**SIZES, "60x15": TINY}
READY = replace(INCIDENT, armed=ARMED, findings=(HELPED, *FINDINGS[1:]), actions=ACTIONS)
PLAIN: dict[str, Any] = {"theme": "mono", "ascii": True}


def compare(
    snap_compare: Compare,
    snapshot: Snapshot,
    size: tuple[int, int],
    keys: Sequence[str] = (),
    desk: DeskDouble | None = None,
    **settings: Any,
) -> bool:
    async def act(pilot: Pilot[None]) -> None:
        app._feed.on_ask(desk or DeskDouble(), asyncio.get_running_loop())  # type: ignore[arg-type]  # it answers as a desk does
        await pilot.pause()
        for key in keys:
            if key == AGAIN:
                assert isinstance(app.screen, PlanDialog)
                app.screen._plan()
            else:
                await pilot.press(key)
            await pilot.pause()
        await pilot.pause()

    app = build(snapshot, **settings)
    return snap_compare(app, terminal_size=size, run_before=act)


def bulk() -> DeskDouble:
    desk = DeskDouble()
    desk.judgements = {"prod-us/deploy/chat/chat-api-70b": PROTECTED}
    desk.unplanned = {"prod-eu/deploy/search/rerank-eu": ActionError("deployment/rerank-eu is paused already")}
    return desk


def changed() -> DeskDouble:
    """Return a desk for which the job changes once the first plan was made."""
    desk = DeskDouble()

    def again(plan: Plan) -> Plan:
        late = len(desk.wishes) > 1
        first = replace(plan.changes[0], before="null") if late else plan.changes[0]
        return replace(plan, changes=(first, *plan.changes[1:]))

    desk.change = again
    return desk


MARKED = ("6", "space", "down", "space", "down", "space", "p")
STATES: dict[str, tuple[Callable[[], DeskDouble], Snapshot, tuple[str, ...]]] = {
    "allow": (DeskDouble, READY, ("p",)),
    "type": (lambda: DeskDouble(TYPED), READY, ("p", *"retr")),
    "refused": (lambda: DeskDouble(PROTECTED), READY, ("p",)),
    "not-armed": (lambda: DeskDouble(UNARMED), replace(READY, armed=DISARMED), ("p",)),
    "bulk": (bulk, READY, MARKED),
    "undo": (DeskDouble, READY, ("z",)),
    "stale": (lambda: DeskDouble(STALE), READY, ("p",)),
    "changed": (changed, READY, ("p", AGAIN)),
    "time-box": (DeskDouble, READY, ("p", "t")),
    "ask": (DeskDouble, READY, ("s",)),
    "reason": (DeskDouble, READY, ("p", "e", *"INC-12")),
    "explain": (lambda: DeskDouble(TYPED), READY, ("p", "f1")),
}


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("state", STATES)
def test_plan(snap_compare: Compare, state: str, size: str) -> None:
    desk, snapshot, keys = STATES[state]
    assert compare(snap_compare, snapshot, ALL_SIZES[size], keys, desk())


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("state", ["allow", "type", "refused", "not-armed", "bulk", "undo", "stale"])
def test_plan_without_colour_in_ascii(snap_compare: Compare, state: str, size: str) -> None:
    desk, snapshot, keys = STATES[state]
    assert compare(snap_compare, snapshot, ALL_SIZES[size], keys, desk(), **PLAIN)


@pytest.mark.parametrize("theme", ["day", "high-contrast", "colour-blind", "ansi-16"])
def test_plan_in_other_colours(snap_compare: Compare, theme: str) -> None:
    assert compare(snap_compare, READY, NORMAL, ("p",), theme=theme)


def test_plan_of_a_hostile_name(snap_compare: Compare) -> None:
    assert compare(snap_compare, replace(hostile(), armed=ARMED), NORMAL, ("p",))


@pytest.mark.parametrize("size", ALL_SIZES)
def test_armed(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, READY, ALL_SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_armed_without_colour_in_ascii(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, READY, SIZES[size], **PLAIN)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("row", [UNKNOWN, OVERDUE], ids=["unknown", "overdue"])
def test_banner(snap_compare: Compare, row: ActionRow, size: str) -> None:
    assert compare(snap_compare, replace(READY, actions=(row, *ACTIONS[3:])), SIZES[size])


@pytest.mark.parametrize("size", ALL_SIZES)
def test_journal(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, replace(READY, actions=(*ACTIONS, OVERDUE)), ALL_SIZES[size], ("J", "down"))


def test_journal_without_colour_in_ascii(snap_compare: Compare) -> None:
    assert compare(snap_compare, replace(READY, actions=(*ACTIONS, OVERDUE)), SMALL, ("J",), **PLAIN)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", ["empty", "details"])
def test_from_the_journal(snap_compare: Compare, screen: str, size: str) -> None:
    snapshot = READY if screen == "details" else replace(READY, actions=())
    assert compare(snap_compare, snapshot, SIZES[size], ("J", "enter") if screen == "details" else ("J",))


def test_quit_is_asked_for(snap_compare: Compare) -> None:
    assert compare(snap_compare, replace(READY, actions=(UNKNOWN,)), SMALL, ("q",))


def _incident(snap_compare: Compare, size: tuple[int, int], **settings: Any) -> bool:
    async def open_it(pilot: Pilot[None]) -> None:
        screen = IncidentScreen(app.settings, HELPED.key)
        screen.snapshot = READY
        await app.push_screen(screen)
        await pilot.pause()
        await pilot.press("4")
        await pilot.pause()

    app = build(READY, **settings)
    return snap_compare(app, terminal_size=size, run_before=open_it)


@pytest.mark.parametrize("size", [*ALL_SIZES, "200x60"])
def test_remedies(snap_compare: Compare, size: str) -> None:
    assert _incident(snap_compare, {**ALL_SIZES, "200x60": (200, 60)}[size])


def test_remedies_without_colour_in_ascii(snap_compare: Compare) -> None:
    assert _incident(snap_compare, SMALL, **PLAIN)


NODE_STATES: dict[str, tuple[Snapshot, tuple[str, ...]]] = {
    "armed": (replace(READY, nodes=replace(NODES, more=1_200, of=1_205)), ("2", "enter", "down")),
    "filter": (replace(READY, nodes=NODES), ("2", "enter", "slash", *"l40s-3")),
    "read-only": (replace(INCIDENT, nodes=NODES), ("2", "enter")),
    "waiting": (READY, ("2", "enter")),
}


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("state", NODE_STATES)
def test_nodes(snap_compare: Compare, state: str, size: str) -> None:
    snapshot, keys = NODE_STATES[state]
    assert compare(snap_compare, snapshot, ALL_SIZES[size], keys)


def test_nodes_without_colour_in_ascii(snap_compare: Compare) -> None:
    snapshot, keys = NODE_STATES["armed"]
    assert compare(snap_compare, snapshot, NORMAL, keys, **PLAIN)
