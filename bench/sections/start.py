"""How long a person waits: the first frame, the first figures, --help."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from time import perf_counter

from bench import programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure, values
from bench.stats import pairwise_ratios


def figures(setting: Setting) -> list[Figure]:
    return [*_screen(setting), *_words(setting)]


def _screen(setting: Setting) -> list[Figure]:
    first_frame = programs.demo(programs.FRAME, name="first frame")
    first_figures = programs.demo(programs.FIGURES, name="first figures")
    plan = Plan(runs=setting.runs(12), settle_seconds=0.0, nice=setting.nice)
    runs = setting.measure(first_frame, first_figures, programs.floor(), plan=plan)
    floor, frame, data = (values(runs[name], "ready_ms") for name in ("floor", "first frame", "first figures"))
    return [
        *figure("start.floor", "floor: bare app with one table, first frame", "ms", floor),
        *figure("start.first_frame", "demo: first frame", "ms", frame),
        *figure("start.first_frame.ratio", "demo: first frame / floor", "x", pairwise_ratios(frame, floor)),
        *figure("start.figures", "demo: first figures", "ms", data),
        *figure("start.figures.ratio", "demo: first figures / floor", "x", pairwise_ratios(data, floor)),
    ]


def _words(setting: Setting) -> list[Figure]:
    found: list[Figure] = []
    nothing = (sys.executable, "-c", "pass")
    for option in ("--help", "--version"):
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(setting.runs(40) + 1):
            for command, into in zip(((*programs.command(), option), nothing), took, strict=True):
                into.append(_milliseconds(command))
        ours, bare = (series[1:] for series in took)  # the first of each warms the caches
        name = option.strip("-")
        found += figure(f"start.{name}", f"{option}", "ms", ours)
        found += figure(f"start.{name}.ratio", f"{option} / python3 -c pass", "x", pairwise_ratios(ours, bare))
    return found


def _milliseconds(command: Sequence[str]) -> float:
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=plain)
    return (perf_counter() - start) * 1000
