"""GKE node pools: their size for each zone, and the bounds of the cluster autoscaler.

Container API v1 (nodePools.get, setSize, setAutoscaling, operations.get). A node pool does not tell its size: the
instance groups of its zones do (Compute API v1). Neither write takes an etag. A node pool holds no note of ours:
changing its resource labels makes Google recreate its nodes.
"""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finops_tui.actions.base import Result
from finops_tui.actions.cloud.faults import CloudCallError, sentences
from finops_tui.actions.cloud.group import OFF, Group
from finops_tui.actions.cloud.rest import Ask, RestHands
from finops_tui.actions.cloud.shrinking import Machines, resizing
from finops_tui.actions.cloud.sizes import Fixed, Sizes, evened
from finops_tui.actions.cloud.things import About, Edit, Fields, Notes, Ref, State, line
from finops_tui.actions.effects import Effects
from finops_tui.actions.gcp.grants import READ_GROUPS, READ_POOLS, UPDATE
from finops_tui.actions.gcp.operations import Operations, path_of
from finops_tui.actions.gcp.pools import KIND
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Outcome, Reverter
from finops_tui.phrases import counted

LEAST, MOST, WANTED = "autoscaling.minNodeCount", "autoscaling.maxNodeCount", "nodeCount"
TOTAL = {LEAST: "autoscaling.totalMinNodeCount", MOST: "autoscaling.totalMaxNodeCount"}
"""What the bounds are called where they are meant for all zones together."""
READY = frozenset({"RUNNING", "RUNNING_WITH_ERROR", "ERROR"})
CHANGING = frozenset({"PROVISIONING", "RECONCILING"})
SPECIFIC = "SPECIFIC_RESERVATION"
COMING, GOING = ("creating", "creatingWithoutRetries", "recreating"), ("deleting", "abandoning")
"""What an instance group may be doing (Compute API, `currentActions`)."""
_GROUP = re.compile(r"/(projects/[^/]+/zones/[^/]+)/instanceGroupManagers/([a-z0-9-]+)$")


