"""Small parts of a dialog: the panel below it, what it has to say right now, the line that ends it, a lit chip."""

from __future__ import annotations

from finops_tui.ui.glyphs import LINE
from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.widgets.lines import Line, Lines
from finops_tui.ui.wrap import wrapped_into


class Ground(Lines[None]):
    """The panel below all parts."""

    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__(None, id="ground")

    def draw(self, width: int, palette: Palette) -> list[Line]:  # noqa: ARG002  blank at every width
        return []


class Rule(Lines[None]):
    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__(None, id="rule")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        return [[(palette.fold((LINE, "rule"))[0] * width, "rule")]]


class Status(Lines[Span]):
    """A sentence on its last rows, over as many of them as it needs."""

    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__(("", "text"), id="status")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        text, role = palette.fold(self.value)
        height = self.size.height
        lines: list[Line] = [[(line, role)] for line in wrapped_into(text, width, height, palette.glyphs.fold("…"))]
        return [[] for _ in range(height - len(lines))] + lines


class Chip(Lines[Span]):
    """A few words as they stand on the screen below, but not dimmed."""

    def __init__(self) -> None:
        super().__init__(("", "armed"), id="chip")

    def draw(self, width: int, palette: Palette) -> list[Line]:  # noqa: ARG002  it is as wide as its words
        return [[palette.fold(self.value)]]
