"""The keys that work in the plan's dialog now, and what they do there."""

from __future__ import annotations

from datetime import datetime

from finops_tui.ui.palette import Span
from finops_tui.ui.screens.help import KEY_CELLS, explained
from finops_tui.ui.screens.page import Page, heading_line
from finops_tui.ui.screens.plan_keys import PlanKeys
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import pad
from finops_tui.ui.widgets.lines import Line

KEYS = (
    ("confirm", "y", "enter", "do it, or go to what is still to be written"),
    ("leave", "esc", "esc", "leave everything as it was"),
    ("arm", "W", "W", "allow changes for a while"),
    ("reason", "e", "", "write a reason"),
    ("length", "t  f2", "f2", "after which time it is due to be taken back"),
    ("go_on", "g  f3", "f3", "of several: go on after one that fails, or stop there"),
    ("leave_out", "o", "", "of several: leave out what is refused"),
    ("other", "a  f5", "f5", "go over to one, or back to all"),
    ("export", "E  f4", "f4", "copy the plan as Markdown"),
    ("explain", "X  f1", "f1", "how its figures came to be, and every check"),
    ("field", "tab", "tab", "the next field or button"),
)
"""By action its keys, those where letters are a name, and what it does."""
SCROLLING = (
    ("down  j", "down", "the next line of the plan"),
    ("up  k", "up", "the line before"),
    ("pagedown", "pagedown", "further down"),
    ("pageup", "pageup", "further up"),
    ("G  end", "end", "its last lines"),
    ("home", "home", "its first lines"),
)


class PlanHelpPage(Page):
    def __init__(self, settings: UiSettings, keys: PlanKeys, opened_by: tuple[str, ...]) -> None:
        """`opened_by` are the keys that opened the plan: they do nothing in it."""
        super().__init__(settings)
        self._keys = keys
        self._opened_by = frozenset(opened_by)

    def heading(self) -> tuple[str, tuple[Span, ...]]:
        return "Keys", (("that work in the plan", "quiet"),)

    def document(self, width: int, now: datetime) -> list[Line]:  # noqa: ARG002  help does not depend on the time
        named = self._keys.letters_are_the_name
        lines: list[Line] = [[], heading_line("Plan")]
        for action, keys, others, about in KEYS:
            if self._keys.may(action) and (self._keys.standing.may_confirm or action not in ("confirm", "reason")):
                lines += self._told(others if named else keys, about, width)
        lines += [[], heading_line("Read")]
        for keys, others, about in SCROLLING:
            lines += self._told(others if named else keys, about, width)
        return lines

    def _told(self, keys: str, about: str, width: int) -> list[Line]:
        shown = "  ".join(key for key in keys.split() if key not in self._opened_by)
        return list(explained(pad(shown, KEY_CELLS), "key", about, width)) if shown else []
