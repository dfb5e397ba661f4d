"""Answers of Cost Explorer as rows of a bill.

`ResultsByTime[]` holds one bucket for each day or hour, with `Groups[]` of keys and metrics and `Estimated` while the
month is open; `Total` is empty where groups are asked for. Amounts are decimal text with a unit, the currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_tui.model.bill import BillRow, ChargeCategory, PricingCategory, Statement
from finops_tui.sources.aws.desk import Kept
from finops_tui.sources.aws.record_types import category, commitment
from finops_tui.sources.aws.usage_types import instance_type, pricing, purchase
from finops_tui.sources.aws.values import amount, moment
from finops_tui.sources.aws.views import EC2, SAGEMAKER, View
from finops_tui.sources.clean import one_line

PROVIDER = "AWS"
ALL_SERVICES = "All services"
"""Service of charges that are told by account alone."""
CURRENCY_LETTERS = 3

_CATEGORIES = {
    EC2: "Compute",
    SAGEMAKER: "AI and Machine Learning",
    "EC2 - Other": "Compute",
    "Amazon Bedrock": "AI and Machine Learning",
    "Amazon Simple Storage Service": "Storage",
    "Amazon Elastic File System": "Storage",
    "Amazon FSx": "Storage",
    "Amazon Elastic Container Service for Kubernetes": "Compute",
    "Amazon Elastic Kubernetes Service": "Compute",
    "AWS Batch": "Compute",
    "AWS Lambda": "Compute",
    "Amazon Virtual Private Cloud": "Networking",
    "AWS Data Transfer": "Networking",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one answer says."""

    statement: Statement | None
    """None where it says nothing at all: that is not the same as nothing to pay."""
    rows: int
    unusable: int
    """Groups whose amounts make no sense; they are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Charge:
    """One group of one bucket."""

    keys: Mapping[str, str]
    """By dimension; a tag's name is `tag:` and its key."""
    start: datetime
    end: datetime
    final: bool
    billed: Decimal
    effective: Decimal
    currency: str


def bill(view: View, kept: Kept, *, source: str, account: str, account_name: str) -> Bill:
    """Return what an answer to a view's question says. Groups that cost nothing are no rows."""
    charges: list[_Charge] = []
    unusable = 0
    names = dict(_account_names(kept.pages))
    for charge in _charges(view, kept.pages):
        if charge is None:
            unusable += 1
        elif charge.billed or charge.effective:
            charges.append(charge)
    if not charges:
        return Bill(statement=None, rows=0, unusable=unusable)
    about = {"source": source, "view": view.id, "retrieved_at": kept.at, "billing_account_id": account}
    rows = [row for charge in charges for row in _rows(charge, about, account_name, names)]
    statement = Statement(
        source=source,
        view=view.id,
        part=f"{account} {view.part}".strip(),
        dimensions=view.dimensions,
        start=min(_buckets(kept.pages)),
        end=max(charge.end for charge in charges),
        rows=rows,
    )
    return Bill(statement=statement, rows=len(rows), unusable=unusable)


