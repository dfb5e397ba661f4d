"""The rows of a drill-down as a table: the dearest first, what is left last, a bar for each one's share. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from finops_tui.output.drill import others_name
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import BILLED, GAUGE_CELLS, SEPARATOR
from finops_tui.ui.panes.base import figure, named
from finops_tui.ui.screens.bills_questions import title_of
from finops_tui.ui.screens.bills_words import AMOUNT_CELLS, USD, amount
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.gauge import gauge

if TYPE_CHECKING:
    from finops_tui.ledger.drill import Drilled, DrillRow

PERCENT_CELLS = 5


class DrillLine(NamedTuple):
    """One row of the table."""

    key: str
    name: str
    currency: str
    effective: float
    billed: float
    share: float | None
    """Of its currency's whole effective cost (ratio)."""
    bar: float | None
    """Of its currency's dearest row (ratio)."""
    rest: bool
    """Whether it is what the others come to."""


def lines_of(found: Drilled) -> list[DrillLine]:
    """Return every row, and what is left of each currency."""
    totals = found.totals
    dearest = {row.currency: row.effective for row in sorted(found.rows, key=lambda row: row.effective)}

    def line(row: DrillRow, name: str, *, rest: bool = False) -> DrillLine:
        return DrillLine(
            key=f"{'rest' if rest else 'row'}/{row.currency}/{name}", name=name, currency=row.currency,
            effective=float(row.effective), billed=float(row.billed),
            share=_part(row.effective, totals[row.currency].effective),
            bar=_part(row.effective, dearest.get(row.currency, row.effective)), rest=rest,
        )  # fmt: skip

    shown = [line(row, _name(found.by, row.key)) for row in found.rows]
    return [*shown, *(line(row, others_name(row), rest=True) for row in found.others)]


def _part(amount: Decimal, whole: Decimal) -> float | None:
    return float(amount / whole) if whole > 0 else None


def _name(by: Sequence[str], key: Sequence[str]) -> str:
    """Name a row; charges that carry no such thing are named by what they lack."""
    told = (value or f"no {title_of(name)}" for name, value in zip(by, key, strict=True))
    return f" {SEPARATOR} ".join(told)


def columns_of(by: Sequence[str]) -> tuple[Column[DrillLine], ...]:
    """Return the columns; dollars stand before other currencies, and what is left stands last either way."""

    def money(line: DrillLine) -> tuple[bool, float] | None:
        return None if line.rest else (line.currency == USD, line.effective)

    title = f" {SEPARATOR} ".join(map(title_of, by)).upper()
    name: Column[DrillLine] = named(
        "name", title, lambda line: line.name, 16, role="text", grow=3, max_width=90, gap=0, cut=cut_middle,
    )  # fmt: skip
    share: Column[DrillLine] = figure("share", "SHARE", lambda line: line.share, fmt.percent, PERCENT_CELLS, priority=3)
    return (
        name._replace(sort=lambda line: None if line.rest else line.name.casefold()),
        Column(
            id="effective", title="EFFECTIVE", cell=lambda line: amount(line.effective, line.currency),
            width=AMOUNT_CELLS, align="right", gap=2, priority=2, figure=True, sort=money, descending_first=True,
        ),
        Column(id="bar", title="", cell=lambda line: gauge(line.bar), width=GAUGE_CELLS, gap=2, priority=4),
        share._replace(sort=None),
        Column(
            id="billed", title=f"{BILLED}BILLED", cell=lambda line: amount(line.billed, line.currency),
            width=AMOUNT_CELLS, align="right", gap=2, priority=5, figure=True, descending_first=True,
            sort=lambda line: None if line.rest else (line.currency == USD, line.billed),
        ),
    )  # fmt: skip
