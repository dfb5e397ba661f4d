"""Terminals as people have them: tiny, huge, being resized, old, without colour, without UTF-8."""

from __future__ import annotations

import os
import random
import re
import subprocess
import unicodedata
from collections.abc import Iterator

import pytest

from tests.e2e.terminal import DEMO, Terminal

SIZES = [
    (60, 15),
    (40, 10),
    (80, 24),
    (100, 34),
    (119, 33),
    (120, 40),
    (160, 50),
    (200, 60),
    (300, 80),
    (300, 10),
    (40, 80),
]
COLOURS = re.compile(rb"[;\[](?:[34][0-7]|9[0-7]|10[0-7]|[34]8;[25])[;m]")
CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?Z")
"""Beside the armed chip a narrow screen has no room for seconds."""
OLD = {"COLORTERM": ""}


@pytest.fixture(scope="module")
def demo() -> Iterator[Terminal]:
    """One run, frozen, that is resized over and over."""
    with Terminal(DEMO) as terminal:
        terminal.wait_for("chat/deploy/")
        terminal.send("x")
        terminal.wait_for("FROZEN")
        yield terminal
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
        assert "Traceback" not in terminal.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_every_size_is_filled_and_not_exceeded(demo: Terminal, size: tuple[int, int]) -> None:
    columns, rows = size

    def settled(screen: str) -> bool:
        lines = screen.splitlines()
        return CLOCK.search(lines[0]) is not None and "? help" in lines[-1] and "chat/deploy/chat-api-70b" in screen

    demo.resize(columns, rows)
    lines = demo.wait_for(settled).splitlines()
    assert len(lines) == rows
    assert max(map(_cells, lines)) <= columns
    head = next(line for line in lines if ("WHAT" in line or "LARGEST NOW" in line) and "$/h" in line)
    end = head.index("≈$/h") + 4
    row = next(line for line in lines if "chat/deploy/chat-api-70b" in line)
    assert re.fullmatch(r" *\d+\.\d", row[end - 6 : end]), "the figure stands under its head"


@pytest.mark.parametrize("size", [(39, 10), (40, 9), (20, 5)], ids=lambda size: "x".join(map(str, size)))
def test_too_small_says_how_large(demo: Terminal, size: tuple[int, int]) -> None:
    columns, rows = size
    demo.resize(columns, rows)
    demo.wait_for(lambda screen: f"at least 40x10 (now {columns}x{rows})." in " ".join(screen.split()))
    demo.resize(1, 1)
    demo.read(0.2)
    demo.resize(80, 24)
    demo.wait_for("chat/deploy/")


def test_the_spend_rate_is_never_cut(demo: Terminal) -> None:
    demo.resize(120, 40)
    rate = re.search(r"≈(\$[\d,.]+/h)", demo.wait_for("≈$"))
    assert rate is not None
    for columns, rows in ((60, 15), (44, 12), (40, 10)):
        demo.resize(columns, rows)
        head = demo.wait_for(lambda screen: CLOCK.search(screen.splitlines()[0]) is not None).splitlines()[0]
        assert rate[1] in head


def test_a_storm_of_sizes_and_keys_leaves_it_whole() -> None:
    dice = random.Random(7)
    with Terminal(DEMO) as terminal:
        terminal.wait_for("chat/deploy/")
        for step in range(150):
            terminal.resize(dice.randint(1, 300), dice.randint(1, 80))
            if step % 5 == 0:
                terminal.send(dice.choice("12345fbSIjkG?x0tL"))
            terminal.read(0.01)
        terminal.resize(120, 40)
        for _ in range(5):
            terminal.send("\x1b")
            terminal.read(0.3)
        terminal.wait_for("? help")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
        assert "Traceback" not in terminal.text


@pytest.mark.parametrize("term", ["linux", "xterm", "vt100", "screen", "tmux", "rxvt", "no-such-terminal", ""])
def test_terminals_of_few_colours_get_no_more_than_16(term: str) -> None:
    with Terminal(DEMO, 80, 24, {**OLD, "TERM": term}) as terminal:
        terminal.wait_for("chat/deploy/")
        assert b"8;2;" not in terminal.output
        assert b"8;5;" not in terminal.output
        terminal.send("?")
        terminal.wait_for("one row down")


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_be_drawn_on(term: str) -> None:
    with Terminal(DEMO, 80, 24, {"TERM": term}) as terminal:
        assert terminal.wait_for_end()[0] == 2
        assert f"(TERM={term}) cannot be drawn on" in terminal.text
        assert "finops-tui demo --headless" in terminal.text
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize("arguments", [(), ("--theme", "night")], ids=["mono", "night"])
def test_no_color_means_none(arguments: tuple[str, ...]) -> None:
    with Terminal((*DEMO, *arguments), 80, 24, {"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("chat/deploy/")
        assert not COLOURS.search(bytes(terminal.output))


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1", "ja_JP.UTF-8"])
def test_a_locale_that_cannot_show_it_gets_ascii(locale: str) -> None:
    with Terminal(DEMO, 80, 24, {"LANG": locale, "LC_ALL": locale}) as terminal:
        terminal.wait_for("chat/deploy/")
        terminal.send("?")
        terminal.wait_for("one row down")
        assert bytes(terminal.output).isascii()


def test_a_terminal_without_a_size_is_usable() -> None:
    command = f"stty rows 0 cols 0; exec {' '.join(DEMO)}"
    with Terminal(("/bin/sh", "-c", command), 80, 24) as terminal:
        terminal.wait_for("chat/deploy/")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0


def test_the_terminal_is_believed_over_the_environment() -> None:
    """Programs that use readline hand their own idea of the size down to what they start."""
    with Terminal(DEMO, 80, 24, {"COLUMNS": "20", "LINES": "5"}) as terminal:
        terminal.wait_for("chat/deploy/")
        terminal.resize(60, 15)
        terminal.wait_for(lambda screen: "ARMED" in screen.splitlines()[0] and "chat/deploy/" in screen)


def test_without_a_terminal_it_names_the_command_that_needs_none() -> None:
    done = subprocess.run(
        DEMO, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"}
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "finops-tui demo --headless" in done.stderr


def _cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)
