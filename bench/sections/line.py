"""What the line carries and what the machine works while nobody touches a key and the figures move."""

from __future__ import annotations

from bench import programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure, values

FIRST_SECONDS = 5.0
STEADY_SECONDS = 65.0
"""From then on the demo does nothing that it does but once: a month of its bills has been worked out."""


def figures(setting: Setting) -> list[Figure]:
    first, steady = (_at_rest(setting, after) for after in (FIRST_SECONDS, STEADY_SECONDS))
    return [
        *figure("line.bytes", "demo at rest: to the terminal", "B/s", steady["bytes_per_s"]),
        *figure("line.cpu.first", "demo at rest, seconds 5 to 65: CPU", "s/min", first["cpu_s_per_min"]),
        *figure("line.cpu", "demo at rest, seconds 65 to 125: CPU", "s/min", steady["cpu_s_per_min"]),
    ]


def _at_rest(setting: Setting, after: float) -> dict[str, tuple[float, ...]]:
    plan = Plan(
        runs=setting.runs(2), settle_seconds=after, steady_seconds=setting.seconds(60.0), nice=setting.nice
    )  # fmt: skip
    runs = setting.measure(programs.demo(), plan=plan)["demo"]
    return {name: values(runs, name) for name in ("bytes_per_s", "cpu_s_per_min")}
