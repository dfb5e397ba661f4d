"""From a row on the screen to the one thing that would be changed. Its name stays the row's from then on."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NamedTuple

from finops_tui.analysis.ownership import short_kind
from finops_tui.model.action import ActionRow
from finops_tui.model.finding import Finding, Remedy
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import NodeRow, PoolRow, SpendRow, SpotRow
from finops_tui.ui.panes.finding_facts import CONTACT


class Refusal(NamedTuple):
    """Why nothing can be done to a row that is of the right kind."""

    short: str
    words: str


KINDS = {
    ScopeKind.WORKLOAD: TargetKind.WORKLOAD,
    ScopeKind.POOL: TargetKind.POOL,
    ScopeKind.NAMESPACE: TargetKind.NAMESPACE,
}
WORKLOAD_PARTS = 4
"""`cluster/Kind/namespace/name`."""
NOT_A_THING = "("
"""How the name of a row begins that sums up what belongs to nothing: `(unallocated)`."""
NODE = "node/"
"""What the name of a finding about a single node begins with."""


@singledispatch
def target_of(_row: Any) -> Target | None:
    """Return what a row stands for; None where it is nothing that could be changed: a team, an SLO, an event."""
    return None


@target_of.register
def _(row: Finding) -> Target | None:
    if row.name.startswith(NODE):
        name = row.name.removeprefix(NODE)
        return Target(
            kind=TargetKind.NODE, key=f"{row.cluster}/{name}", cluster=row.cluster, name=row.name, owner=row.owner
        )
    kind = KINDS.get(row.scope.kind)
    if kind is None:
        return None
    return Target(
        kind=kind,
        key=row.scope.name,
        cluster=row.cluster,
        name=_name(row),
        owner=row.owner,
        contact=next((one.words for one in row.evidence if one.label.casefold() == CONTACT), ""),
        environment=row.environment,
    )


def _name(row: Finding) -> str:
    """Return the name of the thing itself: a finding about an objective is named after that."""
    parts = row.scope.name.split("/")
    if row.scope.kind is not ScopeKind.WORKLOAD or len(parts) != WORKLOAD_PARTS or row.name.endswith(f"/{parts[-1]}"):
        return row.name
    _, kind, namespace, name = parts
    return f"{namespace}/{short_kind(kind)}/{name}"


@target_of.register
def _(row: SpendRow) -> Target | None:
    kind = KINDS.get(row.kind)
    if kind is None or row.name.startswith(NOT_A_THING):
        return None
    cluster = row.cluster or row.key.partition("/")[0]
    return Target(
        kind=kind,
        key=row.key,
        cluster=cluster,
        name=row.name,
        owner=row.owner,
        environment=dict(row.labels).get("environment", ""),
    )


@target_of.register(PoolRow)
@target_of.register(SpotRow)
def _(row: PoolRow | SpotRow) -> Target:
    return Target(kind=TargetKind.POOL, key=row.key, cluster=row.cluster, name=f"pool/{row.name}")


@target_of.register
def _(row: NodeRow) -> Target:
    return Target(kind=TargetKind.NODE, key=row.key, cluster=row.cluster, name=f"{NODE}{row.name}", uid=row.uid)


@target_of.register
def _(row: ActionRow) -> Target:
    return Target(kind=row.target_kind, key=row.target, cluster=row.cluster, name=row.name)


@target_of.register
def _(row: Remedy) -> Target:
    return row.target


def target_for(row: Any, action: str, kinds: frozenset[str]) -> Target | None:
    """Return what an action would be done to: the row itself, else what a finding's best remedy of its kind names."""
    own = target_of(row)
    if not takes(row, action):
        return None
    if own is not None and own.kind.value in kinds:
        return own
    remedies = row.remedies if isinstance(row, Finding) else ()
    return next((one.target for one in remedies if one.action == action and not one.refused), None)


@singledispatch
def takes(_row: Any, _action: str) -> bool:
    """Tell whether an action that fits the kind of a row's target can be done to the row at all."""
    return True


@singledispatch
def refusal_of(_row: Any, _kinds: frozenset[str]) -> Refusal | None:
    """Return why an action on such kinds does nothing to a row of them; None for any other row."""
    return None
