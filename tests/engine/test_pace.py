"""What nobody acts on at once is worked out by the clock, and where that runs fast by real time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.engine.economics import Economist
from finops_tui.engine.history import TREND_STEP
from finops_tui.engine.pace import AT_MOST_SECONDS, EVERY_SECONDS, REAL_SECONDS, every_seconds
from finops_tui.engine.spend_rows import UNALLOCATED
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SpendRow
from tests.analysis.test_unit_economics import serving, spend

AT = 1_800_000_000.0
TABLES = {ScopeKind.WORKLOAD: (spend("api"),)}


def test_a_live_run_goes_by_the_clock_and_the_demo_by_real_time() -> None:
    assert every_seconds(1.0) == EVERY_SECONDS
    assert every_seconds(60.0) == REAL_SECONDS * 60.0


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_a_faster_clock_never_makes_it_more_often_and_a_trend_has_no_holes(one: float, other: float) -> None:
    slower, faster = sorted((one, other))
    assert EVERY_SECONDS <= every_seconds(slower) <= every_seconds(faster) <= AT_MOST_SECONDS == 2 * TREND_STEP


def test_unit_costs_stand_until_they_are_due() -> None:
    economist = Economist(OwnershipRules(), 600.0)
    first = economist.look(TABLES, (serving(),), {}, AT)
    assert first.units
    assert economist.look(TABLES, (serving(requests_per_second=20.0),), {}, AT + 599).units is first.units
    later = economist.look(TABLES, (serving(requests_per_second=20.0),), {}, AT + 600)
    assert later.units[0].requests_per_second == 20.0


def by_environment(**spent: float) -> dict[ScopeKind, tuple[SpendRow, ...]]:
    free = sum(spent.values()) * 0.1
    return {
        ScopeKind.WORKLOAD: tuple(
            spend(name, labels=(("environment", name),), usd_per_hour=usd) for name, usd in spent.items()
        ),
        ScopeKind.TEAM: (replace(spend("free"), name=UNALLOCATED, usd_per_hour=free, share_usd_per_hour=None),),
    }


def test_a_table_by_label_is_of_the_same_moment_as_the_others() -> None:
    economist = Economist(OwnershipRules(extra=(("environment", ("env",)),)), 600.0)
    for at, spent in enumerate(({"prod": 10.0}, {"prod": 90.0, "dev": 10.0})):
        tables = by_environment(**spent)
        made = economist.look(tables, (), {"prod": 0.1}, AT + at).by_label["environment"]
        assert {row.name: row.usd_per_hour for row in made} == {**spent, UNALLOCATED: sum(spent.values()) * 0.1}


def test_of_very_many_workloads_a_table_by_label_stands_until_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops_tui.engine.economics.FEW_WORKLOADS", 0)
    economist = Economist(OwnershipRules(extra=(("environment", ("env",)),)), 600.0)
    first = economist.look(by_environment(prod=10.0), (), {"prod": 0.1}, AT)
    assert economist.look(by_environment(prod=90.0), (), {"prod": 0.1}, AT + 1) is first
    rows = first.by_label["environment"]
    assert sum(row.share_usd_per_hour or 0.0 for row in rows) == rows[-1].usd_per_hour == 1.0, "it adds up all the same"


def test_another_model_that_is_served_has_a_unit_cost_at_once() -> None:
    economist = Economist(OwnershipRules(), 600.0)
    before = economist.look(TABLES, (serving(),), {}, AT)
    after = economist.look(TABLES, (serving(), serving(key="prod/chat/n", model="n")), {}, AT + 1)
    assert len(after.units) == len(before.units) + 1


@pytest.mark.parametrize("every", [EVERY_SECONDS, every_seconds(60.0), AT_MOST_SECONDS])
def test_the_trend_of_a_unit_cost_has_no_holes_however_rarely_it_is_worked_out(every: float) -> None:
    economist = Economist(OwnershipRules(), every)
    for place in range(int(3 * 3_600 / every) + 2):
        found = economist.look(TABLES, (serving(),), {}, AT + place * every)
    trend = next(unit for unit in found.units if unit.kind is ScopeKind.MODEL).trend
    assert trend
    assert None not in trend[-12:]
