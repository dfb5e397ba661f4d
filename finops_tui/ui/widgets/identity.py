"""The first line: which program, what it watches, in which mode, what time it is."""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.ui.layout import Rect
from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.widgets.lines import Line, Lines, spread, width_of

NAME = "finops-tui"


class Identity(NamedTuple):
    scope: tuple[str, ...] = ()
    """Names of the clusters watched; as many as fit are written out, the rest is counted: `prod-us +7`."""
    badge: Span = ("READ-ONLY", "quiet")
    """Whether this session may change anything."""
    mode: str = ""
    """`DEMO 60×`; empty when live."""
    clock: str = ""
    """`14:02:31Z`."""


def badge_place(shown: Identity, width: int) -> Rect:
    """Return where the badge stands on the line: before mode and clock, at the right end."""
    after = sum(2 + width_of([(text, "")]) for text in (shown.mode, shown.clock) if text)
    cells = width_of([shown.badge])
    return Rect(width - 1 - after - cells, 0, cells, 1)


class IdentityLine(Lines[Identity]):
    """`finops-tui   prod-us, prod-eu      READ-ONLY  14:02:31Z`. Badge, mode and clock never go."""

    GROUND = PANEL

    def __init__(self, value: Identity | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or Identity(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        shown = self.value
        right: Line = []
        for span in (shown.badge, (shown.mode, "text bold"), (shown.clock, "text")):
            if span[0]:
                right += [("  ", "text"), palette.fold(span)]
        right.append((" ", "text"))
        left: Line = [(" ", "text"), (NAME, "text bold")]
        room = width - width_of(right) - width_of(left)
        scope = self._scope([palette.fold((name, "quiet"))[0] for name in shown.scope], room - 3)
        if scope:
            left += [("   ", "text"), (scope, "quiet")]
        return [spread(left, right, width)]

    @staticmethod
    def _scope(names: list[str], room: int) -> str:
        """Write out as many names as fit."""
        for written in range(len(names), 0, -1):
            more = len(names) - written
            text = ", ".join(names[:written]) + (f" +{more}" if more else "")
            if width_of([(text, "")]) <= room:
                return text
        return ""
