"""What spend can be counted by on the allocation screen, and the rows of each count. Pure.

Every table adds up to what is spent: what nobody owns and what nobody requested are rows of their own. The row of what
nobody requested gives away what the others are shown of it, so that showback adds up to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import fsum
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.analysis.showback import NONE
from finops_tui.engine.spend_rows import NO_MODEL, UNALLOCATED, UNOWNED
from finops_tui.model.scope import ScopeKind
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpendRow

SHORT = {
    "namespace": "NS",
    "environment": "Env",
    "experiment": "Exp",
    "cost_centre": "Cost",
    "model_version": "Version",
}
"""Titles for a narrow row of tabs."""


class Count(NamedTuple):
    """One thing to count by."""

    name: str
    """A kind of scope or a fact of the config: `team`, `cost_centre`."""
    rows: Callable[[Snapshot], Sequence[SpendRow]]
    """For what is made of nodes, a row's share is what nobody requested of its own, and part of its $/h."""
    part_of: Callable[[SpendRow], str] | None = None
    """Key of the row that a workload is part of; None where a workload may be part of several."""
    of_nodes: bool = False
    labelled: bool = False
    """Counted by a label of the config, of which no past is kept."""

    @property
    def words(self) -> str:
        return clean(self.name).replace("_", " ")

    @property
    def title(self) -> str:
        return self.words.capitalize()

    @property
    def short(self) -> str:
        return SHORT.get(self.name, self.title)


def counts(snapshot: Snapshot | None) -> tuple[Count, ...]:
    """Return what can be counted by: kinds of scope, then each fact that the config maps to labels."""
    facts = snapshot.by_label if snapshot is not None else ()
    return (*BY_SCOPE, *(Count(fact, partial(_by_label, fact), partial(_value, fact), labelled=True) for fact in facts))


def change(row: SpendRow) -> float | None:
    """Return $/h now against the same hour a week ago, as a ratio: 0.58 is 58 % more."""
    usd, before = row.usd_per_hour, row.week_ago_usd_per_hour
    return usd / before - 1 if usd is not None and before else None


def showback(row: SpendRow) -> float | None:
    """Return its $/h with its share of what nobody requested."""
    usd, share = row.usd_per_hour, row.share_usd_per_hour
    return usd + share if usd is not None and share is not None else None


def _by_workload(kind: ScopeKind, snapshot: Snapshot) -> Sequence[SpendRow]:
    return _given_away(snapshot.spend.get(kind, ()))


def _by_label(fact: str, snapshot: Snapshot) -> Sequence[SpendRow]:
    return _given_away(snapshot.by_label.get(fact, ()))


def _given_away(rows: Sequence[SpendRow]) -> Sequence[SpendRow]:
    """Let what nobody requested give away what others are shown of it: of its cluster, if it belongs to one."""

    def given(free: SpendRow) -> float | None:
        shares = [
            row.share_usd_per_hour
            for row in rows
            if row.share_usd_per_hour is not None and free.cluster in ("", row.cluster)
        ]
        return -fsum(shares) if shares else None

    return [replace(row, share_usd_per_hour=given(row)) if row.name == UNALLOCATED else row for row in rows]


def _by_pool(snapshot: Snapshot) -> Sequence[SpendRow]:
    free = {pool.key: pool.unallocated_usd_per_hour for pool in snapshot.pools}
    return [replace(row, share_usd_per_hour=free.get(row.key)) for row in snapshot.spend.get(ScopeKind.POOL, ())]


def _by_cluster(snapshot: Snapshot) -> Sequence[SpendRow]:
    namespaces = snapshot.spend.get(ScopeKind.NAMESPACE, ())
    free = {row.cluster: row.usd_per_hour for row in namespaces if row.name == UNALLOCATED}
    return [
        replace(
            row, share_usd_per_hour=None if row.usd_per_hour is None or row.pods is None else free.get(row.key, 0.0)
        )
        for row in snapshot.spend.get(ScopeKind.CLUSTER, ())
    ]


def _value(fact: str, workload: SpendRow) -> str:
    return dict(workload.labels).get(fact, "") or NONE


BY_SCOPE: tuple[Count, ...] = (
    Count("team", partial(_by_workload, ScopeKind.TEAM), lambda row: row.owner or UNOWNED),
    Count("namespace", partial(_by_workload, ScopeKind.NAMESPACE), lambda row: f"{row.cluster}/{row.namespace}"),
    Count("model", partial(_by_workload, ScopeKind.MODEL), lambda row: row.model or NO_MODEL),
    Count("pool", _by_pool, of_nodes=True),
    Count("cluster", _by_cluster, lambda row: row.cluster, of_nodes=True),
)
