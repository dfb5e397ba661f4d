"""However it ends: how fast, what is left running, what is left wrong in the terminal. Always our own look."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import own, programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure
from bench.terminal import Terminal

LIMIT_SECONDS = 10.0


def _quit(terminal: Terminal) -> None:
    terminal.send("q")


def _signal(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: os.kill(terminal.pid, number)


ENDS: dict[str, tuple[str, Callable[[Terminal], None]]] = {
    "quit": ("q", _quit),
    "sigterm": ("SIGTERM", _signal(signal.SIGTERM)),
    "sighup": ("SIGHUP", _signal(signal.SIGHUP)),
    "closed": ("closed terminal", Terminal.hang_up),
}


@dataclass
class _Ending:
    took_ms: list[float] = field(default_factory=list)
    leftovers: list[float] = field(default_factory=list)
    unrestored: list[float] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


def figures(setting: Setting) -> list[Figure]:
    found: list[Figure] = []
    for id_, (title, end) in ENDS.items():
        seen = _Ending()
        for _ in range(setting.runs(8)):
            _one(setting, end, seen)
        found += figure(f"end.{id_}.time", f"end by {title}", "ms", seen.took_ms)
        found += figure(f"end.{id_}.leftovers", f"end by {title}: processes left", "", seen.leftovers)
        if id_ != "closed":
            found += figure(
                f"end.{id_}.unrestored", f"end by {title}: terminal states left changed", "", seen.unrestored,
                note=", ".join(sorted(seen.words)),
            )  # fmt: skip
    return found


def _one(setting: Setting, end: Callable[[Terminal], None], seen: _Ending) -> None:
    program, plan = programs.demo(), Plan(nice=setting.nice)
    with Terminal(program.command, plan.size, plan.nice) as terminal:
        own.start(terminal, program, plan)
        end(terminal)
        took = terminal.wait_for_end(LIMIT_SECONDS)
        stuck = terminal.unrestored()
        seen.took_ms.append((LIMIT_SECONDS if took is None else took) * 1000)
        seen.leftovers.append(len(terminal.leftovers()))
        seen.unrestored.append(len(stuck))
        seen.words.update(stuck)
