"""EKS managed node groups: through EKS, with a token, and seen as its update goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.engine.guard_case import sizes
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, labelled
from tests.actions.make import fleet, pool_target, snapshot
from tests.samples import NOON
from tests.sources.aws.double import Double, Fault

POOL = pool_target("h100")
OF = fleet([labelled(f"n{each}", "h100") for each in range(3)])
EKS_TAGS = {"eks:cluster-name": "prod-eks", "eks:nodegroup-name": "h100"}
ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:nodegroup/prod-eks/h100/6ac1"
BEHIND = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/eks-h100-6ac1"


@pytest.fixture
def group(aws: Cloud) -> Cloud:
    """A pool of three machines in a node group. The group that moto's EKS makes is not to be seen, so one is made."""
    aws.machines = aws.group("eks-h100-6ac1", 1, 4, 3, **EKS_TAGS)
    eks = aws.client("eks")
    eks.create_cluster(name="prod-eks", roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks", resourcesVpcConfig={})
    eks.create_nodegroup(
        clusterName="prod-eks", nodegroupName="h100", subnets=["subnet-1"],
        nodeRole=f"arn:aws:iam::{ACCOUNT}:role/node",
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 3},
    )  # fmt: skip
    return aws


def now(aws: Cloud) -> tuple[dict[str, int], dict[str, str]]:
    found = aws.client("eks").describe_nodegroup(clusterName="prod-eks", nodegroupName="h100")["nodegroup"]
    return found["scalingConfig"], found.get("tags") or {}


async def planned(aws: Cloud, **parameters: str) -> Plan:
    plan: Plan = await actions(aws.hands())["resize"].plan(POOL, parameters, snapshot(OF), OF, NOON)
    return plan


async def test_a_group_that_eks_made_is_changed_through_eks(group: Cloud) -> None:
    resize = actions(group.hands())["resize"]
    plan = await planned(group, nodes="0")
    assert [(each.object, each.path, each.before, each.after) for each in plan.changes] == [
        ("nodegroup/prod-eks/h100", "scalingConfig.minSize", "1", "0"),
        ("nodegroup/prod-eks/h100", "scalingConfig.desiredSize", "3", "0"),
    ]
    assert [(before, after) for _, before, after in sizes(plan)] == [(1.0, 0.0), (3.0, 0.0)]
    assert plan.saves_usd_per_hour == 30.0
    assert "15 minutes" in plan.saves_when
    assert plan.permissions[0].startswith(f"eks:UpdateNodegroupConfig on arn:aws:eks:{REGION}:{ACCOUNT}:nodegroup/")
    assert (await resize.apply(plan)).outcome is Outcome.APPLIED
    assert now(group)[0] == {"minSize": 0, "maxSize": 4, "desiredSize": 0}
    assert "was=1/4/3 set=0/4/0" in now(group)[1][UNDO_TAG]
    assert group.sizes("eks-h100-6ac1") == (1, 4, 3)  # nobody has touched that directly
    assert (await resize.verify(plan)).outcome is Outcome.DONE
    back = await resize.undo_plan(plan, snapshot(OF), OF, NOON)
    await resize.apply(back)
    assert now(group) == ({"minSize": 1, "maxSize": 4, "desiredSize": 3}, {})


async def test_the_tag_alone_takes_it_back(group: Cloud) -> None:
    await actions(group.hands("bea"))["resize"].apply(await planned(group, max="2"))
    assert now(group)[0] == {"minSize": 1, "maxSize": 2, "desiredSize": 2}
    other = actions(group.hands())["resize"]
    await other.apply(await other.undo_plan(POOL, snapshot(OF), OF, NOON))
    assert now(group)[0] == {"minSize": 1, "maxSize": 4, "desiredSize": 3}


async def test_eks_takes_no_upper_bound_of_0(group: Cloud) -> None:
    with pytest.raises(ActionError, match="too small"):
        await planned(group, max="0")


