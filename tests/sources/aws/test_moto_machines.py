"""Machines, and what they cost, as a real moto server answers.

At moto no SageMaker job ever runs, and none keeps machines warm: those that do are in test_machines.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from finops_tui.model.cloud import (
    JobQueue,
    JobQueuesSeen,
    Machine,
    MachineGroup,
    MachineGroupsSeen,
    MachinesSeen,
    TrainingJobsSeen,
)
from finops_tui.model.health import HealthState
from finops_tui.model.money import PriceKind
from finops_tui.model.observations import Observation, PricesSeen
from finops_tui.sources.aws.calls import ENDPOINT, ENDPOINT_CONFIG, NODE_GROUP, TRAINING_JOB, Call
from finops_tui.sources.aws.desk import Question
from tests.servers.moto_server import Moto, moto_fixture  # noqa: F401 - a fixture: pytest finds it here
from tests.sources.aws.moto_machines import (
    GPU,
    batch_queue,
    endpoint,
    instances,
    machine,
    node_group,
    scaling_group,
    template,
    training_job,
)
from tests.sources.aws.world import ACCOUNT, desk, health, of, one_round, source


def groups(seen: list[Observation], kind: str, region: str = "us-east-1") -> tuple[MachineGroup, ...]:
    (told,) = [told for told in of(seen, MachineGroupsSeen) if told.kinds == (kind,) and told.region == region]
    return told.groups


async def test_scaling_groups_have_sizes_and_what_holds_them(moto: Moto, tmp_path: Path) -> None:
    tag = {"Key": "eks:cluster-name", "Value": "prod", "PropagateAtLaunch": True}
    scaling_group(moto, "train", NewInstancesProtectedFromScaleIn=True, Tags=[tag])
    moto.client("autoscaling").suspend_processes(AutoScalingGroupName="train", ScalingProcesses=["Launch"])
    mixed = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": template(moto),
            "Overrides": [{"InstanceType": "g6e.xlarge"}, {"InstanceType": "g5.xlarge"}],
        },
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
    }
    scaling_group(moto, "serve", MixedInstancesPolicy=mixed, DesiredCapacity=0)
    seen = await one_round(source(tmp_path, groups=True))
    found = groups(seen, "asg")
    assert all(group.since is not None for group in found)
    assert tuple(replace(group, since=None) for group in found) == (
        MachineGroup(
            kind="asg", account=ACCOUNT, region="us-east-1", name="train", cluster="prod", instance_types=(GPU,),
            minimum=0, maximum=8, desired=2, running=2, protected=2, suspended=("Launch",),
        ),
        MachineGroup(
            kind="asg", account=ACCOUNT, region="us-east-1", name="serve", instance_types=("g5.xlarge", "g6e.xlarge"),
            spot=True, minimum=0, maximum=8, desired=0, running=0,
        ),
    )  # fmt: skip
    assert (health(seen).state, health(seen).missing) == (HealthState.POLLED, ())


async def test_more_scaling_groups_than_a_page_holds_are_all_there(moto: Moto, tmp_path: Path) -> None:
    started = template(moto)
    client = moto.client("autoscaling")
    names = [f"group-{number:03}" for number in range(101)]
    for name in names:
        client.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, LaunchTemplate=started, AvailabilityZones=["us-east-1a"]
        )
    found = groups(await one_round(source(tmp_path, groups=True)), "asg")
    assert sorted(group.name for group in found) == names


async def test_each_region_tells_of_its_own_groups(moto: Moto, tmp_path: Path) -> None:
    scaling_group(moto, "east")
    scaling_group(moto, "west", region="us-west-2")
    seen = await one_round(source(tmp_path, groups=True, regions=["us-east-1", "us-west-2"]))
    assert [group.name for group in groups(seen, "asg")] == ["east"]
    assert [group.name for group in groups(seen, "asg", "us-west-2")] == ["west"]


async def test_node_groups_of_every_cluster(moto: Moto, tmp_path: Path) -> None:
    node_group(moto, "prod", "gpu")
    node_group(moto, "dev", "small")
    found = groups(await one_round(source(tmp_path, groups=True)), "eks-nodegroup")
    assert {(group.cluster, group.name) for group in found} == {("prod", "gpu"), ("dev", "small")}
    (gpu,) = (group for group in found if group.name == "gpu")
    assert gpu == MachineGroup(
        kind="eks-nodegroup", account=ACCOUNT, region="us-east-1", name="gpu", cluster="prod", instance_types=(GPU,),
        spot=True, minimum=0, maximum=4, desired=3, state="ACTIVE",
    )  # fmt: skip


def machines(seen: list[Observation], region: str = "us-east-1") -> tuple[Machine, ...]:
    (told,) = [told for told in of(seen, MachinesSeen) if told.region == region]
    return told.machines


async def test_machines_with_gpus_in_no_cluster_are_told(moto: Moto, tmp_path: Path) -> None:
    running = machine(moto, Name="dev-box", team="research")
    for tags in (
        {"kubernetes.io/cluster/prod": "owned"},
        {"eks:cluster-name": "prod"},
        {"aws:eks:cluster-name": "prod"},
    ):
        machine(moto, **tags)
    machine(moto, kind="m5.large", Name="web")
    (found,) = machines(await one_round(source(tmp_path, groups=True)))
    assert found.started_at is not None
    assert replace(found, started_at=None) == Machine(
        account=ACCOUNT, region="us-east-1", id=running, name="dev-box", instance_type=GPU, zone="us-east-1a",
        state="running",
    )  # fmt: skip


async def test_of_stopped_machines_those_are_told_whose_owner_lets_them_be_started(moto: Moto, tmp_path: Path) -> None:
    ours, _, ended = machine(moto, **{"finops-tui": "allowed"}), machine(moto), machine(moto, Name="gone")
    stopped = [each["InstanceId"] for each in instances(moto) if each["InstanceId"] != ended]
    moto.client("ec2").stop_instances(InstanceIds=stopped)
    moto.client("ec2").terminate_instances(InstanceIds=[ended])
    (found,) = machines(await one_round(source(tmp_path, groups=True)))
    assert (found.id, found.state, found.allowed) == (ours, "stopped", True)


async def test_a_machine_names_its_group_and_each_region_its_own(moto: Moto, tmp_path: Path) -> None:
    scaling_group(moto, "train", DesiredCapacity=1)
    west = machine(moto, region="us-west-2")
    seen = await one_round(source(tmp_path, groups=True, regions=["us-east-1", "us-west-2"]))
    assert [each.group for each in machines(seen)] == ["train"]
    assert [(each.id, each.group, each.region) for each in machines(seen, "us-west-2")] == [(west, "", "us-west-2")]


async def test_endpoints_by_variant_and_batch_by_environment(moto: Moto, tmp_path: Path) -> None:
    endpoint(moto, "chat", machines=2)
    batch_queue(moto, "train", environment="gpu", state="DISABLED")
    seen = await one_round(source(tmp_path, machine_learning=True))
    (variant,) = groups(seen, "sagemaker-endpoint")
    assert variant.since is not None
    assert (replace(variant, since=None),) == (
        MachineGroup(
            kind="sagemaker-endpoint", account=ACCOUNT, region="us-east-1", name="blue", cluster="chat",
            instance_types=("ml.g4dn.xlarge",), spot=False, desired=2, running=2, state="InService",
        ),
    )  # fmt: skip
    assert groups(seen, "batch-environment") == (
        MachineGroup(
            kind="batch-environment", account=ACCOUNT, region="us-east-1", name="gpu", instance_types=(GPU,), spot=True,
            minimum=0, maximum=256, desired=96, state="ENABLED VALID", unit="vCPUs",
        ),
    )  # fmt: skip
    (told,) = of(seen, JobQueuesSeen)
    assert told.queues == (
        JobQueue(account=ACCOUNT, region="us-east-1", name="train", open=False, environments=("gpu",)),
    )
    assert health(seen).missing == ()


async def test_a_training_job_that_has_ended_costs_nothing_more(moto: Moto, tmp_path: Path) -> None:
    """moto lists a job that is done among those with a warm pool, as AWS may between a list and a second look."""
    training_job(moto, "llm")
    seen = await one_round(source(tmp_path, machine_learning=True))
    (told,) = of(seen, TrainingJobsSeen)
    assert told.jobs == ()
    assert health(seen).missing == ()


@pytest.mark.parametrize(
    ("call", "params"),
    [
        (NODE_GROUP, {"clusterName": "prod", "nodegroupName": "gpu"}),
        (TRAINING_JOB, {"TrainingJobName": "llm"}),
        (ENDPOINT, {"EndpointName": "chat"}),
        (ENDPOINT_CONFIG, {"EndpointConfigName": "chat"}),
    ],
    ids=lambda each: each.operation if isinstance(each, Call) else "",
)
@pytest.mark.usefixtures("moto")
async def test_what_is_gone_is_nothing_and_no_fault(tmp_path: Path, call: Call, params: Mapping[str, str]) -> None:
    asked = desk(tmp_path)
    try:
        assert await asked.page(Question(id="x", call=call, params=params, region="us-east-1")) is None
    finally:
        asked.close()


async def test_spot_prices_of_all_zones_and_types_with_gpus(moto: Moto, tmp_path: Path) -> None:
    """moto knows real instance types; its market has one price, and its price list is not there."""
    zones = moto.client("ec2").describe_availability_zones()["AvailabilityZones"]
    seen = await one_round(source(tmp_path, prices=True))
    (told,) = of(seen, PricesSeen)
    assert {price.kind for price in told.prices} == {PriceKind.SPOT_MARKET}
    p5 = [price for price in told.prices if price.instance_type == GPU]
    in_zones = {zone for price in p5 for zone in price.labels.values()}
    assert len(in_zones) >= 3
    assert in_zones <= {zone["ZoneName"] for zone in zones}
    assert {price.usd_per_hour for price in p5} == {0.00001}
    types = {price.instance_type for price in told.prices}
    assert {"p4d.24xlarge", "p5.48xlarge", "g6e.xlarge"} <= types
    assert not any(name.startswith(("m5.", "c5.")) for name in types)
    assert health(seen).missing == ("on-demand prices in us-east-1: HTTP 500, not in the words of AWS",)
