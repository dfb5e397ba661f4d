"""What became of one spot node that was taken: when it goes, whom it hit, what that cost, what came in its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from finops_tui.analysis.allocation import units
from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.figures import total
from finops_tui.analysis.spot_tenants import Tenant
from finops_tui.analysis.spot_work import lost_work
from finops_tui.model.inventory import Node
from finops_tui.model.observations import SpotInterrupted
from finops_tui.model.snapshot import InterruptionRow

FOLLOWED_FOR = timedelta(hours=1)
"""What joins a pool later than this did not come in place of the node."""
LONGEST_NOTICE = 86_400.0


class Fate:
    """One interruption, followed until nothing more comes of it."""

    def __init__(self, key: str, event: SpotInterrupted) -> None:
        self.key = key
        self.at = event.at
        self.cluster = event.cluster
        self.told = event.interruption
        self.account: NodeAccount | None = None
        """The node's, as it last was; None when it was never seen."""
        self.here = False
        """The node is still there."""
        self.gone = False
        """It was there, and with all that ran on it is no more."""
        self.replaced = False
        self._lost: dict[str, float | None] = {}
        """Dollars of work, by the workload that it hit."""
        self._after_seconds: float | None = None
        self._by = ""
        self._surcharge: float | None = None

    @property
    def pool(self) -> str:
        return self.told.pool or (self.account.node.pool if self.account is not None else "")

    @property
    def gpu_model(self) -> str:
        return self.account.node.gpu_model if self.account is not None else ""

    def is_of(self, node: Node) -> bool:
        """Tell whether it is about this node, and not about a later one of the same name."""
        return node.created_at is None or node.created_at <= self.at

    def over(self, now: datetime) -> bool:
        """Tell whether nothing more is to come."""
        return (self.gone and self.replaced) or now - self.at > FOLLOWED_FOR

    def follow(self, account: NodeAccount | None, tenants: Mapping[str, Tenant], now: datetime, *, here: bool) -> None:
        """Take in how the node (`account` as it last was, None if never seen) and its tenants stand now."""
        self.here = here
        self.account = account or self.account
        if self.account is None:
            return
        for key, tenant in tenants.items():
            if _counts(tenant, self.account.node):
                self._lost[key] = _work_of(tenant, self.account, now)
        self.gone = not here and all(tenant.left_at is not None for tenant in tenants.values())

    def replace(self, by: NodeAccount, ready_at: datetime, price_as_spot: float | None) -> None:
        """Note what came in its place. `price_as_spot`: of that node as spot, where the taken one's is not known."""
        new, was = by.node, self.account
        self.replaced = True
        self._after_seconds = max(0.0, (ready_at - self.at).total_seconds())
        self._by = f"{new.name}{'' if new.pool == self.pool else f' of {new.pool}'}, {new.capacity_type.value}"
        if was is None or was.usd is None:
            before, scale = price_as_spot, 1.0
        else:  # a node of another size counts for as many GPUs as were taken
            before, scale = was.usd, was.node.gpus / new.gpus if was.node.gpus > 0 and new.gpus > 0 else 1.0
        self._surcharge = None if by.usd is None or before is None else by.usd * scale - before

    def row(self) -> InterruptionRow:
        told, node = self.told, self.account.node if self.account is not None else None
        notice = told.notice_seconds
        counts_down = self.here and notice is not None and 0 <= notice <= LONGEST_NOTICE
        return InterruptionRow(
            key=self.key,
            at=self.at,
            cluster=self.cluster,
            pool=self.pool,
            node=told.node,
            reason=told.reason,
            zone=told.zone or (node.zone if node is not None else ""),
            gpus=told.gpus or (node.gpus if node is not None else 0),
            leaves_at=self.at + timedelta(seconds=notice) if counts_down and notice is not None else None,
            hit=tuple(sorted(self._lost)),
            lost_work_usd=self._lost_work(),
            replaced_after_seconds=self._after_seconds,
            replaced_by=self._by,
            surcharge_usd_per_hour=self._surcharge,
        )

    def _lost_work(self) -> float | None:
        if self.account is None:
            return None
        return total(list(self._lost.values())) if self._lost else 0.0


def _counts(tenant: Tenant, node: Node) -> bool:
    """Leave out what runs on every node, and what has ended of itself."""
    if tenant.workload.kind == "DaemonSet" or tenant.workload.finished_at is not None:
        return False
    return tenant.placement.gpus > 0 or node.gpus == 0


def _work_of(tenant: Tenant, account: NodeAccount, now: datetime) -> float | None:
    part = units(tenant.placement, account.node)
    usd_per_hour = None if part is None or account.rate is None else part * account.rate
    return lost_work(tenant.workload, account.node, usd_per_hour, tenant.left_at or now)
