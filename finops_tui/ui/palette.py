"""From the role of a piece of text to the style it is drawn in, quickly enough for every line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.strip import Strip

from finops_tui.ui.glyphs import UNICODE, Glyphs
from finops_tui.ui.text import harmless

Span = tuple[str, str]
"""Text and its role: a name in `theme.ROLES` or `TINTS`; `bold`, `dim` or `underline` may follow after a blank."""

TINTS: Mapping[str, tuple[str, str | None, tuple[str, ...]]] = {
    "text": ("foreground", None, ()),
    "chip": ("page-on-fill", "page-fill", ("chip-style",)),
    "chip-stale": ("stale", None, ("stale-fill-style",)),
    "chip-calm": ("foreground", None, ("calm-chip-style",)),
    "armed": ("armed-on-fill", "armed-fill", ("armed-style",)),
    "area": ("page-fill", None, ()),
    "page-strong": ("page", None, ("page-style",)),
    "heading": ("quiet", None, ("heading-style", "quiet-style")),
    "sorted": ("foreground", None, ("heading-style", "sorted-style")),
    "key": ("focus", None, ("key-style",)),
    "focus": ("focus", None, ("focus-style",)),
    "mark": ("mark", None, ("mark-style",)),
    "stale": ("stale", None, ("stale-style",)),
    "quiet": ("quiet", None, ("quiet-style",)),
    "button": ("focus", None, ("button-style",)),
    "selection": ("foreground", "selection", ()),
}
"""Roles that are more than one colour: foreground, fill, and which styles of the theme they wear."""

GAUGE_ROLES = frozenset({"bar", "bar-track"})

_BUILT_IN_STYLES = {
    "stale-fill-style": "bold reverse",
    "calm-chip-style": "bold",
    "sorted-style": "bold",
    "button-style": "bold reverse",
}
_WORDS = ("bold", "dim", "italic", "underline", "reverse", "strike")

BACKGROUND, PANEL, CURSOR = "background", "panel", "cursor"
"""What a line stands on."""


class Palette:
    """The styles of one theme, made when first asked for. `variables` are the theme's, colours by role name."""

    def __init__(self, variables: Mapping[str, str], glyphs: Glyphs = UNICODE) -> None:
        self.glyphs = glyphs
        self._variables = variables
        self._styles: dict[tuple[str, str], Style] = {}
        self._background = self._colour("background", RichColor.default())
        self._grounds = {
            BACKGROUND: self._background,
            PANEL: self._colour("panel", self._background),
            CURSOR: self._colour("cursor-fill", self._background),
        }

    def style(self, role: str, ground: str = BACKGROUND) -> Style:
        """Return how a role looks on `BACKGROUND`, `PANEL` or `CURSOR`."""
        style = self._styles.get((role, ground))
        if style is None:
            style = self._styles[role, ground] = self._make(role, ground)
        return style

    def fold(self, span: Span) -> Span:
        """Make a span safe for the terminal: nothing but text, in the signs that the terminal can show."""
        text, role = span
        if text.isascii() and text.isprintable():
            return span
        return self.glyphs.fold(harmless(text), gauge=role in GAUGE_ROLES), role

    def segments(self, spans: Iterable[Span], ground: str = BACKGROUND) -> list[Segment]:
        """Turn folded spans into segments, as few as possible: blanks join what is before them."""
        segments: list[Segment] = []
        text = ""
        style: Style | None = None
        for part, role in spans:
            if not part:
                continue
            part_style = self.style(role, ground)
            if style is None:
                text, style = part, part_style
            elif part_style is style or part_style == style or (part.isspace() and _blank_alike(part_style, style)):
                text += part
            else:
                segments.append(Segment(text, style))
                text, style = part, part_style
        if style is not None:
            segments.append(Segment(text, style))
        return segments

    def strip(self, spans: Iterable[Span], width: int, ground: str = BACKGROUND) -> Strip:
        """Turn folded spans that are `width` cells wide into a strip."""
        return Strip(self.segments(spans, ground), width)

    def _make(self, role: str, ground: str) -> Style:
        name, *words = role.split()
        colour, fill, styles = TINTS.get(name, (name, None, ()))
        for style in styles:
            words += (_BUILT_IN_STYLES.get(style) or self._variables.get(style, "")).split()
        foreground = self._colour(colour, self._colour("foreground", RichColor.default()))
        background = self._grounds[ground] if fill is None else self._colour(fill, self._background)
        if ground == CURSOR and fill is None:
            cursor_words = self._variables.get("cursor-style", "").split()
            words += cursor_words
            if "reverse" in cursor_words:
                # A reversed row is one even bar: colours would make it patchwork, dim text would vanish in it.
                words = [word for word in words if word != "dim"]
                foreground = self._colour("foreground", RichColor.default())
        attributes: dict[str, Any] = {word: True for word in words if word in _WORDS}
        return Style(color=foreground, bgcolor=background, **attributes)

    def _colour(self, name: str, default: RichColor) -> RichColor:
        try:
            colour = Color.parse(self._variables[name])
        except (KeyError, ColorParseError):
            return default
        return default if colour.is_transparent else colour.rich_color


def _blank_alike(one: Style, other: Style) -> bool:
    """Tell whether a blank looks the same in both styles."""
    if one.bgcolor != other.bgcolor:
        return False
    return not any((one.underline, other.underline, one.reverse, other.reverse, one.strike, other.strike))


_palettes: WeakKeyDictionary[App[Any], tuple[dict[str, str], Palette]] = WeakKeyDictionary()


def palette_of(app: App[Any]) -> Palette:
    """Return the palette of the app's present theme, in the app's `glyphs` if it has any, else in Unicode."""
    held = _palettes.get(app)
    if held is None or held[0] is not app.theme_variables:
        glyphs = getattr(app, "glyphs", UNICODE)
        held = app.theme_variables, Palette(app.theme_variables, glyphs)
        _palettes[app] = held
    return held[1]
