"""Whether each built-in incident is found, named rightly and soon, and whether a quiet week wakes nobody up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from math import inf

from bench.judging import is_about, is_explained, is_urgent_enough
from bench.report import Figure
from bench.setting import Setting, figure
from finops_tui.model.finding import Severity
from finops_tui.model.snapshot import Snapshot
from finops_tui.simulation.scenarios import GENTLE, NAMES, scenario
from finops_tui.simulation.scenarios.base import Expected
from finops_tui.simulation.world import World
from finops_tui.wiring import headless

SEEDS = 20
WEEKS = 6
HOURS = 1.5
LONG_HOURS = {"slow-creep": 6.5, "slow-creep-gentle": 6.5}
SOON_MINUTES = 15.0
"""An incident that is told later is told too late."""
LONG_MINUTES = {"slow-creep": 360.0, "slow-creep-gentle": 360.0}
QUIET_HOURS = 7 * 24.0
SPARE_CORES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one incident was judged."""

    minutes: float | None
    """From the beginning until what is right about it, with the right cause first and as urgent as it should be, stood
    first in the list; None where it never did."""
    lasting: bool
    """It stood there at the end of the run as well."""
    loud: bool = False
    """Something about it was more urgent than it may be."""
    needed: bool = True
    """False where nothing needs to be found: then being loud is the only mistake."""


class Sightings:
    """Looks on while snapshots come by, and remembers when the right answer first stood at the top."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._right_at: datetime | None = None
        self._right = False
        self._loud = False

    def look(self, snapshot: Snapshot) -> None:
        if snapshot.scenario is None:
            return
        # what was open before is not the incident
        listed = [finding for finding in snapshot.findings if finding.opened_at >= snapshot.scenario.began_at]
        about = [finding for finding in listed if is_about(self._expected, finding)]
        self._loud |= any(finding.severity.rank < self._expected.allowed.rank for finding in about)
        top = about[0] if about and about[0] is listed[0] else None
        expected = self._expected
        self._right = top is not None and is_explained(expected, top) and is_urgent_enough(expected, top)
        if self._right and self._right_at is None:
            self._right_at = snapshot.at

    def verdict(self, last: Snapshot) -> Verdict:
        """Return how it was judged until `last`, the end of the run."""
        self.look(last)
        began_at = last.scenario.began_at if last.scenario is not None else last.at
        minutes = None if self._right_at is None else (self._right_at - began_at).total_seconds() / 60
        needed = self._expected.needed is not None
        return Verdict(minutes=minutes, lasting=self._right, loud=self._loud, needed=needed)


class Pages:
    """Looks on while snapshots come by, and remembers every page by its key and onset."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, datetime]] = set()

    def look(self, snapshot: Snapshot) -> None:
        for finding in (*snapshot.findings, *snapshot.resolved):
            if finding.severity is Severity.PAGE:
                self.seen.add((finding.key, finding.since))


def answer(name: str, seed: int, seconds: float) -> Expected:
    """Return what is right about a scenario that begins within so many seconds of the same world."""
    incident = scenario(name, seed)
    world = World(seed, int(headless.DEMO_START.timestamp()), incident)
    while world.now < world.start + seconds and incident.began_at is None:
        world.step()
    return incident.expected(world)


def live(task: tuple[str, int, float]) -> Verdict:
    """Run one incident from its beginning to its end."""
    name, seed, hours = task
    sightings = Sightings(answer(name, seed, hours * 3600))
    return sightings.verdict(headless.demo_snapshot(seed, hours * 3600, inf, name, watch=sightings.look))


def live_quietly(task: tuple[int, float]) -> tuple[str, ...]:
    """Return the keys of the pages that a world without an incident brings, in order."""
    seed, hours = task
    pages = Pages()
    pages.look(headless.demo_snapshot(seed, hours * 3600, inf, watch=pages.look))
    return tuple(key for key, _ in sorted(pages.seen, key=lambda page: page[1]))


def figures(setting: Setting) -> list[Figure]:
    seeds = range(1, setting.runs(SEEDS) + 1)
    names = (*NAMES, *GENTLE)
    tasks = [(name, seed, LONG_HOURS.get(name, HOURS)) for name in names for seed in seeds]
    quiet = [(seed, setting.seconds(QUIET_HOURS)) for seed in range(1, setting.runs(WEEKS) + 1)]
    cores = max((os.cpu_count() or 1) - SPARE_CORES, 1)
    with ProcessPoolExecutor(cores) as workers:
        weeks = [workers.submit(live_quietly, task) for task in quiet]
        verdicts = dict(zip(tasks, workers.map(live, tasks), strict=True))
        pages = [week.result() for week in weeks]
    found: list[Figure] = []
    for name in names:
        found += figures_of(name, [verdict for (named, _, _), verdict in verdicts.items() if named == name])
    days = f"{setting.seconds(QUIET_HOURS) / 24:g} quiet days"
    note = ", ".join(key for week in pages for key in week)
    counts = [float(len(week)) for week in pages]
    return found + figure("scenarios.quiet.pages", f"{days}: pages", "", counts, note=note)


def figures_of(name: str, verdicts: Sequence[Verdict]) -> list[Figure]:
    """Return the figures of one scenario's runs; shares are 0-1, and what was never found has no minutes."""
    minutes = [verdict.minutes for verdict in verdicts if verdict.minutes is not None]
    total = len(verdicts)
    loud = [*figure(f"scenarios.{name}.loud", f"{name}: too urgent", "of 1", [sum(v.loud for v in verdicts) / total])]
    if not any(verdict.needed for verdict in verdicts):
        return loud
    limit = LONG_MINUTES.get(name, SOON_MINUTES)
    soon = sum(each <= limit for each in minutes)
    lasting = sum(verdict.lasting for verdict in verdicts)
    note = f"{soon} of {total} listed first with the right cause within {limit:g} minutes, {len(minutes)} at some time"
    return [
        *figure(f"scenarios.{name}.soon", f"{name}: first, right cause, soon", "of 1", [soon / total], note=note),
        *figure(f"scenarios.{name}.lasting", f"{name}: so at the end", "of 1", [lasting / total]),
        *loud,
        *figure(f"scenarios.{name}.minutes", f"{name}: until then", "min", minutes),
    ]
