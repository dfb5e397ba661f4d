"""`snapshot`: what the screen would show, printed once."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from finops_tui.commands.settings import choose
from finops_tui.config.models import source_name
from finops_tui.model.health import HealthState
from finops_tui.model.snapshot import Snapshot, SourceRow
from finops_tui.output import writer
from finops_tui.wiring import headless, live

ALL_ANSWERED = 0
NONE_ANSWERED = 3
SOME_ANSWERED = 4


def run(asked: argparse.Namespace) -> int:
    write = writer(asked.format)
    chosen = choose(asked.config)
    if chosen.note:
        sys.stderr.write(chosen.note + "\n")
    config, clock = chosen.config, live.wall_clock()
    names = frozenset(map(source_name, config.sources))

    snapshot = headless.first_snapshot(
        partial(live.hub, config, clock, attended=False), asked.wait, lambda seen: settled(seen, names)
    )
    sys.stdout.write(write(snapshot))
    return status(snapshot, names)


def settled(snapshot: Snapshot, names: frozenset[str]) -> bool:
    """Tell whether every source in `names` has told all that it knows at first, or has failed to."""
    known = {source.name: source for source in snapshot.sources}
    return all(name in known and _has_told(known[name]) for name in names)


def status(snapshot: Snapshot, names: frozenset[str]) -> int:
    """Return the exit status: whether all, some or none of the sources in `names` answer."""
    answering = {source.name for source in snapshot.sources if _answers(source)} & names
    if answering == names:
        return ALL_ANSWERED
    return SOME_ANSWERED if answering else NONE_ANSWERED


def _has_told(source: SourceRow) -> bool:
    return source.state is HealthState.DOWN or (source.primed and source.state is not HealthState.CONNECTING)


def _answers(source: SourceRow) -> bool:
    return source.answered_at is not None and source.state not in {HealthState.CONNECTING, HealthState.DOWN}
