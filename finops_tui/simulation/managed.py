"""What the company rents at AWS without a cluster: SageMaker training and an endpoint, batch jobs, single machines.

Pure functions of seed and time, as the schedule is: what the account says of it now and what it is charged for a day
are the same story. No inventory of a cluster tells of any of it.
"""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.queueing import replicas_wanted
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.schedule import FIRST_DAY, Nightly, Run, Training
from finops_tui.simulation.tenants import NAMESPACES, NightlyPlan, ServicePlan, TrainingPlan
from finops_tui.simulation.traffic import HOUR, Traffic, week_hours

CLUSTER = "prod-us"
"""In whose account and region it is."""
_UTC_OFFSET_HOURS = next(plan.utc_offset_hours for plan in CLUSTERS if plan.name == CLUSTER)
SAGEMAKER = "Amazon SageMaker"
BATCH = "Amazon Elastic Container Service"
_TEAMS = {plan.name: plan.team for plan in NAMESPACES}
WARM_SECONDS = 1_800
"""So long the machines of a run that is over are kept, and paid for."""


class Machine(NamedTuple):
    name: str
    usd_per_hour: float


G5 = Machine("ml.g5.xlarge", 1.408)
G5_4 = Machine("ml.g5.12xlarge", 7.09)
VCPU = Machine("FARGATE_SPOT", 0.0122)

ENDPOINT = ServicePlan(
    CLUSTER, "search", "query-intent", "", "intent-small", "SageMaker", 1, 40.0, 16.0, 1, 4, 0.05, night=0.3
)  # fmt: skip
VARIANT = "AllTraffic"
ENDPOINT_MACHINE = G5
TRAINING = (
    (TrainingPlan(CLUSTER, "search", "query-intent-{n}", "", "intent-small", 1, 1, 70, pause_hours=3.0), G5),
    (TrainingPlan(CLUSTER, "fraud", "graph-embed-{n}", "", "gnn-embed", 1, 4, 52, pause_hours=46.0), G5_4),
)
BATCH_PLAN = NightlyPlan(CLUSTER, "robotics", "replay-logs", "", "", 12, 64, 1.0, 5.0)
"""Workers of 64 vCPUs each; it has no GPUs."""
BATCH_QUEUE, BATCH_ENVIRONMENT = "robotics-replay", "fargate-spot"
BATCH_MOST_VCPUS = 1_024


class Box(NamedTuple):
    """A machine with a GPU that somebody started by hand, in an account of its own."""

    name: str
    team: str
    machine: Machine
    hours: tuple[int, int]
    """Local hours of working days in which it runs; all of them, and it runs at night too."""
    used: bool

    @property
    def id(self) -> str:
        return f"i-{identity(0, self.name).replace('-', '')[:17]}"

    def running(self, now: float) -> bool:
        return self.since(now) is not None

    def since(self, now: float) -> float | None:
        """Return when it was started (unix seconds); None while it is stopped."""
        if self.hours == ALWAYS:
            return FIRST_DAY
        begin, end = self.hours
        hour = week_hours(now, _UTC_OFFSET_HOURS)
        working = hour // 24 < WORKING_DAYS and begin <= hour % 24 < end
        return now - (hour % 24 - begin) * HOUR if working else None


ALWAYS = (0, 24)
WORKING_DAYS = 5
BOX_ACCOUNT, BOX_ACCOUNT_NAME, BOX_SERVICE = "333333333333", "ml-dev", "Amazon Elastic Compute Cloud"
BOXES = (
    Box("nlp-debug", "nlp", Machine("g6e.2xlarge", 2.24208), (9, 18), used=True),
    Box("vision-label", "vision", Machine("g6e.xlarge", 1.861), (8, 19), used=True),
    Box("summit-demo", "media", Machine("g5.12xlarge", 5.672), ALWAYS, used=False),
)


class Rented(NamedTuple):
    """What costs now."""

    service: str
    name: str
    team: str
    machine: Machine
    machines: int
    own_account: bool = False
    """Whether it is on the bill of `BOX_ACCOUNT`."""

    @property
    def usd_per_hour(self) -> float:
        return self.machine.usd_per_hour * self.machines


class Managed:
    """The same for a seed."""

    def __init__(self, seed: int) -> None:
        self._traffic = Traffic(seed, ENDPOINT, _UTC_OFFSET_HOURS)
        self._training = [(Training(seed, plan), machine) for plan, machine in TRAINING]
        self._batch = Nightly(seed, BATCH_PLAN)
        self._boxes = [(box, Rented(BOX_SERVICE, box.id, box.team, box.machine, 1, own_account=True)) for box in BOXES]

    def endpoint_machines(self, now: float) -> int:
        return replicas_wanted(self._traffic.rate(now), ENDPOINT.capacity, ENDPOINT.minimum, ENDPOINT.maximum)

    def training(self, now: float) -> list[tuple[Run, Machine, bool]]:
        """Return the runs that cost now, and whether each still trains: if not, its machines are kept warm."""
        found = []
        for programme, machine in self._training:
            for moment in (now, now - WARM_SECONDS):
                if runs := programme.active(moment):
                    found.append((runs[0], machine, moment == now))
                    break
        return found

    def batch_vcpus(self, now: float) -> int:
        return sum(run.workers * run.gpus for run in self._batch.active(now))

    def rented(self, now: float) -> list[Rented]:
        """Return everything that costs at a moment (unix seconds)."""
        return [
            Rented(SAGEMAKER, ENDPOINT.name, _TEAMS[ENDPOINT.namespace], ENDPOINT_MACHINE, self.endpoint_machines(now)),
            *(
                Rented(SAGEMAKER, run.name, _TEAMS[run.namespace], machine, run.workers)
                for run, machine, _ in self.training(now)
            ),
            Rented(BATCH, BATCH_QUEUE, _TEAMS[BATCH_PLAN.namespace], VCPU, self.batch_vcpus(now)),
            *(rented for box, rented in self._boxes if box.running(now)),
        ]

    def charged(self, midnight: float, hours: int) -> dict[Rented, float]:
        """Return US dollars for the first `hours` of a day that begins then, by what is rented, each counted once."""
        charged: dict[Rented, float] = {}
        for hour in range(hours):
            for each in self.rented(midnight + (hour + 0.5) * HOUR):
                key = each._replace(machines=1)
                charged[key] = charged.get(key, 0.0) + each.usd_per_hour
        return {each: usd for each, usd in charged.items() if usd}
