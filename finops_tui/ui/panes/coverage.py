"""How much of what is spent on workloads carries each ownership label, and what is most expensive without it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import GAUGE_CELLS, MISSING, OK
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age
from finops_tui.ui.text import clean, cut_end, cut_path
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.gauge import gauge

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Coverage, Snapshot, SpendRow

LARGEST = 5


class Labelled(NamedTuple):
    """One ownership fact with the most expensive workloads that lack it."""

    coverage: Coverage
    without: tuple[SpendRow, ...]
    at: datetime | None
    stale: bool
    cluster: str = ""
    """It spans clusters."""

    @property
    def name(self) -> str:
        return clean(self.coverage.fact).replace("_", " ")

    @property
    def keys(self) -> str:
        return ", ".join(self.coverage.labels)

    @property
    def workloads(self) -> int:
        """How many lack it."""
        return self.coverage.workloads - self.coverage.covered_workloads

    @property
    def usd_per_hour(self) -> float:
        """What those spend."""
        return max(0.0, self.coverage.usd_per_hour - self.coverage.covered_usd_per_hour)

    @property
    def worst(self) -> str:
        return self.without[0].name if self.without else ""


def at_least(ratio: float | None) -> str:
    """Write a share rounded down: only all of it is `100%`."""
    return fmt.percent(None if ratio is None else math.floor(ratio * 100 + 1e-9) / 100)


def labelled(snapshot: Snapshot) -> Sequence[Labelled]:
    """Return each ownership fact, the one that is looked for first at first."""
    total = next(iter(snapshot.spend.get(ScopeKind.TOTAL, ())), None)
    at, stale = (total.at, total.stale) if total is not None else (None, False)
    without = _without(snapshot)
    return [Labelled(one, tuple(without[one.fact]), at, stale) for one in snapshot.coverage]


def _without(snapshot: Snapshot) -> dict[str, list[SpendRow]]:
    """Return the most expensive workloads that lack each fact; workloads come in that order.

    One pass, over as few workloads as it takes: there are thousands of them, and it runs for every snapshot.
    """
    found: dict[str, list[SpendRow]] = {one.fact: [] for one in snapshot.coverage}
    lacking = {one.fact: min(LARGEST, one.workloads - one.covered_workloads) for one in snapshot.coverage}
    open_ = {fact for fact, number in lacking.items() if number > 0}
    for row in snapshot.spend.get(ScopeKind.WORKLOAD, ()):
        if not open_:
            break
        if row.name.startswith("("):
            continue
        carried = {name for name, _ in row.labels}
        carried.update({"team"} if row.owner else (), {"model"} if row.model else ())
        for fact in open_ - carried:
            found[fact].append(row)
            if len(found[fact]) == lacking[fact]:
                open_.discard(fact)
    return found


def _columns(_now: Moment) -> tuple[Column[Labelled], ...]:
    return (
        named("fact", "LABEL", lambda row: row.name, 13, role="text", max_width=16, gap=0, cut=cut_end),
        Column(
            id="gauge",
            title="",
            cell=lambda row: gauge(row.coverage.ratio),
            width=GAUGE_CELLS,
            priority=6,
            gap=2,
            figure=True,
        ),
        figure(
            "ratio",
            "OF $/h",
            lambda row: row.coverage.ratio,
            at_least,
            fmt.PERCENT_CELLS,
            priority=2,
            descending_first=False,
        ),
        figure("usd", "WITHOUT $/h", lambda row: row.usd_per_hour, fmt.rate_cell, fmt.RATE_CELLS, priority=3, gap=2),
        figure("workloads", "WORKLOADS", lambda row: row.workloads, fmt.count, fmt.COUNT_CELLS, priority=5, gap=2),
        named("worst", "LARGEST WITHOUT", lambda row: row.worst, 16, priority=4, grow=3, max_width=40, cut=cut_path),
        named("keys", "LABEL KEYS", lambda row: row.keys, 20, priority=7, grow=2, max_width=80, cut=cut_end),
    )


FIELDS: tuple[Field[Labelled], ...] = (
    Field(("label", "name"), Kind.TEXT, lambda row: row.name),
    Field(("key",), Kind.TEXT, lambda row: row.keys),
    Field(("worst",), Kind.TEXT, lambda row: row.worst),
    Field(("covered",), Kind.PERCENT, lambda row: row.coverage.ratio),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd_per_hour),
    Field(("workloads",), Kind.NUMBER, lambda row: row.workloads),
)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    known = [one for one in snapshot.coverage if one.ratio is not None]
    if not known:
        return ()
    full = sum(one.covered_workloads == one.workloads for one in known)
    if full == len(known):
        return ((f"{OK} every workload carries all of them", "ok"),)
    return ((f"{full} of {len(known)} labels on every workload", "quiet"),)


def _facts(row: Labelled, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    one = row.coverage
    why = f"of {phrases.estimated(fmt.rate(one.usd_per_hour))} that workloads spend"
    largest = (Fact("Largest" if index == 0 else "", each.name, _whose(each)) for index, each in enumerate(row.without))
    return (
        Fact(
            "Carried by",
            at_least(one.ratio),
            why if one.ratio is not None else "no workload spends anything",
            column="ratio",
        ),
        Fact(
            "Without",
            phrases.estimated(fmt.rate(row.usd_per_hour)),
            f"by {counted(row.workloads, 'workload')} of {one.workloads:,}",
            column="usd",
        ),
        Fact("Label keys", row.keys or MISSING, "the first that it, else its namespace, carries wins", column="keys"),
        *largest,
        Fact("Set by", f"scopes.{_where(one.fact)}", "in config.yaml says which label keys are looked for"),
        age(row.at, now, stale=row.stale),
    )


def _whose(row: SpendRow) -> str:
    return f"{phrases.estimated(fmt.rate(row.usd_per_hour))}{f', {row.owner}' if row.owner else ''}"


def _where(fact: str) -> str:
    return fact if fact in ("team", "model") else f"extra.{fact}"


def _origins(row: Labelled, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin(
            "Carried by",
            at_least(row.coverage.ratio),
            "$/h of the workloads that carry one of the label keys, or whose namespace does, divided by the $/h of all "
            "workloads; rounded down. What nobody requested is no workload.",
        ),
    )


COVERAGE: PaneSpec[Labelled] = PaneSpec(
    id="coverage",
    number=0,
    title="Tag coverage",
    tab="Coverage",
    columns=_columns,
    order="usd",
    rows=lambda snapshot, _scope: labelled(snapshot),
    key=lambda row: row.coverage.fact,
    name=lambda row: row.name,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="No workload is known yet whose labels could be looked at.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
)
