"""One verb for two worlds: what belongs to a cluster is done there, what stands at AWS is done at AWS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.aws.action import AWS
from finops_tui.actions.aws.hands import place_named
from finops_tui.actions.base import Action, Permission, Result
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target
from finops_tui.model.snapshot import Snapshot


class Routed:
    """The action of a cluster, under its own id and key; for targets at AWS, the one that does the same there."""

    def __init__(self, clusters: Action, aws: Action) -> None:
        self._clusters = clusters
        self._aws = aws
        self.id = clusters.id
        self.key = clusters.key
        self.title = clusters.title
        self.about = clusters.about
        self.applies_to = clusters.applies_to | aws.applies_to
        self.reversible = clusters.reversible or aws.reversible
        self.lasts = clusters.lasts

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:
        return self._of(target).permissions(target, fleet)

    def grants(self) -> tuple[Permission, ...]:
        return self._clusters.grants()

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        return await self._of(target).plan(target, parameters, snapshot, fleet, now)

    async def apply(self, plan: Plan) -> Result:
        return await self._that_made(plan).apply(plan)

    async def verify(self, plan: Plan) -> Result:
        return await self._that_made(plan).verify(plan)

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        action = self._that_made(done) if isinstance(done, Plan) else self._of(done)
        return await action.undo_plan(done, snapshot, fleet, now)

    def _of(self, target: Target) -> Action:
        return self._clusters if place_named(target.cluster) is None else self._aws

    def _that_made(self, plan: Plan) -> Action:
        return self._aws if AWS in plan.steps else self._clusters
