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
                if text := decode(data):
                    for message in parser.feed(text):
                        tell(message)
            for message in parser.tick():
                tell(message)
            patience = UNSURE_SECONDS if came else None
