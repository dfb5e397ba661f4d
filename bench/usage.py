"""What the processes of one terminal session use."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_seconds: float
    rss_mib: float


def session_members(leader: int) -> list[int]:
    """Return the processes that belong to the session that `leader` started, itself included while it lives."""
    members = []
    for pid in _every_process():
        with contextlib.suppress(OSError):  # it ended meanwhile, or is none of ours
            if os.getsid(pid) == leader:
                members.append(pid)
    return members


def usage(leader: int) -> Usage:
    """Return CPU seconds so far and resident memory, summed over the session."""
    measure = _from_proc if PROC.exists() else _from_ps
    parts = [measure(pid) for pid in session_members(leader)]
    return Usage(sum(part.cpu_seconds for part in parts), sum(part.rss_mib for part in parts))


def _every_process() -> list[int]:
    """Return all that run; what has ended and only waits to be noticed by its parent (a zombie) does not."""
    if PROC.exists():
        pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if _stat(pid)[:1] not in ([], ["Z"])]
    lines = [line.split() for line in _ps("-axo", "pid=,stat=").splitlines()]
    return [int(pid) for pid, state in lines if not state.startswith("Z")]


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/pid/stat from the third, the state; none when it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _from_proc(pid: int) -> Usage:
    fields = _stat(pid)
    if not fields:
        return Usage(0.0, 0.0)
    ticks = sum(map(int, fields[11:15]))  # user and system time, its own and its reaped children's
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / MIB)


def _from_ps(pid: int) -> Usage:
    words = _ps("-o", "time=,rss=", "-p", str(pid)).split()
    if len(words) != 2:  # noqa: PLR2004 - it ended meanwhile
        return Usage(0.0, 0.0)
    seconds = 0.0
    for part in words[0].replace("-", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return Usage(seconds, int(words[1]) / 1024)


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout  # noqa: S607 - the system's own
