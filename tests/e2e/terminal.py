"""A program in a real pseudo-terminal, seen through a terminal emulator."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

PROGRAM = (sys.executable, "-m", "finops_tui")
DEMO = (*PROGRAM, "demo", "--seed", "7", "--at", "2026-03-10T14:00Z")
"""On the same calm afternoon whenever the tests run: at some hours there is something to find at once."""
PATIENCE_SECONDS = 30.0
"""For things that must happen at some time; what must happen quickly is measured by its test."""


class Terminal:
    """Runs `command` in a pty of `columns` x `rows` as a session of its own."""

    def __init__(
        self, command: Sequence[str], columns: int = 120, rows: int = 40, environment: Mapping[str, str] | None = None
    ) -> None:
        self.output = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master: int | None
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "TEXTUAL"))},
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8",
                **(environment or {}),
            },
            preexec_fn=_take_controlling_terminal,  # noqa: PLW1509 - the only way to a controlling terminal
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.hang_up()
        os.close(self._slave)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def cells(self) -> list[list[str]]:
        """Return the screen cell by cell; the second cell of a wide character is empty."""
        buffer = self._screen.buffer
        return [[buffer[y][x].data for x in range(self._screen.columns)] for y in range(self._screen.lines)]

    def read(self, seconds: float) -> None:
        """Take in what the program writes within so many seconds."""
        end = time.monotonic() + seconds
        while self._master is not None and (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                chunk = os.read(self._master, 65_536)
            except OSError:  # the other side is closed
                return
            self.output += chunk
            self._stream.feed(chunk)

    def wait_for(self, condition: str | Callable[[str], bool], seconds: float = PATIENCE_SECONDS) -> str:
        """Read until the screen shows a text, or satisfies a condition; return the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.text
            if condition in text if isinstance(condition, str) else condition(text):
                return text
            if self.process.poll() is not None:
                self.read(0.1)
                if condition in self.text if isinstance(condition, str) else condition(self.text):
                    return self.text
                raise AssertionError(f"it ended with status {self.process.returncode}; the screen was:\n{self.text}")
            self.read(0.05)
        raise AssertionError(f"{condition!r} did not come; the screen was:\n{self.text}")

    def send(self, keys: str) -> None:
        assert self._master is not None
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        assert self._master is not None
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def garble(self) -> None:
        """Write over the whole screen, as a shell does while the program is stopped."""
        self._stream.feed(b"\x1b[H" + b"shell " * (self._screen.columns * self._screen.lines // 6))

    def hang_up(self) -> None:
        """Close the terminal's side of the pty, as a lost SSH connection does."""
        if self._master is not None:
            os.close(self._master)
            self._master = None

    def wait_for_end(self, seconds: float = PATIENCE_SECONDS) -> tuple[int, float]:
        """Return the exit status and how long (seconds) it took."""
        started = time.monotonic()
        while self.process.poll() is None:
            if time.monotonic() - started > seconds:
                raise AssertionError(f"it did not end within {seconds} s; the screen was:\n{self.text}")
            self.read(0.01) if self._master is not None else time.sleep(0.01)
        took = time.monotonic() - started
        self.read(0.1)
        assert self.process.returncode is not None
        return self.process.returncode, took

    def modes_now(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def left_behind(self) -> list[int]:
        """Return processes of the program's session that are still there."""
        listing = subprocess.run(["ps", "-eo", "pid=,sid="], capture_output=True, text=True, check=True).stdout
        return [int(pid) for pid, session in map(str.split, listing.splitlines()) if int(session) == self.process.pid]


def _take_controlling_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup ignores it, and we inherit that
