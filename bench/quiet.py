"""Measuring while the host leaves the processors alone: a run during which it took some of them away is made again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from bench.instrument import Instrument
from bench.plan import Plan, Run
from bench.programs import Program

MOST_STOLEN = 0.01
"""Share of one processor's time that the host may take during a run."""
MOST_TRIES = 4
_STEAL_FIELD = 8
"""Of the line `cpu` in /proc/stat, see proc_stat(5)."""


@dataclass(slots=True)
class Quiet:
    """Remembers how often it had to measure again."""

    runs: int = 0
    again: int = 0
    disturbed: list[float] = field(default_factory=list)
    """What was stolen (ratio of one processor) during runs that were kept all the same."""

    def measure(self, instrument: Instrument, programs: Sequence[Program], plan: Plan) -> dict[str, list[Run]]:
        found: dict[str, list[Run]] = {program.name: [] for program in programs}
        for number in range(plan.runs):
            once = replace(plan, runs=1, seed=plan.seed + number, warm_runs=0 if number else plan.warm_runs)
            for name, runs in self._once(instrument, programs, once).items():
                found[name] += runs
        return found

    def words(self) -> str:
        """Say what was made again since the last time that was asked."""
        words = f"runs: {self.runs}, made again {self.again} times because the host took a processor away"
        if self.disturbed:
            words += f"; kept all the same: {len(self.disturbed)}, up to {max(self.disturbed):.0%} of one taken"
        words = words if self.again else ""
        self.runs, self.again, self.disturbed = 0, 0, []
        return words

    def _once(self, instrument: Instrument, programs: Sequence[Program], plan: Plan) -> dict[str, list[Run]]:
        self.runs += 1
        best: tuple[float, dict[str, list[Run]]] | None = None
        for _ in range(MOST_TRIES):
            stolen, since = stolen_seconds(), monotonic()
            runs = instrument.measure(programs, plan)
            share = (stolen_seconds() - stolen) / (monotonic() - since)
            if best is None or share < best[0]:
                best = share, runs
            if share <= MOST_STOLEN:
                return runs
            self.again += 1
        assert best is not None
        self.again -= 1
        self.disturbed.append(best[0])
        return best[1]


def stolen_seconds() -> float:
    """Return for how long the host has run something else on our processors; 0 where nobody counts it."""
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()
    except OSError:
        return 0.0
    return int(first[_STEAL_FIELD]) / os.sysconf("SC_CLK_TCK")
