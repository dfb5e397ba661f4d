"""Resizing the AKS agent pool behind a pool."""

from __future__ import annotations

from finops_tui.actions.azure.agent_pool import AgentPool
from finops_tui.actions.azure.pools import POOLS
from finops_tui.actions.cloud.places import AZURE
from finops_tui.actions.cloud.pools import Behind
from finops_tui.actions.cloud.resize import Resize
from finops_tui.actions.cloud.rest import RestHands
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target


class AzureResize(Resize[RestHands]):
    cloud = AZURE

    def __init__(self, hands: RestHands) -> None:
        super().__init__(hands, {AgentPool.kind: AgentPool()})

    async def behind(self, target: Target, fleet: Fleet) -> Behind:
        return await POOLS.behind(self.hands, target, fleet)
