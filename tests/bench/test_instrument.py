from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import instrument, own
from bench.plan import Plan
from bench.programs import Program

PROGRAM = Program(name="echo", command=(sys.executable, "-c", "print('ready'); input()"), ready="ready")
RECORDER = """
import json, sys
words = sys.argv[1:]
out = words[words.index("--json") + 1]
run = {"ready_ms": 12.5, "keys_missed": 0, "clean_exit": True, "hold_drain_ms": None, "stuck_modes": []}
json.dump({"apps": [{"name": words[words.index("--name") + 1], "runs": [run, run], "asked": words}]}, open(out, "w"))
"""


def test_ptybench_is_found_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ptybench.py"
    script.write_text(RECORDER, encoding="utf-8")
    monkeypatch.setenv("FINOPS_PTYBENCH", str(script))
    found = instrument.find()
    assert found.name == "ptybench.py"
    assert found.measure([PROGRAM], Plan(runs=2)) == {
        "echo": [{"ready_ms": 12.5, "keys_missed": 0, "clean_exit": 1}] * 2
    }


def test_without_it_the_bench_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINOPS_PTYBENCH", str(tmp_path / "nowhere.py"))
    found = instrument.find()
    assert found.name == "bench.own"
    runs = found.measure([PROGRAM], Plan(runs=2, warm_runs=0, settle_seconds=0))["echo"]
    assert len(runs) == 2
    assert all(run["ready_ms"] > 0 for run in runs)


def test_both_instruments_name_their_figures_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "HOLD_SECONDS", 0.2)
    echo = "import sys, tty; tty.setraw(0); print('ready', flush=True)\nwhile sys.stdin.read(1): print('!', flush=True)"
    program = Program(name="echo", command=(sys.executable, "-c", echo), ready="ready")
    plan = Plan(warm_runs=0, settle_seconds=0, steady_seconds=0.1, keys="a*5", key_interval=0.02, hold="a")
    (run,) = own.measure([program], plan)["echo"]
    documented = str(instrument.__doc__)
    for name in run:
        assert name in documented or name.removeprefix("key_end").split("_")[1] in documented
    assert run["keys_sent"] == 5
    assert run["keys_missed"] == 0


def test_the_arguments_name_every_program_and_pattern() -> None:
    other = Program(name="other", command=("a program", "x"), ready="there", setup="1")
    words = instrument._arguments([PROGRAM, other], Plan(keys="down*3"))
    assert words[words.index("--vs") + 1] == "'a program' x"
    assert words[words.index("--vs-ready") + 1] == "there"
    assert words[words.index("--keys") + 1] == "down*3"
    assert json.dumps(words)
