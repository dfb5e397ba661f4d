"""The line below a table that adds its rows up, in the table's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from finops_tui.analysis.figures import total
from finops_tui.model.scope import ScopeKind
from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.columns import GUTTER, Column, draw_cell, place
from finops_tui.ui.widgets.lines import Line, Lines

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import SpendRow


OF_ONE = frozenset({"cluster", "owner"})
"""Columns of names that a single row may have."""


class Total(NamedTuple):
    """A sum and the columns of the table that it stands below; without rows there is no sum."""

    row: SpendRow | None = None
    columns: tuple[Column[Any], ...] = ()


class TotalLine(Lines[Total]):
    def __init__(self) -> None:
        super().__init__(Total(), id="total")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        row, columns = self.value
        return [] if row is None else [total_spans(row, columns, width, palette)]


def total_spans(row: SpendRow, columns: Sequence[Column[Any]], width: int, palette: Palette) -> Line:
    line: Line = [(" " * GUTTER, "text")]
    at = GUTTER
    for placed in place(columns, width):
        cell = draw_cell(placed, row, palette, stale=row.stale)
        if placed.column.id in OF_ONE:  # a sum has none, which is not the same as not known
            cell = ((" " * placed.width, "text"),)
        elif at == GUTTER:
            cell = tuple((text, "text bold") for text, _ in cell)
        line += [(" " * (placed.start - at), "text"), *cell]
        at = placed.end
    return line


def add_up(rows: Sequence[SpendRow], whole: SpendRow | None) -> SpendRow | None:
    """Add up the rows of a table; None without rows.

    Dollars an hour and GPUs are sums of what is known. What a sum cannot tell is taken from `whole`, the row of all
    that is spent: today (rows that are gone have spent too), a week ago, utilization and the trend. None in place of
    `whole` says that the rows are not all there are.
    """
    if not rows:
        return None
    ages = [row.at for row in rows if row.at is not None]
    summed = replace(
        rows[0],
        key="total",
        kind=ScopeKind.TOTAL,
        name="total" if whole is not None else f"total of {len(rows):,} shown",
        cluster="",
        usd_per_hour=total([row.usd_per_hour for row in rows]),
        idle_usd_per_hour=total([row.idle_usd_per_hour for row in rows]),
        share_usd_per_hour=total([row.share_usd_per_hour for row in rows]),
        gpus=_complete([row.gpus for row in rows]),
        today_usd=_complete([row.today_usd for row in rows]),
        week_ago_usd_per_hour=_complete([row.week_ago_usd_per_hour for row in rows]),
        normal_usd_per_hour=_complete([row.normal_usd_per_hour for row in rows]),
        utilization=None,
        trend=_trend(rows),
        at=min(ages) if ages else None,
        stale=any(row.stale for row in rows),
    )
    if whole is None:
        return summed
    return replace(
        summed,
        today_usd=whole.today_usd,
        week_ago_usd_per_hour=whole.week_ago_usd_per_hour,
        normal_usd_per_hour=whole.normal_usd_per_hour,
        utilization=whole.utilization,
        trend=whole.trend,
    )


def _complete(values: Sequence[float | None]) -> float | None:
    """Return a sum only where every row has a part in it: less than all of it would mislead."""
    return None if None in values else total(values)


def _trend(rows: Sequence[SpendRow]) -> tuple[float | None, ...]:
    cells = max(len(row.trend) for row in rows)
    whole = [row.trend for row in rows if len(row.trend) == cells]
    return tuple(total(column) for column in zip(*whole, strict=True))
