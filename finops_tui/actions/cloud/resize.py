"""Resizing the group of machines behind a pool, whichever cloud it is at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.cloud.action import CloudAction, Intent
from finops_tui.actions.cloud.group import Group
from finops_tui.actions.cloud.places import HandsT
from finops_tui.actions.cloud.pools import GROUP, Behind, chosen
from finops_tui.actions.cloud.things import Ref, look
from finops_tui.actions.effects import View
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted


class Resize(CloudAction[HandsT]):
    id = "resize"
    key = "R"
    title = "Resize"
    about = "Gives the group of machines behind a pool another size, or other bounds."
    applies_to = frozenset({TargetKind.POOL})
    things: Mapping[str, Group[HandsT]]

    async def behind(self, target: Target, fleet: Fleet) -> Behind:
        """Find the groups of a pool. Raises ActionError where that cannot be told, and says why."""
        raise NotImplementedError

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        behind = await self.behind(target, fleet)
        ref = chosen(behind, target, parameters.get(GROUP))
        thing = self.things[ref.kind]
        state = await look(self.hands, thing, ref)
        before, wanted = thing.sizes(state.fields), thing.resized(state, parameters)
        alone = f"{counted(behind.alone, 'machine')} of the pool in no group" if behind.alone else ""
        intent = Intent(
            action=self.id,
            title=f"Resize {ref.name.rpartition('/')[2]} to {wanted}",
            wanted=thing.with_sizes(wanted),
            undo=f"sets it back to {before}; {thing.back}",
            parameters=parameters,
            beside="; ".join(filter(None, (thing.beside(state, wanted), alone))),
        )
        return await self.made(target, state, intent, View(snapshot, fleet, now))

    async def refs(self, target: Target, fleet: Fleet) -> tuple[Ref, ...]:
        return (await self.behind(target, fleet)).groups
