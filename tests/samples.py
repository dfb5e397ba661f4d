"""Small values that many tests start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from finops_tui.model.money import Figure
from finops_tui.model.snapshot import Headline, Mode, Snapshot

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""A Tuesday."""


def empty_snapshot(minute: int = 0) -> Snapshot:
    unknown = Figure(value=None, unit="USD/h", missing="nothing has answered yet")
    return Snapshot(
        at=NOON + timedelta(minutes=minute),
        mode=Mode.DEMO,
        clusters=(),
        headline=Headline(
            usd_per_hour=unknown,
            normal_usd_per_hour=unknown,
            idle_usd_per_hour=unknown,
            unallocated_usd_per_hour=unknown,
            today_usd=unknown,
            gpus=0,
            gpus_allocated=0.0,
            nodes=0,
            workloads=0,
        ),
    )
