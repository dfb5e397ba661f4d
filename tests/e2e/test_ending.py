"""However it ends, the terminal is as it was and nothing is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.proxy import Proxy, proxy_before
from tests.e2e.simulated import config
from tests.e2e.terminal import DEMO, PATIENCE_SECONDS, PROGRAM, Terminal

READY = "chat/deploy/"
"""There are figures."""
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
ON_AND_OFF = ((b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1000h", b"\x1b[?1000l"), (b"\x1b[?2004h", b"\x1b[?2004l"))
"""What it takes from the terminal and gives back: the cursor, the mouse, pasting."""
AT_MOST_SECONDS = 5.0
"""A second is the promise, measured by `make bench`; here a loaded machine must not fail the build."""


def started() -> Terminal:
    terminal = Terminal(DEMO)
    terminal.wait_for(READY)
    return terminal


def assert_restored(terminal: Terminal) -> None:
    assert LEAVES_ALTERNATE_SCREEN in terminal.output
    for taken, given_back in ON_AND_OFF:
        assert terminal.output.rfind(given_back) > terminal.output.rfind(taken)
    assert terminal.modes_now() == terminal.modes_before
    assert terminal.left_behind() == []
    assert "Traceback" not in terminal.text


@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "ctrl-c"])
def test_a_key_ends_it_with_status_0(key: str) -> None:
    with started() as terminal:
        terminal.send(key)
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


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "drawing"])
def test_a_closed_terminal_ends_it(busy: bool) -> None:
    """The worst moment is while much is on its way to the terminal: nobody will ever take it."""
    with Terminal(DEMO) as terminal:
        terminal.wait_for("Findings" if busy else READY)
        if busy:
            terminal.send("jjf2f3f4f5f1f" * 4)
        terminal.hang_up()
        _, took = terminal.wait_for_end()
        assert took < AT_MOST_SECONDS
        time.sleep(0.1)
        assert terminal.left_behind() == []


def test_a_terminal_that_closes_without_a_signal_ends_it() -> None:
    """As under nohup: nobody says that the terminal is gone."""
    ignoring = (
        f"import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execvp({DEMO[0]!r}, {list(DEMO)!r})"
    )
    with Terminal((DEMO[0], "-c", ignoring)) as terminal:
        terminal.wait_for(READY)
        terminal.hang_up()
        _, took = terminal.wait_for_end()
        assert took < AT_MOST_SECONDS
        assert terminal.left_behind() == []


def test_an_interrupt_from_outside_restores_the_terminal() -> None:
    with started() as terminal:
        os.kill(terminal.process.pid, signal.SIGINT)
        _, took = terminal.wait_for_end()
        assert took < AT_MOST_SECONDS
        assert_restored(terminal)


@pytest.mark.parametrize("where", ["action_zoom", "tick"], ids=["key", "paint"])
def test_a_bug_in_a_handler_is_one_line_and_a_report(where: str, tmp_path: Path) -> None:
    """Textual would print the stack with the values of all variables, secrets among them."""
    broken = (
        "import sys; from finops_tui import cli; from finops_tui.ui.screens.main import MainScreen\n"
        "def fail(self, *_):\n    password = 'hunter2'\n    raise LookupError('no such thing')\n"
        f"before = MainScreen.{where}\n"
        "def tick(self, snapshot, now):\n    before(self, snapshot, now)\n    if snapshot is not None: fail(self)\n"
        f"MainScreen.{where} = tick if {where!r} == 'tick' else fail\n"
        "sys.exit(cli.main(['demo', '--seed', '7']))"
    )
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with Terminal((PROGRAM[0], "-c", broken), environment=state) as terminal:
        if where != "tick":
            terminal.wait_for(READY)
            terminal.send("f")
        status, _ = terminal.wait_for_end()
        assert_restored(terminal)
        said = terminal.output.rpartition(LEAVES_ALTERNATE_SCREEN)[2].decode()
        assert "this is a bug in finops-tui (LookupError: no such thing)" in said
        assert "hunter2" not in terminal.output.decode(errors="replace")
        assert status == 1
    (report,) = tmp_path.rglob("crash-*.txt")
    assert "LookupError: no such thing" in report.read_text()


def test_it_goes_on_after_it_was_stopped_and_draws_over_what_others_wrote() -> None:
    with started() as terminal:
        os.kill(terminal.process.pid, signal.SIGSTOP)
        _wait_until(lambda: is_stopped(terminal))
        terminal.garble()
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_for(lambda screen: READY in screen and "shell" not in screen)
        terminal.send("q")
        assert terminal.wait_for_end(5)[0] == 0
        assert_restored(terminal)


def test_stopped_by_a_signal_it_gives_the_terminal_back_and_takes_it_again_when_it_goes_on() -> None:
    """SIGTSTP from outside, as a shell's `kill -TSTP` or a job control of its own sends it."""
    with started() as terminal:
        os.kill(terminal.process.pid, signal.SIGTSTP)
        _wait_until(lambda: is_stopped(terminal))
        terminal.read(0.2)
        assert LEAVES_ALTERNATE_SCREEN in terminal.output
        for taken, given_back in ON_AND_OFF:
            assert terminal.output.rfind(given_back) > terminal.output.rfind(taken)
        assert terminal.modes_now() == terminal.modes_before
        seen = len(terminal.output)
        terminal.read(0.5)
        assert len(terminal.output) == seen, "what is stopped writes nothing"

        terminal.garble()
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_for(lambda screen: READY in screen and "shell" not in screen)
        assert b"\x1b[?1049h" in terminal.output[seen:]
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
        assert_restored(terminal)


