"""`demo`: the same program on a simulated GPU cloud. Loads no config, no pydantic and no client library."""

from __future__ import annotations

import argparse
import math
import sys
from functools import partial

from finops_tui import wiring
from finops_tui.commands.arguments import AS_FAST_AS_POSSIBLE
from finops_tui.errors import UsageError
from finops_tui.output import writer

SPEED = 60.0
HEADLESS_SECONDS = 1800.0


def run(asked: argparse.Namespace) -> int:
    if asked.headless:
        return _print(asked)
    if asked.seconds is not None or asked.format is not None:
        raise UsageError("--for and --format say what a headless run prints.", hint="Add --headless.")
    if asked.speed == AS_FAST_AS_POSSIBLE:
        raise UsageError("A screen cannot be read at --speed max.", hint="Add --headless, or give a factor such as 60.")
    return _show(asked)


def _print(asked: argparse.Namespace) -> int:
    seconds = HEADLESS_SECONDS if asked.seconds is None else asked.seconds
    write = writer(asked.format or "text")
    speed = asked.speed or AS_FAST_AS_POSSIBLE
    snapshot = wiring.headless_demo(asked.seed, seconds, speed, asked.scenario)
    sys.stdout.write(write(snapshot))
    return 0


def _show(asked: argparse.Namespace) -> int:
    from finops_tui.commands.screen import hurry, require_terminal, ui_settings

    hurry()
    require_terminal()
    clock = wiring.demo_clock(asked.speed or SPEED)
    times = "" if math.isclose(clock.speed, 1) else f" {clock.speed:g}×"

    ui = ui_settings(asked, mode=f"DEMO{times}", waiting_for=("simulation",), now=clock.now)
    return wiring.show(partial(wiring.demo_hub, asked.seed, clock, scenario=asked.scenario), ui)
