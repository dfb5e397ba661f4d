"""The rows that tell more of the row under the cursor: first of all what the columns had no room for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from finops_tui.ui.glyphs import LINE, MISSING
from finops_tui.ui.palette import Palette
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.text import cut_end, cut_path, pad
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of

LABEL_CELLS = 13
LONGEST_LABEL_CELLS = 20
MARGIN = 4


class DetailRow(NamedTuple):
    name: str
    cluster: str
    facts: tuple[Fact, ...]


def worth_a_line(facts: Sequence[Fact], shown: Collection[str]) -> tuple[Fact, ...]:
    """Leave out what a column already says, and what says nothing."""
    return tuple(
        fact
        for fact in facts
        if (fact.column not in shown or (fact.value == MISSING and fact.note)) and (fact.value != MISSING or fact.note)
    )


class Detail(Lines[DetailRow | None]):
    """A line with the name, then as many facts as there are rows; on a single row the first fact alone."""

    def __init__(self) -> None:
        super().__init__(None, id="detail")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        height = self.size.height
        dots = palette.glyphs.fold("…")
        rule = palette.fold((LINE, "rule"))[0]
        if height == 1:
            return [fill([(" ", "text"), *self._one_line(shown, width - 2, palette)], width)]
        if shown is None:
            return [[(rule * width, "rule")]]
        name = cut_path(palette.fold((shown.name, ""))[0], max(8, width - 30), dots)
        head: Line = [(rule * 3, "rule"), (" ", "text"), (name, "text bold")]
        if shown.cluster:
            head.append((cut_end(f" in {palette.fold((shown.cluster, ''))[0]}", 22, dots), "quiet"))
        head += [(" ", "text"), (rule * (width - width_of(head) - 1), "rule")]
        return [head, *(self._fact(fact, width, palette) for fact in shown.facts[: height - 1])]

    @staticmethod
    def _fact(fact: Fact, width: int, palette: Palette) -> Line:
        dots = palette.glyphs.fold("…")
        label = cut_end(palette.fold((fact.label, ""))[0], LONGEST_LABEL_CELLS - 1, dots)
        cells = max(LABEL_CELLS, cell_len(label) + 1)
        room = width - MARGIN - cells - 1
        value, role = palette.fold((fact.value, fact.role or "text"))
        value = cut_end(value, room, dots)
        line: Line = [(" " * MARGIN, "text"), (pad(label, cells), "quiet"), (value, role)]
        left = room - cell_len(value) - 1
        if fact.note and left > len(dots):
            line.append((f" {cut_end(palette.fold((fact.note, ''))[0], left, dots)}", "quiet"))
        return line

    @staticmethod
    def _one_line(shown: DetailRow | None, width: int, palette: Palette) -> Line:
        if shown is None:
            return []
        line: Line = []
        for fact in shown.facts:
            label, value = palette.fold((f"{fact.label} ", "quiet")), palette.fold((fact.value, fact.role or "text"))
            if width_of([*line, label, value]) + 3 > width:
                break
            line += [("   " if line else "", "text"), label, value]
        return line
