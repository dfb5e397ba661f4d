"""Prose in lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len

from finops_tui.ui.palette import Span
from finops_tui.ui.text import cut_end

NARROWEST = 8


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at its blanks into lines of at most `width` cells; a word that is longer is cut."""
    width = max(NARROWEST, width)
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else cut_end(word, width)
    return [*lines, line] if line or not lines else lines


def wrapped_into(text: str, width: int, height: int, dots: str = "…") -> list[str]:
    """Break a text into at most `height` lines; the last one says by `dots` that there is more."""
    lines = wrapped(text, width)
    if len(lines) <= height:
        return lines
    if height < 1:
        return []
    return [*lines[: height - 1], cut_end(lines[height - 1], max(NARROWEST, width) - cell_len(dots), "") + dots]


def broken(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells and lose nothing of it: at a blank where there is one."""
    width = max(NARROWEST, width)
    lines = []
    while cell_len(text) > width:
        head = cut_end(text, width, "")
        at = head.rfind(" ") if text[len(head)] != " " else len(head)
        head = head[:at] if at > 0 else head
        lines.append(head)
        text = text[len(head) :].lstrip(" ")
    return [*lines, text]


def wrapped_spans(spans: Iterable[Span], width: int) -> list[list[Span]]:
    """Break folded spans at their blanks into lines of at most `width` cells, each word in its own role."""
    width = max(NARROWEST, width)
    lines: list[list[Span]] = [[]]
    used = 0
    for text, role in spans:
        for word in re.findall(r" +|[^ ]+", text):
            cells = cell_len(word)
            if used and used + cells > width:
                lines.append([])
                used = 0
            if used or len(lines) == 1 or word[0] != " ":
                lines[-1].append((cut_end(word, width), role))
                used += min(cells, width)
    return lines
