"""The section `bills:` and budgets of days, weeks and months."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from finops_tui.analysis.bill_links import MACHINES, BillLink
from finops_tui.config.models import Config
from finops_tui.detectors.budget import Budget
from finops_tui.model.billing import Period
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.wiring import live


def budgets(*given: dict[str, Any]) -> Config:
    return Config.model_validate({"findings": {"budgets": [{"name": "b", **each} for each in given]}})


def test_whose_bill_a_cluster_is_on_reaches_the_engine() -> None:
    clusters = [{"cluster": "prod-*", "account": "111"}, {"cluster": "*", "account": "x", "services": ["VM*"]}]
    links = live.engine_settings(Config.model_validate({"bills": {"clusters": clusters}})).bill_links
    assert links == (
        BillLink(cluster="prod-*", account="111", services=MACHINES),
        BillLink(cluster="*", account="x", services=("VM*",)),
    )


@pytest.mark.parametrize(
    "entry",
    [
        {"cluster": "a"},
        {"cluster": "", "account": "1"},
        {"cluster": "a", "account": "1", "services": []},
        {"cluster": "a", "account": "1", "service": "x"},
    ],
)
def test_an_entry_names_cluster_and_account(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"bills": {"clusters": [entry]}})


def test_budgets_of_days_weeks_and_months_reach_the_detector() -> None:
    config = budgets(
        {"usd_per_day": 1},
        {"usd_per_week": 2, "kind": "team", "scope": "nlp"},
        {"usd_per_month": 3, "label": "environment", "scope": "live"},
    )
    made = live.engine_settings(config).detection
    assert made is not None
    assert made().budget.budgets == (
        Budget(name="b", scope=TOTAL, period=Period.DAY, usd=1.0),
        Budget(name="b", scope=Scope(ScopeKind.TEAM, "nlp"), period=Period.WEEK, usd=2.0),
        Budget(name="b", label="environment", scope=Scope(ScopeKind.TOTAL, "live"), period=Period.MONTH, usd=3.0),
    )
    assert config.findings.billed_scopes() == (("team", "nlp"), ("environment", "live"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"usd_per_day": 1, "usd_per_month": 30},
        {"usd_per_month": 0},
        {"usd_per_month": float("inf")},
        {"usd_per_day": 1, "label": "environment"},
    ],
)
def test_a_budget_has_one_sum_above_zero(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        budgets(given)
