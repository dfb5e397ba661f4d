"""The panes as tabs, where the screen is too small to show them side by side."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.message import Message

from finops_tui.ui.glyphs import LINE, LINE_FOCUSED
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.widgets.lines import Line, Lines, fill, width_of


class Tab(NamedTuple):
    number: str
    title: str
    badge: tuple[Span, ...] = ()
    """The worst mark and how many: `▲1`; nothing when all is well."""


class TabRow(NamedTuple):
    tabs: tuple[Tab, ...] = ()
    active: int = 0


class Tabs(Lines[TabRow]):
    """`1 Findings ▲1   2 GPU   3 SLO ●1`, and below it, when it is two lines high, a line that marks the active one."""

    DEFAULT_CSS = """
    Tabs { height: 2; }
    """

    class Clicked(Message):
        """A tab was clicked; its place in the row from 0."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, value: TabRow | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or TabRow(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        spans, starts = self._fit(width, palette)
        if not starts:
            return [[], []]
        rule, focused = palette.fold((LINE, "rule"))[0], palette.fold((LINE_FOCUSED, "focus"))[0]
        start, end = starts[min(self.value.active, len(starts) - 1)]
        start, end = min(max(0, start - 1), width), min(end + 1, width)
        below = [(rule * start, "rule"), (focused * (end - start), "focus"), (rule * (width - end), "rule")]
        return [fill(spans, width), below]

    def on_click(self, event: events.Click) -> None:
        _, starts = self._fit(self.size.width, Palette({}))
        for index, (start, end) in enumerate(starts):
            if start - 1 <= event.x <= end:
                self.post_message(self.Clicked(index))

    def _fit(self, width: int, palette: Palette) -> tuple[Line, list[tuple[int, int]]]:
        """Bring the tabs closer, then take titles off those that are not active, until they fit."""
        spans: Line = []
        starts: list[tuple[int, int]] = []
        for gap, titles in ((4, True), (2, True), (1, True), (2, False), (1, False)):
            spans, starts = self._row(gap, palette, titles=titles)
            if width_of(spans) < width:
                break
        return spans, starts

    def _row(self, gap: int, palette: Palette, *, titles: bool) -> tuple[Line, list[tuple[int, int]]]:
        spans: Line = [("  ", "text")]
        starts = []
        for index, tab in enumerate(self.value.tabs):
            active = index == self.value.active
            start = width_of(spans)
            spans.append((tab.number, "focus" if active else "text"))
            if titles or active:
                spans += [(" ", "text"), palette.fold((tab.title, "focus" if active else "text"))]
            if tab.badge:
                spans += [(" ", "text"), *(palette.fold(span) for span in tab.badge)]
            starts.append((start, width_of(spans)))
            spans.append((" " * gap, "text"))
        return spans, starts
