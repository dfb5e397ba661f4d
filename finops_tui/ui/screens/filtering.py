"""A screen on which a filter can be typed."""

from __future__ import annotations

from abc import abstractmethod

from textual import events
from textual.reactive import Reactive
from textual.widget import AwaitMount, Widget

from finops_tui.ui.panes.pane import Pane
from finops_tui.ui.screens.whole_frames import WholeFrames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.ui.screens.filter_bar import FilterBar

READY_SECONDS = 1.0
"""After the first figures: until then, others need the time more than the key does."""


class FilteringScreen(WholeFrames, inherit_bindings=False):
    """Has a line to type a filter in, which stands in the footer's place while somebody types.

    It is made once and never removed: either would have Textual place every widget and paint the whole screen.
    """

    focused = Reactive[Widget | None](None, repaint=False)
    """Who has it draws itself; the rest of the screen stays as it is."""
    _bar: FilterBar | None = None
    _standing: AwaitMount
    typing = False
    """Whether a filter is being typed."""

    @property
    @abstractmethod
    def pane(self) -> Pane:
        """The pane that hears the keys."""

    @abstractmethod
    def place_anew(self) -> None:
        """Give the filter's line the place of the footer while one is typed, and give it back."""

    def make_filter_bar_soon(self) -> None:
        """Make the line before anybody asks for it, but not at once."""
        # a timer needs to know the app, and the first figures are drawn by a call from the engine, which does not
        self.call_later(self.set_timer, READY_SECONDS, self._made)

    async def _made(self) -> FilterBar:
        if self._bar is None:
            from finops_tui.ui.screens.filter_bar import FilterBar

            self._bar = FilterBar(self.pane)
            self._standing = self.mount(self._bar)
        if not self._bar.is_mounted:
            await self._standing
        return self._bar

    async def action_filter(self) -> None:
        bar = await self._made()
        bar.turn_to(self.pane)
        self.typing = True
        self.set_focus(bar.input)  # at once: the next key may have been typed already
        self.place_anew()
        self.call_after_refresh(self.pane.expect_filter)

    def take_text(self, event: events.Key) -> bool:
        """Put a key that another widget was sent into the filter; False when nobody types one."""
        field = self._bar.input if self._bar is not None and self.typing else None
        if field is None or self.focused is not field or not event.character or not event.is_printable:
            return False
        field.insert_text_at_cursor(event.character)
        return True

    def close_filter(self) -> None:
        """Take the line away; the filter stays as it is."""
        self.typing = False
        self.set_focus(self.pane.table)
        self.place_anew()

    def on_filter_bar_done(self) -> None:
        self.close_filter()
