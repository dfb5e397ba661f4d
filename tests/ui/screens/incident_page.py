"""The incident screen of one finding, opened on a prepared snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from finops_tui.model.finding import Finding, Severity
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from tests.ui.deeds import HELPED
from tests.ui.desk import ARMED, DeskDouble, at_the_desk
from tests.ui.samples import INCIDENT, RETRAIN, finding
from tests.ui.screen import Screen, shown

SIZES = [(40, 10), (60, 15), (70, 20), (80, 24), (100, 28), (120, 33), (120, 40), (160, 50), (200, 60), (300, 80)]
BURN = replace(
    finding(
        "chat-api ttft p95",
        Severity.PAGE,
        "chat",
        None,
        None,
        600,
        kind="burn",
        scope=Scope(ScopeKind.WORKLOAD, "prod-us/deploy/chat/chat-api-70b"),
        why="15.1× for an hour and 16.2× for five minutes.",
        related=("prod-us/chat-api ttft p95",),
    ),
    minutes=(),
    minutes_normal=(),
)
WHOLE = finding("everything", Severity.TICKET, "", 1_284.0, 812.0, 840, scope=TOTAL, cluster="", why="More of all.")


def with_findings(*findings: Finding, resolved: tuple[Finding, ...] = ()) -> Snapshot:
    return replace(INCIDENT, findings=findings, resolved=resolved)


def helped(*more: Finding) -> Snapshot:
    return replace(with_findings(HELPED, *more), armed=ARMED)


@asynccontextmanager
async def incident(
    about: Finding = RETRAIN,
    snapshot: Snapshot | None = INCIDENT,
    size: tuple[int, int] = (120, 40),
    *,
    desk: DeskDouble | None = None,
    **settings: Any,
) -> AsyncIterator[Screen]:
    """Open the page; `desk` answers what it asks as soon as it stands."""
    async with shown(snapshot, size, **settings) as screen:
        if desk is not None:
            at_the_desk(screen, desk)
        opened = IncidentScreen(screen.app.settings, about.key)
        opened.snapshot = snapshot
        await screen.app.push_screen(opened)
        await screen.pilot.pause()
        yield screen


def page(screen: Screen) -> IncidentScreen:
    assert isinstance(screen.app.screen, IncidentScreen)
    return screen.app.screen


def cursor(screen: Screen) -> str:
    return page(screen)._sheet.cursor
