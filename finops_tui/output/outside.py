"""What stands at a cloud outside every cluster, in words."""

from __future__ import annotations

from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.snapshot import Snapshot
from finops_tui.output.figures import MISSING, age, number, whole
from finops_tui.output.tables import Table, columns, table

UNPRICED = "unpriced"


def outside(snapshot: Snapshot) -> Table:
    def cells(row: OutsideRow) -> list[str]:
        return [
            row.name,
            row.kind,
            " ".join(row.cluster.split("/")[1:]),
            _machines(row),
            row.state or MISSING,
            _cost(row),
            {None: MISSING, True: "yes", False: "no"}[row.checkpoints],
            age(row.since, snapshot.at),
            age(row.at, snapshot.at, stale=row.stale),
        ]

    words = ["WHAT", "KIND", "WHERE", "MACHINES", "STATE"]
    heads = columns([*words, "$/H", "CKPT", "SINCE", "AGE"], outside=len(words))
    rows = snapshot.cloud.outside
    notes = [f"{row.name}: {row.missing}" for row in rows if row.usd_per_hour is None and row.missing]
    return table("Outside clusters, estimated, in no other figure", heads, rows, cells, notes)


def _machines(row: OutsideRow) -> str:
    types = " ".join(row.instance_types)
    if row.vcpus is not None:
        return f"{whole(row.vcpus)} vCPUs"
    many = "" if row.machines is None else f"{whole(row.machines)} ×"
    return " ".join(filter(None, (many, types))) or MISSING


def _cost(row: OutsideRow) -> str:
    if row.usd_per_hour is not None:
        return number(row.usd_per_hour)
    return MISSING if row.kind is OutsideKind.QUEUE else UNPRICED
