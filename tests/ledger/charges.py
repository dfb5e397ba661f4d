"""Charges for tests: one that is whole, changed where a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from finops_tui.model.bill import BillRow, Statement

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
RETRIEVED = datetime(2026, 11, 20, 6, tzinfo=UTC)
SCOPES = {"team": ("team", "owner"), "model": ("model",), "namespace": ("namespace", "k8s-namespace")}

_WHOLE = BillRow(
    source="focus bills",
    retrieved_at=RETRIEVED,
    provider_name="AWS",
    billing_account_id="payer",
    billing_account_name="Payer",
    sub_account_id="111",
    sub_account_name="ml-prod",
    billing_period_start=NOVEMBER,
    charge_period_start=NOVEMBER,
    charge_period_end=NOVEMBER + timedelta(days=1),
    service_name="Amazon EC2",
    region_id="us-east-1",
    resource_id="i-1",
    sku_id="sku-1",
    tags={"team": "nlp"},
    billing_currency="USD",
    billed_cost=Decimal(10),
    effective_cost=Decimal(10),
    list_cost=Decimal(20),
    contracted_cost=Decimal(10),
)


def charge(cost: str | Decimal = "10", *, day: int = 1, hour: int | None = None, **more: Any) -> BillRow:
    """Return a charge of one day of November, or of one hour of it; cost is billed and effective cost alike."""
    start = NOVEMBER + timedelta(days=day - 1, hours=hour or 0)
    span = timedelta(days=1) if hour is None else timedelta(hours=1)
    facts = {
        "billed_cost": Decimal(cost),
        "effective_cost": Decimal(cost),
        "charge_period_start": start,
        "charge_period_end": start + span,
    }
    return replace(_WHOLE, **{**facts, **more})


def statement(*rows: BillRow, **more: Any) -> Statement:
    facts: dict[str, Any] = {"source": rows[0].source if rows else "focus bills", "view": rows[0].view if rows else ""}
    return Statement(rows=rows, **{**facts, **more})
