"""A large batch job that everybody was told of: spend rises, and nobody is to be woken up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.model.finding import Severity
from finops_tui.simulation.machines import moment
from finops_tui.simulation.scenarios.base import Expected, Scenario, around, spare_machines, workload
from finops_tui.simulation.schedule import Run
from finops_tui.simulation.traffic import DAY, HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

PLANNED = "finops-tui/planned"
"""Annotation: why more is spent, so that nobody is woken up."""
WORKERS = (5, 8)
HOURS = (4.0, 7.0)
GPUS = 8
BATCHES = (
    ("prod-us", "search", "reindex-quarterly", "a100-batch", "embed-v3"),
    ("prod-us", "ads", "backfill-quarterly", "a100-batch", "ctr-embed"),
    ("prod-us", "vision", "relabel-archive", "a100-batch", "vit-h"),
    ("prod-us", "nlp-train", "eval-release", "h100-train", "chat-70b"),
)
"""Cluster, namespace, name, pool and model."""


class PlannedBatch(Scenario):
    name = "planned-batch"
    title = "A large batch that was announced"
    about = (
        "A CronJob that carries the annotation finops-tui/planned starts five to eight workers and runs for hours. "
        "Spend rises as it was announced to: a false alarm for whoever is woken up."
    )

    def begin(self, world: World) -> bool:
        chance = self.chance
        roomy = [batch for batch in BATCHES if spare_machines(world.pools[f"{batch[0]}/{batch[3]}"]) >= WORKERS[0]]
        if not roomy:
            return False
        cluster, namespace, name, pool, model = chance.choice(roomy)
        workers = min(chance.randint(*WORKERS), spare_machines(world.pools[f"{cluster}/{pool}"]))
        seconds = int(chance.uniform(*HOURS) * HOUR)
        run = Run(
            cluster, namespace, name, "CronJob", pool, model, workers, GPUS, world.now, seconds, 900,
        )  # fmt: skip
        self._job = world.add_job(run, int(world.now - 90 * DAY))
        until = moment(world.now + seconds + HOUR)
        self._job.notes[PLANNED] = f"{name}, {workers * GPUS} GPUs until {until:%H:%M}Z, announced in #ml-capacity"
        world.begin_run(self._job, run)
        return True

    def expected(self, world: World) -> Expected:
        del world
        return Expected(
            scope=workload(self._job), also=around(self._job), cause=("started",),
            allowed=Severity.INFO, needed=None,
        )  # fmt: skip


SCENARIO = PlannedBatch
