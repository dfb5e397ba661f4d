"""Resizing the group of machines behind a pool: an EKS node group, or an Auto Scaling group of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.aws.action import AwsAction, Intent
from finops_tui.actions.aws.node_group import SMALLEST_MOST, NodeGroup
from finops_tui.actions.aws.pools import GROUP, chosen, groups_behind
from finops_tui.actions.aws.scaling_group import sizes_in
from finops_tui.actions.aws.sizes import resized
from finops_tui.actions.aws.things import Ref, look
from finops_tui.actions.effects import View
from finops_tui.actions.words import counted
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot


class Resize(AwsAction):
    id = "resize"
    key = "R"
    title = "Resize"
    about = "Gives the group of machines behind a pool another size, or other bounds."
    applies_to = frozenset({TargetKind.POOL})

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        behind = await groups_behind(self.hands, target, fleet)
        ref = chosen(behind, target, parameters.get(GROUP))
        thing = self.things[ref.kind]
        state = await look(self.hands, thing, ref)
        before = sizes_in(state.fields, thing.order)
        wanted = resized(before, parameters, SMALLEST_MOST if ref.kind == NodeGroup.kind else 0)
        alone = f"{counted(behind.alone, 'machine')} of the pool in no group" if behind.alone else ""
        intent = Intent(
            action=self.id,
            title=f"Resize {ref.name.rpartition('/')[2]} to {wanted}",
            wanted=dict(zip(thing.order, wanted, strict=True)),
            undo=f"sets it back to {before}; AWS starts new machines for those that ended",
            parameters=parameters,
            beside=alone,
        )
        return await self.made(target, state, intent, View(snapshot, fleet, now))

    async def refs(self, target: Target, fleet: Fleet) -> tuple[Ref, ...]:
        return (await groups_behind(self.hands, target, fleet)).groups
