from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.analysis.showback import NONE, by_label, coverage
from finops_tui.model.snapshot import SpendRow
from tests.analysis.test_unit_economics import spend

ENVIRONMENT = "environment"


def labelled(name: str, value: str = "", **given: Any) -> SpendRow:
    return spend(name, labels=((ENVIRONMENT, value),) if value else (), **given)


def test_every_value_is_a_row_and_those_without_one_are_a_row() -> None:
    rows = by_label([labelled("a", "prod"), labelled("b", "prod"), labelled("c")], [ENVIRONMENT], {})[ENVIRONMENT]
    assert [(row.name, row.usd_per_hour) for row in rows] == [("prod", 72.0), (NONE, 36.0)]


def test_what_nobody_requested_is_split_by_spend() -> None:
    tables = by_label([labelled("a", "prod"), labelled("b", "dev", usd_per_hour=12.0)], [ENVIRONMENT], {"prod": 0.5})
    assert [row.share_usd_per_hour for row in tables[ENVIRONMENT]] == [18.0, 6.0]


@given(st.lists(st.tuples(st.sampled_from(["", "prod", "dev"]), st.floats(0, 1e6)), min_size=1))
def test_a_table_adds_up_to_what_is_spent(parts: list[tuple[str, float]]) -> None:
    rows = [labelled(str(index), value, usd_per_hour=usd) for index, (value, usd) in enumerate(parts)]
    table = by_label(rows, [ENVIRONMENT], {})[ENVIRONMENT]
    assert sum(row.usd_per_hour or 0.0 for row in table) == pytest.approx(sum(usd for _, usd in parts))


def test_coverage_counts_dollars_and_workloads() -> None:
    rows = [labelled("a", "prod"), labelled("b", usd_per_hour=12.0, owner="")]
    team, environment = coverage(rows, {"team": ("team",), ENVIRONMENT: ("env",)})
    assert (team.ratio, team.covered_workloads, team.workloads) == (0.75, 1, 2)
    assert (environment.ratio, environment.labels) == (0.75, ("env",))


def test_without_spend_there_is_no_coverage() -> None:
    (team,) = coverage([], {"team": ("team",)})
    assert team.ratio is None


def test_what_nobody_requested_is_no_workload_without_a_label() -> None:
    free = replace(spend("x", owner=""), name="(unallocated)")
    (team,) = coverage([labelled("a", "prod"), free], {"team": ("team",)})
    assert team.ratio == 1.0
