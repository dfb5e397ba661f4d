"""One row for what is wrong with the figures. It is always there, so that trouble moves nothing."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from finops_tui.ui.palette import Palette
from finops_tui.ui.text import cut_words
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
    brief: str = ""
    """The same in fewer words, for where it would be cut."""
    keeps_brief: bool = False
    """Whether the brief words stay and the cause is cut for them: they say what not to do."""
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
        words = [fold((f" {shown.cause}", "text"))] if shown.cause else []
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
        for at, (text, role) in enumerate((lead, *words)):
            left = room - width_of(line)
            if at and shown.keeps_brief:
                left -= self._kept(shown, left - width_of([(text, role)]))
            if text.strip() and left > width_of([(dots, "")]):
                line.append((cut_words(text, left, dots), role))
        line += self._meaning(shown, room - width_of(line), palette)
        return [fill([*line, *tail], width)]

    @staticmethod
    def _kept(shown: Notice, left: int) -> int:
        """Return the cells to leave for what it means, where so many are left behind the whole cause."""
        needed = [cell_len(text) + 1 for text in (shown.rest, shown.brief) if text]
        return next((cells for cells in needed if cells <= left), min(needed, default=0))

    @staticmethod
    def _meaning(shown: Notice, room: int, palette: Palette) -> Line:
        """Say what it means in as many words as fit whole: an age that is cut would be another age."""
        for text in filter(None, (shown.rest, shown.brief)):
            span = palette.fold((f" {text}", "text"))
            if width_of([span]) <= room:
                return [span]
        return []
