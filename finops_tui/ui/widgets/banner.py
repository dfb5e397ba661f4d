"""One row for what is wrong with the figures. It is always there, so that trouble moves nothing."""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.ui.palette import Palette
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of


class Notice(NamedTuple):
    mark: str
    """`~` for what is old, `●` for what needs somebody."""
    lead: str
    """What happened and since when, in the colour of `role`."""
    rest: str = ""
    """The system's own words, what it means for the figures."""
    role: str = "stale"
    others: int = 0
    """How many more notices there are."""
    key: str = ""
    verb: str = ""
    """What to do, and the key for it: `r`, `retry now`."""


class Banner(Lines[Notice | None]):
    """`~ Prometheus prod-us has not answered since 13:56:20Z (timeout).  r retry now`; None is a blank row."""

    def __init__(self, value: Notice | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value, id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        if shown is None:
            return [[]]
        fold = palette.fold
        tail: Line = []
        if shown.others:
            tail += [("  ", "text"), (f"(+{shown.others})", "quiet")]
        if shown.key:
            tail += [("  ", "text"), fold((shown.key, "key")), (" ", "text"), fold((shown.verb, "text"))]
        tail.append((" ", "text"))
        room = width - width_of(tail)
        dots = palette.glyphs.fold("…")
        line: Line = [(" ", "text")]
        for text, role in (fold((f"{shown.mark} {shown.lead}", shown.role)), fold((f" {shown.rest}", "text"))):
            left = room - width_of(line)
            if text.strip() and left > width_of([(dots, "")]):
                line.append((cut_end(text, left, dots), role))
        return [fill([*line, *tail], width)]
