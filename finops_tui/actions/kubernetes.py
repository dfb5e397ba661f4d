"""What every action on Kubernetes objects has in common: carrying out, verifying, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions import carry_out
from finops_tui.actions.base import Permission, Result
from finops_tui.actions.effects import View
from finops_tui.actions.grants import SURROUNDINGS, WRITE, needs
from finops_tui.actions.kinds import Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.resolve import KINDS, known_kind
from finops_tui.actions.traces import marked_by
from finops_tui.actions.undo import plan_back
from finops_tui.errors import FinopsError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot


class KubernetesAction:
    """Plans of its heirs are made of edits; whichever they are, they are carried out and taken back alike."""

    id: str
    applies_to = frozenset({TargetKind.WORKLOAD})
    reversible = True
    works_on: type[Kind] = Kind

    def __init__(self, hands: Hands, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.hands = hands
        self.kinds = kinds
        """By kind; a config may add its own."""

    async def apply(self, plan: Plan) -> Result:
        try:
            client = self._client(plan.target)
        except FinopsError as error:
            return Result(outcome=Outcome.FAILED, words=f"{error.title}: {error.detail}. Nothing was sent.")
        return await carry_out.apply(client, plan)

    async def verify(self, plan: Plan) -> Result:
        try:
            client = self._client(plan.target)
        except FinopsError as error:
            return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
        return await carry_out.verify(client, plan)

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        """Raise ActionError where it cannot be taken back: another object, or changed by somebody else since."""
        target = done.target if isinstance(done, Plan) else done
        client = self._client(target)
        marked = await marked_by(client, done, self.kinds)
        return await plan_back(client, self.hands, target, marked, View(snapshot, fleet, now), kinds=self.kinds)

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:  # noqa: ARG002 - of the contract
        kind = known_kind(target, self.kinds)
        if target.kind not in self.applies_to or not isinstance(kind, self.works_on):
            return ()
        namespace = target.key.removeprefix(f"{target.cluster}/").split("/")[1] if kind.namespaced else ""
        return needs(kind, *WRITE, namespace=namespace)

    def grants(self) -> tuple[Permission, ...]:
        kinds = [kind for kind in self.kinds.values() if isinstance(kind, self.works_on)]
        return (*(each for kind in kinds for each in needs(kind, *WRITE)), *SURROUNDINGS)

    def _client(self, target: Target) -> KubeClient:
        return self.hands.client(target.cluster)
