"""The signs beside words and figures, and what stands for them where a terminal cannot show them.

The program writes the Unicode signs everywhere; `Glyphs.fold` turns them into ASCII at the last step before the
terminal. Most of these signs are "ambiguous width": a terminal set up for Chinese, Japanese or Korean may draw them two
cells wide, so such locales get ASCII too. The terminal is never probed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

PAGE, TICKET, INFO, OK = "▲", "●", "○", "✓"
ESTIMATED, BILLED, STALE = "≈", "=", "~"
CURSOR, MARKED, PROTECTED = "▌", "■", "‡"
MISSING, MINUS, TIMES = "–", "−", "×"
UP, LEVEL, DOWN = "↑", "→", "↓"
DELTA, CUT, ARROW = "Δ", "…", "→"
LINE, LINE_FOCUSED, MARKER = "─", "━", "┊"
CORNER_LEFT, CORNER_RIGHT = "└", "┘"
STEPS = "▁▂▃▄▅▆▇█"
TREND_STEPS = STEPS[:6]
"""The lower six, so that the trends of two rows do not grow together."""
GAP = "·"
SEPARATOR = "·"
GAUGE, GAUGE_TRACK = "━", "─"
GAUGE_CELLS = 8

ASCII_OF = {
    **dict(zip("▲●○✓", "!*o+", strict=True)),
    **dict(zip("≈▌■‡", "e>#&", strict=True)),
    **dict(zip("–−×", "--x", strict=True)),
    **dict(zip("↑↓Δ", "^vd", strict=True)),
    **dict(zip("─━┊└┘", "-=:^^", strict=True)),
    **dict(zip(STEPS, ".:-=+*%#", strict=True)),
    "·": ".",
    CUT: "..",
    ARROW: "->",
}
ASCII_OF_GAUGE = {GAUGE: "#", GAUGE_TRACK: "."}

CJK_LANGUAGES = ("zh", "ja", "ko")


@dataclass(frozen=True, slots=False)
class Glyphs:
    """One way to show the signs. `table` maps a sign to what stands for it; what is not in it stays."""

    name: str
    ascii_only: bool = False
    table: Mapping[str, str] = field(default_factory=dict)
    gauge: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _signs(self) -> dict[int, str]:
        return {ord(sign): text for sign, text in self.table.items()}

    @cached_property
    def _gauge(self) -> dict[int, str]:
        return {ord(sign): text for sign, text in self.gauge.items()}

    def fold(self, text: str, *, gauge: bool = False) -> str:
        """Write text in this set of signs. Only `…` and the arrow in prose change their width: fold before cutting."""
        if not self.ascii_only or text.isascii():
            return text
        if gauge:
            text = text.translate(self._gauge)
        text = text.translate(self._signs)
        if text.isascii():
            return text
        return "".join(char if char.isascii() else _ascii(char) for char in unicodedata.normalize("NFC", text))


def _ascii(char: str) -> str:
    """Take the accents off a letter; what has no ASCII core becomes `?`, as wide as it was."""
    core = "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii() and part.isprintable())
    if core:
        return core[0]
    if unicodedata.combining(char):
        return ""
    return "??" if unicodedata.east_asian_width(char) in "WF" else "?"


UNICODE = Glyphs("unicode")
ASCII = Glyphs("ascii", ascii_only=True, table=ASCII_OF, gauge=ASCII_OF_GAUGE)


def choose_glyphs(environ: Mapping[str, str], *, ascii_wanted: bool = False) -> Glyphs:
    """Return ASCII when it is asked for, and where the locale is not UTF-8 or is a Chinese, Japanese or Korean one."""
    encoding = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    languages = (encoding, environ.get("LC_ALL") or environ.get("LANG") or "")
    utf8 = "utf8" in encoding.lower().replace("-", "")
    cjk = any(language[:2] in CJK_LANGUAGES for language in languages)
    return ASCII if ascii_wanted or cjk or not utf8 else UNICODE
