"""Short messages about what a person has just done: they stand over the screen, so there are few, and not for long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.notifications import Notification, Notify, SeverityLevel

from finops_tui.ui.wrap import wrapped, wrapped_into

AROUND_CELLS = 4
"""The bar and the blanks beside the words."""
PLAIN_LINES, LOUD_LINES = 2, 4
BRIEF_CELLS = 60
BRIEF_SECONDS, LONG_SECONDS = 3.0, 5.0
CSS = """
ToastRack { overflow: hidden hidden; margin: 0 0 1 0; }
ModalScreen ToastRack { dock: top; align: right top; margin: 1 0 0 0; }
Toast { width: auto; max-width: 100%; margin: 0; padding: 0 1; }
"""
"""They end at the edge; in a dialog they stand on top, since its buttons are at the bottom."""


class ToastingApp(App[None], inherit_bindings=False):
    """Merges messages: one that says the same, or a confirmation, takes the place of the one before."""

    _standing_toasts: tuple[Notification, ...] = ()
    """What may still be on the screen."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        plain = severity == "information"
        if timeout is None:
            timeout = BRIEF_SECONDS if plain and len(message) <= BRIEF_CELLS else LONG_SECONDS
        room = self.size.width - AROUND_CELLS
        message = fitted(message, room, PLAIN_LINES if plain else LOUD_LINES)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def on_notify(self, event: Notify) -> None:
        """Take away what a message takes the place of, before it is shown."""
        new = event.notification
        plain = new.severity == "information"
        self._take_away(
            one
            for one in self._standing_toasts
            if one.message == new.message or (plain and one.severity == "information")
        )
        self._standing_toasts = (*(one for one in self._standing_toasts if not one.has_expired), new)

    def _take_away(self, notifications: Iterable[Notification]) -> None:
        gone = list(notifications)
        for each in gone:
            each.timeout = 0.0  # Textual forgets what is over
        holders = self.screen.query("ToastHolder") if self.screen_stack else ()
        for holder in list(holders):
            if any((holder.id or "").endswith(each.identity) for each in gone):
                holder.remove()

    # the overloads are Textual's: nothing here depends on them
    def push_screen(self, *arguments: Any, **named: Any) -> Any:
        """Put a screen on top. What was said about the one below would stand in its way."""
        self._take_away(self._standing_toasts)
        return super().push_screen(*arguments, **named)


def fitted(message: str, room: int, most: int) -> str:
    """Cut a message at its end where it needs more lines than it may have."""
    if sum(max(1, len(wrapped(line, room))) for line in message.split("\n")) <= most:
        return message
    return " ".join(wrapped_into(message, room, most))
