"""One verb for several worlds: a cluster's things are changed in it, what stands at a cloud at that cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from finops_tui.actions.base import Action, Permission, Result
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target
from finops_tui.model.snapshot import Snapshot

KUBERNETES = ""
"""The way of what is changed through the API server of its cluster."""


class Routed:
    """Actions that do the same in different worlds, as one under the id and key of the first."""

    def __init__(
        self, ways: Mapping[str, Action], way: Callable[[Target], str], missing: Callable[[Target], ActionError]
    ) -> None:
        first, *others = ways.values()
        self._ways = ways
        """By cloud, as the steps of their plans are called: `aws`, `gcp`, `azure`; and `KUBERNETES`."""
        self._way = way
        self._missing = missing
        """What is said of a target that there is no way to."""
        self.id = first.id
        self.key = first.key
        self.title = first.title
        self.about = first.about
        self.applies_to = first.applies_to.union(*(each.applies_to for each in others))
        self.reversible = any(each.reversible for each in ways.values())
        self.lasts = first.lasts

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:
        action = self._ways.get(self._way(target))
        return action.permissions(target, fleet) if action is not None else ()

    def grants(self) -> tuple[Permission, ...]:
        return tuple(grant for action in self._ways.values() for grant in action.grants())

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
        action = self._ways.get(self._way(target))
        if action is None:
            raise self._missing(target)
        return action

    def _that_made(self, plan: Plan) -> Action:
        cloud = next((name for name in self._ways if name in plan.steps), KUBERNETES)
        action = self._ways.get(cloud)
        if action is None:
            raise self._missing(plan.target)
        return action
