"""Things that people and clouds do, in the words in which they are reported; and what happened before the start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.money import CapacityType
from finops_tui.model.spot import Interruption
from finops_tui.simulation.machines import Event, Machine, Pool, machine_name
from finops_tui.simulation.randomness import Noise, identity
from finops_tui.simulation.schedule import Run
from finops_tui.simulation.serving import Service
from finops_tui.simulation.spot_market import usual_spot_machines
from finops_tui.simulation.traffic import DAY, HOUR

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

PEOPLE = ("mei", "tom", "ana", "ravi", "lea", "sam", "ines", "noor")
ROLLOUT_EVERY = 2 * DAY
"""Every service gets a new version so often, at some time in working hours."""
TOLD_SECONDS = 24 * HOUR
"""How far back changes are told at the start."""
SEEN_EVERY = 900
"""Steps in which the past of the autoscalers is looked at (seconds)."""
TOLD_INTERRUPTIONS_SECONDS = 6 * DAY


class Rollouts:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._noise = Noise(seed, "rollouts")
        self._places: dict[str, int] = {}

    def at(self, service: Service, now: float) -> int:
        """Return when the service is rolled out in the two days around `now`."""
        slot = int(now // ROLLOUT_EVERY)
        place = self._places.setdefault(service.key, len(self._places))
        late = self._noise.at(slot * 1000 + place)
        day, hour = int(late * 2), (late * 2 % 1.0) * 10 + 8 - service.pool.cluster.utc_offset_hours
        return int(slot * ROLLOUT_EVERY + day * DAY + hour % 24 * HOUR)

    def change(self, service: Service, at: int, old: str) -> Change:
        """Return the rollout at a moment, of a service that ran the image `old` until then."""
        author = PEOPLE[int(identity(self._seed, service.key, at)[-4:], 16) % len(PEOPLE)]
        return rollout(service, at, old, self.image(service, at), author)

    def image(self, service: Service, now: float) -> str:
        """Return the tag of the image that runs at a moment, if nobody rolls out anything else."""
        return identity(self._seed, service.key, self.last(service, now))[:7]

    def last(self, service: Service, now: float) -> int:
        """Return when the image that runs at a moment was rolled out, if nobody rolls out anything else."""
        at = self.at(service, now)
        return at if at <= now else self.at(service, now - ROLLOUT_EVERY)


def rollout(service: Service, at: int, old: str, new: str, author: str) -> Change:
    return Change(
        id=f"{service.key}/rollout/{at}",
        kind=ChangeKind.ROLLOUT,
        who="argocd",
        subject=service.key,
        what=f"{service.name} synced {new}, by {author}",
        details=(f"image {service.name}:{old}→{service.name}:{new}",),
        gpus=0.0,
    )


def starter(run: Run) -> str:
    """Return who starts a run."""
    return "cron" if run.kind == "CronJob" else PEOPLE[int(identity(0, run.namespace)[:6], 16) % len(PEOPLE)]


def beginning_of(run: Run) -> str:
    return f"{run.name} started, {run.workers}x{run.gpus} GPUs"


def interruption(machine: Machine, uid: str) -> Interruption:
    cluster, instance = machine.pool.cluster, machine.pool.plan.instance
    return Interruption(
        id=uid,
        node=machine.name,
        pool=machine.pool.plan.name,
        reason=f"{cluster.cloud} spot interruption",
        instance_type=instance.name,
        zone=machine.zone,
        gpus=instance.gpus,
        notice_seconds=cluster.notice_seconds,
    )


def told(world: World) -> list[tuple[int, str, Event]]:
    """Return what happened before the start, oldest first: (unix seconds, cluster, what)."""
    events = [*_runs(world), *_rollouts(world), *_scaling(world), *_interruptions(world)]
    return sorted(events, key=lambda event: event[0])


def _runs(world: World) -> Iterator[tuple[int, str, Event]]:
    since = world.start - TOLD_SECONDS
    for programme in world.programmes:
        for run in programme.starting(since - 7 * DAY, world.start):
            for at, who, what, sign in (
                (run.start, starter(run), beginning_of(run), 1.0),
                (run.end, "job", f"{run.name} complete", -1.0),
            ):
                if since <= at < world.start:
                    change = Change(
                        id=f"{run.key}/{ChangeKind.WORKLOAD}/{at}", kind=ChangeKind.WORKLOAD, who=who, subject=run.key,
                        what=what, gpus=sign * run.workers * run.gpus,
                    )  # fmt: skip
                    yield at, run.cluster, change


def _rollouts(world: World) -> Iterator[tuple[int, str, Event]]:
    for service in world.services:
        for now in (world.start - ROLLOUT_EVERY, world.start):
            at = world.rollouts.at(service, now)
            if world.start - TOLD_SECONDS <= at < world.start:
                yield at, service.cluster, world.rollouts.change(service, at, world.rollouts.image(service, at - 1))


def _scaling(world: World) -> Iterator[tuple[int, str, Event]]:
    """Tell what the autoscalers did in the last hours."""
    for service in world.services:
        before: int | None = None
        late = int(identity(world.seed, service.key)[:4], 16) % SEEN_EVERY
        for at in range(world.start - int(3 * HOUR) - late, world.start + 1, SEEN_EVERY):
            wanted = service.settled_replicas(service.traffic.rate(at))
            if before is not None and wanted != before:
                change = Change(
                    id=f"{service.key}/scale/{at}", kind=ChangeKind.SCALE, who=service.scaler, subject=service.key,
                    what=f"{service.name} replicas {before}→{wanted}", gpus=float((wanted - before) * service.gpus),
                )  # fmt: skip
                yield at, service.cluster, change
            before = wanted


def _interruptions(world: World) -> Iterator[tuple[int, str, Event]]:
    for pool in world.pools.values():
        machines = usual_spot_machines(pool.plan)
        since, until = world.start - TOLD_INTERRUPTIONS_SECONDS, world.start
        for loss in world.market.losses(pool.cluster, pool.plan, machines, since, until):
            yield loss.at, pool.cluster.name, _lost(world.seed, pool, loss.at)


def _lost(seed: int, pool: Pool, at: int) -> Interruption:
    machine = Machine(
        name=machine_name(seed, pool, at // 3600 % 4096),
        uid=identity(seed, pool.key, "lost", at),
        pool=pool,
        capacity_type=CapacityType.SPOT,
        zone=pool.cluster.zones[at % len(pool.cluster.zones)],
        created_at=at,
        serial=-1,
    )
    return interruption(machine, machine.uid)
