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
    cause: str = ""
    """The system's own words. While they are cut, the key does not take their room."""
    rest: str = ""
    """What it means for the figures."""
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
        lead = fold((f"{shown.mark} {shown.lead}", shown.role))
        words = [fold((f" {text}", "text")) for text in (shown.cause, shown.rest) if text]
        tail: Line = [("  ", "text"), (f"(+{shown.others})", "quiet")] if shown.others else []
        keys: Line = []
        if shown.key:
            keys = [("  ", "text"), fold((shown.key, "key")), (" ", "text"), fold((shown.verb, "text"))]
        if not shown.cause or width_of([lead, words[0], *tail, *keys]) + 2 <= width:
            tail += keys
        tail.append((" ", "text"))
        room = width - width_of(tail)
        dots = palette.glyphs.fold("…")
        line: Line = [(" ", "text")]
        for text, role in (lead, *words):
            left = room - width_of(line)
            if text.strip() and left > width_of([(dots, "")]):
                line.append((cut_end(text, left, dots), role))
        return [fill([*line, *tail], width)]
