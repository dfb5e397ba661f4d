"""From a pool on the screen to the group behind it, or words that say why that cannot be told."""

from __future__ import annotations

import pytest

from finops_tui.actions.aws.pools import groups_behind
from finops_tui.actions.cloud.pools import Behind, chosen
from finops_tui.actions.cloud.things import Ref
from finops_tui.errors import ActionError
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, group_target, labelled
from tests.actions.make import fleet, node, pool_target, snapshot
from tests.samples import NOON

POOL = pool_target("h100")
OF = fleet([labelled("n0", "h100")])


async def behind(aws: Cloud) -> Behind:
    return await groups_behind(aws.hands(), POOL, OF)


def ref(kind: str, name: str) -> Ref:
    return Ref(kind=kind, account=ACCOUNT, region=REGION, name=name)


async def test_the_nodes_machines_tell_which_group_it_is_and_who_made_it(aws: Cloud) -> None:
    plain = aws.group("plain", 0, 4, 2)
    managed = aws.group("eks-1", 0, 4, 2, **{"eks:cluster-name": "prod-eks", "eks:nodegroup-name": "h100"})
    aws.machines = [*plain, *managed]
    assert await behind(aws) == Behind((ref("asg", "plain"), ref("nodegroup", "prod-eks/h100")))
    assert all(":Describe" in each for each in aws.sent)
    by_name = await groups_behind(aws.hands(), group_target("eks-1"), OF)
    assert by_name == Behind((ref("nodegroup", "prod-eks/h100"),))


async def test_more_machines_than_one_request_may_name_are_asked_about_in_turn(aws: Cloud) -> None:
    aws.machines = aws.group("large", 0, 120, 120)
    assert await behind(aws) == Behind((ref("asg", "large"),))
    assert aws.sent.count("autoscaling:DescribeAutoScalingInstances") == 3


async def test_of_several_groups_one_has_to_be_named(aws: Cloud) -> None:
    aws.machines = [*aws.group("zone-a", 0, 4, 2), *aws.group("zone-b", 0, 4, 2)]
    resize = actions(aws.hands())["resize"]
    with pytest.raises(ActionError, match="2 groups stand behind h100") as error:
        await resize.plan(POOL, {"nodes": "1"}, snapshot(OF), OF, NOON)
    assert "asg/zone-a, asg/zone-b" in str(error.value)
    plan = await resize.plan(POOL, {"nodes": "1", "group": "zone-b"}, snapshot(OF), OF, NOON)
    assert plan.changes[0].object == "asg/zone-b"
    with pytest.raises(ActionError, match="does not stand behind"):
        chosen(await behind(aws), POOL, "somebody-elses")


async def test_machines_of_the_pool_that_are_in_no_group_are_told(aws: Cloud) -> None:
    alone = aws.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]
    aws.machines = [*aws.group("plain", 0, 4, 2), alone["InstanceId"]]
    plan = await actions(aws.hands())["resize"].plan(POOL, {"nodes": "1"}, snapshot(OF), OF, NOON)
    assert plan.touches.endswith("1 machine of the pool in no group")


async def test_why_it_cannot_be_told_is_said(aws: Cloud) -> None:
    hands = aws.hands()
    aws.machines = ["i-0123456789abcdef0"]
    with pytest.raises(ActionError, match="No group stands behind"):
        await behind(aws)
    aws.machines = ["gce://project/zone/machine"]
    with pytest.raises(ActionError, match="no EC2 machines"):
        await behind(aws)
    with pytest.raises(ActionError, match="has no node now"):
        await groups_behind(hands, pool_target("empty"), OF)
    with pytest.raises(ActionError, match="pool of Karpenter's"):
        await groups_behind(hands, POOL, fleet([labelled("n0", "h100", "karpenter.sh/nodepool")]))
    with pytest.raises(ActionError, match="no label of theirs"):
        await groups_behind(hands, POOL, fleet([node("n0")]))
    with pytest.raises(ActionError, match="is not there"):
        await groups_behind(hands, group_target("nothing"), OF)


async def test_without_an_account_for_the_cluster_nobody_is_asked(aws: Cloud) -> None:
    elsewhere = POOL.__class__(kind=POOL.kind, key="lab/h100", cluster="lab", name="h100")
    with pytest.raises(ActionError, match="In which AWS account lab is"):
        await groups_behind(aws.hands(), elsewhere, OF)
    assert aws.sent == []
