"""A program in a pseudo-terminal, and the times at which it wrote what."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self

from bench.usage import Usage, session_members, usage

clock = time.perf_counter

SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[ -/]*[0-OQ-Z\\`-~])|[\x00-\x1f]"
)
PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
KEYBOARD_LEVEL = re.compile(rb"\x1b\[([<>])[0-9;]*u")
QUERY_SYNCHRONISED = b"\x1b[?2026$p"
SHOWN_AT_FIRST = frozenset({7, 25})
"""Private modes that are on in a fresh terminal: line wrap and the cursor."""
SKEWING = ("NO_COLOR", "TMUX", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "LINES", "COLUMNS")

KEYS = {
    "up": "\x1b[A", "down": "\x1b[B", "enter": "\r", "esc": "\x1b", "tab": "\t", "backspace": "\x7f",
    "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "space": " ",
}  # fmt: skip


def keys_of(notation: str) -> list[str]:
    """Return what a keyboard sends for `down*20,f,esc`: names or characters, each perhaps repeated.

    `f=>Nodes` waits for a text where the instrument can; here the text is dropped.
    """
    sent: list[str] = []
    for item in filter(None, notation.split(",")):
        name, _, times = item.partition("=>")[0].partition("*")
        sent += [KEYS.get(name, name)] * int(times or 1)
    return sent


def visible(text: str) -> str:
    """Return a stream of terminal output without its control sequences."""
    return SEQUENCE.sub("", text)


def complete(text: str) -> int:
    """Return how much of some output can be read without what comes next: a sequence may be cut off at its end."""
    last = text.rfind("\x1b")
    sequence = SEQUENCE.match(text, last) if last >= 0 else None
    cut_off = sequence is not None and sequence.end() == last + 1
    return last if cut_off else len(text)


@dataclass(frozen=True, slots=True)
class Chunk:
    at: float
    data: bytes


class Terminal:
    """Runs `command` as the leader of a session of its own; leaving the context ends what is left of it."""

    def __init__(self, command: Sequence[str], size: tuple[int, int], nice: int = 0) -> None:
        self.chunks: list[Chunk] = []
        self.status: int | None = None
        """Exit status, negative for the signal that ended it; None while it runs."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._decoded = 0
        self._seen = ""
        self._cut_off = ""
        self._master, self._slave = os.openpty()
        columns, rows = size
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._before = termios.tcgetattr(self._slave)
        self.started = clock()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(command, nice)
        os.set_blocking(self._master, False)

    def _become(self, command: Sequence[str], nice: int) -> NoReturn:
        """Turn this new process into the program, with the terminal as its own."""
        try:
            os.close(self._master)
            os.login_tty(self._slave)
            if nice:
                os.setpriority(os.PRIO_PROCESS, 0, nice)
            environment = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith("TEXTUAL") and name not in SKEWING
            } | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
            os.execvpe(command[0], list(command), environment)  # noqa: S606 - no shell is wanted
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_the_rest()
        self.hang_up()

    # what it writes

    def pump(self, until: float) -> bool:
        """Take in one piece of output; False when none came until then (a time of `clock`)."""
        if self._master < 0:
            time.sleep(max(0.0, until - clock()))
            return False
        while True:
            if not select.select([self._master], [], [], max(0.0, until - clock()))[0]:
                return False
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # nobody holds the other side any more
                data = b""
            if data:
                self.chunks.append(Chunk(clock(), data))
                if QUERY_SYNCHRONISED in data:
                    self.send("\x1b[?2026;2$y")
                return True
            if clock() >= until:
                return False
            time.sleep(0.001)

    def watch(self, seconds: float) -> None:
        end = clock() + seconds
        while self.pump(end):
            pass

    def watch_until_quiet(self, gap: float, limit: float) -> None:
        """Take in output until none came for `gap` seconds, or for `limit` seconds."""
        end = clock() + limit
        while clock() < end and self.pump(clock() + gap):
            pass

    @property
    def seen(self) -> str:
        """Everything visible that was written so far, in the order of writing."""
        while self._decoded < len(self.chunks):
            text = self._cut_off + self._decoder.decode(self.chunks[self._decoded].data)
            whole = complete(text)
            self._seen, self._cut_off = self._seen + visible(text[:whole]), text[whole:]
            self._decoded += 1
        return self._seen

    # what it is sent

    def send(self, keys: str) -> float:
        now = clock()
        with contextlib.suppress(OSError):
            os.write(self._master, keys.encode())
        return now

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)
            self._master = -1

    # how it lives and ends

    def usage(self) -> Usage:
        return usage(self.pid)

    def alive(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is None

    def wait_for_end(self, limit: float) -> float | None:
        """Return how long (seconds) it took to end, None if it did not."""
        start = clock()
        while self.alive():
            if clock() - start > limit:
                return None
            self.pump(clock() + 0.002)
        took = clock() - start
        self.watch(0.05)
        return took

    def leftovers(self) -> list[int]:
        """Return processes of its session that outlived it."""
        return session_members(self.pid)

    def unrestored(self) -> list[str]:
        """Return what it left different in the terminal, in words."""
        written = b"".join(chunk.data for chunk in self.chunks)
        left = stuck_modes(written)
        if self._master >= 0 and termios.tcgetattr(self._slave)[:4] != self._before[:4]:
            left.append("line settings")
        return left

    def end_the_rest(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in session_members(self.pid):
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
            end = clock() + 2
            while (self.alive() or session_members(self.pid)) and clock() < end:
                self.pump(clock() + 0.01)


def stuck_modes(written: bytes) -> list[str]:
    """Return the private modes that a stream of output leaves different from a fresh terminal's."""
    on: dict[int, bool] = {}
    for numbers, letter in PRIVATE_MODE.findall(written):
        on.update(dict.fromkeys(map(int, numbers.split(b";")), letter == b"h"))
    stuck = [f"private mode {mode}" for mode, state in sorted(on.items()) if state != (mode in SHOWN_AT_FIRST)]
    depth = sum(1 if direction == b">" else -1 for direction in KEYBOARD_LEVEL.findall(written))
    return [*stuck, *(["keyboard protocol"] if depth > 0 else [])]


def bursts(times: Iterable[float], gap: float) -> list[tuple[float, float]]:
    """Return begin and end of each group of moments that are at most `gap` apart."""
    groups: list[tuple[float, float]] = []
    for moment in times:
        if groups and moment - groups[-1][1] <= gap:
            groups[-1] = (groups[-1][0], moment)
        else:
            groups.append((moment, moment))
    return groups
