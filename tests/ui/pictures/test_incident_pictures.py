"""The incident screen and the timeline, held against pictures that somebody has looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from finops_tui.model.finding import Finding
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.timeline import TimelineScreen
from finops_tui.ui.settings import UiSettings
from tests.ui.pictures.test_pictures import NORMAL, SIZES, SMALL, Compare
from tests.ui.samples import A100_SPOT, INCIDENT, RESOLVED, RETRAIN, STALE
from tests.ui.screen import build
from tests.ui.screens.test_incident import BURN, WHOLE, with_findings
from tests.ui.screens.test_timeline import BUSY


def compare(
    snap_compare: Compare,
    make: Callable[[UiSettings], IncidentScreen | TimelineScreen],
    snapshot: Snapshot,
    size: tuple[int, int],
    keys: Sequence[str] = (),
    **settings: Any,
) -> bool:
    async def open_it(pilot: Pilot[None]) -> None:
        screen = make(app.settings)
        screen.snapshot = snapshot
        await app.push_screen(screen)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    app = build(snapshot, **settings)
    return snap_compare(app, terminal_size=size, run_before=open_it)


def incident(about: Finding) -> Callable[[UiSettings], IncidentScreen]:
    return lambda settings: IncidentScreen(settings, about.key)


@pytest.mark.parametrize("size", SIZES)
def test_incident(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, incident(RETRAIN), INCIDENT, SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_incident_without_colour_in_ascii(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, incident(RETRAIN), INCIDENT, SIZES[size], theme="mono", ascii=True)


@pytest.mark.parametrize(
    ("about", "state"),
    [(BURN, with_findings(BURN)), (WHOLE, with_findings(WHOLE)), (A100_SPOT, INCIDENT), (RESOLVED, INCIDENT)],
    ids=["objective", "total", "pool", "over"],
)
def test_other_incidents(snap_compare: Compare, about: Finding, state: Snapshot) -> None:
    assert compare(snap_compare, incident(about), state, NORMAL)


def test_incident_stale(snap_compare: Compare) -> None:
    assert compare(snap_compare, incident(RETRAIN), STALE, SMALL)


@pytest.mark.parametrize("size", [(200, 60), (60, 15), (40, 10)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_incident_at_other_sizes(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert compare(snap_compare, incident(RETRAIN), INCIDENT, size)


@pytest.mark.parametrize("size", SIZES)
def test_timeline(snap_compare: Compare, size: str) -> None:
    assert compare(snap_compare, TimelineScreen, BUSY, SIZES[size], ["left"] * 12)


def test_timeline_without_colour_in_ascii(snap_compare: Compare) -> None:
    assert compare(snap_compare, TimelineScreen, BUSY, SMALL, ["left"] * 12, theme="mono", ascii=True)


def test_timeline_of_a_finding(snap_compare: Compare) -> None:
    assert compare(snap_compare, lambda settings: TimelineScreen(settings, RETRAIN.key), BUSY, (60, 15))
