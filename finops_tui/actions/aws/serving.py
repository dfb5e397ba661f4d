"""Which objectives a thing at AWS serves, and what it spends: both stand on its row, where it has one. Pure."""

from __future__ import annotations

from finops_tui.actions.cloud.outside import outside_row
from finops_tui.actions.cloud.things import About
from finops_tui.actions.effects import row_of, workload_of
from finops_tui.actions.objectives import Danger, fewer
from finops_tui.actions.resolve import parts
from finops_tui.model.inventory import Workload


def workload(about: About) -> Workload:
    """Return what the inventory holds of it, else no more than its name."""
    target = about.target
    kind, namespace, name = parts(target)
    bare = Workload(cluster=target.cluster, kind=kind, namespace=namespace, name=name)
    return workload_of(target, about.view.fleet) or bare


def endangered(about: About) -> Danger:
    """Judge what it does that nothing of it is left."""
    return fewer(workload(about), 0.0, None, about.view.snapshot)


def usd_of(about: About, machines: int | None) -> float | None:
    """Return its $/h: of so many machines at the price that somebody gives, else what its row says."""
    if about.price is not None and machines is not None:
        return about.price * machines
    snapshot = about.view.snapshot
    row = outside_row(about.target, snapshot) or row_of(workload(about), snapshot)
    return row.usd_per_hour if row is not None else None
