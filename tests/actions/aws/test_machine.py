"""Single EC2 machines over HTTP: tried, stopped where their owner has allowed it, and started again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.engine.guard_case import sizes
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan, Risk
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow
from tests.actions.aws.cloud import ACCOUNT, IMAGE, PLACE, REGION, Cloud, actions, thing_target
from tests.actions.make import fleet, snapshot
from tests.samples import NOON
from tests.sources.aws.double import Double, Fault


def machine(aws: Cloud, tags: dict[str, str] | None = None, **more: Any) -> str:
    tags = {"finops-tui": "allowed"} if tags is None else tags
    given = {
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
    }
    made = aws.client("ec2").run_instances(
        ImageId=IMAGE, InstanceType="p4d.24xlarge", MinCount=1, MaxCount=1, **(given if tags else {}), **more
    )
    name: str = made["Instances"][0]["InstanceId"]
    return name


def now(aws: Cloud, name: str) -> tuple[str, dict[str, str]]:
    found = aws.client("ec2").describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    return found["State"]["Name"], {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}


def spending(key: str, usd: float) -> Snapshot:
    row = SpendRow(key=key, kind=ScopeKind.WORKLOAD, name="i", cluster=PLACE.cluster, owner="", usd_per_hour=usd)
    return replace(snapshot(fleet()), spend={ScopeKind.WORKLOAD: (row,)})


async def planned(aws: Cloud, name: str, action: str = "pause", usd: float = 21.96, **parameters: str) -> Plan:
    target = thing_target("Instance", "ec2", name)
    plan: Plan = await actions(aws.hands())[action].plan(target, parameters, spending(target.key, usd), fleet(), NOON)
    return plan


async def test_a_machine_is_tried_stopped_seen_and_started_again(aws: Cloud) -> None:
    name = machine(aws)
    pause = actions(aws.hands())["pause"]
    plan = await planned(aws, name)
    assert [(each.path, each.before, each.after) for each in plan.changes] == [
        ("State", "running", "stopped"), ("machines.count", "1", "0"),
    ]  # fmt: skip
    assert [(before, after) for _, before, after in sizes(plan)] == [(1.0, 0.0)]
    assert plan.dry_run == f"accepted by AWS {ACCOUNT} {REGION}"
    assert plan.permissions == (f"ec2:StopInstances on arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}",)
    assert (plan.saves_usd_per_hour, plan.saves_at) == (21.96, NOON + timedelta(minutes=2))
    assert "EBS volumes" in plan.until_then
    assert plan.loses == "what is in its memory and on its instance store"
    assert plan.slo_risk is Risk.UNKNOWN
    assert now(aws, name)[0] == "running"
    assert (await pause.apply(plan)).outcome is Outcome.APPLIED
    assert now(aws, name)[0] == "stopped"
    assert (await pause.verify(plan)).outcome is Outcome.DONE
    back = await pause.undo_plan(plan, snapshot(fleet()), fleet(), NOON)
    assert back.permissions[0].startswith("ec2:StartInstances on ")
    assert back.dry_run.startswith("accepted")
    await pause.apply(back)
    assert now(aws, name) == ("running", {"finops-tui": "allowed"})


async def test_the_tag_alone_starts_it_again(aws: Cloud) -> None:
    name = machine(aws)
    await actions(aws.hands("bea"))["pause"].apply(await planned(aws, name))
    assert "was=running set=stopped" in now(aws, name)[1][UNDO_TAG]
    pause = actions(aws.hands())["pause"]
    target = thing_target("Instance", "ec2", name)
    await pause.apply(await pause.undo_plan(target, snapshot(fleet()), fleet(), NOON))
    assert now(aws, name)[0] == "running"


async def test_resuming_starts_it_and_costs(aws: Cloud) -> None:
    name = machine(aws)
    aws.client("ec2").stop_instances(InstanceIds=[name])
    plan = await planned(aws, name, "resume", price="30")
    assert plan.saves_usd_per_hour == -30.0
    resume = actions(aws.hands())["resume"]
    await resume.apply(plan)
    assert (await resume.verify(plan)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("tags", "trouble"),
    [
        ({}, "does not carry the tag finops-tui: allowed"),
        ({"finops-tui": "allowed", "karpenter.sh/nodepool": "gpu"}, "node of Karpenter's"),
    ],
)
async def test_only_machines_whose_owner_allows_it_are_stopped(aws: Cloud, tags: dict[str, str], trouble: str) -> None:
    with pytest.raises(ActionError, match=trouble):
        await planned(aws, machine(aws, tags))


async def test_a_machine_of_a_group_would_be_replaced(aws: Cloud) -> None:
    (name, *_) = aws.group("gpu-asg", 1, 2, 1)
    with pytest.raises(ActionError, match="of Auto Scaling group gpu-asg"):
        await planned(aws, name)


async def test_a_spot_machine_can_be_stopped_only_where_its_request_lasts(aws: Cloud) -> None:
    once = machine(aws, InstanceMarketOptions={"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time"}})
    with pytest.raises(ActionError, match="not persistent"):
        await planned(aws, once)


async def test_one_of_a_persistent_spot_request_can_be_stopped(told: Double, told_cloud: Cloud) -> None:
    found = {
        "InstanceId": "i-0", "InstanceType": "p4d.24xlarge", "InstanceLifecycle": "spot",
        "SpotInstanceRequestId": "sir-1", "State": {"Code": 16, "Name": "running"},
        "Tags": [{"Key": "finops-tui", "Value": "allowed"}],
    }  # fmt: skip
    told.answers["DescribeInstances"] = {"Reservations": [{"OwnerId": ACCOUNT, "Instances": [found]}]}
    told.answers["DescribeInstanceTypes"] = {"InstanceTypes": []}
    told.answers["DescribeSpotInstanceRequests"] = {"SpotInstanceRequests": [{"Type": "persistent"}]}
    told.answers["StopInstances"] = Fault("DryRunOperation", "it would have succeeded", 412)
    plan = await planned(told_cloud, "i-0")
    assert plan.dry_run.startswith("accepted")
    assert "cancel the spot request" in plan.reverts[0].advice


async def test_a_machine_that_is_gone_or_in_another_account_is_told(aws: Cloud) -> None:
    name = machine(aws)
    with pytest.raises(ActionError, match="not there"):
        await planned(aws, "i-0123456789abcdef0")
    elsewhere = thing_target("Instance", "ec2", name, PLACE._replace(account="999999999999"))
    with pytest.raises(ActionError, match="is in account 123456789012, not in 999999999999"):
        await actions(aws.hands())["pause"].plan(elsewhere, {}, snapshot(fleet()), fleet(), NOON)
