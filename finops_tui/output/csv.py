"""The spend of a snapshot as CSV, one line per scope: for a spreadsheet. docs/headless.md explains the columns."""

from __future__ import annotations

import csv
import io

from finops_tui.model.snapshot import Snapshot, SpendRow
from finops_tui.output.figures import moment
from finops_tui.output.plain import one_line
from finops_tui.phrases import counted

COLUMNS = (
    "at",
    "mode",
    "scope",
    "key",
    "name",
    "cluster",
    "namespace",
    "owner",
    "model",
    "labels",
    "usd_per_hour",
    "idle_usd_per_hour",
    "normal_usd_per_hour",
    "gpus",
    "pods",
    "pods_pending",
    "utilization_ratio",
    "created_at",
    "provenance",
    "priced_by",
    "figures_at",
    "stale",
    "missing",
)
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell instead of showing it; the last four are the full-width ones of East Asia."""
UNPRICED = "unpriced"


def write(snapshot: Snapshot) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    shared = {"at": moment(snapshot.at), "mode": str(snapshot.mode)}
    for kind, rows in snapshot.spend.items():
        for row in rows:
            table.writerow({**shared, "scope": str(kind), **_spend(row)})
    for unpriced in snapshot.headline.unpriced:
        said = {
            "key": unpriced.example,
            "name": f"{counted(unpriced.nodes, 'node')} without a price",
            "missing": unpriced.reason,
        }
        table.writerow({**shared, "scope": UNPRICED, **{name: _text(value) for name, value in said.items()}})
    return text.getvalue()


def _spend(row: SpendRow) -> dict[str, str]:
    return {
        "key": _text(row.key),
        "name": _text(row.name),
        "cluster": _text(row.cluster),
        "namespace": _text(row.namespace),
        "owner": _text(row.owner),
        "model": _text(row.model),
        "labels": _text(";".join(f"{name}={value}" for name, value in row.labels)),
        "usd_per_hour": _number(row.usd_per_hour),
        "idle_usd_per_hour": _number(row.idle_usd_per_hour),
        "normal_usd_per_hour": _number(row.normal_usd_per_hour),
        "gpus": _number(row.gpus),
        "pods": _count(row.pods),
        "pods_pending": _count(row.pods_pending),
        "utilization_ratio": _number(row.utilization),
        "created_at": moment(row.since) if row.since else "",
        "provenance": str(row.provenance),
        "priced_by": _text(row.priced_by),
        "figures_at": moment(row.at) if row.at else "",
        "stale": str(row.stale).lower(),
        "missing": _text(row.missing),
    }


def _number(value: float | None) -> str:
    """Return a number in full; nothing where it is not known."""
    return "" if value is None or value != value else f"{value:.6g}"  # noqa: PLR0124 - NaN is not itself


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _text(text: str) -> str:
    """Return words from outside as a cell that no spreadsheet takes for a formula."""
    line = one_line(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line
