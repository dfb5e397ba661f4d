"""However it ends, the terminal is as it was and nothing is left running."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.e2e.terminal import PROGRAM, Terminal

DEMO = (*PROGRAM, "demo", "--seed", "7")
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"
AT_MOST_SECONDS = 5.0
"""A second is the promise, measured by `make bench`; here a loaded machine must not fail the build."""


def started() -> Terminal:
    terminal = Terminal(DEMO)
    terminal.wait_for("h100-train")
    return terminal


def assert_restored(terminal: Terminal) -> None:
    assert LEAVES_ALTERNATE_SCREEN in terminal.output
    assert terminal.output.rfind(SHOWS_CURSOR) > terminal.output.rfind(b"\x1b[?25l")
    assert terminal.modes_now() == terminal.modes_before
    assert terminal.left_behind() == []
    assert "Traceback" not in terminal.text


def test_q_ends_it_with_status_0() -> None:
    with started() as terminal:
        terminal.send("q")
        status, took = terminal.wait_for_end()
        assert status == 0
        assert took < AT_MOST_SECONDS
        assert_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_and_restores_the_terminal(number: signal.Signals) -> None:
    with started() as terminal:
        os.kill(terminal.process.pid, number)
        status, took = terminal.wait_for_end()
        assert status == 128 + number
        assert took < AT_MOST_SECONDS
        assert_restored(terminal)


def test_a_closed_terminal_ends_it() -> None:
    with started() as terminal:
        terminal.hang_up()
        _, took = terminal.wait_for_end()
        assert took < AT_MOST_SECONDS
        time.sleep(0.1)
        assert terminal.left_behind() == []


def test_ctrl_c_does_not_leave_the_terminal_broken() -> None:
    with started() as terminal:
        os.kill(terminal.process.pid, signal.SIGINT)
        terminal.send("q")
        terminal.wait_for_end()
        assert_restored(terminal)
