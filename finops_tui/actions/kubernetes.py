"""What every action on Kubernetes objects has in common: carrying out, verifying, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions import stages
from finops_tui.actions.base import Permission, Result
from finops_tui.actions.effects import View
from finops_tui.actions.events import EVENTS
from finops_tui.actions.grants import SURROUNDINGS, WRITE, needs
from finops_tui.actions.kinds import Kind, Pausable, Scalable
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.resolve import KINDS, known_kind, namespace_of
from finops_tui.actions.ways_back import way_back
from finops_tui.errors import FinopsError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot


class KubernetesAction:
    """Whichever of its heirs made a plan, all of them carry it out, verify it and take it back alike."""

    id: str
    applies_to = frozenset({TargetKind.WORKLOAD})
    reversible = True
    lasts = True

    def __init__(self, hands: Hands, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.hands = hands
        self.kinds = kinds
        """By kind; a config may add its own."""

    async def apply(self, plan: Plan) -> Result:
        try:
            client = self._client(plan.target)
        except FinopsError as error:
            return Result(outcome=Outcome.FAILED, words=f"{error.title}: {error.detail}. Nothing was sent.")
        return await stages.apply(client, plan, self.hands)

    async def verify(self, plan: Plan) -> Result:
        try:
            client = self._client(plan.target)
        except FinopsError as error:
            return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
        return await stages.verify(client, plan, self.hands)

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        """Raise ActionError where it cannot be taken back: another object, or changed by somebody else since."""
        target = done.target if isinstance(done, Plan) else done
        return await way_back(self._client(target), self.hands, done, View(snapshot, fleet, now), self.kinds)

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:  # noqa: ARG002 - of the contract
        kind = known_kind(target, self.kinds)
        if target.kind not in self.applies_to or kind is None or not self.works_on(kind):
            return ()
        return self.writes(kind, namespace_of(target))

    def grants(self) -> tuple[Permission, ...]:
        kinds = [kind for kind in self.kinds.values() if self.works_on(kind)]
        return (*(each for kind in kinds for each in self.writes(kind)), *SURROUNDINGS, *EVENTS)

    def works_on(self, kind: Kind) -> bool:
        """Tell whether objects of a kind can be changed so."""
        return isinstance(kind, Pausable | Scalable)

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:
        """Return what it takes for objects of a kind, the write first."""
        return needs(kind, *WRITE, namespace=namespace)

    def _client(self, target: Target) -> KubeClient:
        return self.hands.client(target.cluster)
