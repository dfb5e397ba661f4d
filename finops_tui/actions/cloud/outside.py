"""What is known of things that stand in no cluster: their rows. Pure."""

from __future__ import annotations

from finops_tui.model.outside import OutsideRow
from finops_tui.model.plan import Target
from finops_tui.model.snapshot import Snapshot


def outside_row(target: Target, snapshot: Snapshot) -> OutsideRow | None:
    return next((row for row in snapshot.cloud.outside if row.key == target.key), None)


def usd_each(row: OutsideRow | None) -> float | None:
    """Return $/h of one of its machines, as their mean; None where that is not known."""
    if row is None or row.usd_per_hour is None or not row.machines:
        return None
    return row.usd_per_hour / row.machines