def told_group(told: Double, status: str = "ACTIVE", desired: int = 3, running: int = 3) -> None:
    """Let the double answer as AWS would about one node group and the group behind it."""
    sizes_ = {"minSize": 1, "maxSize": 4, "desiredSize": desired}
    told.answers["DescribeNodegroup"] = {
        "nodegroup": {
            "nodegroupName": "h100", "nodegroupArn": ARN, "clusterName": "prod-eks", "status": status,
            "scalingConfig": sizes_, "resources": {"autoScalingGroups": [{"name": "eks-h100-6ac1"}]},
        }
    }  # fmt: skip
    machine = {
        "AvailabilityZone": "a", "LifecycleState": "InService", "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
    }  # fmt: skip
    told.answers["DescribeAutoScalingGroups"] = {
        "AutoScalingGroups": [
            {
                "AutoScalingGroupName": "eks-h100-6ac1", "AutoScalingGroupARN": BEHIND, "MinSize": 1, "MaxSize": 4,
                "DesiredCapacity": desired, "DefaultCooldown": 300, "AvailabilityZones": ["a"],
                "HealthCheckType": "EC2", "CreatedTime": datetime(2026, 3, 1, tzinfo=UTC),
                "Instances": [{"InstanceId": f"i-{each}", **machine} for each in range(running)],
                "Tags": [
                    {"Key": key, "Value": value, "ResourceId": "g", "ResourceType": "auto-scaling-group"}
                    for key, value in {**EKS_TAGS, "k8s.io/cluster-autoscaler/enabled": "true"}.items()
                ],
            }
        ]
    }  # fmt: skip
    told.answers["DescribeAutoScalingInstances"] = {
        "AutoScalingInstances": [
            {
                "InstanceId": "i-0", "AutoScalingGroupName": "eks-h100-6ac1", "AvailabilityZone": "a",
                "LifecycleState": "InService", "HealthStatus": "HEALTHY", "ProtectedFromScaleIn": False,
            }
        ]
    }  # fmt: skip
    told.answers["TagResource"] = {}


async def test_its_update_is_followed_by_its_id_until_its_machines_are_gone(told: Double, told_cloud: Cloud) -> None:
    told_group(told)
    told_cloud.machines = ["i-0"]
    resize = actions(told_cloud.hands())["resize"]
    plan = await planned(told_cloud, nodes="1")
    assert [each.who for each in plan.reverts] == ["cluster-autoscaler"]
    told.answers["UpdateNodegroupConfig"] = {"update": {"id": "u-1", "status": "InProgress"}}
    await resize.apply(plan)
    (sent,) = told.of("UpdateNodegroupConfig")
    assert sent.params["clientRequestToken"] == plan.id
    assert sent.params["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 1}
    states: dict[str, Any] = {"update": {"id": "u-1", "status": "InProgress"}}
    told.answers["DescribeUpdate"] = lambda _: states
    assert (await resize.verify(plan)).words == "EKS is updating nodegroup/prod-eks/h100."
    (asked,) = told.of("DescribeUpdate")
    assert asked.params == {"name": "prod-eks", "updateId": "u-1", "nodegroupName": "h100"}
    states["update"]["status"] = "Successful"
    told_group(told, desired=1, running=2)
    waiting = await resize.verify(plan)
    assert (waiting.outcome, waiting.words) == (
        Outcome.APPLIED, "Waiting: nodegroup/prod-eks/h100 has 2 machines of 1.",
    )  # fmt: skip
    told_group(told, desired=1, running=1)
    assert (await resize.verify(plan)).outcome is Outcome.DONE


async def test_an_update_that_eks_gives_up_has_failed_with_its_reason(told: Double, told_cloud: Cloud) -> None:
    told_group(told)
    told_cloud.machines = ["i-0"]
    resize = actions(told_cloud.hands())["resize"]
    plan = await planned(told_cloud, nodes="4")
    told.answers["UpdateNodegroupConfig"] = {"update": {"id": "u-1", "status": "InProgress"}}
    await resize.apply(plan)
    told.answers["DescribeUpdate"] = {
        "update": {"id": "u-1", "status": "Failed", "errors": [{"errorMessage": "no\x1b[31m capacity"}]}
    }
    seen = await resize.verify(plan)
    assert seen.outcome is Outcome.FAILED
    assert "Failed: no[31m capacity" in seen.words


async def test_while_another_update_runs_nothing_is_sent_or_it_is_refused(told: Double, told_cloud: Cloud) -> None:
    told_group(told, status="UPDATING")
    told_cloud.machines = ["i-0"]
    with pytest.raises(ActionError, match="cannot be changed now"):
        await planned(told_cloud, nodes="1")
    told_group(told)
    plan = await planned(told_cloud, nodes="1")
    told.answers["UpdateNodegroupConfig"] = Fault("ResourceInUseException", "an update is in progress", 409)
    result = await actions(told_cloud.hands())["resize"].apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "Another change of it is under way" in result.words
    assert "Nothing is different" in result.words
    assert told_cloud.sent[-1] == "eks:UntagResource"  # the way back is taken off again


async def test_an_answer_that_makes_no_sense_is_told_and_never_raised_by_apply(told: Double, told_cloud: Cloud) -> None:
    told_group(told)
    told_cloud.machines = ["i-0"]
    plan = await planned(told_cloud, nodes="1")
    told.answers["DescribeNodegroup"] = {"nodegroup": {"nodegroupArn": ARN}}
    resize = actions(told_cloud.hands())["resize"]
    result = await resize.apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "makes no sense" in result.words
    assert told.counts["UpdateNodegroupConfig"] == 0
    assert (await resize.verify(plan)).outcome is Outcome.UNKNOWN
