"""Which jobs are due when. A pure function of seed and time, so that past, present and future agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.tenants import EXPERIMENTS, NIGHTLY, TRAINING, ExperimentPlan, NightlyPlan, TrainingPlan
from finops_tui.simulation.traffic import DAY, HOUR, week_hours, weekend_weight

FIRST_DAY = 1_767_225_600
"""2026-01-01T00:00:00Z: where runs are counted from."""
RUN_NUMBERS = 9
"""Numbers in the names of training runs start again after so many."""
FIRST_NUMBER = 2
"""So that the run of 10 March 2026, where headless demos begin, is the seventh, as the docs tell it."""
SLOTS_KNOWN = 16
"""Time is looked at from one end to the other: each programme remembers the slots around the present."""
_OFFSETS = {cluster.name: cluster.utc_offset_hours for cluster in CLUSTERS}


class Run(NamedTuple):
    """One job as it was planned: what it needs and, if nothing disturbs it, how long it takes."""

    cluster: str
    namespace: str
    name: str
    kind: str
    pool: str
    model: str
    workers: int
    gpus: int
    start: int
    seconds: int
    checkpoint_seconds: int

    @property
    def end(self) -> int:
        return self.start + self.seconds

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.kind}/{self.namespace}/{self.name}"


class Programme:
    """A sequence of slots, each with at most one run, which may reach into later slots."""

    reach = 1

    def __init__(self, slot_seconds: float, origin: float) -> None:
        self._slot_seconds = slot_seconds
        self._origin = origin
        self._known: dict[int, Run | None] = {}
        self._last: tuple[int, int, list[Run]] = (0, -1, [])
        """Slots that were looked around last, from one to another, and the runs there."""
        self._active: tuple[float, float, list[Run]] = (0.0, 0.0, [])
        """From when to when nothing begins or ends, and the runs that are under way then."""

    def plan(self, slot: int) -> Run | None:
        raise NotImplementedError

    def run(self, slot: int) -> Run | None:
        if slot not in self._known:
            if len(self._known) >= SLOTS_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[slot] = self.plan(slot)
        return self._known[slot]

    def starting(self, after: float, until: float) -> list[Run]:
        """Return the runs with `after < start <= until`."""
        around = self._around(self._slot(after), self._slot(until))
        return [run for run in around if after < run.start <= until]

    def active(self, now: float) -> list[Run]:
        """Return the runs that are under way if all goes to plan."""
        since, until, runs = self._active
        if not since <= now < until:
            slot = self._slot(now)
            around = self._around(slot, slot)
            runs = [run for run in around if run.start <= now < run.end]
            begun = self._origin + slot * self._slot_seconds
            changes = [begun, begun + self._slot_seconds]
            for run in around:
                changes += run.start, run.end
            since = max([each for each in changes if each <= now], default=now)
            until = min([each for each in changes if each > now], default=now)
            self._active = since, until, runs
        return runs

    def _around(self, first: int, last: int) -> list[Run]:
        """Return the runs that may reach into some slots: as a rule the same as just before."""
        known_first, known_last, runs = self._last
        if first != known_first or last != known_last:
            slots = range(first - self.reach, last + 2)
            runs = [run for slot in slots if (run := self.run(slot)) is not None]
            self._last = first, last, runs
        return runs

    def _slot(self, now: float) -> int:
        return int((now - self._origin) // self._slot_seconds)


class Training(Programme):
    def __init__(self, seed: int, plan: TrainingPlan) -> None:
        self._noise = Noise(seed, f"training/{plan.namespace}/{plan.name}")
        super().__init__(plan.period_hours * HOUR, FIRST_DAY + self._noise.at(0) * plan.period_hours * HOUR)
        self._plan = plan

    def plan(self, slot: int) -> Run | None:
        plan = self._plan
        pause = plan.pause_hours * HOUR * (0.6 + 0.8 * self._noise.at(slot + 1))
        name = plan.name.format(n=1 + (slot + FIRST_NUMBER) % RUN_NUMBERS)
        return Run(
            plan.cluster, plan.namespace, name, "Job", plan.pool, plan.model,
            plan.workers, plan.gpus, int(self._origin + slot * self._slot_seconds),
            int(self._slot_seconds - pause), plan.checkpoint_minutes * 60,
        )  # fmt: skip


class Nightly(Programme):
    def __init__(self, seed: int, plan: NightlyPlan) -> None:
        super().__init__(DAY, FIRST_DAY - _OFFSETS[plan.cluster] * HOUR)
        self._noise = Noise(seed, f"nightly/{plan.namespace}/{plan.name}")
        self._plan = plan

    def last(self, now: float) -> Run:
        """Return the run of the present slot."""
        return self.plan(self._slot(now))

    def plan(self, slot: int) -> Run:
        plan = self._plan
        late = 600.0 * self._noise.at(2 * slot)
        start = self._origin + slot * DAY + plan.start_hour * HOUR + late
        seconds = plan.hours * HOUR * (0.92 + 0.16 * self._noise.at(2 * slot + 1))
        return Run(
            plan.cluster, plan.namespace, plan.name, plan.kind, plan.pool, plan.model, plan.workers, plan.gpus,
            int(start), int(seconds), 900,
        )  # fmt: skip


class Experiment(Programme):
    reach = 2

    def __init__(self, seed: int, plan: ExperimentPlan) -> None:
        super().__init__(plan.slot_hours * HOUR, FIRST_DAY)
        self._noise = Noise(seed, f"experiment/{plan.namespace}/{plan.name}")
        self._plan = plan

    def plan(self, slot: int) -> Run | None:
        plan = self._plan
        begin = self._origin + slot * self._slot_seconds
        hour = week_hours(begin, _OFFSETS[plan.cluster])
        chance = plan.chance * (1.0 - 0.6 * weekend_weight(hour))
        if self._noise.at(4 * slot) >= chance:
            return None
        start = begin + 0.4 * self._slot_seconds * self._noise.at(4 * slot + 1)
        seconds = self._slot_seconds * (0.35 + 0.9 * self._noise.at(4 * slot + 2))
        tag = int(self._noise.at(4 * slot + 3) * 0x1000)
        return Run(
            plan.cluster, plan.namespace, f"{plan.name}-{tag:03x}", "Job", plan.pool, plan.model, 1, plan.gpus,
            int(start), int(seconds), 600,
        )  # fmt: skip


def under_way(programmes: Iterable[Programme], now: float) -> list[Run]:
    """Return the runs that are under way if all goes to plan, the oldest first."""
    return sorted((run for programme in programmes for run in programme.active(now)), key=lambda run: run.start)


def programmes(seed: int) -> list[Programme]:
    """Return everything that is ever due."""
    return [
        *(Training(seed, plan) for plan in TRAINING),
        *(Nightly(seed, plan) for plan in NIGHTLY),
        *(Experiment(seed, plan) for plan in EXPERIMENTS),
    ]
