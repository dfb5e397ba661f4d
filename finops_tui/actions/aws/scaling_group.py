"""EC2 Auto Scaling groups: their size and its bounds, set in one request."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from finops_tui.actions.aws.faults import AwsCallError
from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.machines import machines_of
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.group import Group
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.places import Place
from finops_tui.actions.cloud.shrinking import resizing
from finops_tui.actions.cloud.sizes import Sizes
from finops_tui.actions.cloud.things import About, Edit, Fields, Ref, State, not_there
from finops_tui.actions.effects import Effects
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Reverter
from finops_tui.phrases import counted, listed

SERVICE = "autoscaling"
LEAST, MOST, WANTED = "MinSize", "MaxSize", "DesiredCapacity"
RESOURCE = "autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/*"
EKS_CLUSTER, EKS_GROUP = "eks:cluster-name", "eks:nodegroup-name"
"""Tags that EKS puts on the groups that it makes: those are changed through EKS."""
CLUSTER_AUTOSCALER = "k8s.io/cluster-autoscaler/enabled"
STACK = "aws:cloudformation:stack-name"


class Scaler(NamedTuple):
    """Something of AWS's own that sets the size of groups."""

    operation: str
    items: str
    name: str
    what: str


SCALERS = (
    Scaler("DescribePolicies", "ScalingPolicies", "PolicyName", "scaling policy"),
    Scaler("DescribeScheduledActions", "ScheduledUpdateGroupActions", "ScheduledActionName", "scheduled action"),
)


BACK = "AWS starts new machines for those that ended"


class ScalingGroup(AwsThing, Group[AwsHands]):
    kind = "asg"
    order = (LEAST, MOST, WANTED)
    back = BACK
    grants = (
        Grant(
            actions=(
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribePolicies",
                "autoscaling:DescribeScheduledActions",
            )
        ),
        Grant(actions=("autoscaling:UpdateAutoScalingGroup",), resource=RESOURCE, writes=True),
        Grant(
            actions=("autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"),
            resource=RESOURCE,
            writes=True,
            tags=True,
        ),
    )

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        (found,) = await described(hands, ref.place, [ref.name]) or (None,)
        if found is None:
            raise not_there(ref)
        return state_of(ref, found)

    def fit(self, state: State, wanted: Fields) -> None:
        if state.raw.get("Status"):
            raise ActionError(f"{state.ref.shown} is going away", f"AWS says: {plain(state.raw['Status'])}")
        if counts := _counts(state.raw):
            raise ActionError(
                f"{state.ref.shown} is not sized in machines", f"its size counts {counts}", "Set its size at AWS."
            )
        self.in_bounds(state, wanted)

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """Set all three: the request is absolute, so that sending it twice is as sending it once."""
        await hands.write(
            edit.ref.place, SERVICE, "UpdateAutoScalingGroup", AutoScalingGroupName=edit.ref.name, **edit.set
        )
        return ""

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        tag = {"ResourceId": state.ref.name, "ResourceType": "auto-scaling-group", "Key": UNDO_TAG}
        if value:
            tags = [{**tag, "Value": value, "PropagateAtLaunch": False}]
            await hands.write(state.ref.place, SERVICE, "CreateOrUpdateTags", Tags=tags)
        else:
            await hands.write(state.ref.place, SERVICE, "DeleteTags", Tags=[tag])

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return ("autoscaling:UpdateAutoScalingGroup",)

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        return resizing(machines_of(state.raw), self.sizes(state.fields), self.sizes(wanted), about)

    def followed(self, state: State, edit: Edit) -> Result:
        return grown(state.ref, state.raw, self.sizes(state.fields), resized=WANTED in edit.changed)

    async def reverters(self, hands: AwsHands, state: State) -> tuple[Reverter, ...]:
        asked = [await _found(hands, state.ref, scaler) for scaler in SCALERS]
        return (*from_tags(state.tags), *(each for found in asked for each in found))


async def described(hands: AwsHands, place: Place, names: list[str]) -> list[Mapping[str, Any]]:
    """Return Auto Scaling groups by name. Raises AwsCallError."""
    answer = await hands.read(place, SERVICE, "DescribeAutoScalingGroups", AutoScalingGroupNames=names)
    return list(answer["AutoScalingGroups"])


def state_of(ref: Ref, group: Mapping[str, Any]) -> State:
    return State(
        ref=ref,
        id=str(group["AutoScalingGroupARN"]),
        fields={name: group[name] for name in ScalingGroup.order},
        tags={str(tag["Key"]): str(tag.get("Value") or "") for tag in group.get("Tags") or ()},
        raw=group,
    )


def grown(ref: Ref, group: Mapping[str, Any], sizes: Sizes, *, resized: bool) -> Result:
    """Say whether a group has as many machines as it should."""
    machines = machines_of(group)
    if not resized or machines.running == sizes.wanted:
        return Result(outcome=Outcome.DONE, words=f"{ref.shown} has {counted(machines.running, 'machine')}.")
    blocked = machines.blocked(sizes.wanted)
    waits = f"{ref.shown} has {counted(machines.running, 'machine')} of {sizes.wanted}"
    return Result(outcome=Outcome.APPLIED, words=f"Waiting: {waits}{f'; {blocked}' if blocked else ''}.")


def from_tags(tags: Mapping[str, str]) -> tuple[Reverter, ...]:
    """Return who the tags of a group say may set its size."""
    found = []
    if CLUSTER_AUTOSCALER in tags:
        found.append(
            Reverter(
                who="cluster-autoscaler",
                words="cluster-autoscaler, where it runs, sets the desired size anew as pods need, from min to max",
                advice="give `max` to keep it down, or `min` to keep it up",
            )
        )
    if STACK in tags:
        words = f"the next update of CloudFormation stack {plain(tags[STACK])} sets its sizes back"
        found.append(Reverter(who="cloudformation", words=words, advice="change the stack as well"))
    return tuple(found)


async def _found(hands: AwsHands, ref: Ref, scaler: Scaler) -> list[Reverter]:
    """Return what AWS itself scales the group by; who may not ask is told that, as it is not known."""
    try:
        answer = await hands.read(ref.place, SERVICE, scaler.operation, AutoScalingGroupName=ref.name)
    except AwsCallError as error:
        if not error.denied:
            raise
        words = f"whether a {scaler.what} sets its size: {SERVICE}:{scaler.operation} is not allowed"
        return [Reverter(who="not known", words=words)]
    names = [plain(each.get(scaler.name)) for each in answer[scaler.items] if each.get("Enabled", True)]
    if not names:
        return []
    words = f"{scaler.what} {listed(names)} may set its size"
    return [Reverter(who=scaler.what, words=words, advice="give `min` and `max`")]


def _counts(group: Mapping[str, Any]) -> str:
    """Return what the size of a group counts where that is not machines; empty where it is."""
    unit = str(group.get("DesiredCapacityType") or "units")
    if unit != "units":
        return plain(unit)
    weighted = any(str(each.get("WeightedCapacity") or "1") != "1" for each in group.get("Instances") or ())
    return "the weights of instance types" if weighted else ""
