"""The keys that work here and now, taken from the live bindings of the screen that asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from textual.screen import Screen

from finops_tui.ui.bindings import live
from finops_tui.ui.keymap import GROUPS
from finops_tui.ui.palette import Span
from finops_tui.ui.screens.page import INDENT, Page, heading_line, paragraph
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import pad
from finops_tui.ui.widgets.lines import Line

KEY_CELLS = 14
SIGNS = (
    ("≈", "estimated: not billed yet"),
    ("=", "metered or billed"),
    ("~", "older than its source allows; the age stands beside it"),
    ("–", "not known; the details say why. 0.0 is measured"),
    ("▲ ● ○ ✓", "page, ticket, info, checked and fine"),
)
FILTER_HELP = (
    "Terms side by side must all hold, ! in front turns one round. A bare word is looked for in every text; "
    'ns=ml looks in one field, ns="ml" wants exactly it. Figures take = != > >= < <=, as in usd>2.5k util<10% out<2h.'
)


class HelpPage(Page):
    def __init__(self, settings: UiSettings, screen: Screen[Any]) -> None:
        super().__init__(settings)
        self._keys = live(screen)

    def heading(self) -> tuple[str, tuple[Span, ...]]:
        return "Keys", (("that work where you came from", "quiet"),)

    def document(self, width: int, now: datetime) -> list[Line]:  # noqa: ARG002  help does not depend on the time
        lines: list[Line] = []
        for group in GROUPS:
            entries = [(keys, spec.about) for spec, keys in self._keys.values() if spec.group == group]
            if not entries:
                continue
            lines += [[], heading_line(group)]
            for keys, about in entries:
                lines += explained(pad("  ".join(keys), KEY_CELLS), "key", about, width)
        lines += [[], heading_line("Filter"), *paragraph(FILTER_HELP, width), [], heading_line("Signs")]
        for sign, words in SIGNS:
            lines += explained(pad(sign, KEY_CELLS), "text", words, width)
        return lines


def explained(name: str, role: str, words: str, width: int) -> Iterator[Line]:
    """Write a name and, in a column of their own, the words about it."""
    first, *rest = paragraph(words, width - KEY_CELLS)
    yield [(" " * INDENT, "text"), (name, role), (first[1][0], "text")]
    yield from ([(" " * KEY_CELLS, "text"), *line] for line in rest)
