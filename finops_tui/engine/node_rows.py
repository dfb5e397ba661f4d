"""The nodes of the one pool that somebody looks into, as rows. Pure."""

from __future__ import annotations

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.pools import Pool
from finops_tui.engine.spend_rows import Age
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import NodesWanted
from finops_tui.model.snapshot import NodeRow, PoolNodes

MOST = 200
"""Rows at once: who looks for one of more names it."""
READY, NOT_READY = "ready", "not ready"
UNTOLD = "What is requested of it is not known: nobody tells of pods."


def nodes_of(pool: Pool, wanted: NodesWanted, age: Age) -> PoolNodes:
    """Return the nodes that fit: first those that are not as they should be, then those that cost most for nothing."""
    letters = wanted.named.casefold()
    fitting = [account for account in pool.accounts if not letters or letters in _words(account).casefold()]
    fitting.sort(key=_order)
    rows = tuple(_row(account, age) for account in fitting[:MOST])
    return PoolNodes(pool=pool.key, rows=rows, more=len(fitting) - len(rows), of=len(pool.accounts))


def _words(account: NodeAccount) -> str:
    """Return what a filter without a field looks at."""
    node = account.node
    cordoned = "" if node.schedulable else "cordoned"
    return f"{node.name} {_state(account)} {cordoned} {node.instance_type} {node.zone} {_capacity(account)}"


def _order(account: NodeAccount) -> tuple[bool, bool, float, str]:
    fine = _state(account) == READY
    return fine, account.node.schedulable, -(account.unallocated_usd or 0.0), account.node.name


def _state(account: NodeAccount) -> str:
    return account.node.leaving or (READY if account.node.ready else NOT_READY)


def _capacity(account: NodeAccount) -> str:
    kind = account.node.capacity_type
    return "" if kind is CapacityType.UNKNOWN else kind.value


def _row(account: NodeAccount, age: Age) -> NodeRow:
    node = account.node
    return NodeRow(
        key=node.key,
        name=node.name,
        cluster=node.cluster,
        pool=node.pool,
        state=_state(account),
        schedulable=node.schedulable,
        usd_per_hour=account.usd,
        unallocated_usd_per_hour=account.unallocated_usd,
        gpus=node.gpus,
        gpus_used=account.allocated_gpus,
        pods=account.pods,
        created_at=node.created_at,
        instance_type=node.instance_type,
        zone=node.zone,
        capacity_type=_capacity(account),
        uid=node.uid,
        priced_by=account.price.words if account.usd is not None else "",
        at=age.at,
        stale=age.stale,
        missing=account.price.words if account.usd is None else UNTOLD if account.pods is None else "",
    )
