"""One widget on a screen of its own."""

from __future__ import annotations

from rich.style import Style
from textual.app import App, ComposeResult
from textual.widget import Widget

from finops_tui.ui.glyphs import UNICODE, Glyphs
from finops_tui.ui.theme import load_themes, start_theme


class Bench(App[None]):
    CSS = "Screen { background: $background; }"

    def __init__(self, *widgets: Widget, theme: str = "night", glyphs: Glyphs = UNICODE) -> None:
        self.glyphs = glyphs
        super().__init__()
        for one in load_themes()[0]:
            self.register_theme(one)
        self.theme = theme
        self._widgets = widgets

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return start_theme("night")[0].variables

    def compose(self) -> ComposeResult:
        yield from self._widgets


def screen_text(app: App[None]) -> list[str]:
    """Return the screen's lines as text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def lines_of(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


def without_colour(widget: Widget) -> tuple[tuple[str, str], ...]:
    """Return what is left of a widget when all colour is taken away: text, and which attributes it wears."""
    left = []
    for y in range(widget.size.height):
        for text, style, _ in widget.render_line(y):
            left.append((text, str((style or Style()).without_color)))
    return tuple(left)


def painted(widget: Widget) -> list[tuple[int, int, int]]:
    """Return what a widget asks to be painted: line, first cell, cells."""
    return sorted((region.y, region.x, region.width) for region in widget._repaint_regions)
