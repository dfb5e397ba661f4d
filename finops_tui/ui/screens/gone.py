"""What is said of a thing that a person chose and that is there no longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from finops_tui.ui.format import clock_time
from finops_tui.ui.issues import Issue, Rank
from finops_tui.ui.panes.pane import Pane
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.snapshot import Snapshot

GONE_SECONDS = 60.0


class Gone:
    """Words that stand until the next key, a minute at most. `changed` is called when they come or go."""

    def __init__(self, screen: Screen[Any], changed: Callable[[], None]) -> None:
        self.words = ""
        self._screen = screen
        self._changed = changed
        self._timer: Timer | None = None

    def say(self, words: str) -> None:
        self.words = words
        self._changed()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(GONE_SECONDS, self.forget)

    def forget(self) -> None:
        if self.words:
            self.words = ""
            self._changed()

    def among(self, issues: Sequence[Issue]) -> tuple[Issue, ...]:
        """Put the words, if there are any, between what is wrong: what is lost is told before them."""
        worse = sum(issue.rank <= Rank.LOST for issue in issues)
        own = (Issue(Rank.REFUSED, self.words),) if self.words else ()
        return (*issues[:worse], *own, *issues[worse:])


def what_became_of(key: str, pane: Pane, snapshot: Snapshot | None) -> str:
    """Say what became of the row that the cursor of a pane stood on last."""
    name = clean(pane.target_name)
    words = pane.spec.gone(key, name, snapshot) if pane.spec.gone is not None and snapshot is not None else ""
    ended = clock_time(snapshot.at if snapshot is not None else None)
    return words or f"{name} no longer exists (ended {ended}). Nothing is selected."