class NodePool(Group[RestHands]):
    kind = KIND
    order = (LEAST, MOST, WANTED)
    """All of them for all zones together."""
    notes = Notes.NOWHERE
    back = "Google starts new machines for those that ended; only the journal of this machine knows the way back"
    smallest_most = 1

    def __init__(self) -> None:
        self._operations = Operations()

    async def read(self, hands: RestHands, ref: Ref) -> State:
        """Read it, and the instance groups of its zones for how many machines they are to have."""
        door = hands.door(ref)
        url = f"{door.urls['container']}/v1/{path_of(ref)}"
        pool = (await door.ask(ref.place, Ask(method="GET", url=url, permission=READ_POOLS))).body
        groups = []
        for link in pool.get("instanceGroupUrls") or ():
            found = _GROUP.search(str(link))
            if found is None:
                raise ValueError(link)
            url = f"{door.urls['compute']}/compute/v1/{found[1]}/instanceGroupManagers/{found[2]}"
            groups.append((await door.ask(ref.place, Ask(method="GET", url=url, permission=READ_GROUPS))).body)
        least, most = _bounds(pool, len(groups))
        return State(
            ref=ref,
            id=str(pool["selfLink"]),
            fields={LEAST: least, MOST: most, WANTED: sum(int(group["targetSize"]) for group in groups)},
            tags={},
            raw={"pool": pool, "groups": groups},
        )

    def fit(self, state: State, wanted: Fields) -> None:
        pool, groups, zones = state.raw["pool"], state.raw["groups"], _zones(state)
        status = str(pool.get("status"))
        if status not in READY:
            raise ActionError(f"{state.ref.shown} cannot be changed now", f"it is {plain(status)}", "Try again later.")
        if not groups or len(groups) != len(pool.get("locations") or groups):
            detail = "it has other instance groups than zones, as while it is upgraded"
            raise ActionError(f"{state.ref.shown} cannot be changed now", detail, "Try again later.")
        self.in_bounds(state, wanted)
        for name in (LEAST, MOST):
            if wanted[name] != OFF and not _totals(state) and int(wanted[name]) % zones:
                detail = f"it bounds each of its {zones} zones alike"
                raise ActionError(f"{name} cannot be {wanted[name]}", detail, f"Give a multiple of {zones}.")

    def resized(self, state: State, parameters: Mapping[str, str]) -> Sizes:
        now, found = self.sizes(state.fields), super().resized(state, parameters)
        return evened(now, found, _zones(state), parameters)

    def restored(self, state: State, was: Fields) -> Fields:
        """Return what it was; where its zones were uneven, as many for each as hold no fewer machines."""
        was, zones = super().restored(state, was), _zones(state)
        nodes = int(was[WANTED])
        if nodes == state.fields[WANTED]:
            return was
        even = -(-nodes // zones) * zones
        return {**was, WANTED: even if was[MOST] == OFF or even <= int(was[MOST]) else nodes // zones * zones}

    async def write(self, hands: RestHands, state: State, edit: Edit, token: str) -> str:
        """Set the bounds, then the size: whichever differ. Both are absolute, so that twice is as once."""
        bounded, sized = bool({LEAST, MOST}.intersection(edit.changed)), WANTED in edit.changed
        begun, operation = self._operations, ""
        if bounded:
            operation = await begun.send(hands, edit.ref, "setAutoscaling", {"autoscaling": _autoscaling(state, edit)})
        if bounded and sized and (why := await begun.wait(hands, edit.ref, operation)):
            return f"Its bounds are set, its size is not: {why}"
        if sized:
            body = {"nodeCount": int(edit.set[WANTED]) // _zones(state)}
            try:
                operation = await begun.send(hands, edit.ref, "setSize", body)
            except CloudCallError as error:
                if not bounded or error.done is None:
                    raise
                return sentences("Its bounds are set, its size is not", error.title, error.detail)
        begun.keep(token, operation)
        return ""

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return (UPDATE,)

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        names = TOTAL if _totals(state) else {}
        return tuple(
            line(state.ref, names.get(name, name), state.fields[name], value)
            for name, value in wanted.items()
            if state.fields[name] != value
        )

    def beside(self, state: State, sizes: Sizes) -> str:
        zones = _zones(state)
        each = "" if sizes.wanted % zones else f", {sizes.wanted // zones} in each"
        return f"all figures are for its {zones} zones together{each}" if zones > 1 else ""

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        affinity = (state.raw["pool"].get("config") or {}).get("reservationAffinity") or {}
        machines = Machines(
            running=int(state.fields[WANTED]),
            reserved=affinity.get("consumeReservationType") == SPECIFIC,
            when="within minutes",
            how="Google chooses the machines, busy ones too; it does not promise to heed disruption budgets",
        )
        return resizing(machines, self.sizes(state.fields), self.sizes(wanted), about)

    async def under_way(self, hands: RestHands, state: State, token: str) -> Result | None:
        begun = await self._operations.of(hands, state.ref, token)
        if begun.failed:
            return Result(outcome=Outcome.FAILED, words=f"Google gave it up: {begun.failed}.")
        if not begun.ended or state.raw["pool"].get("status") in CHANGING:
            return Result(outcome=Outcome.APPLIED, words=f"Google is changing {state.ref.shown}.")
        return None

    def followed(self, state: State, edit: Edit) -> Result:
        coming, going = _moving(state, COMING), _moving(state, GOING)
        wanted = int(state.fields[WANTED])
        if coming or going:
            there = f"{state.ref.shown} is to have {counted(wanted, 'machine')}"
            moving = ", ".join(filter(None, [f"{coming} start" if coming else "", f"{going} end" if going else ""]))
            return Result(outcome=Outcome.APPLIED, words=f"Waiting: {there}; {moving}.")
        return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} has {counted(wanted, 'machine')}.")

    async def reverters(self, hands: RestHands, state: State) -> tuple[Reverter, ...]:
        scaling = state.raw["pool"].get("autoscaling") or {}
        found = []
        if not isinstance(self.sizes(state.fields), Fixed):
            found.append(
                Reverter(
                    who="cluster-autoscaler",
                    words="Google's cluster autoscaler sets the size anew as pods need, from min to max",
                    advice="give `max` to keep it down, or `min` to keep it up",
                )
            )
        if scaling.get("autoprovisioned"):
            words = "node auto-provisioning made the pool, and deletes it once it is empty"
            found.append(Reverter(who="auto-provisioning", words=words, advice="leave a machine in it"))
        return tuple(found)


def _zones(state: State) -> int:
    return max(1, len(state.raw["groups"]))


def _totals(state: State) -> bool:
    """Tell whether the bounds are meant for all zones together."""
    scaling = state.raw["pool"].get("autoscaling") or {}
    return bool(scaling.get("totalMaxNodeCount") or scaling.get("totalMinNodeCount"))


def _bounds(pool: Mapping[str, Any], zones: int) -> tuple[int | str, int | str]:
    """Return the bounds for all zones together; what Google leaves out is 0."""
    scaling = pool.get("autoscaling") or {}
    if not scaling.get("enabled"):
        return OFF, OFF
    total = int(scaling.get("totalMinNodeCount") or 0), int(scaling.get("totalMaxNodeCount") or 0)
    if any(total):
        return total
    return int(scaling.get("minNodeCount") or 0) * zones, int(scaling.get("maxNodeCount") or 0) * zones


def _autoscaling(state: State, edit: Edit) -> Mapping[str, Any]:
    """Return the whole of what Google is to know of its autoscaling: what is left out would be reset."""
    names, share = (TOTAL, 1) if _totals(state) else ({LEAST: LEAST, MOST: MOST}, _zones(state))
    bounds = {names[name].partition(".")[2]: int(edit.set[name]) // share for name in (LEAST, MOST)}
    return {**(state.raw["pool"].get("autoscaling") or {}), **bounds}


def _moving(state: State, actions: tuple[str, ...]) -> int:
    doing = [group.get("currentActions") or {} for group in state.raw["groups"]]
    return sum(int(each.get(name) or 0) for each in doing for name in actions)
