"""Unit costs, showback and coverage: worked out every few minutes where that takes long; nothing acts on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.analysis.showback import by_label, coverage
from finops_tui.analysis.unit_economics import unit_cost, unit_rows
from finops_tui.engine.history import TREND_STEP, Buckets
from finops_tui.engine.pace import EVERY_SECONDS
from finops_tui.engine.spend_rows import UNALLOCATED
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import TREND_CELLS, Coverage, ServingRow, SpendRow, UnitRow

FEW_WORKLOADS = 1_000
"""Up to so many, tables by label are made with every snapshot (4 ms a label), so that they say what the others say."""


class Economics(NamedTuple):
    units: tuple[UnitRow, ...] = ()
    by_label: Mapping[str, tuple[SpendRow, ...]] = {}
    coverage: tuple[Coverage, ...] = ()


class Economist:
    """Remembers the trend of each unit cost, and everything else until it is due again."""

    def __init__(self, rules: OwnershipRules, every_seconds: float = EVERY_SECONDS) -> None:
        """`every_seconds` of the clock pass between two times; other models being served waits for nothing."""
        self._every_seconds = every_seconds
        self._labels = {"team": rules.team, "model": rules.model, **dict(rules.extra)}
        self._extra = tuple(name for name, _ in rules.extra)
        self._trends: dict[str, Buckets] = {}
        self._made = Economics()
        self._made_at: float | None = None
        """None until something was spent."""
        self._served = 0

    def look(
        self,
        tables: Mapping[ScopeKind, Sequence[SpendRow]],
        serving: Sequence[ServingRow],
        idle_capacity: Mapping[str, float],
        at: float,
    ) -> Economics:
        """Return what is worked out of the tables at a moment (unix seconds)."""
        due = self._made_at is None or at - self._made_at >= self._every_seconds
        workloads = tables.get(ScopeKind.WORKLOAD, ())
        if not due and len(serving) == self._served:
            if len(workloads) <= FEW_WORKLOADS:
                self._made = self._made._replace(by_label=self._by_label(tables, idle_capacity))
            return self._made
        self._made_at, self._served = at if workloads else None, len(serving)
        self._made = Economics(
            tuple(self._with_trend(unit, at) for unit in unit_rows(serving, workloads)),
            self._by_label(tables, idle_capacity),
            coverage(workloads, self._labels),
        )
        known = {unit.key for unit in self._made.units}
        self._trends = {key: trend for key, trend in self._trends.items() if key in known}
        return self._made

    def _by_label(
        self, tables: Mapping[ScopeKind, Sequence[SpendRow]], idle_capacity: Mapping[str, float]
    ) -> Mapping[str, tuple[SpendRow, ...]]:
        """Return a table for each label, with what nobody requested at that moment: whoever adds one up gets it all."""
        made = by_label(tables.get(ScopeKind.WORKLOAD, ()), self._extra, idle_capacity)
        free = tuple(row for row in tables.get(ScopeKind.TEAM, ()) if row.name == UNALLOCATED)
        return {fact: (*rows, *free) for fact, rows in made.items()}

    def _with_trend(self, unit: UnitRow, at: float) -> UnitRow:
        trend = self._trends.get(unit.key)
        if trend is None:
            trend = self._trends[unit.key] = Buckets(TREND_STEP, TREND_CELLS, hold=1)
        cost = unit_cost(unit)
        if cost is None or unit.stale:
            trend.gap()
        else:
            trend.add(at, cost)
        return replace(unit, trend=trend.window(at, TREND_CELLS))