def _rows(charge: _Charge, about: Mapping[str, Any], account_name: str, names: Mapping[str, str]) -> Iterator[BillRow]:
    keys = charge.keys
    account = about["billing_account_id"]
    linked = keys.get("LINKED_ACCOUNT", "")
    record_type = keys.get("RECORD_TYPE", "Usage")
    kind = category(record_type)
    usage_type = keys.get("USAGE_TYPE", "")
    machine = keys.get("INSTANCE_TYPE", "") or instance_type(usage_type)
    machine = "" if machine == "NoInstanceType" else machine
    service = keys.get("SERVICE", "") or _service(keys, machine)
    bought = commitment(record_type)
    common: dict[str, Any] = {
        **about,
        "final": charge.final,
        "provider_name": PROVIDER,
        "publisher_name": PROVIDER,
        "billing_account_name": account_name,
        "sub_account_id": linked or account,
        "sub_account_name": names.get(linked, "") if linked else account_name,
        "billing_period_start": charge.start.replace(day=1, hour=0),
        "charge_period_start": charge.start,
        "charge_period_end": charge.end,
        "service_name": service,
        "service_category": _CATEGORIES.get(service, ""),
        "sku_id": usage_type,
        "instance_type": machine,
        "pricing_category": _pricing(keys, usage_type),
        "commitment_discount_type": bought,
        "tags": {name.removeprefix("tag:"): value for name, value in keys.items() if name.startswith("tag:") and value},
        "billing_currency": charge.currency,
    }
    spread = charge.effective if not bought else Decimal(0)
    description = "" if record_type == "Usage" else record_type
    if charge.billed or spread:
        yield BillRow(
            **common, charge_category=kind, charge_description=description,
            billed_cost=charge.billed, effective_cost=spread,
        )  # fmt: skip
    if bought and charge.effective:  # what nobody used of a commitment: Cost Explorer leaves it on the fee
        yield BillRow(
            **common, charge_category=ChargeCategory.USAGE, charge_description=f"{record_type} not used",
            commitment_discount_status="Unused", billed_cost=Decimal(0), effective_cost=charge.effective,
        )  # fmt: skip


def _charges(view: View, pages: Iterable[Mapping[str, Any]]) -> Iterator[_Charge | None]:
    """Yield every group; None for one that makes no sense."""
    names = [f"tag:{key}" if kind in {"TAG", "PRODUCT_ATTRIBUTE"} else key for kind, key in view.group_by]
    for page in pages:
        for bucket in page.get("ResultsByTime", ()):
            period = bucket.get("TimePeriod") or {}
            start, end = moment(period.get("Start")), moment(period.get("End"))
            for group in bucket.get("Groups", ()):
                values = [one_line(key, 512) for key in group.get("Keys", ())]
                amounts = _amounts(group.get("Metrics") or {})
                if start is None or end is None or amounts is None or len(values) != len(names):
                    yield None
                    continue
                keys = {name: _value(name, value) for name, value in zip(names, values, strict=True)}
                billed, effective, currency = amounts
                yield _Charge(
                    keys=keys, start=start, end=end, final=not bucket.get("Estimated", True), billed=billed,
                    effective=effective, currency=currency,
                )  # fmt: skip


def _value(name: str, value: str) -> str:
    """Return a key without the tag's own name: `team$research`."""
    return value.partition("$")[2] if name.startswith("tag:") else value


def _amounts(metrics: Mapping[str, Any]) -> tuple[Decimal, Decimal, str] | None:
    billed = metrics.get("NetUnblendedCost") or metrics.get("UnblendedCost") or {}
    effective = metrics.get("NetAmortizedCost") or metrics.get("AmortizedCost") or {}
    currency = str(billed.get("Unit", ""))
    if currency != effective.get("Unit") or len(currency) != CURRENCY_LETTERS or not currency.isalpha():
        return None
    amounts = amount(billed.get("Amount")), amount(effective.get("Amount"))
    if amounts[0] is None or amounts[1] is None:
        return None
    return amounts[0], amounts[1], currency.upper()


def _service(keys: Mapping[str, str], machine: str) -> str:
    if "INSTANCE_TYPE" in keys:
        return SAGEMAKER if machine.startswith("ml.") else EC2
    return ALL_SERVICES


def _pricing(keys: Mapping[str, str], usage_type: str) -> PricingCategory:
    return purchase(keys["PURCHASE_TYPE"]) if "PURCHASE_TYPE" in keys else pricing(usage_type)


def _account_names(pages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for page in pages:
        for value in page.get("DimensionValueAttributes", ()):
            name = (value.get("Attributes") or {}).get("description", "")
            yield str(value.get("Value", "")), one_line(name)


def _buckets(pages: Iterable[Mapping[str, Any]]) -> Iterator[datetime]:
    for page in pages:
        for bucket in page.get("ResultsByTime", ()):
            start = moment((bucket.get("TimePeriod") or {}).get("Start"))
            if start is not None:
                yield start
