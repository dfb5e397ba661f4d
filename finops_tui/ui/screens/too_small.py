"""What stands on a screen that is too small for anything else."""

from __future__ import annotations

from finops_tui.ui.layout import SMALLEST
from finops_tui.ui.palette import Palette
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.lines import Line, Lines


class TooSmall(Lines[None]):
    DEFAULT_CSS = """
    TooSmall { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(None, id="too-small")

    def draw(self, width: int, palette: Palette) -> list[Line]:  # noqa: ARG002  every line is drawn with a palette
        now = f"{self.screen.size.width}x{self.screen.size.height}"
        words = f"Make this terminal at least {SMALLEST[0]}x{SMALLEST[1]} (now {now})."
        return [[(cut_end(words[start : start + width], width, ""), "text")] for start in range(0, len(words), max(1, width))]
