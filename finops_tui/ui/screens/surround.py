"""The widgets around the panes, kept together: they are always drawn from the same things at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from textual.widget import Widget

from finops_tui.ui.bindings import Bound
from finops_tui.ui.issues import Issue
from finops_tui.ui.layout import Form
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens.axis import strip
from finops_tui.ui.screens.too_small import TooSmall
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.banner import Banner
from finops_tui.ui.widgets.footer import Footer, Hints, KeyHint, SourcesLine
from finops_tui.ui.widgets.identity import IdentityLine
from finops_tui.ui.widgets.money import MoneyLine
from finops_tui.ui.widgets.strip import SpendStrip
from finops_tui.ui.widgets.tabs import Tab, TabRow, Tabs

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot


RETRY = "app.refresh"


class Surround:
    def __init__(self, settings: UiSettings) -> None:
        self._settings = settings
        self._told: Snapshot | None = None
        """What the strip was drawn from: nothing in it is about the time."""
        self.identity = IdentityLine(id="identity")
        self.banner = Banner(id="banner")
        self.money = MoneyLine(id="money")
        self.strip = SpendStrip(id="strip")
        self.tabs = Tabs(id="tabs")
        self.sources = SourcesLine(id="sources-line")
        self.footer = Footer(id="footer")
        self.too_small = TooSmall()

    @property
    def above(self) -> tuple[Widget, ...]:
        return self.identity, self.banner, self.money, self.strip, self.tabs

    @property
    def below(self) -> tuple[Widget, ...]:
        return self.sources, self.footer, self.too_small

    def show(
        self,
        snapshot: Snapshot | None,
        now: datetime,
        form: Form,
        issues: Sequence[Issue],
        bound: Bound,
        *,
        frozen_at: datetime | None = None,
        undo_key: str = "",
    ) -> None:
        """Draw what a snapshot says, and the time. `bound` says with which key one asks again."""
        about = chrome.identity(snapshot, self._settings, now, frozen_at)
        on_one_line = form in (Form.TINY, Form.TOO_SMALL)
        corner = chrome.corner(about, frozen_at, snapshot, self._settings) if on_one_line else ()
        self.identity.show(about)
        self.money.show(chrome.money(snapshot, now, corner))
        if snapshot is not self._told:
            self.strip.show(strip(snapshot))
            self._told = snapshot
        _, retry_keys = bound.get(RETRY, (None, ("",)))
        self.banner.show(chrome.notice(issues, retry_keys[0], undo_key))
        self.sources.show(chrome.source_spans(snapshot, now))

    def show_tabs(self, panes: Sequence[PaneSpec[Any]], active: int, snapshot: Snapshot | None) -> None:
        tabs = (
            Tab(str(pane.number), pane.tab, tuple(pane.worst(snapshot)) if snapshot is not None else ())
            for pane in panes
        )
        self.tabs.show(TabRow(tuple(tabs), active))

    def show_footer(self, keys: tuple[KeyHint, ...], snapshot: Snapshot | None, now: datetime, form: Form) -> None:
        beside = form in (Form.MEDIUM, Form.WIDE)
        self.footer.show(Hints(keys=keys, sources=chrome.source_spans(snapshot, now) if beside else ()))
