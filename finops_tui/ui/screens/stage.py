"""Puts the widgets of a screen where its frame says, by their ids. What has no place is not drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.geometry import Offset, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from finops_tui.ui.layout import Rect


class Stage(Layout):
    name = "stage"

    def __init__(self, places: Callable[[int, int], Mapping[str, Rect]]) -> None:
        """`places` gives the cells of every widget's id for a screen of so many columns and rows."""
        self._places = places

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:  # noqa: ARG002  Textual's signature
        places = self._places(size.width, size.height)
        return [
            WidgetPlacement(Region(*place), Offset(), Spacing(), child)
            for child in children
            if (place := places.get(child.id or "")) is not None
        ]


def rearrange(screen: Widget, *, repaint: bool = True) -> None:
    """Put the widgets of a screen where its frame says now; Textual remembers the places it was told before."""
    screen._clear_arrangement_cache()  # noqa: SLF001  there is no other way to it
    screen.refresh(repaint=repaint, layout=True)
