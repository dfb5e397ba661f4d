"""What a unit of work costs, and why it is not known where it is not."""

from __future__ import annotations

import pytest

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import UnitRow
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.units import UNITS as PANE
from finops_tui.ui.widgets.columns import place
from tests.ui.allocation_samples import ALLOCATED, CHAT, RETRAIN, UNITS, unit
from tests.ui.samples import EMPTY, NOW


def facts(row: UnitRow) -> dict[str, tuple[str, str]]:
    return {fact.label: (fact.value, fact.note) for fact in PANE.facts(row, ALLOCATED, NOW)}


def test_a_served_model_tells_its_unit_costs_beside_how_it_serves() -> None:
    told = facts(CHAT)
    assert told["Tokens"] == ("≈$0.0123", "per 1,000 tokens; 4,096 tokens a second")
    assert told["Requests"] == ("≈$0.238", "per 1,000 requests; 212 requests a second")
    assert told["P95"][0] == "1.80s"
    assert told["Queue"] == ("4", "requests that wait")
    assert told["Utilized"][0] == "60%"
    assert "Training" not in told


def test_a_training_workload_tells_what_an_hour_of_real_work_costs() -> None:
    told = facts(RETRAIN)
    assert told["Training"] == ("≈$429.2/h", "in which its GPUs really work")
    assert not {"Tokens", "Requests", "P95", "Queue"} & set(told)
    assert told["Counted as"] == ("a workload that trains", "it serves no tokens and no requests")


@pytest.mark.parametrize(
    ("row", "label", "why"),
    [
        (UNITS[2], "Tokens", "its server reports no tokens"),
        (UNITS[3], "Training", "Its GPUs do no work."),
        (UNITS[4], "Tokens", "No traffic now."),
        (UNITS[4], "P95", "its server does not report it"),
        (UNITS[4], "Owner", "no ownership label on it"),
        (UNITS[5], "Spends", "No workload with a price carries this model's label."),
        (UNITS[5], "Utilized", "no GPU of it reports"),
        (
            unit("a/m", 1.0, usd_per_1k_tokens=0.1, tokens_per_second=3, requests_per_second=0.001),
            "Requests",
            "hardly any",
        ),
    ],
)
def test_what_is_missing_says_why(row: UnitRow, label: str, why: str) -> None:
    value, note = facts(row)[label]
    assert value == MISSING
    assert why in note


def test_a_price_below_a_millionth_of_a_dollar_is_not_zero() -> None:
    tiny = unit("a/m", 1.0, usd_per_1k_tokens=4e-8, tokens_per_second=7e9)
    assert facts(tiny)["Tokens"][0] == "≈<$.000001"


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (59, ["what", "usd", "tokens", "requests"]),
        (78, ["what", "usd", "tokens", "requests", "training", "p95"]),
        (118, ["what", "cluster", "usd", "tokens", "requests", "training", "p95", "util", "queue", "trend"]),
    ],
)
def test_columns_go_by_their_importance(width: int, columns: list[str]) -> None:
    assert [one.column.id for one in place(PANE.columns(lambda: NOW), width)] == columns


def test_every_row_can_be_told_and_explained() -> None:
    ids = {column.id for column in PANE.columns(lambda: NOW)}
    for row in PANE.rows(ALLOCATED, ScopeKind.TOTAL):
        assert {fact.column for fact in PANE.facts(row, ALLOCATED, NOW)} <= {*ids, ""}
        assert all(origin.value and origin.how for origin in PANE.origins(row, ALLOCATED))
        for field in PANE.fields:
            assert isinstance(field.value(row), str | int | float | None)
    (how,) = [origin.how for origin in PANE.origins(CHAT, ALLOCATED) if origin.figure == "$/1k tok"]
    assert how.startswith("$/h / (4,096 generated tokens a second × 3,600) × 1,000.")


def test_the_line_counts_what_is_served_and_what_trains() -> None:
    assert [text for text, _ in PANE.summary(ALLOCATED, ScopeKind.TOTAL)] == ["4 served, 2 in training"]
    assert not PANE.summary(EMPTY, ScopeKind.TOTAL)
