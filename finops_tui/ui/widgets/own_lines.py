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
        if any(y not in self._finished for y in crop.line_range):
            filters, background = self.get_line_filters(), self.background_colors[1]
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self._finished.get(y)
            if strip is None:
                strip = self.render_line(y)
                for each in filters:
                    strip = strip.apply_filter(each, background)
                self._finished[y] = strip
            strips.append(strip)
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]

    def _set_dirty(self, *regions: Region) -> None:
        super()._set_dirty(*regions)
        if not regions:
            self._finished.clear()
        for region in regions:
            for y in region.line_range:
                self._finished.pop(y, None)
