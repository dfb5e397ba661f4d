"""The incident screen and the timeline, held against pictures that somebody has looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from finops_tui.model.finding import Finding, FindingState, Severity
from finops_tui.model.plan import Risk
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.timeline import TimelineScreen
from finops_tui.ui.settings import UiSettings
from tests.ui.deeds import HELPED, REMEDIES
from tests.ui.desk import ARMED
from tests.ui.pictures.test_pictures import NORMAL, SIZES, SMALL, Compare
from tests.ui.samples import A100_SPOT, INCIDENT, NOW, RESOLVED, RETRAIN, STALE, triaged
from tests.ui.screen import build
from tests.ui.screens.incident_page import BURN, WHOLE, with_findings
from tests.ui.screens.test_timeline import BUSY


def compare(
    snap_compare: Compare,
    make: Callable[[UiSettings], IncidentScreen | TimelineScreen],
    snapshot: Snapshot | None,
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


LEARNING = replace(RETRAIN, minutes_normal=(None,) * 180, normal_usd_per_hour=None, excess_usd_per_hour=None)
BARE = replace(RETRAIN, evidence=(), causes=(), related=(), why="", minutes=(), minutes_normal=())
WORKLOADS = INCIDENT.spend[ScopeKind.WORKLOAD]
ALONE = replace(INCIDENT, spend={**INCIDENT.spend, ScopeKind.WORKLOAD: WORKLOADS[:1]}, findings=(WHOLE,))
HANDED_OVER = triaged(RETRAIN, FindingState.ACKNOWLEDGED, reason="handed over to mei")
SNOOZED = triaged(RETRAIN, FindingState.SNOOZED, reason="known issue", until=NOW + timedelta(hours=1))
PLANNED = replace(RETRAIN, severity=Severity.INFO, planned="quarterly retraining until 18:00Z")
UNOWNED = replace(RETRAIN, owner="", evidence=())
REFUSED = replace(HELPED, remedies=tuple(replace(one, refused="prod-us is protected.") for one in REMEDIES))
HARD = replace(HELPED, remedies=(replace(REMEDIES[0], slo_risk=Risk.HIGH, slos=("prod-us/batch deadline",)),))
FORESEEN = replace(HELPED, remedies=tuple(replace(one, saves_at=None, reverts=()) for one in REMEDIES))


def listed(about: Finding) -> Snapshot:
    return replace(with_findings(about), armed=ARMED)


STATES: dict[str, tuple[Finding, Snapshot | None]] = {
    "waiting": (RETRAIN, None),
    "learning": (LEARNING, listed(LEARNING)),
    "no-data": (BARE, replace(listed(BARE), spend={}, pools=(), slos=())),
    "never-listed": (replace(RETRAIN, key="spend/team/nobody"), INCIDENT),
    "one-contributor": (WHOLE, ALONE),
    "handed-over": (HANDED_OVER, listed(HANDED_OVER)),
    "snoozed": (SNOOZED, listed(SNOOZED)),
    "planned": (PLANNED, listed(PLANNED)),
    "unowned": (UNOWNED, listed(UNOWNED)),
    "refused-remedies": (REFUSED, listed(REFUSED)),
    "only-high-risk": (HARD, listed(HARD)),
    "foreseen-remedies": (FORESEEN, listed(FORESEEN)),
}
"""Everything that the screen may have to tell besides the incident itself, which stands in the pictures above."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", STATES)
def test_incident_in_every_state(snap_compare: Compare, state: str, size: str) -> None:
    about, snapshot = STATES[state]
    assert compare(snap_compare, incident(about), snapshot, SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_incident_that_is_no_longer_listed(snap_compare: Compare, size: str) -> None:
    async def open_and_lose_it(pilot: Pilot[None]) -> None:
        screen = IncidentScreen(app.settings, RETRAIN.key)
        screen.snapshot = INCIDENT
        await app.push_screen(screen)
        await pilot.pause()
        app._feed.publish(replace(with_findings(), at=NOW + timedelta(seconds=39)))
        app.paint()
        await pilot.pause()

    app = build(INCIDENT)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=open_and_lose_it)


def test_the_figures_of_an_incident_and_its_moves_explained(snap_compare: Compare) -> None:
    assert compare(snap_compare, incident(HELPED), listed(HELPED), (120, 60), ["X"])


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
