"""The heap keeps what is free at its end, so that the next moment's need makes it no longer."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from finops_tui.wiring import heap

GLIBC = platform.libc_ver()[0] == "glibc"
PEAK = """
from finops_tui.wiring import heap
from pathlib import Path

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

{call}
before = resident()
blocks = [bytes(1_000) for _ in range(4_000)]  # too large for Python's own arenas
del blocks
print(resident() - before)
"""


def left_after_a_peak(call: str) -> int:
    """Return the bytes that stay with a program after it needed four million for a moment."""
    ran = subprocess.run([sys.executable, "-c", PEAK.format(call=call)], capture_output=True, text=True, check=True)
    return int(ran.stdout)


@pytest.mark.skipif(not GLIBC, reason="only glibc can be told")
def test_what_a_moment_needed_stays_for_the_next() -> None:
    assert left_after_a_peak("") < 1_000_000
    assert 3_000_000 < left_after_a_peak("heap.keep_what_is_free()") < heap.KEPT_BYTES


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    heap.keep_what_is_free()
