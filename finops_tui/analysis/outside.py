"""What stands at a cloud and in no cluster that is watched: each thing once, with what it costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TypedDict

from msgspec.structs import replace

from finops_tui.analysis.freshness import is_overdue
from finops_tui.analysis.machine_rates import NONE_RUNS, Cost, MachineRates
from finops_tui.analysis.watched_pools import AUTOPILOT, POOLS, WatchedPools
from finops_tui.model.cloud import (
    JobQueue,
    JobQueuesSeen,
    Machine,
    MachineGroup,
    MachineGroupsSeen,
    MachinesSeen,
    TrainingJob,
    TrainingJobsSeen,
)
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.outside import OutsideKind, OutsideRow

ASG, VARIANT, ENVIRONMENT = "asg", "sagemaker-endpoint", "batch-environment"
SETS = {ASG: "aws", "mig": "gcp", "vmss": "azure"}
"""Kinds of `MachineGroup` that stand behind a pool or outside, with their cloud."""
WARM = "Available"
RUNNING = frozenset({"pending", "running"})
NO_MACHINES = Cost(missing="a queue has no machines: those of its environments are paid for")
NOT_BEGUN = Cost(missing="it has not begun to train; from then on it is billed")
BY_PODS = Cost(missing="Autopilot bills what pods ask for, or a premium on machines: which of them is not told")
IN_VCPUS = Cost(missing="AWS tells its vCPUs, not its machines; those with GPUs have rows of their own")


def outside(fleet: Fleet) -> tuple[OutsideRow, ...]:
    """Return every thing, the dearest first, then what has no price, then what has no machines."""
    rows = {row.key: row for row in sorted(_Look(fleet).rows(), key=lambda row: row.at)}  # the newest word counts
    return tuple(
        sorted(
            rows.values(),
            key=lambda row: (row.usd_per_hour is None, -(row.usd_per_hour or 0.0), not row.machines, row.key),
        )
    )


class _Said(TypedDict):
    """What all rows of one word have in common."""

    cluster: str
    account: str
    region: str
    at: datetime
    stale: bool


Seen = TrainingJobsSeen | JobQueuesSeen | MachineGroupsSeen | MachinesSeen


class _Look:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._words: list[Seen] = [word for word in fleet.cloud.values() if isinstance(word, Seen)]

    def rows(self) -> Iterator[OutsideRow]:
        for word in self._words:
            yield from _apart(self._told(word, self._said(word)))

    def _told(self, word: Seen, said: _Said) -> Iterator[OutsideRow]:
        if isinstance(word, TrainingJobsSeen):
            yield from (self._job(job, said) for job in word.jobs)
        elif isinstance(word, JobQueuesSeen):
            yield from (_queue(queue, said) for queue in word.queues)
        elif isinstance(word, MachinesSeen):
            yield from (self._machine(each, said) for each in word.machines if not self._grouped(each))
        else:
            yield from (row for group in word.groups if (row := self._group(group, said)) is not None)

    def _said(self, word: Seen) -> _Said:
        """Judge the age of a word by when its source last spoke of itself. How old its bills are is another matter."""
        health = self._fleet.health.get(word.source)
        silent = health is not None and is_overdue(health, word.at, health.at)
        stale = silent or (health is not None and health.state is HealthState.DOWN)
        place = f"aws/{word.account}/{word.region}"
        return _Said(cluster=place, account=word.account, region=word.region, at=word.at, stale=stale)

    @cached_property
    def _rates(self) -> MachineRates:
        return MachineRates(self._fleet.prices)

    @cached_property
    def _every_group(self) -> tuple[MachineGroup, ...]:
        return tuple(group for word in self._words if isinstance(word, MachineGroupsSeen) for group in word.groups)

    @cached_property
    def _groups(self) -> frozenset[tuple[str, str, str]]:
        """Account, region and name of the Auto Scaling groups that are known."""
        return frozenset((group.account, group.region, group.name) for group in self._every_group if group.kind == ASG)

    @cached_property
    def _watched(self) -> WatchedPools:
        return WatchedPools(self._fleet, self._every_group)

    @cached_property
    def _members(self) -> dict[tuple[str, str, str], list[Machine]]:
        """The machines that run, by account, region and name of their group."""
        found: defaultdict[tuple[str, str, str], list[Machine]] = defaultdict(list)
        for word in self._words:
            for each in word.machines if isinstance(word, MachinesSeen) else ():
                if each.group and each.state in RUNNING:
                    found[each.account, each.region, each.group].append(each)
        return found

    def _grouped(self, machine: Machine) -> bool:
        """Tell whether a machine counts in the row of its group."""
        return (machine.account, machine.region, machine.group) in self._groups

    def _job(self, job: TrainingJob, said: _Said) -> OutsideRow:
        warm = job.warm_pool == WARM
        cost = self._rates.of(job.machines, job.instance_types, job.region, spot=job.spot)
        return OutsideRow(
            **said,
            key=f"{said['cluster']}/{OutsideKind.TRAINING_JOB}/sagemaker/{job.name}",
            kind=OutsideKind.TRAINING_JOB,
            name=job.name,
            machines=job.machines,
            instance_types=job.instance_types,
            spot=job.spot,
            state=job.state,
            **_told(cost if job.started_at is not None or warm else NOT_BEGUN),
            since=job.started_at,
            checkpoints=job.checkpoints,
            note="it is over, and its machines are kept warm and paid for" if warm else "",
        )

    def _machine(self, machine: Machine, said: _Said) -> OutsideRow:
        running = machine.state in RUNNING
        price = self._rates.each(machine.instance_type, machine.region, zone=machine.zone, spot=machine.spot)
        notes = (
            f"called {machine.name}" if machine.name else "",
            "" if machine.allowed else "not tagged finops-tui: allowed, so it is not stopped from here",
            "" if running else "its volumes are billed on",
        )
        return OutsideRow(
            **said,
            key=f"{said['cluster']}/{OutsideKind.MACHINE}/ec2/{machine.id}",
            kind=OutsideKind.MACHINE,
            name=machine.id,
            machines=int(running),
            instance_types=(machine.instance_type,),
            spot=machine.spot,
            state=machine.state,
            **_told(self._rates.together([price]) if running else NONE_RUNS),
            since=machine.started_at,
            note="; ".join(filter(None, notes)),
        )

    def _outside(self, group: MachineGroup) -> bool:
        if group.kind in POOLS:
            return not self._watched.has(group)
        return group.kind in SETS and not self._watched.stands_behind(group)

    def _group(self, group: MachineGroup, said: _Said) -> OutsideRow | None:
        if group.kind == ENVIRONMENT:
            return _environment(group, said)
        if group.kind == VARIANT:
            kind, name = OutsideKind.ENDPOINT, f"{group.cluster}/{group.name}"
            key, note = f"{said['cluster']}/{kind}/sagemaker/{name}", ""
        elif self._outside(group):
            kind, name = OutsideKind.GROUP, group.name
            said = {**said, "cluster": _place(group), "region": group.region}
            key, note = f"{said['cluster']}/{name}", _about(group)
        else:
            return None
        return OutsideRow(
            **said,
            key=key,
            kind=kind,
            name=name,
            machines=_machines(group),
            instance_types=group.instance_types,
            spot=group.spot,
            state=group.state,
            **_told(self._cost(group)),
            since=group.since,
            note=note,
        )

    def _cost(self, group: MachineGroup) -> Cost:
        """Price each machine by itself where all of them are known, else as many of the type that the group names."""
        members = self._members.get((group.account, group.region, group.name), []) if group.kind == ASG else []
        if members and len(members) == group.running:
            rates = self._rates
            each = [rates.each(one.instance_type, one.region, zone=one.zone, spot=one.spot) for one in members]
            return rates.together(each)
        if group.kind == AUTOPILOT and _machines(group):
            return BY_PODS
        if group.accelerators and _machines(group):
            return Cost(missing=f"each machine has {group.accelerators}, priced apart from its type")
        return self._rates.of(_machines(group), group.instance_types, group.region, spot=group.spot)


class _Told(TypedDict):
    usd_per_hour: float | None
    priced_by: str
    missing: str


def _told(cost: Cost) -> _Told:
    return _Told(usd_per_hour=cost.usd_per_hour, priced_by=cost.priced_by, missing=cost.missing)


def _apart(rows: Iterable[OutsideRow]) -> Iterator[OutsideRow]:
    """Give rows of one word keys of their own: a zone or resource group may have a name that another has too."""
    taken: Counter[str] = Counter()
    for row in rows:
        taken[row.key] += 1
        yield row if taken[row.key] == 1 else replace(row, key=f"{row.key}/{taken[row.key]}")


def _place(group: MachineGroup) -> str:
    """Return what stands for a cluster; of a pool its own, which is not watched."""
    if group.kind in POOLS:
        return f"{POOLS[group.kind]}/{group.account}/{group.region}/{group.cluster}"
    return f"{SETS[group.kind]}/{group.account}/{group.region}"


def _queue(queue: JobQueue, said: _Said) -> OutsideRow:
    return OutsideRow(
        **said,
        key=f"{said['cluster']}/{OutsideKind.QUEUE}/batch/{queue.name}",
        kind=OutsideKind.QUEUE,
        name=queue.name,
        machines=None,
        state="open" if queue.open else "closed",
        **_told(NO_MACHINES),
        note=f"its jobs run in {', '.join(queue.environments)}" if queue.environments else "",
    )


def _environment(group: MachineGroup, said: _Said) -> OutsideRow:
    return OutsideRow(
        **said,
        key=f"{said['cluster']}/{OutsideKind.ENVIRONMENT}/batch/{group.name}",
        kind=OutsideKind.ENVIRONMENT,
        name=group.name,
        machines=None,
        vcpus=group.desired,
        instance_types=group.instance_types,
        spot=group.spot,
        state=group.state,
        **_told(Cost(0.0, "it has no vCPU") if group.desired == 0 else IN_VCPUS),
        since=group.since,
        note=_about(group),
    )


def _machines(group: MachineGroup) -> int | None:
    """Return how many run; as many as it is to have, where nobody tells."""
    return group.running if group.running is not None else group.desired


def _about(group: MachineGroup) -> str:
    sizes = (("min", group.minimum), ("max", group.maximum), ("desired", group.desired))
    told = [f"{word} {size}" for word, size in sizes if size is not None]
    notes = (
        ", ".join(told),
        f"suspended: {', '.join(group.suspended)}" if group.suspended else "",
        group.accelerators and f"each with {group.accelerators}",
        f"of cluster {group.cluster}, which is not watched" if group.cluster else "",
    )
    return "; ".join(filter(None, notes))
