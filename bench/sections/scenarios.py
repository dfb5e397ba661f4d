"""Whether each built-in incident is found, named rightly and soon, and whether a quiet week wakes nobody up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from bench.report import Figure
from bench.setting import Setting, figure
from finops_tui import wiring
from finops_tui.model.finding import Finding, Severity
from finops_tui.model.snapshot import Snapshot
from finops_tui.simulation.scenarios import NAMES, scenario
from finops_tui.simulation.scenarios.base import Expected
from finops_tui.simulation.world import World

SEEDS = 12
HOURS = 3.0
LONG_HOURS = {"slow-creep": 8.0}
QUIET_HOURS = 7 * 24.0
SAMPLE = timedelta(minutes=10)
"""Findings of a quiet week are counted so often: what opens and ends in between was not worth a page."""
SPARE_CORES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one incident was judged."""

    found: bool
    """A finding was about the right thing and neither too loud nor too quiet."""
    first: bool
    """It was the first of the list at the end, and its first cause the right one."""
    minutes: float | None
    """From the beginning until the first such finding opened."""
    loud: bool = False
    """Something about it was more urgent than it may be."""


class Sightings:
    """Looks on while snapshots come by: one is kept for every `SAMPLE`."""

    def __init__(self) -> None:
        self.paged: set[tuple[str, datetime]] = set()
        """Key and onset of each finding that was ever a page."""
        self.seen: dict[tuple[str, datetime], Finding] = {}
        """Every finding that was ever listed, as it was last."""
        self._next: datetime | None = None

    def look(self, snapshot: Snapshot) -> None:
        if self._next is None or snapshot.at >= self._next:
            self._next = snapshot.at + SAMPLE
            self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        for finding in (*snapshot.findings, *snapshot.resolved):
            mark = (finding.key, finding.since)
            self.seen[mark] = finding
            if finding.severity is Severity.PAGE:
                self.paged.add(mark)


def judge(last: Snapshot, seen: Sequence[Finding], expected: Expected) -> Verdict:
    """Hold what was listed, over the run and at its end, against what should have been."""
    began_at = last.scenario.began_at if last.scenario is not None else last.at
    about = [finding for finding in seen if expected.is_about(finding) and finding.opened_at >= began_at]
    right = [finding for finding in about if expected.is_urgent_enough(finding)]
    loud = any(finding.severity.rank < expected.allowed.rank for finding in about)
    if expected.needed is None:
        return Verdict(found=not loud, first=not loud, minutes=None, loud=loud)
    listed = [finding for finding in last.findings if finding.opened_at >= began_at]
    top = listed[0] if listed else None
    first = top is not None and expected.is_about(top) and expected.is_explained(top)
    opened = min((finding.opened_at for finding in right), default=None)
    minutes = None if opened is None else (opened - began_at).total_seconds() / 60
    return Verdict(found=bool(right), first=first, minutes=minutes, loud=loud)


def answer(name: str, seed: int, seconds: float) -> Expected:
    """Return what is right about a scenario after so many seconds of the same world."""
    incident = scenario(name, seed)
    world = World(seed, int(wiring.HEADLESS_DEMO_START.timestamp()), incident)
    while world.now < world.start + seconds and incident.began_at is None:
        world.step()
    return incident.expected(world)


def live(task: tuple[str, int, float]) -> Verdict:
    """Run one incident from its beginning to its end."""
    name, seed, hours = task
    sightings = Sightings()
    last = wiring.headless_demo(seed, hours * 3600, inf, name, sightings.look)
    sightings.take(last)
    return judge(last, list(sightings.seen.values()), answer(name, seed, hours * 3600))


def live_quietly(task: tuple[int, float]) -> int:
    """Return how many pages a world without an incident brings."""
    seed, hours = task
    sightings = Sightings()
    sightings.take(wiring.headless_demo(seed, hours * 3600, inf, None, sightings.look))
    return len(sightings.paged)


def figures(setting: Setting) -> list[Figure]:
    seeds = range(1, setting.runs(SEEDS) + 1)
    tasks = [(name, seed, LONG_HOURS.get(name, HOURS)) for name in NAMES for seed in seeds]
    cores = max((os.cpu_count() or 1) - SPARE_CORES, 1)
    with ProcessPoolExecutor(cores) as workers:
        weeks = [workers.submit(live_quietly, (seed, setting.seconds(QUIET_HOURS))) for seed in seeds[:3]]
        verdicts = dict(zip(tasks, workers.map(live, tasks), strict=True))
        pages = [float(week.result()) for week in weeks]
    found: list[Figure] = []
    for name in NAMES:
        of_it = [verdict for (named, _, _), verdict in verdicts.items() if named == name]
        found += figures_of(name, of_it)
    days = f"{setting.seconds(QUIET_HOURS) / 24:g} quiet days"
    return found + figure("scenarios.quiet.pages", f"{days}: pages", "", pages)


def figures_of(name: str, verdicts: Sequence[Verdict]) -> list[Figure]:
    """Return the figures of one scenario's runs; shares are 0-1, and what was never found has no minutes."""
    minutes = [verdict.minutes for verdict in verdicts if verdict.minutes is not None]
    total = len(verdicts)
    first = sum(verdict.first for verdict in verdicts)
    note = f"{first} of {total} listed first with the right cause"
    return [
        *figure(f"scenarios.{name}.first", f"{name}: first, right cause", "of 1", [first / total], note=note),
        *figure(f"scenarios.{name}.found", f"{name}: found", "of 1", [sum(v.found for v in verdicts) / total]),
        *figure(f"scenarios.{name}.loud", f"{name}: too urgent", "of 1", [sum(v.loud for v in verdicts) / total]),
        *figure(f"scenarios.{name}.minutes", f"{name}: until it is listed", "min", minutes),
    ]
