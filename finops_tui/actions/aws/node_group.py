"""EKS managed node groups: the Auto Scaling group behind one is EKS's, so its sizes are set through EKS."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops_tui.actions.aws.faults import AwsCallError
from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.machines import EVICTED, machines_of
from finops_tui.actions.aws.scaling_group import BACK, described, from_tags, grown
from finops_tui.actions.aws.thing import AwsThing, tag_by_arn
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.group import Group
from finops_tui.actions.cloud.shrinking import Machines, resizing
from finops_tui.actions.cloud.things import About, Edit, Fields, Ref, State
from finops_tui.actions.effects import Effects
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Reverter

SERVICE = "eks"
SCALING = "scalingConfig"
LEAST, MOST, WANTED = (f"{SCALING}.{name}" for name in ("minSize", "maxSize", "desiredSize"))
RESOURCE = "eks:{region}:{account}:nodegroup/*/*/*"
READY = frozenset({"ACTIVE", "DEGRADED"})
UPDATES_KEPT = 100


class NodeGroup(AwsThing, Group[AwsHands]):
    kind = "nodegroup"
    order = (LEAST, MOST, WANTED)
    back = BACK
    smallest_most = 1
    """EKS takes no upper bound below it."""
    grants = (
        Grant(actions=("eks:DescribeNodegroup",), resource=RESOURCE),
        Grant(actions=("eks:DescribeUpdate",), resource=RESOURCE),
        Grant(actions=("eks:DescribeUpdate",), resource="eks:{region}:{account}:cluster/*"),
        Grant(actions=("eks:UpdateNodegroupConfig",), resource=RESOURCE, writes=True),
        Grant(actions=("eks:TagResource", "eks:UntagResource"), resource=RESOURCE, writes=True, tags=True),
    )

    def __init__(self) -> None:
        self._updates: dict[str, str] = {}
        """Ids of updates by the token that began them, as far as this run has seen them."""

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        """Read it, and the Auto Scaling group behind it for what it holds."""
        group = (await hands.read(ref.place, SERVICE, "DescribeNodegroup", **_named(ref)))["nodegroup"]
        sizes = group.get(SCALING) or {}
        behind = [str(each["name"]) for each in (group.get("resources") or {}).get("autoScalingGroups") or ()]
        return State(
            ref=ref,
            id=str(group["nodegroupArn"]),
            fields={name: int(sizes[name.partition(".")[2]]) for name in self.order},
            tags=group.get("tags") or {},
            raw={"nodegroup": group, "asg": await _asg(hands, ref, behind)},
        )

    def fit(self, state: State, wanted: Fields) -> None:
        status = str(state.raw["nodegroup"].get("status"))
        if status not in READY:
            raise ActionError(f"{state.ref.shown} cannot be changed now", f"it is {status}", "Try again later.")
        self.in_bounds(state, wanted)

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """EKS takes a token once: whatever is sent with it again is the same update."""
        config = {name.partition(".")[2]: value for name, value in edit.set.items()}
        answer = await hands.write(
            edit.ref.place, SERVICE, "UpdateNodegroupConfig",
            **_named(edit.ref), scalingConfig=config, clientRequestToken=token,
        )  # fmt: skip
        while len(self._updates) >= UPDATES_KEPT:
            self._updates.pop(next(iter(self._updates)))
        self._updates[token] = str((answer.get("update") or {}).get("id") or "")
        return ""

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        await tag_by_arn(hands, SERVICE, state, value)

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return ("eks:UpdateNodegroupConfig",)

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        return resizing(_machines(state), self.sizes(state.fields), self.sizes(wanted), about)

    async def under_way(self, hands: AwsHands, state: State, token: str) -> Result | None:
        update = self._updates.get(token)
        told = await self._update(hands, state.ref, update) if update else None
        if told is not None:
            return told
        if state.raw["nodegroup"].get("status") == "UPDATING":
            return Result(outcome=Outcome.APPLIED, words=f"{state.ref.shown} is being updated.")
        return None

    def followed(self, state: State, edit: Edit) -> Result:
        if not state.raw["asg"]:
            return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} has these sizes; its machines are not told.")
        return grown(state.ref, state.raw["asg"], self.sizes(state.fields), resized=WANTED in edit.changed)

    async def reverters(self, hands: AwsHands, state: State) -> tuple[Reverter, ...]:
        tags = {str(each["Key"]): str(each.get("Value") or "") for each in state.raw["asg"].get("Tags") or ()}
        return from_tags({**tags, **state.tags})

    async def _update(self, hands: AwsHands, ref: Ref, update: str) -> Result | None:
        cluster, _, name = ref.name.partition("/")
        asked = {"name": cluster, "nodegroupName": name, "updateId": update}
        try:
            told = (await hands.read(ref.place, SERVICE, "DescribeUpdate", **asked))["update"]
        except AwsCallError as error:
            if error.absent or error.denied:
                return None  # its state and its sizes tell, too
            raise
        status = str(told.get("status"))
        if status in {"Failed", "Cancelled"}:
            why = " ".join(plain(each.get("errorMessage") or "") for each in told.get("errors") or ())
            return Result(
                outcome=Outcome.FAILED, words=f"EKS ended its update as {status}: {why or 'it says no more'}."
            )
        if status == "InProgress":
            return Result(outcome=Outcome.APPLIED, words=f"EKS is updating {ref.shown}.")
        return None


def _named(ref: Ref) -> dict[str, str]:
    cluster, _, name = ref.name.partition("/")
    return {"clusterName": cluster, "nodegroupName": name}


async def _asg(hands: AwsHands, ref: Ref, names: list[str]) -> Mapping[str, Any]:
    """Return the Auto Scaling group behind it; nothing where there is none to be seen."""
    if not names:
        return {}
    try:
        found = await described(hands, ref.place, names)
    except AwsCallError as error:
        if not error.denied:
            raise
        return {}
    return found[0] if len(found) == 1 else {}


def _machines(state: State) -> Machines:
    reserved = state.raw["nodegroup"].get("capacityType") == "CAPACITY_BLOCK"
    if state.raw["asg"]:
        return machines_of(state.raw["asg"], reserved=reserved, evicts=True)
    when, how = EVICTED
    return Machines(running=int(state.fields[WANTED]), reserved=reserved, when=when, how=how)
