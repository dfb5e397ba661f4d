"""Whether memory grows while the demo runs for long and fast."""

from __future__ import annotations

from bench import own, programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure
from bench.stats import slope
from bench.terminal import Terminal, clock

SETTLED_SHARE = 1 / 3
"""The first part of the run, in which caches fill, does not count."""
TELLING_SECONDS = 600.0
"""A shorter run tells nothing about a slope in MiB per hour."""
SAMPLE_SECONDS = 1.0


def figures(setting: Setting) -> list[Figure]:
    program = programs.demo(options=("--speed", str(setting.soak_speed)))
    plan = Plan(nice=setting.nice)
    samples: list[tuple[float, float]] = []
    with Terminal(program.command, plan.size, plan.nice) as terminal:
        own.start(terminal, program, plan)
        began = clock()
        while (at := clock() - began) < setting.soak_seconds and terminal.alive():
            samples.append((at / 3600, terminal.usage().rss_mib))
            terminal.watch(SAMPLE_SECONDS)
            terminal.chunks.clear()  # what it writes is not looked at; it must not fill our own memory
        survived = terminal.alive()
    settled = [sample for sample in samples if sample[0] * 3600 >= setting.soak_seconds * SETTLED_SHARE]
    if not settled:
        return []
    long_enough = setting.soak_seconds >= TELLING_SECONDS
    note = (
        "" if long_enough else f"too short to tell: python -m bench soak --soak 30m; ran {setting.soak_seconds:.0f} s"
    )
    title = f"soak at {setting.soak_speed:g}x for {setting.soak_seconds / 60:g} min"
    return [
        *figure("soak.slope", f"{title}: memory slope", "MiB/h", [slope(settled)], judged=long_enough, note=note),
        *figure("soak.begin", f"{title}: memory after a third", "MiB", [settled[0][1]]),
        *figure("soak.middle", f"{title}: memory after two thirds", "MiB", [settled[len(settled) // 2][1]]),
        *figure("soak.end", f"{title}: memory at the end", "MiB", [settled[-1][1]]),
        *figure("soak.died", f"{title}: ended by itself", "", [0.0 if survived else 1.0]),
    ]
