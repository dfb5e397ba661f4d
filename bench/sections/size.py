"""Memory and work at normal size and with a large fleet."""

from __future__ import annotations

from bench import programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure, values


def figures(setting: Setting) -> list[Figure]:
    found: list[Figure] = []
    for program in (programs.demo(), programs.large()):
        plan = Plan(runs=setting.runs(2), settle_seconds=10.0, steady_seconds=setting.seconds(60.0), nice=setting.nice)
        runs = setting.measure(program, plan=plan)[program.name]
        cpu = [value / 60 * 100 for value in values(runs, "cpu_s_per_min")]
        found += figure(f"size.{program.name}.start", f"{program.name}: first figures", "ms", values(runs, "ready_ms"))
        found += figure(f"size.{program.name}.rss", f"{program.name}: memory", "MiB", values(runs, "rss_mib"))
        found += figure(f"size.{program.name}.cpu", f"{program.name}: of one core", "%", cpu)
        found += figure(
            f"size.{program.name}.bytes", f"{program.name}: to the terminal", "B/s", values(runs, "bytes_per_s")
        )
    return found
