"""The money line: how fast money goes, against what is usual for this hour."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from finops_tui.ui import format as figures
from finops_tui.ui.glyphs import MISSING, OK, PAGE, STALE, TICKET
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.widgets.lines import Line, Lines, spread, width_of


class ChipState(StrEnum):
    CALM = "calm"
    PLAIN = "plain"
    """Nothing is known that it could be held against."""
    TICKET = "ticket"
    PAGE = "page"


class Chip(NamedTuple):
    """The spend rate, the only large filled patch on the screen, and filled only while a page is open or it is old."""

    usd_per_hour: float | None = None
    deviation: float | None = None
    """From normal, as a ratio: 0.58 is 58 % above. Shown in the chip while it is not calm."""
    state: ChipState = ChipState.PLAIN
    estimated: bool = True
    stale_seconds: float | None = None
    """How old the figure is, once its source should have spoken."""

    def spans(self) -> tuple[Span, ...]:
        rate = figures.rate_bare(self.usd_per_hour)
        rate = rate if rate == MISSING else f"{rate}/h"
        text = figures.estimated(rate) if self.estimated else rate
        deviation = ""
        if self.deviation is not None and self.state in (ChipState.PAGE, ChipState.TICKET):
            deviation = f"  {figures.signed_percent(self.deviation)}"
        mark, mark_role = _MARKS[self.state]
        if self.stale_seconds is not None:
            marks = f"{STALE} {mark} " if mark.strip() else f"{STALE} "
            return ((f" {marks}{text}{deviation}  {figures.duration(self.stale_seconds)} old ", "chip-stale"),)
        if self.state is ChipState.PAGE:
            return ((f" {mark} {text}{deviation} ", "chip"),)
        return ((" ", "text"), (mark, mark_role), (f" {text}{deviation} ", "chip-calm"))


_MARKS = {
    ChipState.CALM: (OK, "ok"),
    ChipState.PLAIN: (" ", "text"),
    ChipState.TICKET: (TICKET, "ticket"),
    ChipState.PAGE: (PAGE, "page"),
}


class Part(NamedTuple):
    """One statement beside the chip. The highest rank is shortened first, and goes first when that is not enough."""

    spans: tuple[Span, ...]
    rank: int
    short: tuple[Span, ...] = ()


class Money(NamedTuple):
    chip: Chip = Chip()
    left: tuple[Part, ...] = ()
    right: tuple[Part, ...] = ()
    tail: tuple[Span, ...] = ()
    """Stands at the far right of a very small screen. Its first span goes first, once no part is left to go."""


class MoneyLine(Lines[Money]):
    """`▲ ≈$1,284/h  +58%   over normal $812      today $18.2k of $21.0k`."""

    def __init__(self, value: Money | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or Money(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        parts = {id(part): part.spans for part in (*shown.left, *shown.right)}
        ranked = sorted((*shown.left, *shown.right), key=lambda part: -part.rank)
        steps: list[tuple[Part, tuple[Span, ...]]] = [(part, part.short) for part in ranked if part.short]
        steps += [(part, ()) for part in ranked]
        tail = shown.tail
        while True:
            left, right = self._sides(parts, tail, palette)
            if width_of(left) + width_of(right) <= width or not (steps or tail):
                return [spread(left, right, width)]
            if steps:
                part, spans = steps.pop(0)
                parts[id(part)] = spans
            else:
                tail = tail[1:]

    def _sides(self, parts: dict[int, tuple[Span, ...]], tail: tuple[Span, ...], palette: Palette) -> tuple[Line, Line]:
        left: Line = [(" ", "text"), *self.value.chip.spans()]
        for index, part in enumerate(self.value.left):
            if parts[id(part)]:
                left += [("   " if index else "  ", "text"), *parts[id(part)]]
        right: Line = []
        for spans in (*(parts[id(part)] for part in self.value.right), tail):
            if spans:
                right += [("   ", "text"), *spans]
        return [palette.fold(span) for span in left], [palette.fold(span) for span in (*right, (" ", "text"))]
