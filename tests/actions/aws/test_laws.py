"""What holds for every group and every size: undoing restores exactly, and a plan that is old changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.registry import aws_actions
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.sizes import Sizes, resized
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.aws.cloud import ACCOUNT, REGION, group_target
from tests.actions.cloud.test_sizes import ASKED, NOW
from tests.actions.make import fleet, snapshot
from tests.samples import NOON

TARGET = group_target("gpu")
SNAPSHOT, FLEET = snapshot(fleet()), fleet()


class OneGroup:
    """The requests of the Auto Scaling client that are sent about a group, on one that is kept here."""

    def __init__(self, sizes: Sizes, tags: Mapping[str, str]) -> None:
        self.group = {"MinSize": sizes.least, "MaxSize": sizes.most, "DesiredCapacity": sizes.wanted}
        self.tags = dict(tags)

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/gpu"
        group = {"AutoScalingGroupName": "gpu", "AutoScalingGroupARN": arn, "Instances": [], **self.group}
        return {"AutoScalingGroups": [{**group, "Tags": [{"Key": k, "Value": v} for k, v in self.tags.items()]}]}

    def update_auto_scaling_group(self, *, AutoScalingGroupName: str, **sizes: int) -> dict[str, Any]:  # noqa: N803 - AWS's own
        assert AutoScalingGroupName == "gpu"
        assert sizes["MinSize"] <= sizes["DesiredCapacity"] <= sizes["MaxSize"]
        self.group = sizes
        return {}

    def create_or_update_tags(self, *, Tags: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's own
        self.tags |= {tag["Key"]: tag["Value"] for tag in Tags}
        return {}

    def delete_tags(self, *, Tags: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's own
        for tag in Tags:
            self.tags.pop(tag["Key"], None)
        return {}

    def describe_policies(self, **_: Any) -> dict[str, Any]:
        return {"ScalingPolicies": []}

    def describe_scheduled_actions(self, **_: Any) -> dict[str, Any]:
        return {"ScheduledUpdateGroupActions": []}

    @property
    def now(self) -> tuple[dict[str, int], dict[str, str]]:
        return dict(self.group), dict(self.tags)


def hands(group: OneGroup) -> AwsHands:
    return AwsHands(clients=lambda _: lambda _: group, by="ana")


TAGS = st.dictionaries(st.sampled_from(["team", "env"]), st.text(max_size=5))


@settings(deadline=None)  # each request is a thread, which a busy machine may let wait
@given(NOW, ASKED, TAGS, st.booleans())
def test_undo_restores_a_group_exactly_from_its_plan_and_from_its_tag(
    now: Sizes, asked: dict[str, str], tags: dict[str, str], from_tag: bool
) -> None:
    async def there_and_back() -> None:
        group = OneGroup(now, tags)
        before = group.now
        *_, resize = aws_actions(hands(group))
        plan = await resize.plan(TARGET, asked, SNAPSHOT, FLEET, NOON)
        assert group.now == before
        assert (await resize.apply(plan)).outcome is Outcome.APPLIED
        assert group.now[0] == dict(zip(("MinSize", "MaxSize", "DesiredCapacity"), resized(now, asked), strict=True))
        assert UNDO_TAG in group.tags
        back = await resize.undo_plan(TARGET if from_tag else plan, SNAPSHOT, FLEET, NOON)
        assert (await resize.apply(back)).outcome is Outcome.APPLIED
        assert group.now == before

    try:
        resized(now, asked)
    except ActionError:
        assume(False)
    asyncio.run(there_and_back())


@settings(deadline=None)  # each request is a thread, which a busy machine may let wait
@given(NOW, ASKED, NOW)
def test_a_plan_from_before_somebody_elses_change_changes_nothing(
    now: Sizes, asked: dict[str, str], since: Sizes
) -> None:
    async def too_late() -> None:
        group = OneGroup(now, {})
        *_, resize = aws_actions(hands(group))
        plan = await resize.plan(TARGET, asked, SNAPSHOT, FLEET, NOON)
        group.group = OneGroup(since, {}).group
        before = group.now
        result = await resize.apply(plan)
        if result.outcome is Outcome.APPLIED:
            assert "already" in result.words
        assert group.now == before

    assume(since != now)
    try:
        resized(now, asked)
    except ActionError:
        assume(False)
    asyncio.run(too_late())
