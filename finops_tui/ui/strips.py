"""Painted lines that nobody needs any more, freed at once instead of by the collector."""

from __future__ import annotations

from contextlib import suppress

from rich.console import RenderableType
from textual._compositor import ChopsUpdate


def forget_cuts(update: RenderableType | None) -> None:
    """Let go of how the lines of an update were cut, once it is displayed.

    Textual lets a line remember the parts into which it was cut. A line that was not cut is its own only part: such a
    circle stays until the collector looks at everything, which is every few minutes and after thousands of lines.
    """
    if not isinstance(update, ChopsUpdate):
        return
    with suppress(AttributeError):  # it is Textual's own affair what a line remembers
        for y, _, _ in update.spans:
            for strip in update.chops[y].values():
                if strip is not None:
                    strip._divide_cache.clear()  # noqa: SLF001  there is no other way to it
