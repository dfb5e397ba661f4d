"""Text from outside, made harmless and cut to its cells.

Names, labels, annotations and messages are data: nothing in them may move the cursor, change a colour, turn the line
around or take more cells than counted.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cached_cell_len, cell_len, get_character_cell_size

REPLACED = "?"
LEAST_HEAD = 8
"""Cells of words before a sum that are worth a line."""
TAIL_CELLS = 8
"""The last cells of a name always stay: they tell siblings apart."""
LIMIT = 512
"""Characters of outside text that are looked at by default; nothing on screen shows more."""
COMBINING_KEPT = 2
MOMENT = re.compile(
    r"(?:,|\b(?:from|since|until|at|on|before|after))? ?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{1,2} [A-Z][a-z]{2}) )?"
    r"\d\d:\d\d(?::\d\d)?Z"
)
"""A moment in a sentence, as `phrases.clock` writes it: `from Tue 22:10Z`, `, 13:47Z`."""
WIDTHS_KEPT = 1_024
"""Texts whose width is remembered: a screen has some three hundred."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_REGIONAL_A, _REGIONAL_Z = 0x1F1E6, 0x1F1FF
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_JOINERS = frozenset("\u200c\u200d\u00ad\ufeff")
_JAMO = range(0x1100, 0x1200)


def clean(text: str, limit: int = LIMIT) -> str:
    """Make text harmless, at most `limit` characters, in one line. Cleaning twice is the same as cleaning once.

    Control, bidirectional and unassigned characters become `?`: a terminal must not obey them, and a name that hides
    something must not look like another. So do letters written right to left, because many terminals would reorder the
    figures beside them. Joiners, variation selectors and skin tones go, flags become their two letters, and a letter
    keeps two combining marks: what is left has the width that is counted for it.
    """
    if text.isascii() and text.isprintable():
        return text[:limit]
    marks = 0
    out: list[str] = []
    for char in unicodedata.normalize("NFC", text[: limit * 2]):
        shown = _harmless(char)
        if shown and unicodedata.category(shown) in ("Mn", "Mc", "Me"):
            marks += 1
            if not out or marks > COMBINING_KEPT or get_character_cell_size(shown) != 0:
                continue
        elif shown:
            marks = 0
        out.append(shown)
    return unicodedata.normalize("NFC", "".join(out))[:limit]


@lru_cache(maxsize=4096)
def _harmless(char: str) -> str:
    code = ord(char)
    category = unicodedata.category(char)
    if category in _SPACES or char in "\t\n\r":
        return " "
    if char in _JOINERS or code in _SKIN_TONES or unicodedata.name(char, "").startswith("VARIATION SELECTOR"):
        return ""
    if _REGIONAL_A <= code <= _REGIONAL_Z:
        return chr(ord("A") + code - _REGIONAL_A)
    if category[0] == "C" or category == "Me" or unicodedata.bidirectional(char) in _RIGHT_TO_LEFT or code in _JAMO:
        return REPLACED
    if category != "Mn" and get_character_cell_size(char) == 0:
        return REPLACED
    return char


@lru_cache(maxsize=512)
def harmless(text: str) -> str:
    """Return text as `clean` does, for the last step before the terminal, where nearly all texts come again."""
    return clean(text)


def forget_widths() -> None:
    """Let go of the widths of texts, once many are remembered: most are figures that never come again.

    Rich would keep four thousand of them, which takes half an hour to fill and looks like a leak until then.
    """
    if cached_cell_len.cache_info().currsize > WIDTHS_KEPT:
        cached_cell_len.cache_clear()


def cut_end(text: str, width: int, mark: str = "…") -> str:
    """Take away the end of prose that is wider than `width` cells."""
    if cell_len(text) <= width:
        return text
    if width < cell_len(mark):
        return mark[: max(0, width)]
    return _head(text, width - cell_len(mark)).rstrip() + mark


