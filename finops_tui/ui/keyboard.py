"""Waits for what a person types, and for nothing else: an idle terminal wakes nobody."""

from __future__ import annotations

import os
import selectors
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

MOST_BYTES = 4096
UNSURE_SECONDS = 1.05 * ESCAPE_DELAY
"""A little longer than the parser waits: it is asked once."""

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
MOST_PASTED = 4096
"""Characters of a pasted text that are kept; no field is for a longer one."""


class OneLinePastes:
    """Makes one harmless line of what is pasted, and leaves what is typed as it came.

    The parser takes an escape sequence in a pasted text, such as a colour, for its end, and the rest for keys: coloured
    lines of a log could pause a job. Pieces of a mark are known from what came before.
    """

    def __init__(self) -> None:
        self._recent = ""
        """What came last and may be the beginning of the mark that is looked for."""
        self._pasted: str | None = None

    def __call__(self, text: str) -> str:
        out = ""
        while text:
            mark = PASTE_BEGINS if self._pasted is None else PASTE_ENDS
            seen, found, rest = (self._recent + text).partition(mark)
            self._recent = "" if found else seen[1 - len(mark) :]
            came, text = text[: len(text) - len(rest)], rest
            if self._pasted is None:
                out += came
                self._pasted = "" if found else None
                continue
            self._pasted = (self._pasted + came)[: MOST_PASTED + len(mark)]
            if found:
                out += _one_line(self._pasted.removesuffix(mark)[:MOST_PASTED]) + mark
                self._pasted = None
        return out


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class Ending(threading.Event):
    """An event that `select` can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._set, self._told = os.pipe()

    def fileno(self) -> int:
        return self._set

    def set(self) -> None:
        known = self.is_set()
        super().set()
        if not known:
            os.write(self._told, b".")

    def clear(self) -> None:
        if self.is_set():
            os.read(self._set, 1)
        super().clear()


def read_keys(terminal: int, ending: Ending, tell: Callable[[Message], None]) -> None:
    """Tell what comes from a terminal until the end is called, or until nothing can come any more.

    An escape may be a key or the beginning of one: that is known `UNSURE_SECONDS` later.
    """
    parser = XTermParser()
    decode = getincrementaldecoder("utf-8")("replace").decode
    safe = OneLinePastes()
    with selectors.SelectSelector() as waiting:  # macOS cannot poll a terminal
        waiting.register(terminal, selectors.EVENT_READ)
        waiting.register(ending, selectors.EVENT_READ)
        patience: float | None = None
        while not ending.is_set():
            came = any(key.fd == terminal for key, _ in waiting.select(patience))
            if came:
                try:
                    data = os.read(terminal, MOST_BYTES)
                except OSError:
                    data = b""
                if not data:  # it is gone; who watches it ends the program
                    waiting.unregister(terminal)
                    continue
                if text := safe(decode(data)):  # of nothing the parser would think that it is the end
                    for message in parser.feed(text):
                        tell(message)
            for message in parser.tick():
                tell(message)
            patience = UNSURE_SECONDS if came else None
