from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from finops_tui.simulation.scratch import PREFIX, scratch

MAKE = (
    "import os, sys; from finops_tui.simulation.scratch import scratch; print(scratch('journal')); sys.stdout.flush(); "
)


def made_by(program: str, folder: Path) -> Path:
    """Let another process make a folder; return its path once that process is gone."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", MAKE + program], env=environment, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def test_it_goes_when_the_program_ends(tmp_path: Path) -> None:
    made = made_by("", tmp_path)
    assert made.parent == tmp_path
    assert not made.exists()


def test_what_a_killed_program_left_goes_when_the_next_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = made_by("os._exit(0)", tmp_path)
    assert left.exists()
    strange = tmp_path / f"{PREFIX}somebody-journal"
    strange.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = scratch("bills"), scratch("journal")
    assert not left.exists()
    assert first.exists(), "its own program runs"
    assert second.exists()
    assert strange.exists(), "nothing says whose it is"
