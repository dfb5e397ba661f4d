"""Resizing the group of machines behind a pool: an EKS node group, or an Auto Scaling group of its own."""

from __future__ import annotations

from finops_tui.actions.aws.action import AwsAction
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.pools import groups_behind
from finops_tui.actions.cloud.pools import Behind
from finops_tui.actions.cloud.resize import Resize
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target


class AwsResize(Resize[AwsHands], AwsAction):
    async def behind(self, target: Target, fleet: Fleet) -> Behind:
        return await groups_behind(self.hands, target, fleet)
