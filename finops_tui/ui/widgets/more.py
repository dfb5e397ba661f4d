"""What a view does not show: how many lines follow, and of what."""

from __future__ import annotations

from finops_tui.phrases import counted
from finops_tui.ui.glyphs import SEPARATOR
from finops_tui.ui.palette import Palette
from finops_tui.ui.text import cut_path
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of


class More(Lines[tuple[str, int]]):
    """`nlp-train/job/retrain-v7 · 12 more lines below`, from a name and a number; blank for 0."""

    def __init__(self) -> None:
        super().__init__(("", 0), id="more")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        name, below = self.value
        if not below:
            return [[]]
        words = f"{counted(below, 'more line')} below"
        room = width - 3 - width_of([(f" {SEPARATOR} {words}", "")])
        text = palette.fold((name, ""))[0]
        shown = cut_path(text, room, palette.glyphs.fold("…")) if room >= len("a/b/name") else ""
        return [fill([(" ", "text"), (f"{shown} {SEPARATOR} {words}" if shown else words, "quiet")], width)]
