"""AKS agent pools: their size and the bounds of the cluster autoscaler, set in one request.

Azure Resource Manager, Microsoft.ContainerService/managedClusters/agentPools: there is no PATCH, so all of a pool is
sent back with what differs, on the condition that nobody has changed it since (`If-Match`).
"""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from finops_tui.actions.azure.grants import OPERATIONS, READ, WRITE
from finops_tui.actions.azure.pools import KIND
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.faults import CloudCallError
from finops_tui.actions.cloud.group import OFF, Group
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.rest import Ask, RestHands
from finops_tui.actions.cloud.shrinking import Machines, resizing
from finops_tui.actions.cloud.sizes import Fixed, Sizes
from finops_tui.actions.cloud.things import About, Edit, Fields, Notes, Ref, State
from finops_tui.actions.effects import Effects
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Reverter
from finops_tui.phrases import counted

API_VERSION = "2025-10-01"
LEAST, MOST, WANTED = "minCount", "maxCount", "count"
TAG = "finops-tui-undo"
"""Azure takes no slash in the name of a tag."""
READ_ONLY = frozenset({"eTag", "provisioningState", "currentOrchestratorVersion", "nodeImageVersion", "status"})
"""What Azure tells of a pool and does not take back."""
READY = frozenset({"Succeeded", "Failed", "Canceled"})
GIVEN_UP = READY - {"Succeeded"}
MOST_MACHINES = 1_000
"""Azure's limit for one agent pool."""
KEPT = 100


