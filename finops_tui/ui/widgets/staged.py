"""The base of widgets that change their size when a screen is staged anew."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget


class Staged(Widget):
    """Takes the size that it is given. Textual's own widgets ask for a second layout then, as scroll bars may need."""

    virtual_size = Reactive(Size(0, 0), repaint=False)
