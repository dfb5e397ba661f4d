"""What the screen is told at its start. Plain values: wiring makes them from the config and the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from finops_tui.clock import WallClock
from finops_tui.ui.acts import Act
from finops_tui.ui.layout import LAYOUTS, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.ledger.drill import Answers


Bell = Literal["silent", "bell", "desktop"]
"""The config's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    theme: str | None = None
    """None lets the terminal decide: its colours, and `NO_COLOR`, which always wins."""
    user_themes: Path | None = None
    """A folder of theme files; one that is broken costs a message, not the start."""
    ascii: bool = False
    """Only ASCII glyphs, whatever the locale says."""
    layout: str = "on-call"
    layouts: tuple[Layout, ...] = LAYOUTS
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by id, as the config gives them: `{"view.zoom": "F"}`."""
    acts: tuple[Act, ...] = ()
    """Actions of the config's own, besides those of the program; one without a key stands in the command palette."""
    mode: str = ""
    """The word before the clock: `DEMO`, `DEMO 60×`; empty when live."""
    waiting_for: tuple[str, ...] = ()
    """Names of the sources that will answer, shown until the first snapshot comes."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """By pane, why it cannot have rows: `{"slo": "No SLO source is configured. Add one under ..."}`."""
    tellers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By pane, the names of the sources that tell of it; under "" those of every other pane. Without, all of them."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """Where the terminal, the locale and the multiplexer tell of themselves."""
    now: Callable[[], datetime] = WallClock().now
    """The engine's clock; ages and the clock on screen are told by it."""
    thin_wire: bool = True
    """Send the terminal only cells that changed; False sends all that Textual would."""
    user: str = ""
    """Who decides about findings, as it stands beside the decision; `engine.who` tells it."""
    bell: Bell = "silent"
    """How a page that opens calls for attention: not at all, by the terminal's bell, or by a desktop notification."""
    answers: Callable[[], Answers] | None = None
    """Returns who answers drill-downs into bills; None where no bill is read."""
    export_folder: Path = Path()
    """Where `E` writes; the current folder unless told otherwise."""
