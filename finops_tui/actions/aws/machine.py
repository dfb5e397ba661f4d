"""Single EC2 instances that somebody has tagged as ours to stop: stopped, and started again."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from finops_tui.actions.aws.faults import ABSENT, JUDGED, AwsCallError
from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.serving import endangered, usd_of
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.note import ALLOWED, ALLOWED_TAG, UNDO_TAG
from finops_tui.actions.cloud.things import About, Edit, Fields, Ref, State, line, not_there
from finops_tui.actions.effects import Effects
from finops_tui.actions.emptied import Saving
from finops_tui.actions.objectives import Danger
from finops_tui.actions.words import plain
from finops_tui.aws_codes import DENIED
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Outcome, Reverter, Risk
from finops_tui.phrases import rate

SERVICE = "ec2"
STATE = "State"
RUNNING, STOPPED = "running", "stopped"
COUNT = "machines.count"
ON_ITS_WAY: Mapping[str, str] = {"pending": RUNNING, "stopping": STOPPED}
RESOURCE = "ec2:{region}:{account}:instance/*"
GROUP, KARPENTER = "aws:autoscaling:groupName", ("karpenter.sh/nodepool", "karpenter.sh/provisioner-name")
PARTITIONS: Mapping[str, str] = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
"""Of ARNs, by how a region's name begins; `aws` for the others."""
ONE_TIME, PERSISTENT = "one-time", "persistent"
"""Spot requests: a machine of the first kind cannot be stopped."""
TAKES = timedelta(minutes=2)
"""How long a machine takes to stop, about."""
VERDICTS = DENIED | ABSENT | JUDGED | {"OperationNotPermitted", "UnsupportedOperation"}
"""Codes by which AWS says that it would not do it."""


class Machine(AwsThing):
    kind = "instance"
    order = (STATE,)
    grants = (
        Grant(
            actions=("ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeSpotInstanceRequests"),
        ),
        Grant(
            actions=("ec2:StopInstances", "ec2:StartInstances"), resource=RESOURCE, writes=True, only_allowed=True
        ),
        Grant(
            actions=("ec2:CreateTags", "ec2:DeleteTags"), resource=RESOURCE, writes=True, tags=True, only_allowed=True
        ),
    )  # fmt: skip

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        answer = await hands.read(ref.place, SERVICE, "DescribeInstances", InstanceIds=[ref.name])
        held = [(each, of) for of in answer["Reservations"] for each in of["Instances"]]
        if len(held) != 1:
            raise not_there(ref)
        ((found, reservation),) = held
        actual = str(found["State"]["Name"])
        return State(
            ref=ref,
            id=f"arn:{_partition(ref.region)}:ec2:{ref.region}:{reservation['OwnerId']}:instance/{ref.name}",
            fields={STATE: ON_ITS_WAY.get(actual, actual)},
            tags={str(tag["Key"]): str(tag["Value"]) for tag in found.get("Tags") or ()},
            raw={"instance": found, "store": await _stores(hands, ref, found), "spot": await _spot(hands, ref, found)},
        )

    def fit(self, state: State, wanted: Fields) -> None:
        shown, found = state.ref.shown, state.raw["instance"]
        if GROUP in state.tags:
            group = plain(state.tags[GROUP])
            raise ActionError(
                f"{shown} is of Auto Scaling group {group}", "it would be replaced at once", "Resize the group."
            )
        if any(key in state.tags for key in KARPENTER):
            raise ActionError(f"{shown} is a node of Karpenter's", "Karpenter would replace it", "Delete the node.")
        if state.tags.get(ALLOWED_TAG) != ALLOWED:
            raise ActionError(
                f"{shown} does not carry the tag {ALLOWED_TAG}: {ALLOWED}",
                "single machines are stopped only where their owner has said so",
                "Ask its owner to tag it.",
            )
        if found.get("RootDeviceType") == "instance-store":
            raise ActionError(f"{shown} cannot be stopped", "its root is an instance store: it can only be ended")
        if state.raw["spot"] == ONE_TIME:
            raise ActionError(f"{shown} cannot be stopped", "its spot request is not persistent")
        if str(state.fields[STATE]) not in {RUNNING, STOPPED}:
            raise ActionError(f"{shown} is {state.fields[STATE]}", "there is nothing left to stop or start")

    async def try_out(self, hands: AwsHands, state: State, wanted: Fields) -> str:
        """Ask with DryRun, which answers with an error either way: DryRunOperation says that it would be done."""
        operation = _operation(wanted)
        try:
            await hands.read(state.ref.place, SERVICE, operation, InstanceIds=[state.ref.name], DryRun=True)
        except AwsCallError as error:
            if error.code == "DryRunOperation":
                return f"accepted by {state.ref.place}"
            if error.code not in VERDICTS:
                raise
            return f"refused by {state.ref.place}: {error.title}{f' ({error.detail})' if error.detail else ''}"
        return "not told: AWS did not take it as a trial"

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """Stop or start it: doing either twice is as doing it once."""
        await hands.write(edit.ref.place, SERVICE, _operation(edit.set), InstanceIds=[edit.ref.name])
        return ""

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        tag = {"Key": UNDO_TAG, **({"Value": value} if value else {})}
        operation = "CreateTags" if value else "DeleteTags"
        await hands.write(state.ref.place, SERVICE, operation, Resources=[state.ref.name], Tags=[tag])

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return (f"ec2:{_operation(wanted)}",)

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        """Return the change of state, and of how many run: rules on sizes are about that."""
        running = {RUNNING: 1, STOPPED: 0}
        before, after = str(state.fields[STATE]), str(wanted[STATE])
        count = line(state.ref, COUNT, running.get(before, 0), running[after])
        return (*super().lines(state, wanted), *([count] if before != after else []))

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        usd, stops = usd_of(about, machines=1), wanted[STATE] == STOPPED
        machine = plain(state.raw["instance"].get("InstanceType") or "machine")
        if not stops:
            cost = "what it costs is not known" if usd is None else f"adds {rate(usd)}"
            return Effects(
                saving=Saving(None if usd is None else -usd, f"{cost}, if AWS has a {machine} for it"),
                danger=Danger(Risk.NONE, "it takes nothing from an SLO"),
                touches=f"1 {machine} starts",
                nodes=1,
            )
        address = "; its public address changes unless it is an Elastic IP" if _public(state) else ""
        return Effects(
            saving=Saving(
                usd, "once it has stopped, a minute or two from now", at=about.view.now + TAKES,
                until_then="its EBS volumes and Elastic IPs are billed on",
            ),
            danger=endangered(about),
            touches=f"1 {machine}{address}",
            nodes=1,
            loses=_loses(state),
        )  # fmt: skip

    def followed(self, state: State, edit: Edit) -> Result:
        actual = str(state.raw["instance"]["State"]["Name"])
        if actual in ON_ITS_WAY:
            return Result(outcome=Outcome.APPLIED, words=f"{state.ref.shown} is {actual}.")
        return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} is {actual}.")

    async def reverters(self, hands: AwsHands, state: State) -> tuple[Reverter, ...]:
        if state.raw["spot"] == PERSISTENT:
            words = "AWS starts a stopped machine of a persistent spot request again only when asked to"
            return (Reverter(who="spot", words=words, advice="cancel the spot request to be rid of it"),)
        return ()