class AgentPool(Group[RestHands]):
    kind = KIND
    order = (LEAST, MOST, WANTED)
    notes = Notes.WITHIN
    back = "Azure starts new machines for those that ended"
    smallest_most = 1

    def __init__(self) -> None:
        self._operations: dict[str, str] = {}
        """Where Azure tells of operations, by the token that began them, as far as this run has seen them."""

    async def read(self, hands: RestHands, ref: Ref) -> State:
        door = hands.door(ref)
        ask = Ask(method="GET", url=_url(door.urls["management"], ref), permission=READ)
        answer = await door.ask(ref.place, ask)
        pool = answer.body["properties"]
        scaled = bool(pool.get("enableAutoScaling"))
        tags = {str(name): str(value) for name, value in (pool.get("tags") or {}).items()}
        return State(
            ref=ref,
            id=str(answer.body["id"]),
            fields={
                LEAST: int(pool[LEAST]) if scaled else OFF,
                MOST: int(pool[MOST]) if scaled else OFF,
                WANTED: int(pool.get(WANTED) or 0),
            },
            tags={UNDO_TAG if name.lower() == TAG else name: value for name, value in tags.items()},
            raw={"pool": pool, "etag": str(pool.get("eTag") or answer.headers.get("etag") or "")},
        )

    def fit(self, state: State, wanted: Fields) -> None:
        pool, shown = state.raw["pool"], state.ref.shown
        status = str(pool.get("provisioningState"))
        if status not in READY:
            raise ActionError(f"{shown} cannot be changed now", f"it is {plain(status)}", "Try again later.")
        if (pool.get("powerState") or {}).get("code") == "Stopped":
            raise ActionError(f"{shown} is stopped", "none of its machines runs", "Start it at Azure.")
        if pool.get("virtualMachinesProfile"):
            raise ActionError(f"{shown} is not sized by one number", "it holds machines of several types", "See Azure.")
        self.in_bounds(state, wanted)
        sizes = self.sizes(wanted)
        if pool.get("mode") == "System" and not min(sizes.least, sizes.wanted):
            raise ActionError(f"{shown} cannot be empty", "it is a system pool: one machine at least stays", "Give 1.")
        if sizes.most > MOST_MACHINES:
            raise ActionError(f"{shown} cannot be {sizes}", f"Azure takes {MOST_MACHINES:,} machines at most")

    async def write(self, hands: RestHands, state: State, edit: Edit, token: str) -> str:
        """Set all of it, if it is still as it was read: a request that is sent twice is refused the second time."""
        door = hands.door(edit.ref)
        headers = {"x-ms-client-request-id": token}
        if state.raw["etag"]:
            headers["If-Match"] = state.raw["etag"]
        url = _url(door.urls["management"], edit.ref)
        ask = Ask(method="PUT", url=url, permission=WRITE, body=_body(state, edit), headers=headers)
        answer = await door.ask(edit.ref.place, ask)
        while len(self._operations) >= KEPT:
            self._operations.pop(next(iter(self._operations)))
        operation = answer.headers.get("azure-asyncoperation", "")
        if urlsplit(operation)[:2] == urlsplit(url)[:2]:  # the login is sent to nobody else
            self._operations[token] = operation
        return ""

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return (WRITE,)

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        pool = state.raw["pool"]
        kept = pool.get("scaleDownMode") == "Deallocate"
        machines = Machines(
            running=int(state.fields[WANTED]),
            reserved=bool(pool.get("capacityReservationGroupID")),
            stays="they are deallocated, not deleted: their disks stay, and cost" if kept else "",
            when="after Azure has cordoned and drained them",
            how="Azure chooses the machines, busy ones too, and drains them",
        )
        return resizing(machines, self.sizes(state.fields), self.sizes(wanted), about)

    async def under_way(self, hands: RestHands, state: State, token: str) -> Result | None:
        status = str(state.raw["pool"].get("provisioningState"))
        if status in GIVEN_UP:
            why = await self._why(hands, state.ref, token)
            words = f"Azure ended its change of {state.ref.shown} as {status}: {why or 'it says no more'}."
            return Result(outcome=Outcome.FAILED, words=words)
        if status not in READY:
            return Result(outcome=Outcome.APPLIED, words=f"Azure is changing {state.ref.shown}: {plain(status)}.")
        return None

    def followed(self, state: State, edit: Edit) -> Result:
        machines = counted(int(state.fields[WANTED]), "machine")
        return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} has {machines}.")

    async def reverters(self, hands: RestHands, state: State) -> tuple[Reverter, ...]:
        if isinstance(self.sizes(state.fields), Fixed):
            return ()
        return (
            Reverter(
                who="cluster-autoscaler",
                words="the cluster autoscaler of AKS sets the size anew as pods need, from min to max",
                advice="give `max` to keep it down, or `min` to keep it up",
            ),
        )

    def beside(self, state: State, sizes: Sizes) -> str:
        return "a system pool" if state.raw["pool"].get("mode") == "System" else ""

    async def _why(self, hands: RestHands, ref: Ref, token: str) -> str:
        """Return why an operation failed; empty where Azure does not say."""
        operation = self._operations.get(token)
        if not operation:
            return ""
        try:
            answer = await hands.door(ref).ask(ref.place, Ask(method="GET", url=operation, permission=OPERATIONS))
        except CloudCallError:
            return ""
        return plain((answer.body.get("error") or {}).get("message") or "")


def _url(management: str, ref: Ref) -> str:
    cluster, _, name = ref.name.partition("/")
    parts = (
        "subscriptions", ref.account, "resourceGroups", ref.region, "providers", "Microsoft.ContainerService",
        "managedClusters", cluster, "agentPools", name,
    )  # fmt: skip
    return f"{management}/{'/'.join(quote(part, safe='()') for part in parts)}?api-version={API_VERSION}"


def _body(state: State, edit: Edit) -> Mapping[str, Any]:
    """Return all of a pool as it is to be, the way back among its tags."""
    pool = {name: value for name, value in state.raw["pool"].items() if name not in READ_ONLY}
    tags = {name: value for name, value in (pool.pop("tags", None) or {}).items() if name.lower() != TAG}
    sizes = {name: value for name, value in edit.set.items() if value != OFF}
    noted = {**tags, **({TAG: edit.tag} if edit.tag else {})}
    return {"properties": {**pool, **sizes, "tags": noted}}
