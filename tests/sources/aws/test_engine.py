"""AWS as the engine sees it: what it says is folded, and what it lacks stands in the snapshot."""

from __future__ import annotations

import asyncio
from pathlib import Path

from finops_tui.clock import WallClock
from finops_tui.engine.feed import Feed
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.health import HealthState
from finops_tui.model.snapshot import Mode, SourceRow
from finops_tui.wiring.engine import engine_on
from tests.sources.aws.double import Double, Fault
from tests.sources.aws.world import bucket, costs, group, source

PATIENCE_SECONDS = 60.0


async def test_the_engine_shows_how_it_fares(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = costs(bucket("2026-11-18", group("Amazon SageMaker", "Usage")))
    aws.answers["DescribeBudgets"] = Fault("AccessDeniedException", "")
    clock = WallClock()
    watched = source(tmp_path, clock, bills=True, budgets=True, forecast=False, anomalies=False)
    feed = Feed()
    engine = engine_on((watched,), clock, feed, settings=EngineSettings(refresh_seconds=0.2), mode=Mode.LIVE)
    row: SourceRow | None = None
    told = asyncio.Event()

    def look() -> None:
        nonlocal row
        if feed.snapshot is not None and feed.snapshot.sources:
            (row,) = feed.snapshot.sources
            if row.state is not HealthState.CONNECTING:
                told.set()

    feed.subscribe(look)
    running = asyncio.create_task(engine.run())
    await asyncio.wait_for(told.wait(), PATIENCE_SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert row is not None
    assert (row.name, row.short, row.state, row.stale) == ("aws prod", "aws", HealthState.PARTIAL, False)
    assert row.missing == ("budgets: no permission for budgets:ViewBudget",)
    assert row.answered_at is not None