def _operation(wanted: Fields) -> str:
    return "StopInstances" if wanted[STATE] == STOPPED else "StartInstances"


def _partition(region: str) -> str:
    return next((each for begin, each in PARTITIONS.items() if region.startswith(f"{begin}-")), "aws")


def _public(state: State) -> bool:
    return bool(state.raw["instance"].get("PublicIpAddress"))


def _loses(state: State) -> str:
    store = state.raw["store"]
    kept = "what is in its memory"
    if store is None:
        return f"{kept}, and its instance store where it has one: its type could not be asked about"
    return f"{kept} and on its instance store" if store else kept


async def _stores(hands: AwsHands, ref: Ref, found: Mapping[str, Any]) -> bool | None:
    """Tell whether its type has disks of its own, whose data a stop loses; None where that may not be asked."""
    try:
        answer = await hands.read(
            ref.place, SERVICE, "DescribeInstanceTypes", InstanceTypes=[str(found["InstanceType"])]
        )
    except AwsCallError as error:
        if not error.denied:
            raise
        return None
    return any(bool(each.get("InstanceStorageSupported")) for each in answer["InstanceTypes"])


async def _spot(hands: AwsHands, ref: Ref, found: Mapping[str, Any]) -> str:
    """Return `one-time` or `persistent` for a spot machine; empty for any other."""
    if found.get("InstanceLifecycle") != "spot":
        return ""
    request = str(found.get("SpotInstanceRequestId") or "")
    if not request:
        return ONE_TIME
    answer = await hands.read(
        ref.place, SERVICE, "DescribeSpotInstanceRequests", SpotInstanceRequestIds=[request]
    )  # fmt: skip
    return next((str(each.get("Type")) for each in answer["SpotInstanceRequests"]), ONE_TIME)
