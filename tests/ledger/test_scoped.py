"""What budgets are held against: days by team, model and the like."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.scoped import scoped_days
from finops_tui.model.bill import BillRow, ChargeCategory, Statement

DAY = datetime(2026, 3, 10, tzinfo=UTC)


def charge(team: str, cost: int, day: int = 0, **more: object) -> BillRow:
    start = DAY + timedelta(days=day)
    facts: dict[str, object] = {
        "source": "focus", "retrieved_at": DAY, "provider_name": "AWS", "billing_account_id": "1",
        "sub_account_id": "111", "billing_period_start": DAY.replace(day=1), "charge_period_start": start,
        "charge_period_end": start + timedelta(days=1), "service_name": "EC2", "tags": {"team": team},
        "billing_currency": "USD", "billed_cost": Decimal(cost), "effective_cost": Decimal(cost),
    }  # fmt: skip
    return BillRow(**{**facts, **more})  # type: ignore[arg-type] # fields by name


def test_only_what_was_asked_for_is_told_by_account_and_day(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "bills.sqlite", {"team": ("team",), "model": ("model",)})
    rows = [
        charge("nlp", 5),
        charge("nlp", 7, sub_account_id="222"),
        charge("nlp", -2, charge_category=ChargeCategory.CREDIT),
        charge("chat", 11),
        charge("nlp", 13, day=1),
        charge("nlp", 17, day=2),
        charge("nlp", 19, billing_currency="EUR"),
    ]
    ledger.restate(Statement(source="focus", rows=rows))
    ledger.restate(Statement(source="other", rows=[charge("nlp", 99, source="other")]))
    asked = [("team", "nlp"), ("team", "nosuch"), ("planet", "mars")]
    days = scoped_days(ledger, "focus", asked, date(2026, 3, 10), date(2026, 3, 11))
    tenth, eleventh = date(2026, 3, 10), date(2026, 3, 11)
    assert {(each.account, each.day, each.currency): each.effective for each in days if each.effective} == {
        ("111", tenth, "USD"): Decimal(5),
        ("222", tenth, "USD"): Decimal(7),
        ("111", eleventh, "USD"): Decimal(13),
        ("111", tenth, "EUR"): Decimal(19),
    }
    assert {(each.scope, each.name) for each in days} == {("team", "nlp")}
    assert scoped_days(ledger, "focus", (), tenth, eleventh) == ()
