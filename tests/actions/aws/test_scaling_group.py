"""Auto Scaling groups over HTTP: planned, resized, seen, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.actions.aws.scaling_group import ScalingGroup, state_of
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.things import Ref
from finops_tui.engine.guard_case import sizes
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import CapacityType
from finops_tui.model.plan import Outcome, Plan, Risk
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, group_target, labelled
from tests.actions.make import fleet, node, pool_target, slo, snapshot, workload
from tests.samples import NOON

POOL = pool_target("h100")


def known(count: int = 5) -> Fleet:
    return fleet([labelled(f"n{each}", "h100") for each in range(count)])


async def planned(aws: Cloud, fleet_: Fleet | None = None, **parameters: str) -> Plan:
    of = known() if fleet_ is None else fleet_
    plan: Plan = await actions(aws.hands())["resize"].plan(POOL, parameters, snapshot(of), of, NOON)
    return plan


@pytest.fixture
def group(aws: Cloud) -> Cloud:
    """A pool of five machines."""
    aws.machines = aws.group("gpu-asg", 2, 10, 5)
    return aws


async def test_a_plan_reads_only_and_says_every_field_that_changes(group: Cloud) -> None:
    plan = await planned(group, nodes="1")
    assert [(each.object, each.path, each.before, each.after) for each in plan.changes] == [
        ("asg/gpu-asg", "MinSize", "2", "1"),
        ("asg/gpu-asg", "DesiredCapacity", "5", "1"),
    ]
    assert list(sizes(plan)) == [
        ("MinSize of asg/gpu-asg", 2.0, 1.0), ("DesiredCapacity of asg/gpu-asg", 5.0, 1.0),
    ]  # fmt: skip
    assert plan.title == "Resize gpu-asg to 1 (1–10)"
    assert all(":Describe" in each for each in group.sent)
    assert group.sizes("gpu-asg") == (2, 10, 5)
    (permission,) = plan.permissions
    assert permission.startswith(f"autoscaling:UpdateAutoScalingGroup on arn:aws:autoscaling:us-east-1:{ACCOUNT}:")
    assert plan.dry_run == ""


async def test_it_saves_the_pools_price_for_each_machine_that_ends_and_says_what_they_hold(group: Cloud) -> None:
    of = fleet(
        [labelled(f"n{each}", "h100") for each in range(5)],
        [workload("Job", "nlp", "train", ["n0", "n1", "n2"]), workload("DaemonSet", "sys", "agent", ["n3", "n4"])],
    )
    plan = await planned(group, of, nodes="1")
    assert plan.saves_usd_per_hour == 40.0
    assert (plan.nodes, plan.pods, plan.gpus) == (4, 3, 32.0)
    assert "3 pods" in plan.loses
    assert "without a drain" in plan.loses
    assert plan.slo_risk is Risk.NONE


async def test_a_price_that_is_given_counts_and_without_any_nothing_is_promised(group: Cloud) -> None:
    assert (await planned(group, nodes="4", price="55.04")).saves_usd_per_hour == 55.04
    resize = actions(group.hands())["resize"]
    bare = await resize.plan(group_target("gpu-asg"), {"nodes": "4"}, snapshot(fleet()), fleet(), NOON)
    assert bare.saves_usd_per_hour is None
    assert bare.slo_risk is Risk.UNKNOWN
    with pytest.raises(ActionError, match="is no price"):
        await planned(group, nodes="4", price="nan")


async def test_reserved_machines_save_nothing(group: Cloud) -> None:
    reserved = [node(f"n{each}", capacity=CapacityType.RESERVED) for each in range(4)]
    of = fleet([*(labelled("x", "h100"),), *reserved])
    plan = await planned(group, of, nodes="2")
    assert plan.saves_usd_per_hour == 0.0
    assert "reserved" in plan.saves_when


async def test_growing_costs(group: Cloud) -> None:
    plan = await planned(group, nodes="12")
    assert plan.saves_usd_per_hour == -70.0
    assert [each.path for each in plan.changes] == ["MaxSize", "DesiredCapacity"]
    assert plan.slo_risk is Risk.NONE


async def test_what_is_served_from_the_pool_is_at_risk(group: Cloud) -> None:
    of = known()
    low = snapshot(of, [slo("chat", "Deployment/chat", pool="h100")])
    plan = await actions(group.hands())["resize"].plan(POOL, {"nodes": "0"}, low, of, NOON)
    assert plan.slo_risk is Risk.HIGH
    assert "no machine is left to serve it" in plan.slo_words
    assert plan.slos == ("prod/chat",)
    some = await actions(group.hands())["resize"].plan(POOL, {"nodes": "4"}, low, of, NOON)
    assert some.slo_risk is Risk.UNKNOWN  # the pool's utilization is not in this snapshot


@pytest.mark.parametrize(
    ("nodes", "risk", "words"),
    [("4", Risk.LOW, "30% → 37%, burn 0.4×"), ("1", Risk.HIGH, "30% → 150%, burn 0.4× → >99×")],
)
async def test_the_share_of_the_pool_that_stays_decides_how_high_that_risk_is(
    group: Cloud, nodes: str, risk: Risk, words: str
) -> None:
    of = known()
    seen = snapshot(of, [slo("chat", "Deployment/chat", pool="h100")])
    busy = replace(seen, pools=tuple(replace(row, utilization=0.3) for row in seen.pools))
    plan = await actions(group.hands())["resize"].plan(POOL, {"nodes": nodes}, busy, of, NOON)
    assert plan.slo_risk is risk
    assert words in plan.slo_words


async def test_bounds_alone_end_no_machine_and_a_lower_one_leaves_less_to_grow_into(group: Cloud) -> None:
    of = known()
    seen = snapshot(of, [slo("chat", "Deployment/chat", pool="h100")])
    resize = actions(group.hands())["resize"]
    lower = await resize.plan(POOL, {"max": "5"}, seen, of, NOON)
    assert (lower.saves_usd_per_hour, lower.nodes, lower.slo_risk) == (0.0, 0, Risk.LOW)
    assert "more may find no node" in lower.slo_words
    higher = await resize.plan(POOL, {"max": "12"}, seen, of, NOON)
    assert (higher.saves_usd_per_hour, higher.slo_risk) == (0.0, Risk.NONE)


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"DesiredCapacityType": "vcpu"}, "vcpu"),
        ({"Instances": [{"WeightedCapacity": "8"}]}, "weights"),
        ({"Status": "Delete in progress"}, "Delete in progress"),
    ],
)
def test_a_group_that_is_not_sized_in_machines_or_goes_away_is_left_alone(more: dict[str, Any], counts: str) -> None:
    sizes_ = {"MinSize": 0, "MaxSize": 64, "DesiredCapacity": 32}
    ref = Ref(kind="asg", account=ACCOUNT, region=REGION, name="gpu")
    state = state_of(ref, {"AutoScalingGroupARN": "arn", **sizes_, **more})
    with pytest.raises(ActionError, match=counts):
        ScalingGroup().fit(state, sizes_)


async def test_applied_seen_and_taken_back_from_its_plan(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, nodes="1")
    result = await resize.apply(plan)
    assert result.outcome is Outcome.APPLIED
    assert group.sizes("gpu-asg") == (1, 10, 1)
    assert group.tags("gpu-asg")[UNDO_TAG] == plan.recipe["aws"]
    assert "was=2/10/5 set=1/10/1" in plan.recipe["aws"]
    assert (await resize.verify(plan)).outcome is Outcome.DONE
    back = await resize.undo_plan(plan, snapshot(known()), known(), NOON)
    assert back.title == "Undo resize of gpu-asg"
    assert back.reversible
    await resize.apply(back)
    assert group.sizes("gpu-asg") == (2, 10, 5)
    assert UNDO_TAG not in group.tags("gpu-asg")
    assert (await resize.verify(back)).outcome is Outcome.DONE


async def test_another_engineer_takes_it_back_from_the_tag(group: Cloud) -> None:
    resize = actions(group.hands("bea"))["resize"]
    plan = await resize.plan(POOL, {"nodes": "3", "max": "3"}, snapshot(known()), known(), NOON)
    await resize.apply(plan)
    assert group.sizes("gpu-asg") == (2, 3, 3)
    other = actions(group.hands("ana"))["resize"]
    back = await other.undo_plan(POOL, snapshot(known()), known(), NOON)
    assert "bea did it at 2026-03-10T12:00:00Z" in back.undo
    await other.apply(back)
    assert group.sizes("gpu-asg") == (2, 10, 5)
    with pytest.raises(ActionError, match="nothing to take back"):
        await other.undo_plan(POOL, snapshot(known()), known(), NOON)


async def test_what_somebody_else_set_since_is_neither_overwritten_nor_taken_back(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, nodes="3")
    group.client("autoscaling").set_desired_capacity(AutoScalingGroupName="gpu-asg", DesiredCapacity=7)
    late = await resize.apply(plan)
    assert late.outcome is Outcome.FAILED
    assert "DesiredCapacity 5 → 7" in late.words
    assert group.sizes("gpu-asg") == (2, 10, 7)
    plan = await planned(group, nodes="3")
    await resize.apply(plan)
    group.client("autoscaling").set_desired_capacity(AutoScalingGroupName="gpu-asg", DesiredCapacity=6)
    seen = await resize.verify(plan)
    assert seen.outcome is Outcome.FAILED
    assert "was set to 6 by somebody" in seen.words
    with pytest.raises(ActionError, match="changed since"):
        await resize.undo_plan(plan, snapshot(known()), known(), NOON)


async def test_what_goes_further_between_new_bounds_stays_and_what_goes_back_is_told(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, max="4")
    await resize.apply(plan)
    scaling = group.client("autoscaling")
    scaling.set_desired_capacity(AutoScalingGroupName="gpu-asg", DesiredCapacity=3)
    assert (await resize.verify(plan)).outcome is Outcome.DONE
    back = await resize.undo_plan(POOL, snapshot(known()), known(), NOON)
    assert [(each.path, each.after) for each in back.changes] == [("MaxSize", "10")]
    await resize.apply(back)
    assert group.sizes("gpu-asg") == (2, 10, 3)
    fewer = await planned(group, nodes="1")
    await resize.apply(fewer)
    scaling.set_desired_capacity(AutoScalingGroupName="gpu-asg", DesiredCapacity=7)
    assert "DesiredCapacity of asg/gpu-asg was set to 7 by somebody since" in (await resize.verify(fewer)).words


async def test_the_same_plan_twice_is_done_once(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, nodes="3")
    await resize.apply(plan)
    group.sent.clear()
    again = await resize.apply(plan)
    assert again.outcome is Outcome.APPLIED
    assert "already" in again.words
    assert group.sent == ["autoscaling:DescribeAutoScalingGroups"]


async def test_protected_machines_and_suspended_processes_are_told_and_promise_nothing(group: Cloud) -> None:
    scaling = group.client("autoscaling")
    held = group.machines[:4]
    scaling.set_instance_protection(InstanceIds=held, AutoScalingGroupName="gpu-asg", ProtectedFromScaleIn=True)
    plan = await planned(group, nodes="0")
    assert plan.saves_usd_per_hour == 10.0
    assert "4 machines protected from scale-in stay" in plan.until_then
    resize = actions(group.hands())["resize"]
    await resize.apply(plan)
    waiting = await resize.verify(plan)
    assert waiting.outcome is Outcome.APPLIED
    assert "protected" in waiting.words
    scaling.suspend_processes(AutoScalingGroupName="gpu-asg", ScalingProcesses=["Terminate"])
    with pytest.raises(ActionError, match="that size already"):
        await planned(group, nodes="0")
    stuck = await planned(group, nodes="1")
    assert stuck.saves_usd_per_hour == 0.0
    assert "Terminate is suspended" in stuck.saves_when


async def test_who_would_set_it_back_is_told(aws: Cloud) -> None:
    tags = {"k8s.io/cluster-autoscaler/enabled": "true"}
    aws.machines = aws.group("gpu-asg", 2, 10, 5, **tags)
    scaling = aws.client("autoscaling")
    scaling.put_scaling_policy(
        AutoScalingGroupName="gpu-asg", PolicyName="by-queue", PolicyType="SimpleScaling",
        AdjustmentType="ChangeInCapacity", ScalingAdjustment=1,
    )  # fmt: skip
    scaling.put_scheduled_update_group_action(
        AutoScalingGroupName="gpu-asg", ScheduledActionName="mornings", Recurrence="0 7 * * *", DesiredCapacity=9
    )
    plan = await planned(aws, nodes="3")
    assert [each.who for each in plan.reverts] == ["cluster-autoscaler", "scaling policy", "scheduled action"]
    assert "by-queue" in plan.reverts[1].words
    assert "`max`" in plan.reverts[0].advice


async def test_a_group_under_the_same_name_that_was_made_anew_is_left_alone(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, nodes="3")
    scaling = group.client("autoscaling")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="gpu-asg", ForceDelete=True)
    gone = await resize.verify(plan)
    assert "deleted since" in gone.words
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="gpu-asg", LaunchConfigurationName="gpu-asg", MinSize=2, MaxSize=10, DesiredCapacity=5,
        AvailabilityZones=["us-east-1a"],
    )  # fmt: skip
    late = await resize.apply(plan)
    assert late.outcome is Outcome.FAILED
    assert "made anew" in late.words
    assert group.sizes("gpu-asg") == (2, 10, 5)


async def test_until_is_noted_on_the_group(group: Cloud) -> None:
    plan = await planned(group, nodes="3", until="2026-03-10T14:00:00+00:00")
    assert plan.recipe["aws"].endswith("until=2026-03-10T14:00:00Z")
    with pytest.raises(ActionError, match="not in the future"):
        await planned(group, nodes="3", until="2026-03-10T11:00:00+00:00")
