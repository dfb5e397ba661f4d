"""What stands on a screen that is too small for anything else."""

from __future__ import annotations

from finops_tui.ui.layout import SMALLEST
from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.lines import Line, Lines
from finops_tui.ui.wrap import wrapped


class TooSmall(Lines[None]):
    def __init__(self) -> None:
        super().__init__(None, id="too-small")

    def draw(self, width: int, palette: Palette) -> list[Line]:  # noqa: ARG002  every line is drawn with a palette
        now = f"{self.screen.size.width}x{self.screen.size.height}"
        words = f"Make this terminal at least {SMALLEST[0]}x{SMALLEST[1]} (now {now})."
        return [[(line, "text")] for line in wrapped(words, width)]
