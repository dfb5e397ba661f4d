"""What is typed arrives, also in pieces; while nothing is typed, nothing runs."""

from __future__ import annotations

import os
import pty
import selectors
import threading
import time
import tty
from collections.abc import Iterator
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from finops_tui.ui.keyboard import MOST_PASTED, PASTE_BEGINS, PASTE_ENDS, Ending, OneLinePastes, read_keys

PATIENCE = 20.0


class Typist:
    """Types on one end of a terminal and hears what comes of it on the other."""

    def __init__(self) -> None:
        self.end, self._terminal = pty.openpty()
        tty.setraw(self._terminal)
        self.ending = Ending()
        self._told: Queue[Message] = Queue()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        read_keys(self._terminal, self.ending, self._told.put)

    def types(self, data: bytes) -> None:
        os.write(self.end, data)

    def key(self) -> str:
        message = self._told.get(timeout=PATIENCE)
        assert isinstance(message, events.Key)
        return message.key

    def pasted(self) -> str:
        message = self._told.get(timeout=PATIENCE)
        assert isinstance(message, events.Paste), message
        return message.text

    def stop(self) -> None:
        self.ending.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        for end in (self.end, self._terminal):
            os.close(end)


@pytest.fixture
def typist() -> Iterator[Typist]:
    typist = Typist()
    yield typist
    typist.stop()


def test_keys_arrive_in_order(typist: Typist) -> None:
    typist.types(b"aZ\x1b[B\t")
    assert [typist.key() for _ in range(4)] == ["a", "Z", "down", "tab"]


def test_a_lone_escape_is_a_key(typist: Typist) -> None:
    typist.types(b"\x1b")
    assert typist.key() == "escape"
    typist.types(b"\x1b")
    assert typist.key() == "escape", "and again, after it was waited for once"


def test_a_character_may_come_in_pieces(typist: Typist) -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    typist.types(first)
    time.sleep(0.05)
    typist.types(second + b"\xffx")
    assert typist.key() == "é"
    assert typist.key() != "x", "what is no UTF-8 is a key that nobody knows, and no reason to stop"
    assert typist.key() == "x"


@pytest.mark.parametrize(
    ("pasted", "arrives"),
    [
        ("ns=ml", "ns=ml"),
        ("\x1b[31mp\ry\x1b[0m y\x1b", "[31mp y [0m y"),
        ("\x1b[A\x1bOP\x1b[<0;5;5M\x1b[200~", "[A OP [<0;5;5M [200~"),
        ("\nns=ml\r\nusd>5\n", "ns=ml usd>5"),
        ("\u202e漢\u200b\x9b\x00é", "漢 é"),
        ("", ""),
        ("x" * 9_000, "x" * MOST_PASTED),
    ],
    ids=("plain", "coloured", "keys", "lines", "unseen", "empty", "long"),
)
def test_nothing_that_is_pasted_is_a_key(typist: Typist, pasted: str, arrives: str) -> None:
    typist.types(f"a\x1b[200~{pasted}\x1b[201~y".encode())
    assert typist.key() == "a"
    assert typist.pasted() == arrives
    assert typist.key() == "y"


@given(
    st.lists(st.sampled_from(["\x1b", "\x1b[20", "\x1b[200", "1~", "p", "\r"])), st.integers(min_value=1, max_value=9)
)
def test_a_paste_may_come_in_pieces(parts: list[str], size: int) -> None:
    pasted = "".join(parts).replace(PASTE_ENDS, "")
    text = f"a{PASTE_BEGINS}{pasted}{PASTE_ENDS}b"
    one_line = OneLinePastes()
    arrived = "".join(one_line(text[at : at + size]) for at in range(0, len(text), size))
    assert arrived.startswith(f"a{PASTE_BEGINS}")
    assert arrived.endswith(f"{PASTE_ENDS}b")
    assert arrived[len(f"a{PASTE_BEGINS}") : -len(f"{PASTE_ENDS}b")].isprintable()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """For how long somebody waited, each time."""
    looks: list[float | None] = []
    select = selectors.SelectSelector.select

    def counted(self: selectors.SelectSelector, timeout: float | None = None) -> object:
        looks.append(timeout)
        return select(self, timeout)

    monkeypatch.setattr(selectors.SelectSelector, "select", counted)
    return looks


def test_an_idle_terminal_wakes_nobody(looks: list[float | None]) -> None:
    typist = Typist()
    typist.types(b"a")
    assert typist.key() == "a"
    time.sleep(0.5)
    typist.stop()
    assert looks[0] is None
    assert looks[-1] is None
    assert len(looks) == 3, "before the key, after it in case it goes on, and for ever"


def test_a_terminal_that_is_gone_is_waited_at_quietly(looks: list[float | None]) -> None:
    typist = Typist()
    os.close(typist.end)
    typist.end = os.dup(typist._terminal)
    time.sleep(0.3)
    typist.stop()
    assert len(looks) <= 3


def test_the_end_can_be_called_twice_and_taken_back() -> None:
    ending = Ending()
    ending.set()
    ending.set()
    ending.clear()
    ending.clear()
    assert not ending.is_set()
    waiting = threading.Thread(target=read_keys, args=(os.open(os.devnull, os.O_RDONLY), ending, print))
    waiting.start()
    ending.set()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
