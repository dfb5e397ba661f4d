"""What the clouds say of what runs now: groups of machines, training jobs, queues, and machines in no cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

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
from finops_tui.model.money import Price, PriceKind
from finops_tui.model.observations import CloudWord, PricesSeen
from finops_tui.simulation.bills import CONTRACTS
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.machines import Pool, moment
from finops_tui.simulation.managed import (
    BATCH_ENVIRONMENT,
    BATCH_MOST_VCPUS,
    BATCH_QUEUE,
    BOX_ACCOUNT,
    BOXES,
    CLUSTER,
    ENDPOINT,
    ENDPOINT_MACHINE,
    TRAINING,
    VARIANT,
    Managed,
)

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

KINDS = {"aws": "eks-nodegroup", "gcp": "gke-nodepool", "azure": "aks-agentpool"}
"""What a pool is to its cloud."""
_STATES = {"aws": "ACTIVE", "gcp": "RUNNING", "azure": "Succeeded"}
ENDPOINTS, ENVIRONMENTS = "sagemaker-endpoint", "batch-environment"
_REGIONS = {cluster.name: cluster.region for cluster in CLUSTERS}
_ACCOUNTS = {contract.cluster: contract.account for contract in CONTRACTS}


class _About(TypedDict):
    at: datetime
    source: str
    cluster: str
    region: str


def standing(world: World, managed: Managed, source: str) -> Iterator[CloudWord]:
    """Yield everything that the clouds say of this moment."""
    at = moment(world.now)
    yield from _pools(world, at, source)
    yield from _rented(managed, at, source)


def prices(world: World, source: str) -> PricesSeen:
    """Return list prices of SageMaker's machines: they are on no list of a cluster's."""
    at, region = moment(world.now), _REGIONS[CLUSTER]
    machines = {ENDPOINT_MACHINE, *(machine for _, machine in TRAINING)}
    found = tuple(
        Price(
            kind=PriceKind.LIST,
            usd_per_hour=machine.usd_per_hour,
            source="simulated price list",
            instance_type=machine.name,
            region=region,
            as_of=at.date(),
        )
        for machine in sorted(machines)
    )
    return PricesSeen(at=at, source=source, cluster="", prices=found)


def _pools(world: World, at: datetime, source: str) -> Iterator[MachineGroupsSeen]:
    for cluster in CLUSTERS:
        account = _ACCOUNTS[cluster.name]
        groups = tuple(_group(pool, account) for pool in world.pools.values() if pool.cluster is cluster)
        yield MachineGroupsSeen(
            at=at, source=source, cluster="", account=account, region=cluster.region, kinds=(KINDS[cluster.cloud],),
            groups=groups,
        )  # fmt: skip


def _group(pool: Pool, account: str) -> MachineGroup:
    cluster, plan = pool.cluster, pool.plan
    return MachineGroup(
        kind=KINDS[cluster.cloud],
        account=account,
        region=cluster.region,
        name=plan.name,
        cluster=cluster.name,
        instance_types=(plan.instance.name,),
        spot={0.0: False, 1.0: True}.get(plan.spot_share),
        minimum=pool.minimum,
        maximum=pool.maximum,
        desired=len(pool.staying()) + len(pool.launches),
        running=len(pool.machines),
        state=_STATES[cluster.cloud],
    )


def _rented(managed: Managed, at: datetime, source: str) -> Iterator[CloudWord]:
    now, account, region = at.timestamp(), _ACCOUNTS[CLUSTER], _REGIONS[CLUSTER]
    about = _About(at=at, source=source, cluster="", region=region)
    machines = managed.endpoint_machines(now)
    endpoint = MachineGroup(
        kind=ENDPOINTS, account=account, region=region, name=VARIANT, cluster=ENDPOINT.name,
        instance_types=(ENDPOINT_MACHINE.name,), spot=False, minimum=ENDPOINT.minimum, maximum=ENDPOINT.maximum,
        desired=machines, running=machines, state="InService",
    )  # fmt: skip
    environment = MachineGroup(
        kind=ENVIRONMENTS, account=account, region=region, name=BATCH_ENVIRONMENT, spot=True, minimum=0,
        maximum=BATCH_MOST_VCPUS, desired=managed.batch_vcpus(now), state="ENABLED VALID", unit="vCPUs",
    )  # fmt: skip
    queue = JobQueue(account=account, region=region, name=BATCH_QUEUE, open=True, environments=(BATCH_ENVIRONMENT,))
    yield MachineGroupsSeen(**about, account=account, kinds=(ENDPOINTS,), groups=(endpoint,))
    yield MachineGroupsSeen(**about, account=account, kinds=(ENVIRONMENTS,), groups=(environment,))
    yield JobQueuesSeen(**about, account=account, queues=(queue,))
    yield TrainingJobsSeen(**about, account=account, jobs=_jobs(managed, now, account, region))
    yield MachinesSeen(**about, account=BOX_ACCOUNT, machines=_boxes(now, region))


def _jobs(managed: Managed, now: float, account: str, region: str) -> tuple[TrainingJob, ...]:
    return tuple(
        TrainingJob(
            account=account,
            region=region,
            name=run.name,
            instance_types=(machine.name,),
            machines=run.workers,
            spot=False,
            state="Training" if trains else "Completed",
            warm_pool="" if trains else "Available",
            checkpoints=True,
            started_at=moment(run.start),
        )
        for run, machine, trains in managed.training(now)
    )


def _boxes(now: float, region: str) -> tuple[Machine, ...]:
    """Return those that run, and those that stand still and may be started from here."""
    return tuple(
        Machine(
            account=BOX_ACCOUNT,
            region=region,
            id=box.id,
            name=box.name,
            instance_type=box.machine.name,
            zone=f"{region}a",
            state="stopped" if since is None else "running",
            allowed=box.used,
            started_at=None if since is None else moment(since),
        )
        for box, since in ((box, box.since(now)) for box in BOXES)
        if since is not None or box.used
    )
