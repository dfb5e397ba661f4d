"""Resizing the GKE node pool behind a pool."""

from __future__ import annotations

from finops_tui.actions.cloud.places import GCP
from finops_tui.actions.cloud.pools import Behind
from finops_tui.actions.cloud.resize import Resize
from finops_tui.actions.cloud.rest import RestHands
from finops_tui.actions.gcp.node_pool import NodePool
from finops_tui.actions.gcp.pools import POOLS
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target


class GcpResize(Resize[RestHands]):
    cloud = GCP

    def __init__(self, hands: RestHands) -> None:
        super().__init__(hands, {NodePool.kind: NodePool()})

    async def behind(self, target: Target, fleet: Fleet) -> Behind:
        return await POOLS.behind(self.hands, target, fleet)
