"""What looks at the programs: ptybench where it is present, else what this package can see by itself.

Both run the programs alternately (A B A B), so that a load that comes and goes weighs on all of them, and both answer
with the same names:

first_text_ms, ready_ms              from start to the first visible text, and to the pattern that means ready
bytes_per_s, cpu_s_per_min, rss_mib  while nobody touches it
key_end_p50_ms, _p95_, _p99_, _max_  from a key to the end of the frame that it causes
keys_sent, keys_missed               keys without any answer make the latencies doubtful
hold_drain_ms                        how long it goes on after a held key is released
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import own
from bench.plan import Plan, Run
from bench.programs import Program

NEIGHBOUR = Path("../shared/tools/ptybench.py")


@dataclass(frozen=True, slots=True)
class Instrument:
    script: Path | None
    """Where ptybench lies; None without it."""

    @property
    def name(self) -> str:
        return self.script.name if self.script else "bench.own"

    def measure(self, programs: Sequence[Program], plan: Plan) -> dict[str, list[Run]]:
        """Return the runs of each program by its name. What was not to be seen is absent."""
        if self.script is None:
            return own.measure(programs, plan)
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "ptybench.json"
            asked = [sys.executable, str(self.script), *_arguments(programs, plan), "--json", str(answer), "--quiet"]
            subprocess.run(asked, check=True)
            apps = json.loads(answer.read_text(encoding="utf-8"))["apps"]
        return {app["name"]: [_numbers(run) for run in app["runs"]] for app in apps}


def find() -> Instrument:
    """Return ptybench from `$FINOPS_PTYBENCH` or from beside this checkout, else our own."""
    named = os.environ.get("FINOPS_PTYBENCH")
    script = Path(named) if named else NEIGHBOUR
    return Instrument(script.resolve() if script.is_file() else None)


def _arguments(programs: Sequence[Program], plan: Plan) -> list[str]:
    first, *others = programs
    arguments = [shlex.join(first.command), "--name", first.name, "--ready", first.ready, "--setup", first.setup]
    for other in others:
        arguments += ["--vs", shlex.join(other.command), "--vs-name", other.name]
        arguments += ["--vs-ready", other.ready, "--vs-setup", other.setup]
    columns, rows = plan.size
    return [
        *arguments,
        *("--keys", plan.keys, "--hold", plan.hold, "--key-interval", str(plan.key_interval)),
        *("--runs", str(plan.runs), "--warm-runs", str(plan.warm_runs), "--size", f"{columns}x{rows}"),
        *("--warm", str(plan.settle_seconds), "--steady", str(plan.steady_seconds), "--resize", ""),
        *("--timeout", str(plan.timeout_seconds), "--nice", str(plan.nice), "--seed", str(plan.seed)),
    ]


def _numbers(run: dict[str, object]) -> Run:
    return {name: float(value) for name, value in run.items() if isinstance(value, (int, float))}
