from __future__ import annotations

import sys

import pytest

from bench.own import answers, start
from bench.plan import Plan
from bench.programs import Program
from bench.terminal import Terminal, bursts, complete, keys_of, stuck_modes, visible


def script(code: str) -> Program:
    return Program(name="script", command=(sys.executable, "-c", code), ready="ready")


def test_keys_have_names_and_counts() -> None:
    assert keys_of("down*2,f,esc") == ["\x1b[B", "\x1b[B", "f", "\x1b"]
    assert keys_of("2=>Nodes,/") == ["2", "/"]
    assert keys_of("") == []


def test_only_what_is_visible_is_left_of_output() -> None:
    assert visible("\x1b[?1049h\x1b[2;5H\x1b[38;2;1;2;3mGPU\x1b[0m \x1b]0;title\x07≈$12/h\r\n") == "GPU ≈$12/h"


@pytest.mark.parametrize("at", range(1, 40))
def test_output_may_be_cut_anywhere(at: int) -> None:
    text = "\x1b[2;5H\x1b[38;2;1;2;3m$1,043/h\x1b[0m \x1b]0;title\x07end"
    whole = complete(text[:at])
    assert visible(text[:whole]) + visible(text[whole:]) == "$1,043/h end"


def test_modes_switched_back_are_not_stuck() -> None:
    there_and_back = b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[>1u text \x1b[<u\x1b[?1000;1006l\x1b[?25h\x1b[?1049l"
    assert stuck_modes(there_and_back) == []


@pytest.mark.parametrize(
    ("written", "stuck"),
    [
        (b"\x1b[?1049h", ["private mode 1049"]),
        (b"\x1b[?25l", ["private mode 25"]),
        (b"\x1b[?1000;1006h\x1b[?1000l", ["private mode 1006"]),
        (b"\x1b[>1u", ["keyboard protocol"]),
    ],
)
def test_modes_left_on_are_stuck(written: bytes, stuck: list[str]) -> None:
    assert stuck_modes(written) == stuck


def test_output_close_together_is_one_burst() -> None:
    assert bursts([1.0, 1.02, 1.5, 1.51], gap=0.03) == [(1.0, 1.02), (1.5, 1.51)]


def test_a_key_is_answered_by_the_burst_that_follows_it() -> None:
    assert answers([1.0, 2.0], [1.01, 1.02, 1.9, 2.005]) == pytest.approx([0.02, 0.005])


def test_a_late_answer_counts_for_the_key_that_waited() -> None:
    assert answers([1.0, 1.1], [1.25]) == pytest.approx([0.25, 0.15])


def test_a_key_without_an_answer_is_left_out() -> None:
    assert answers([1.0, 9.0], [1.01]) == pytest.approx([0.01])


def test_a_program_is_seen_start_answer_and_end() -> None:
    program = script("print('ready'); print('heard', input(), flush=True)")
    with Terminal(program.command, (80, 24)) as terminal:
        assert start(terminal, program, Plan()).keys() == {"first_text_ms", "ready_ms"}
        assert terminal.usage().rss_mib > 1
        terminal.send("x\r")
        assert terminal.wait_for_end(30) is not None
        assert terminal.status == 0
        assert "heard x" in terminal.seen
        assert terminal.unrestored() == []
        assert terminal.leftovers() == []


def test_what_a_program_leaves_wrong_is_named() -> None:
    program = script("import tty; tty.setraw(0); print('ready \x1b[?1049h', flush=True)")
    with Terminal(program.command, (80, 24)) as terminal:
        assert terminal.wait_for_end(30) is not None
        assert terminal.unrestored() == ["private mode 1049", "line settings"]


def test_a_process_that_stays_is_found_and_ended() -> None:
    program = script(
        "import signal, subprocess, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print('ready')"
    )
    with Terminal(program.command, (80, 24)) as terminal:
        start(terminal, program, Plan())
        assert terminal.wait_for_end(30) is not None
        assert len(terminal.leftovers()) == 1
        terminal.end_the_rest()
        assert terminal.leftovers() == []
