"""The money line: how fast money goes, against what is usual for this hour."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from finops_tui import phrases
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
    acknowledged: bool = False
    """Somebody looks after every page: the words stay, the fill goes."""
    estimated: bool = True
    stale_seconds: float | None = None
    """How old the figure is, once its source should have spoken."""

    def spans(self, *, short: bool = False) -> tuple[Span, ...]:
        """Return what is drawn; `short` leaves the deviation out."""
        rate = figures.rate_bare(self.usd_per_hour)
        rate = rate if rate == MISSING else f"{rate}/h"
        text = phrases.estimated(rate) if self.estimated else rate
        deviation = ""
        if not short and self.deviation is not None and self.state in (ChipState.PAGE, ChipState.TICKET):
            deviation = f"  {figures.signed_percent(self.deviation)}"
        mark, mark_role = _MARKS[self.state]
        if self.stale_seconds is not None:
            marks = f"{STALE} {mark} " if mark.strip() else f"{STALE} "
            return ((f" {marks}{text}{deviation}  {figures.duration(self.stale_seconds)} old ", "chip-stale"),)
        if self.state is ChipState.PAGE and not self.acknowledged:
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
    stays: bool = False
    """It may be shortened, but it never goes."""
    spare: bool = False
    """It goes before anything is shortened for it."""


class Money(NamedTuple):
    chip: Chip = Chip()
    left: tuple[Part, ...] = ()
    right: tuple[Part, ...] = ()
    tail: tuple[Part, ...] = ()
    """Stands at the far right of a very small screen, and gives way only when nothing else is left to."""


class MoneyLine(Lines[Money]):
    """`▲ ≈$1,284/h  +58%   over normal $812      today $18.2k of $21.0k`."""

    def __init__(self, value: Money | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or Money(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        parts = {id(part): part.spans for part in (*shown.left, *shown.right, *shown.tail)}
        chip = shown.chip.spans()
        left, right = self._sides(chip, parts, palette)
        for part, spans in self._steps():
            if width_of(left) + width_of(right) <= width:
                break
            if part is None:
                chip = spans
            else:
                parts[id(part)] = spans
            left, right = self._sides(chip, parts, palette)
        return [spread(left, right, width)]

    def _steps(self) -> Iterator[tuple[Part | None, tuple[Span, ...]]]:
        """Yield what gives way, one after the other, and what is left of it; None is the chip."""
        shown = self.value
        ranked = sorted((*shown.left, *shown.right), key=lambda part: -part.rank)
        tail = sorted(shown.tail, key=lambda part: -part.rank)
        yield from ((part, ()) for part in ranked if part.spare)
        yield from ((part, part.short) for part in ranked if part.short)
        yield from ((part, ()) for part in ranked[:-1])
        yield from ((part, ()) for part in tail if not part.stays)
        shortened = [part for part in tail if part.stays and part.short]
        yield from ((part, part.short) for part in shortened)
        if ranked:  # what is held against normal outlives seconds, but where that is not enough they need not go
            yield from ((part, part.spans) for part in shortened)
            yield ranked[-1], ()
            yield from ((part, part.short) for part in shortened)
        yield None, shown.chip.spans(short=True)
        yield from ((part, ()) for part in tail)  # so small that the figure itself would be cut

    def _sides(self, chip: tuple[Span, ...], parts: dict[int, tuple[Span, ...]], palette: Palette) -> tuple[Line, Line]:
        left: Line = [(" ", "text"), *chip]
        for index, part in enumerate(self.value.left):
            if parts[id(part)]:
                left += [("   " if index else "  ", "text"), *parts[id(part)]]
        right: Line = []
        for part in self.value.right:
            if parts[id(part)]:
                right += [("   ", "text"), *parts[id(part)]]
        close = bool(self.value.tail) and chip != self.value.chip.spans()  # nothing else is left to give way
        gap = " " if close else "   "
        for part in self.value.tail:
            if parts[id(part)]:
                right += [(gap, "text"), *parts[id(part)]]
                gap = " "
        end = "" if close else " "
        return [palette.fold(span) for span in left], [palette.fold(span) for span in (*right, (end, "text"))]
