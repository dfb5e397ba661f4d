"""Names that were chosen to do harm, through a real Prometheus, to the bytes that reach the terminal and the files."""

from __future__ import annotations

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
    "retrain-v3": "\x1b[8;77mhidden\x1b[2J\x1b[Hjob",
    "align-dpo-3": "[bold red]x[/][@click=app.quit]y[/] {{z}}",
    "ranking": "ran\u202egnik\u2066\u200b\u200f\ufeff",
    "ltr-train-2": "job-" + "a" * 10_000 + "-end",
    "robotics": "🔥\U0001f468\u200d\U0001f469\u200d\U0001f467 Z͑ͫ̓ͪ̂a̡lgo",
    "policy-rl-3": "训练任务-日本語-한국어",
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
"""What no byte stream to a terminal or to a file may hold. The program itself writes none of these when it only draws."""
COPIES = b"\x1b]52;c;"

_VALUE = re.compile(r'="([^"\\]*)"')


def with_hostile_names(text: str) -> str:
    """Put the hostile values in place of the names, escaped as exporters do."""
    escaped = {
        name: value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for name, value in HOSTILE.items()
    }
    return _VALUE.sub(lambda match: f'="{escaped.get(match[1], match[1])}"', text)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("hostile")
    with prometheus(directory, with_hostile_names) as url:
        yield config(directory, url, timeout_seconds=10)


def assert_harmless(data: bytes) -> None:
    found = [each for each in FORBIDDEN if each in data]
    assert not found, [(each, data[max(0, data.index(each) - 60) : data.index(each) + 60]) for each in found]
