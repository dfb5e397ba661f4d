"""Whether memory grows while the demo runs for long and fast."""

from __future__ import annotations

from collections.abc import Sequence

from bench import own, programs
from bench.plan import Plan
from bench.report import Figure
from bench.setting import Setting, figure
from bench.stats import slope
from bench.terminal import Terminal, clock

SETTLED_SHARE = 1 / 3
"""The first part of the soak, in which caches fill, does not count."""
DAY_SECONDS = 86_400.0
"""Of the program's own time, for which it keeps what happened: once that is full, it is looked at for as long again."""
TELLING_SECONDS = 600.0
"""A shorter run tells nothing about a slope in MiB per hour."""
SAMPLE_SECONDS = 1.0


def figures(setting: Setting) -> list[Figure]:
    program = programs.demo(options=("--speed", str(setting.soak_speed)))
    plan = Plan(nice=setting.nice)
    long_enough = setting.soak_seconds >= TELLING_SECONDS
    filling = DAY_SECONDS / setting.soak_speed if long_enough else setting.soak_seconds / 2
    samples: list[tuple[float, float]] = []
    with Terminal(program.command, plan.size, plan.nice) as terminal:
        own.start(terminal, program, plan)
        began = clock()
        while (at := clock() - began) < filling + setting.soak_seconds and terminal.alive():
            samples.append((at / 3600, terminal.usage().rss_mib))
            terminal.watch(SAMPLE_SECONDS)
            terminal.chunks.clear()  # what it writes is not looked at; it must not fill our own memory
        survived = terminal.alive()
    asked = setting.soak_seconds
    soaked = [sample for sample in samples if asked * SETTLED_SHARE <= sample[0] * 3600 < asked]
    settled = [sample for sample in samples if sample[0] * 3600 >= filling]
    if not soaked or not settled:
        return []
    note = (
        "" if long_enough else f"too short to tell: python -m bench soak --soak 30m; ran {setting.soak_seconds:.0f} s"
    )
    minutes = setting.soak_seconds / 60
    title = f"soak at {setting.soak_speed:g}x for {minutes:g} min: memory slope"
    later = f"{title} from {filling / 60:g} min on"
    return [
        *figure("soak.slope", title, "MiB/h", [slope(soaked)], judged=long_enough, note=note),
        *figure("soak.later", later, "MiB/h", [slope(settled)], judged=long_enough, note=note),
        *figure("soak.early", "memory after ten minutes", "MiB", [_at(samples, 600.0)]),
        *figure("soak.begin", "memory as the later part begins", "MiB", [settled[0][1]]),
        *figure("soak.middle", "memory in its middle", "MiB", [settled[len(settled) // 2][1]]),
        *figure("soak.end", "memory as it ends", "MiB", [settled[-1][1]]),
        *figure("soak.died", "ended by itself", "", [0.0 if survived else 1.0]),
    ]


def _at(samples: Sequence[tuple[float, float]], seconds: float) -> float:
    """Return the memory so long after the start, or of the last sample before."""
    return [mib for hours, mib in samples if hours * 3600 <= seconds][-1]
