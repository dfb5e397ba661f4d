from __future__ import annotations

from typing import Any

import pytest

from finops_tui.sources.kubernetes.disruption_budgets import BudgetFacts, read_budget
from tests.sources.kubernetes import make


def budget(selector: dict[str, Any] | None) -> BudgetFacts:
    return read_budget(make.raw(make.budget("b", 1, selector)))


def expression(operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "app", "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "labels", "covers"),
    [
        ({"matchLabels": {"app": "a"}}, {"app": "a", "x": "y"}, True),
        ({"matchLabels": {"app": "a"}}, {"app": "b"}, False),
        ({"matchLabels": {"app": "a", "x": "y"}}, {"app": "a"}, False),
        ({}, {"app": "a"}, True),
        (None, {"app": "a"}, False),
        (expression("In", "a", "b"), {"app": "b"}, True),
        (expression("In", "a", "b"), {}, False),
        (expression("NotIn", "a"), {}, True),
        (expression("NotIn", "a"), {"app": "a"}, False),
        (expression("Exists"), {"app": "x"}, True),
        (expression("Exists"), {}, False),
        (expression("DoesNotExist"), {}, True),
        (expression("DoesNotExist"), {"app": "x"}, False),
        (expression("Gt", "1"), {"app": "2"}, False),
    ],
)
def test_what_a_budget_covers(selector: dict[str, Any] | None, labels: dict[str, str], covers: bool) -> None:
    assert budget(selector).covers(labels) is covers
