"""The least that IAM must allow: no request of a whole round is left out, and nothing is in it that none sends."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.registry import aws_actions, iam_policy
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.places import Place
from tests.actions.aws.cloud import Cloud, actions, group_target, labelled, thing_target
from tests.actions.make import fleet, pool_target, snapshot
from tests.samples import NOON

NOBODY = AwsHands(clients=lambda _: lambda _: None, by="")


def statements(**given: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads(iam_policy(aws_actions(NOBODY), **given))["Statement"]
    return found


def allowed(**given: Any) -> set[str]:
    return {action for each in statements(**given) for action in each["Action"]}


async def test_every_request_of_planning_doing_seeing_and_undoing_is_in_it(aws: Cloud) -> None:
    aws.machines = aws.group("plain", 0, 4, 2)
    machine = aws.client("ec2").run_instances(
        ImageId="ami-12c6146b", InstanceType="p4d.24xlarge", MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "finops-tui", "Value": "allowed"}]}],
    )["Instances"][0]["InstanceId"]  # fmt: skip
    of = fleet([labelled("n0", "h100")])
    asked = ((pool_target("h100"), "resize"), (group_target("plain"), "resize"))
    for target, action_id in (*asked, (thing_target("Instance", "ec2", machine), "pause")):
        action = actions(aws.hands())[action_id]
        plan = await action.plan(target, {"nodes": "1"}, snapshot(of), of, NOON)
        await action.apply(plan)
        await action.verify(plan)
        await action.apply(await action.undo_plan(plan, snapshot(of), of, NOON))
    assert {"autoscaling:UpdateAutoScalingGroup", "ec2:StopInstances"} < {*aws.sent}
    assert {*aws.sent} <= allowed()


def test_nothing_is_in_it_that_no_action_sends() -> None:
    assert allowed() == {
        "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags", "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribePolicies",
        "autoscaling:DescribeScheduledActions", "autoscaling:UpdateAutoScalingGroup", "batch:DescribeJobQueues",
        "batch:TagResource", "batch:UntagResource", "batch:UpdateJobQueue", "ce:GetAnomalies",
        "ce:ProvideAnomalyFeedback", "ec2:CreateTags", "ec2:DeleteTags",
        "ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeSpotInstanceRequests", "ec2:StartInstances",
        "ec2:StopInstances", "eks:DescribeNodegroup", "eks:DescribeUpdate", "eks:TagResource", "eks:UntagResource",
        "eks:UpdateNodegroupConfig", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob",
    }  # fmt: skip


def changes(action: str) -> bool:
    return not action.partition(":")[2].startswith(("Describe", "Get"))


def test_what_changes_something_is_never_allowed_on_everything_but_where_iam_knows_no_resource() -> None:
    for each in statements():
        changing = {*filter(changes, each["Action"])}
        assert "*" not in each["Resource"] or changing <= {"ce:ProvideAnomalyFeedback"}


def test_tags_are_this_programs_own_and_machines_are_those_that_somebody_allows() -> None:
    for each in statements():
        conditions = each.get("Condition", {})
        if any("Tag" in action for action in each["Action"]):
            assert conditions["ForAllValues:StringEquals"] == {"aws:TagKeys": [UNDO_TAG]}
        if {"ec2:StopInstances", "ec2:CreateTags"} & {*each["Action"]}:
            assert conditions["StringEquals"] == {"aws:ResourceTag/finops-tui": "allowed"}


def test_it_can_be_kept_to_places_and_to_what_somebody_allows() -> None:
    places = (Place("111111111111", "eu-west-1"), Place("222222222222", "us-east-1"))
    for each in statements(places=places, only_allowed=True):
        changing = any(map(changes, each["Action"]))
        assert (each.get("Condition", {}).get("StringEquals") is not None) is changing
        for resource in each["Resource"]:
            assert resource == "*" or ":111111111111:" in resource or ":222222222222:" in resource


def test_its_resources_fit_the_arns_that_plans_name() -> None:
    arns = {
        "autoscaling:UpdateAutoScalingGroup":
            "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:6a-1:autoScalingGroupName/gpu",
        "eks:UpdateNodegroupConfig": "arn:aws:eks:us-east-1:123456789012:nodegroup/prod/h100/6ac1",
        "batch:UpdateJobQueue": "arn:aws:batch:us-east-1:123456789012:job-queue/sweeps",
        "ec2:StopInstances": "arn:aws:ec2:us-east-1:123456789012:instance/i-0abc",
        "sagemaker:StopTrainingJob": "arn:aws:sagemaker:us-east-1:123456789012:training-job/llm-7b",
    }  # fmt: skip
    for action, arn in arns.items():
        patterns = [one for each in statements() if action in each["Action"] for one in each["Resource"]]
        assert any(fnmatchcase(arn, pattern) for pattern in patterns), action


def test_the_page_about_it_names_the_same_actions() -> None:
    page = (Path(__file__).parents[3] / "docs" / "actions-clouds.md").read_text(encoding="utf-8")
    _, _, table = page.partition("## Permissions")
    assert {*re.findall(r"`(\w+:\w+)`", table)} == allowed()


def test_it_fits_a_managed_policy() -> None:
    """IAM takes 6,144 characters without white space."""
    written = "".join(iam_policy(aws_actions(NOBODY), places=(Place("111111111111", "eu-west-1"),)).split())
    assert len(written) < 6_144