def cut_words(text: str, width: int, mark: str = "…") -> str:
    """Take away the end of a sentence; a word with a figure in it goes whole."""
    cut = cut_end(text, width, mark)
    if cut == text or width <= cell_len(mark):
        return cut
    kept = cut.removesuffix(mark)
    if text[len(kept)].isspace():
        return cut
    begins = kept.rfind(" ") + 1
    word = text[begins:].split(" ", 1)[0]
    return kept[:begins].rstrip() + mark if any(map(str.isdigit, word)) else cut


def cut_before_time(text: str, width: int, mark: str = "…") -> str:
    """Take away the end of a sentence; a moment in it goes whole, with its day and the word before it."""
    cut = cut_words(text, width, mark)
    kept = len(cut.removesuffix(mark))
    within = (each.start() for each in MOMENT.finditer(text) if each.start() < kept < each.end())
    at = next(within, None) if cut != text else None
    return text[:at].rstrip() + mark if at else cut


def cut_before_money(text: str, width: int, mark: str = "…") -> str:
    """Cut the words before a sum that a sentence ends with; the sum stays whole with the word before it."""
    head, tail = text, ""
    if "$" in text.rpartition(" ")[2]:
        head, tail = text.rpartition(" ")[0], text.rpartition(" ")[2]
        head, _, verb = head.rpartition(" ")
        tail = f" {verb} {tail}"
    room = width - cell_len(tail)
    if cell_len(text) <= width or not tail or room < LEAST_HEAD:
        return cut_words(text, width, mark)
    return cut_words(head, room, mark) + tail


def cut_bracket(text: str, width: int, mark: str = "…") -> str:
    """Take what stands in brackets away before the name itself is cut: `you (root@bastion)` becomes `you`."""
    name = text.partition(" (")[0] if cell_len(text) > width else text
    return cut_end(name, width, mark)


def cut_middle(text: str, width: int, mark: str = "…") -> str:
    """Take away the middle of a name; its last eight cells stay: `retrain-v7-…-worker-0`."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(mark)
    if room <= 0:
        return cut_end(text, width, mark)
    tail = _tail(text, min(max(TAIL_CELLS, room // 2), room))
    return _head(text, room - cell_len(tail)) + mark + tail


def cut_host(text: str, width: int, mark: str = "…") -> str:
    """Cut the name of a machine: first its domain, which all share, then its middle: `ip-10-10-221-178…`."""
    host, dot, _ = text.partition(".")
    if dot and cell_len(text) > width >= cell_len(host + mark):
        return host + mark
    return cut_middle(host if dot and cell_len(text) > width else text, width, mark)


def cut_path(text: str, width: int, mark: str = "…") -> str:
    """Cut `namespace/kind/name`: first the namespace's tail, then the middle of the name."""
    if cell_len(text) <= width:
        return text
    namespace, slash, rest = text.partition("/")
    room = width - cell_len(slash + rest) - cell_len(mark)
    if slash and room >= 1 and cell_len(slash + rest) >= TAIL_CELLS:
        return _head(namespace, room) + mark + slash + rest
    kind, slash, name = rest.rpartition("/")
    prefix = _head(namespace, 1) + mark + "/" + kind + slash
    room = width - cell_len(prefix)
    if slash and room > TAIL_CELLS + cell_len(mark):
        return prefix + cut_middle(name, room, mark)
    return cut_middle(text, width, mark)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill text with blanks to `width` cells, before it when it is aligned right."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def _head(text: str, width: int) -> str:
    """Return as much of the beginning as fits in `width` cells."""
    if text.isascii():
        return text[: max(0, width)]
    cells = 0
    for index, char in enumerate(text):
        cells += get_character_cell_size(char)
        if cells > width:
            return text[:index]
    return text


def _tail(text: str, width: int) -> str:
    """Return as much of the end as fits in `width` cells; it does not begin with a combining mark."""
    if text.isascii():
        return text[len(text) - width :] if width > 0 else ""
    cells = 0
    start = len(text)
    for index in range(len(text) - 1, -1, -1):
        size = get_character_cell_size(text[index])
        cells += size
        if cells > width:
            break
        if size:
            start = index
    return text[start:]
