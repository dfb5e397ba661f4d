"""`demo`: the same program on a simulated GPU cloud. Loads no config, no pydantic and no client library."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from functools import cache, partial

from finops_tui.commands.arguments import AS_FAST_AS_POSSIBLE, duration
from finops_tui.errors import UsageError
from finops_tui.output import writer
from finops_tui.wiring import demo, screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.deeds import Deed
    from finops_tui.simulation.billing import SimulatedBilling

SPEED = 60.0
HEADLESS_SECONDS = 1800.0
SHORT = 7
"""Exit status where a change was made and does not reach what was asked."""


def run(asked: argparse.Namespace) -> int:
    if asked.headless:
        if asked.theme or asked.layout or asked.ascii:
            raise UsageError("--theme, --layout and --ascii say how a screen looks.", hint="Leave out --headless.")
        return _print(asked)
    if asked.seconds is not None or asked.format is not None or asked.do:
        raise UsageError("--for, --format and --do say what a headless run does.", hint="Add --headless.")
    if asked.speed == AS_FAST_AS_POSSIBLE:
        raise UsageError("A screen cannot be read at --speed max.", hint="Add --headless, or give a factor such as 60.")
    return _show(asked)


def _print(asked: argparse.Namespace) -> int:
    from finops_tui.wiring import headless

    seconds = HEADLESS_SECONDS if asked.seconds is None else asked.seconds
    write = writer(asked.format or "text")
    speed = asked.speed or AS_FAST_AS_POSSIBLE
    deeds = _deeds(asked.do, seconds) if asked.do else ()
    short: list[str] = []
    snapshot = headless.demo_snapshot(
        asked.seed, seconds, speed, asked.scenario, begin=asked.at, deeds=deeds, short=short.append
    )
    sys.stdout.write(write(snapshot))
    for words in short:
        sys.stderr.write(f"finops-tui: {words}\n")
    return SHORT if short else 0


def _deeds(written: Sequence[str], seconds: float) -> tuple[Deed, ...]:
    from finops_tui.engine.deeds import deed

    def told(text: str) -> float:
        try:
            return duration(text)
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"--do: {error}.") from None

    deeds = tuple(deed(text, told) for text in written)
    for late in (each for each in deeds if each.at_seconds > seconds):
        raise UsageError(f"--do: the run ends before {late.at_seconds:g}s.", hint="Give it longer with --for.")
    return deeds


def _show(asked: argparse.Namespace) -> int:
    from finops_tui.commands.screen import hurry, require_terminal, ui_settings
    from finops_tui.ui.cloud_acts import FEEDBACK

    hurry()
    require_terminal("finops-tui demo --headless")
    clock = demo.simulated_clock(asked.speed or SPEED, asked.at)
    times = "" if math.isclose(clock.speed, 1) else f" {clock.speed:g}×"

    billing: list[SimulatedBilling] = []
    answers = cache(partial(demo.answers, billing, clock))
    ui = ui_settings(
        asked, mode=f"DEMO{times}", waiting_for=("simulation",), now=clock.now, answers=answers, acts=(FEEDBACK,)
    )
    hub = partial(demo.hub, asked.seed, clock, scenario=asked.scenario, billing=billing.append)
    return screen.show(hub, ui)
