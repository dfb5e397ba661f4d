"""Names that were chosen to do harm, through a real Prometheus, to the bytes that reach the terminal and the files."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.simulated import config, prometheus
from tests.e2e.terminal import PROGRAM, Terminal

HOSTILE = {
    "nlp-train": "\x1b]52;c;RVZJTA==\x07nlp",
    "retrain-v7": "\x1b[8;77mhidden\x1b[2J\x1b[Hjob",
    "align-dpo-8": "[bold red]x[/][@click=app.quit]y[/] {{z}}",
    "ranking": "ran\u202egnik\u2066\u200b\u200f\ufeff",
    "ltr-train-7": "job-" + "a" * 10_000 + "-end",
    "robotics": "🔥\U0001f468\u200d\U0001f469\u200d\U0001f467 Z͑ͫ̓ͪ̂a̡lgo",
    "policy-rl-4": "训练任务-日本語-한국어",
    "h100-train": "pool\nsecond line\r\tthird",
    "a100-spot": "=HYPERLINK(1)|`x`|\x9b31m\x90q\x9c",
    "nlp": "\x1b]0;PWNED\x07\x1bP1$q\x1b\\team",
    "chat-api-ttft-p95": "slo\x1b[6n\x1bc\u2028p95",
    "chat-70b": '</script>"\\" OR 1=1; \x00\x7f\x08\x08',
}
"""Label values of the simulated cluster and what stands in their place: namespaces, jobs, pools, a team, an SLO …"""

FORBIDDEN = (
    *(b"\x1b]", b"\x1bP", b"\x1bc", b"\x1b[8;77m", b"\x1b[6n", b"\x07", b"\x7f", b"\x08", b"\x00"),
    *(character.encode() for character in "\x85\x90\x9b\x9c\u2028\u202e\u2066\u200b\u200d\u200f\ufeff"),
)
"""What no bytes for a terminal or a file may hold. The program itself writes none of these when it only draws."""

_VALUE = re.compile(r'="([^"\\]*)"')


def with_hostile_names(text: str) -> str:
    """Put the hostile values in place of the names, escaped as exporters do."""
    escaped = {
        name: value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for name, value in HOSTILE.items()
    }
    absent = [name for name in HOSTILE if f'="{name}"' not in text]
    assert not absent, f"nothing is called so at this hour: {absent}"
    return _VALUE.sub(lambda match: f'="{escaped.get(match[1], match[1])}"', text)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("hostile")
    with prometheus(directory, with_hostile_names) as url:
        yield config(directory, url, timeout_seconds=10)


def assert_harmless(data: bytes) -> None:
    found = [each for each in FORBIDDEN if each in data]
    assert not found, [(each, data[max(0, data.index(each) - 60) : data.index(each) + 60]) for each in found]


def drawn(terminal: Terminal) -> bytes:
    """Return what was written, without the few sequences that the screen itself sends: pointer shape and clipboard."""
    return re.sub(rb"\x1b\]22;\w+\x07|\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", bytes(terminal.output))


def unchanged_columns(terminal: Terminal, head: str) -> set[int]:
    """Return at which cells the decimal points of the column under `head` stand, in the rows below it."""
    cells = terminal.cells
    row = next(y for y, line in enumerate(cells) if head in "".join(line))
    end = _cell_of(cells[row], head) + len(head)
    return {
        x
        for line in cells[row + 1 : row + 8]
        for x in range(end - 3, end)
        if line[x] == "." and line[x + 1].isdigit() and line[x - 1].isdigit()
    }


def _cell_of(line: list[str], text: str) -> int:
    return next(x for x in range(len(line)) if "".join(line[x : x + len(text)]) == text)


def go_down_to(terminal: Terminal, row: str) -> None:
    """Press `j` until the cursor is there: what costs more than it is another matter at each hour of the week."""
    for _ in range(10):
        terminal.send("j")
        terminal.read(0.4)
        if row in terminal.text:
            return
    raise AssertionError(f"{row!r} was not come to; the screen was:\n{terminal.text}")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
def test_on_screen(hostile: Path, size: tuple[int, int]) -> None:
    with Terminal((*PROGRAM, "--config", str(hostile)), *size) as terminal:
        terminal.wait_for("nlp/job/[bold")
        terminal.wait_for("hiddenjob")
        assert len(unchanged_columns(terminal, "≈$/h")) == 1, "a name moved the figures"
        for page, row in (("\r", "▌ nlp/job/[bold"), ("X", "▌ nlp/job/hiddenjob")):
            go_down_to(terminal, row)
            terminal.send(page)
            terminal.wait_for("esc back")
            terminal.send("\x1b")
            terminal.wait_for("/ filter")
            terminal.read(0.2)  # a key right behind esc would be alt and that key
        for pane in "2345":
            terminal.send(pane)
            terminal.read(0.2)
        terminal.send("1")
        terminal.wait_for("b by team")
        terminal.send("/")
        terminal.wait_for(lambda screen: screen.splitlines()[-1].startswith(" /"))
        terminal.read(0.3)
        terminal.send("[bold")
        terminal.wait_for(lambda screen: "hiddenjob" not in screen)
        terminal.send("\r")
        terminal.wait_for("b by team")
        terminal.send("c")
        terminal.wait_for("Copied:")
        copied = b"".join(
            map(base64.b64decode, re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", bytes(terminal.output)))
        )
        assert b"[@click=app.quit]" in copied
        assert_harmless(copied)
        assert_harmless(drawn(terminal))
        assert terminal.process.poll() is None


@pytest.mark.parametrize("form", ["text", "md", "csv", "json"])
def test_in_reports(hostile: Path, form: str) -> None:
    words = [*PROGRAM, "snapshot", "--config", str(hostile), "--format", form]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert_harmless(done.stdout)
    text = done.stdout.decode()
    assert "[bold red]x[/][@click=app.quit]y[/] {{z}}" in text or form == "text"
    if form == "text":
        assert max(map(width, text.splitlines())) <= 100
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "+"))]
    elif form == "json":
        assert json.loads(text)["clusters"] == ["prod-us"]


def test_in_the_doctor_and_in_errors_about_the_config(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text('"\\e]0;EVIL\\a[bold]\\u202e": 1\nsources: [{type: "\\e[8;77mx", cluster: a}]\n')
    for command in (("config", "check"), ("doctor",), ("doctor", "--format", "json"), ("snapshot",)):
        done = subprocess.run([*PROGRAM, *command, "--config", str(path)], capture_output=True, check=False)
        assert done.returncode == 2
        assert_harmless(done.stdout + done.stderr)
        assert b"Traceback" not in done.stderr


def width(line: str) -> int:
    """Return the cells of a line, by the strictest reading."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line
    )
