"""A screen with what stands around every list and page: the money above it, its keys below."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from textual.screen import Screen

from finops_tui.ui.bindings import live
from finops_tui.ui.issues import Issue, issues
from finops_tui.ui.layout import Rect, form_of
from finops_tui.ui.screens.stage import Stage
from finops_tui.ui.screens.surround import Surround
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.footer import KeyHint

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui.app import FinopsApp


def frozen_at(screen: Screen[Any]) -> datetime | None:
    """Return since when the display is held still: what lies over the main screen shows the same figures."""
    return cast("FinopsApp", screen.app).main.frozen_at


class FramedScreen(Screen[Any], inherit_bindings=False):
    """Draws itself for every snapshot, at another size, and when it is on top again."""

    def __init__(self, settings: UiSettings, places: Callable[[int, int], Mapping[str, Rect]]) -> None:
        """`places` gives the cells of every widget's id for a screen of so many columns and rows."""
        super().__init__()
        self.settings = settings
        self.snapshot: Snapshot | None = None
        self._around = Surround(settings)
        self._stage = Stage(places)

    @property
    def layout(self) -> Stage:
        return self._stage

    @abstractmethod
    def draw(self, now: datetime) -> None:
        """Draw everything; nothing while the widgets are not there yet."""

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        """Take the newest snapshot and tell the time again."""
        self.snapshot = snapshot
        self.draw(now)

    def draw_around(self, now: datetime, found: Sequence[Issue] | None = None, undo_key: str = "") -> None:
        """Draw what stands around, with what is wrong: where nothing else was `found`, what the snapshot says."""
        if found is None:
            found = issues(self.snapshot, now) if self.snapshot is not None else ()
        form, held = form_of(*self.app.size), frozen_at(self)
        self._around.show(self.snapshot, now, form, found, live(self), frozen_at=held, undo_key=undo_key)

    def draw_footer(self, keys: tuple[KeyHint, ...], now: datetime) -> None:
        self._around.show_footer(keys, self.snapshot, now, form_of(*self.app.size))

    def on_screen_resume(self) -> None:
        self.draw(self.settings.now())

    def on_resize(self) -> None:
        self.draw(self.settings.now())
