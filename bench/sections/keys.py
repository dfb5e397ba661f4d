"""From a key to the frame that it paints, in the demo and with a large fleet; and while a burst of news comes in."""

from __future__ import annotations

from bench import programs
from bench.plan import Plan, Run
from bench.programs import Program
from bench.report import Figure
from bench.setting import Setting, figure, values

FINDINGS, SPEND = "1", "6"
"""Keys of panes. Spend has a row for each workload, thousands of them in the large fleet, and covers the others."""
FILTER = "/,m,l,backspace,backspace,enter,/,p,r,o,d,backspace,backspace,backspace,backspace,enter"
GESTURES = {  # no bare escape: a terminal must wait (100 ms) for what might follow it
    "arrows": (SPEND, "down*9,up*9"),
    "tab": (FINDINGS, "tab*18"),
    "zoom": (FINDINGS, "f*18"),
    "filter": (SPEND, FILTER),
}
"""By name, the pane in which it is made, and its keys."""
BURST = 10_000
DOUBTFUL_SHARE = 0.02


def figures(setting: Setting) -> list[Figure]:
    found: list[Figure] = []
    for program_with in (programs.demo, programs.large):
        for gesture, (pane, keys) in GESTURES.items():
            found += _gesture(setting, program_with(setup=pane), gesture, keys)
        program = program_with(setup=SPEND)
        plan = Plan(runs=setting.runs(2), hold="down", nice=setting.nice)
        runs = setting.measure(program, plan=plan)[program.name]
        title = f"{program.name}: held arrow key, lag after release"
        found += figure(f"keys.{program.name}.hold", title, "ms", values(runs, "hold_drain_ms"))
    return [*found, *_burst(setting)]


def _gesture(setting: Setting, program: Program, gesture: str, keys: str) -> list[Figure]:
    often = ",".join([keys] * (2 if setting.quick else 8))
    plan = Plan(runs=setting.runs(2), keys=often, nice=setting.nice)
    runs = setting.measure(program, plan=plan)[program.name]
    found: list[Figure] = []
    for share in ("p50", "p95", "p99"):
        id_ = f"keys.{program.name}.{gesture}.{share}"
        title = f"{program.name}: {gesture}, key to frame {share}"
        found += figure(id_, title, "ms", values(runs, f"key_end_{share}_ms"), note=_doubt(runs))
    return found


def _burst(setting: Setting) -> list[Figure]:
    program = programs.large(name="burst", options=("--burst", str(BURST)), setup=SPEND)
    seconds = setting.seconds(40.0)
    plan = Plan(runs=setting.runs(2), keys=f"down*{int(seconds / 0.1)}", key_interval=0.1, nice=setting.nice)
    runs = setting.measure(program, plan=plan)["burst"]
    title = f"large: longest key while {BURST:,} observations come in a second"
    return figure("burst.key.max", title, "ms", values(runs, "key_end_max_ms"), note=_doubt(runs))


def _doubt(runs: list[Run]) -> str:
    missed = max((run.get("keys_missed", 0.0) / max(1.0, run.get("keys_sent", 1.0)) for run in runs), default=0.0)
    return f"{missed:.0%} of the keys had no visible answer" if missed > DOUBTFUL_SHARE else ""
