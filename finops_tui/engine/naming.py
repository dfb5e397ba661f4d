"""From what a person writes to the one thing that is meant."""

from __future__ import annotations

from collections.abc import Iterable

from finops_tui.errors import UsageError
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow

NODE = "node/"
_KINDS = {
    ScopeKind.WORKLOAD: TargetKind.WORKLOAD,
    ScopeKind.POOL: TargetKind.POOL,
    ScopeKind.NAMESPACE: TargetKind.NAMESPACE,
}


def target_of(row: SpendRow) -> Target | None:
    """Return what a row stands for; None where nothing can be done to that."""
    kind = _KINDS.get(row.kind)
    if kind is None:
        return None
    return Target(
        kind=kind,
        key=row.key,
        cluster=row.cluster,
        name=row.name,
        owner=row.owner,
        environment=dict(row.labels).get("environment", ""),
    )


def target_named(written: str, snapshot: Snapshot) -> Target:
    """Return what `nlp-train/retrain-v7`, `prod-us/h100-train`, `node/prod-us/NAME` or a whole key means.

    Raises UsageError where nothing or more than one thing is called so; whether there is such a node its plan says.
    """
    if written.startswith(NODE):
        key = written.removeprefix(NODE)
        cluster, _, name = key.partition("/")
        return Target(kind=TargetKind.NODE, key=key, cluster=cluster, name=f"node/{name}")
    rows = [row for kind in _KINDS for row in snapshot.spend.get(kind, ())]
    found = [row for row in rows if row.key == written] or [row for row in rows if written in _names(row)]
    if len(found) > 1:
        raise UsageError(f"{written} may mean {_listed(found)}.", hint="Write the whole key.")
    if not found:
        ends = written.rpartition("/")[2]
        near = [row for row in rows if row.key.rpartition("/")[2] == ends]
        hint = f"Is it {_listed(near)}?" if near else "Write namespace/name, cluster/pool, or node/cluster/name."
        raise UsageError(f"Nothing is called {written} at {snapshot.at:%H:%M:%S}Z.", hint=hint)
    target = target_of(found[0])
    assert target is not None, "only rows of these kinds were looked at"
    return target


def _names(row: SpendRow) -> Iterable[str]:
    """Yield how a row may be called: as shown, and `namespace/name`."""
    yield row.name
    name = row.key.rpartition("/")[2]
    yield f"{row.namespace}/{name}" if row.namespace else f"{row.cluster}/{name}"


def _listed(rows: Iterable[SpendRow]) -> str:
    return " or ".join(row.key for row in list(rows)[:3])
