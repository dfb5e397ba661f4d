"""The base of widgets that draw every one of their cells."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class OwnLines(Widget):
    """Keeps what `render_line` gave until that line is refreshed, and looks for no style around or over it.

    Textual asks every widget that it passes, line by line, for borders, padding, tints and the colours below: there are
    none here, and half of the time that a frame takes would go into finding that out.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's word
        self._finished: dict[int, Strip] = {}
        self._finished_width = -1
        super().__init__(id=id, classes=classes)

    def render_lines(self, crop: Region) -> list[Strip]:
        width = self.size.width
        if width != self._finished_width:
            self._finished.clear()
            self._finished_width = width
        strips = [self._finished.get(y) or self._finish(y) for y in crop.line_range]
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]

    def _finish(self, y: int) -> Strip:
        strip = self.render_line(y)
        background = self.background_colors[1]
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, background)
        self._finished[y] = strip
        return strip

    def _set_dirty(self, *regions: Region) -> None:
        super()._set_dirty(*regions)
        if not regions:
            self._finished.clear()
        for region in regions:
            for y in region.line_range:
                self._finished.pop(y, None)