def is_stopped(terminal: Terminal) -> bool:
    words = ["ps", "-o", "state=", "-p", str(terminal.process.pid)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().startswith("T")


def _wait_until(condition: Callable[[], bool], seconds: float = AT_MOST_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_after_it_was_killed_it_starts_afresh() -> None:
    with started() as terminal:
        os.kill(terminal.process.pid, signal.SIGKILL)
        assert terminal.wait_for_end()[0] == -signal.SIGKILL
        assert terminal.left_behind() == []
    with started() as terminal:
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Proxy]]:
    """A Prometheus that takes every question and never answers, and a config with it and patience for it."""
    with proxy_before("http://127.0.0.1:9") as proxy:
        Proxy.hang(proxy)
        yield config(tmp_path_factory.mktemp("hanging"), proxy.url, timeout_seconds=60), proxy


@pytest.mark.parametrize("way", ["q", "SIGTERM", "hang up"])
def test_a_server_that_never_answers_does_not_hold_it(hanging: tuple[Path, Proxy], way: str) -> None:
    with Terminal((*PROGRAM, "--config", str(hanging[0]))) as terminal:
        terminal.wait_for("Waiting for the first answer from prometheus prod-us")
        if way == "q":
            terminal.send("q")
        elif way == "SIGTERM":
            os.kill(terminal.process.pid, signal.SIGTERM)
        else:
            terminal.hang_up()
        _, took = terminal.wait_for_end()
        assert took < AT_MOST_SECONDS
        if way != "hang up":
            assert_restored(terminal)


@pytest.mark.parametrize("command", ["snapshot", "doctor"])
def test_an_interrupt_ends_a_command_that_waits(hanging: tuple[Path, Proxy], command: str) -> None:
    config, server = hanging
    asked = len(server.queries)
    process = subprocess.Popen(
        [*PROGRAM, command, "--config", str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait_until(lambda: len(server.queries) > asked, PATIENCE_SECONDS)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=AT_MOST_SECONDS)
    assert (process.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize("words", [["demo", "--headless", "--for", "1m"], ["config", "schema"]], ids=["demo", "schema"])
def test_a_full_disk_is_told_in_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "finops-tui: The output could not be written (No space left on device).\n"


def test_without_a_standard_output_it_says_so() -> None:
    command = f"exec {' '.join(PROGRAM)} demo --headless --for 1m >&-"
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "finops-tui: There is nowhere to write to: the standard output is closed.\n"


def test_an_export_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with Terminal(
        ("/bin/sh", "-c", f"cd /proc && exec {' '.join(DEMO)}"), environment={"PYTHONPATH": str(Path.cwd())}
    ) as one:
        one.wait_for(READY)
        one.send("E")
        one.wait_for("The snapshot was not written to")
        one.send("q")
        assert one.wait_for_end()[0] == 0
    with Terminal(("/bin/sh", "-c", f"cd {tmp_path} && exec {' '.join(DEMO)}")) as one:
        one.wait_for(READY)
        one.send("E")
        one.wait_for("The snapshot was written to")
        assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
