"""What the line carries and what the machine works while nobody touches a key and the figures move."""

from __future__ import annotations

from bench import programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure, values


def figures(setting: Setting) -> list[Figure]:
    plan = Plan(runs=setting.runs(2), settle_seconds=5.0, steady_seconds=setting.seconds(60.0), nice=setting.nice)
    runs = setting.measure(programs.demo(), plan=plan)["demo"]
    return [
        *figure("line.bytes", "demo at rest: to the terminal", "B/s", values(runs, "bytes_per_s")),
        *figure("line.cpu", "demo at rest: CPU", "s/min", values(runs, "cpu_s_per_min")),
    ]
