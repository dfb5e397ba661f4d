"""Recording rules for the queries that are dear on a large server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.history_rows import TYPE_LABELS
from finops_tui.sources.prometheus.promql import label_names
from finops_tui.sources.prometheus.recording import LABEL, RECORDED, digest

FAST, SLOW = "30s", "1m"
FAST_FAMILIES = frozenset({"gpu", "workload", "inventory"})


class Rule(NamedTuple):
    family: str
    """The part of the catalogue that it is from."""
    record: str
    digest: str
    expr: str


def rules(desk: Desk, payers: Sequence[str]) -> list[Rule]:
    """Return a rule for each dear query that this server can answer."""
    values = desk.by_node | {"type_labels": label_names(TYPE_LABELS), "payers": label_names(payers)}
    found: list[Rule] = []
    for query in RECORDED:
        family = query.id.partition(".")[0]
        expr = desk.expression(query, desk.by_workload if family == "workload" else values)
        if expr is not None:
            found.append(Rule(family, query.record, digest(expr), expr))
    return found


def as_yaml(told: Mapping[str, Iterable[Rule]]) -> str:
    """Write a rules file as Prometheus, Thanos and Mimir read it; `told` is by name of the source."""
    lines = ["groups:"]
    for source, every in told.items():
        groups: dict[str, list[Rule]] = {}
        for rule in every:
            groups.setdefault(rule.family, []).append(rule)
        for family, of in groups.items():
            lines.append(f"  - name: {json.dumps(f'finops-tui {source} {family}')}")
            lines.append(f"    interval: {FAST if family in FAST_FAMILIES else SLOW}")
            lines.append("    rules:")
            for rule in of:
                lines += [
                    f"      - record: {json.dumps(rule.record)}",
                    f"        expr: {json.dumps(rule.expr)}",
                    f'        labels: {{{LABEL}: "{rule.digest}"}}',
                ]
    return "\n".join(lines) + "\n" if len(lines) > 1 else "groups: []\n"
