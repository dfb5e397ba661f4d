"""Text from outside, made harmless for a terminal, and fitted into cells."""

from __future__ import annotations

import unicodedata

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidirectional overrides, zero width), surrogates, private, unassigned, line and paragraph ends."""
_LEAST_TAIL = 8


def one_line(text: str, limit: int = 0) -> str:
    """Return `text` without anything that a terminal acts on; longer than `limit` (0: no limit), it loses its end."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if each in "\t\r\n" else each for each in text if each in "\t\r\n" or _shows(each))
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def lines_of(text: str) -> list[str]:
    """Return the lines of `text`, each harmless."""
    return [one_line(line) for line in text.split("\n")] if text else []


def cells(text: str) -> int:
    """Return how many cells of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_width(each) for each in text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    blank = " " * max(0, width - cells(text))
    return blank + text if right else text + blank


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells.

    A name loses its middle, so that its last eight characters stay; prose loses its end.
    """
    if cells(text) <= width:
        return text
    tail = "" if " " in text or width <= _LEAST_TAIL + 2 else text[-_LEAST_TAIL:]
    room = width - 1 - cells(tail)
    head = ""
    for each in text:
        room -= _width(each)
        if room < 0:
            break
        head += each
    return f"{head}…{tail}"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in _UNSAFE
