"""What stands at a cloud and in no cluster that is watched, as rows: jobs, endpoints, queues, groups, machines."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class OutsideKind(StrEnum):
    """What a row is, in the words of keys."""

    TRAINING_JOB = "TrainingJob"
    ENDPOINT = "Endpoint"
    """One variant of it."""
    QUEUE = "JobQueue"
    ENVIRONMENT = "ComputeEnvironment"
    GROUP = "AutoScalingGroup"
    """Or Google's managed instance group, Azure's scale set, or a pool of a cluster that nobody watches."""
    MACHINE = "Instance"


class OutsideRow(Struct, frozen=True, kw_only=True, gc=False):
    key: str
    """`aws/ACCOUNT/REGION/Kind/service/name`; of a group `aws/ACCOUNT/REGION/name`, as a pool; `gcp/…`, `azure/…`.

    Of a pool whose cluster nobody watches `gcp/PROJECT/REGION/CLUSTER/POOL`.
    """
    kind: OutsideKind
    name: str
    cluster: str
    """What stands for one: `aws/ACCOUNT/REGION`; of a pool `gcp/PROJECT/REGION/CLUSTER`."""
    account: str
    region: str
    machines: int | None
    """How many run; None where that is not known, or it has none of its own."""
    vcpus: int | None = None
    """How many run of what is counted in them."""
    instance_types: tuple[str, ...] = ()
    spot: bool | None = None
    """None where some are and some are not, or it is not known."""
    state: str
    """In the cloud's words."""
    usd_per_hour: float | None
    """Price times machines, estimated; None where either is not known. No machine counts in two rows."""
    priced_by: str = ""
    missing: str = ""
    """Why there is no $/h."""
    since: datetime | None = None
    """When it was started; when it was made, of what is not started."""
    checkpoints: bool | None = None
    """Whether it saves its work; None of what is no job."""
    note: str = ""
    """What else is to be known."""
    at: datetime
    """When the cloud told of it."""
    stale: bool = False
