"""One row of a FOCUS file as a charge. What makes no sense is told with its column; text is cleaned on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from finops_tui.ledger.units import largest
from finops_tui.model.bill import BillRow, ChargeCategory, ChargeClass, PricingCategory
from finops_tui.sources.clean import one_line

SHOWN = 40
"""Characters of a value that a complaint shows."""
_OLD_CATEGORIES = {"fee": ChargeCategory.PURCHASE, "refund": ChargeCategory.CREDIT}
_CATEGORIES = {each.value.lower(): each for each in ChargeCategory} | _OLD_CATEGORIES
_PRICINGS = {each.value.lower(): each for each in PricingCategory}
_OLD_PRICINGS = {"on-demand": PricingCategory.STANDARD, "spot": PricingCategory.DYNAMIC}
_NULLS = frozenset({"", "null", "none", "n/a"})


class RowError(ValueError):
    """One value that makes no sense."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column


class RowReader:
    """Reads the rows of one file."""

    def __init__(
        self,
        source: str,
        columns: Mapping[str, str],
        zone: tzinfo,
        retrieved_at: datetime,
        remark: Callable[[str], None],
    ) -> None:
        """`columns` as `columns.find` returns them. `remark` is told what is wrong but costs no row."""
        self._source = source
        self._columns = columns
        self._zone = zone
        self._retrieved_at = retrieved_at
        self._remark = remark
        self._moment = lru_cache(maxsize=4_096)(self._read_moment)
        self._text = lru_cache(maxsize=65_536)(_clean)
        self._tags = lru_cache(maxsize=16_384)(self._read_tags)

    def read(self, values: Mapping[str, Any]) -> BillRow:
        """Return the charge. Raises RowError where a value without which it cannot count makes no sense."""

        def text(name: str) -> str:
            value = values.get(self._columns.get(name, ""))
            return "" if value is None else self._text(str(value))

        currency = text("BillingCurrency").upper()
        if len(currency) != 3 or not currency.isalpha():  # noqa: PLR2004 - ISO 4217
            raise RowError("BillingCurrency", f"{_shown(currency)} is no currency; ISO 4217 has three letters")

        def money(name: str) -> Decimal | None:
            amount = _number(values.get(self._columns.get(name, "")), name)
            if amount is not None and abs(amount) > largest(currency):
                raise RowError(name, f"{amount} {currency} is more than one charge may be")
            return amount

        billed, effective = money("BilledCost"), money("EffectiveCost")
        for name, amount in (("BilledCost", billed), ("EffectiveCost", effective)):
            if amount is None:
                raise RowError(name, "there is no amount")
        assert billed is not None
        assert effective is not None
        start, end = (self._when(values, name) for name in ("ChargePeriodStart", "ChargePeriodEnd"))
        if end <= start:
            raise RowError("ChargePeriodEnd", f"it ends at {end:%Y-%m-%dT%H:%MZ}, no later than it begins")
        account = text("BillingAccountId")
        if not account:
            raise RowError("BillingAccountId", "there is no account")
        return BillRow(
            source=self._source,
            retrieved_at=self._retrieved_at,
            final=bool(text("InvoiceId")),
            provider_name=text("ProviderName"),
            publisher_name=text("PublisherName"),
            billing_account_id=account,
            billing_account_name=text("BillingAccountName"),
            sub_account_id=text("SubAccountId"),
            sub_account_name=text("SubAccountName"),
            billing_period_start=self._when(values, "BillingPeriodStart"),
            charge_period_start=start,
            charge_period_end=end,
            charge_category=_category(text("ChargeCategory")),
            charge_class=_class(text("ChargeClass")),
            charge_description=text("ChargeDescription"),
            service_name=text("ServiceName"),
            service_category=text("ServiceCategory"),
            region_id=text("RegionId"),
            resource_id=text("ResourceId"),
            resource_name=text("ResourceName"),
            resource_type=text("ResourceType"),
            sku_id=text("SkuId"),
            instance_type=self._instance(values),
            pricing_category=_pricing(text("PricingCategory")),
            pricing_unit=text("PricingUnit"),
            consumed_quantity=_number(values.get(self._columns.get("ConsumedQuantity", "")), "ConsumedQuantity"),
            consumed_unit=text("ConsumedUnit"),
            commitment_discount_id=text("CommitmentDiscountId"),
            commitment_discount_name=text("CommitmentDiscountName"),
            commitment_discount_type=text("CommitmentDiscountType"),
            commitment_discount_category=text("CommitmentDiscountCategory"),
            commitment_discount_status=text("CommitmentDiscountStatus"),
            tags=self._mapping(values, "Tags"),
            billing_currency=currency,
            billed_cost=billed,
            effective_cost=effective,
            list_cost=money("ListCost"),
            contracted_cost=money("ContractedCost"),
        )

    def _when(self, values: Mapping[str, Any], name: str) -> datetime:
        value = values.get(self._columns[name])
        if isinstance(value, datetime):
            return _in_utc(value, self._zone)
        try:
            return self._moment(str(value or "").strip())
        except ValueError:
            problem = f"{_shown(value)} is no time; write it as 2026-11-20T00:00:00Z"
            raise RowError(name, problem) from None

    def _read_moment(self, text: str) -> datetime:
        return _in_utc(datetime.fromisoformat(text.removesuffix(" UTC")), self._zone)

    def _instance(self, values: Mapping[str, Any]) -> str:
        details = self._mapping(values, "SkuPriceDetails")
        return details.get("InstanceType") or details.get("x_InstanceType", "")

    def _mapping(self, values: Mapping[str, Any], name: str) -> Mapping[str, str]:
        value = values.get(self._columns.get(name, ""))
        if value is None or value == "":
            return {}
        if isinstance(value, list):  # a Parquet map
            return _pairs(dict(value))
        if isinstance(value, dict):
            return _pairs(value)
        return self._tags(str(value), name)

    def _read_tags(self, text: str, name: str) -> Mapping[str, str]:
        if text.strip().lower() in _NULLS:
            return {}
        try:
            told = json.loads(text)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self._remark(f"column {name}: {_shown(text)} is no JSON object; the charge counts without it")
            return {}
        return _pairs(told)


def _pairs(told: Mapping[Any, Any]) -> dict[str, str]:
    return {_clean(str(key)): _clean(_word(value)) for key, value in told.items() if value is not None}


def _word(value: object) -> str:
    return json.dumps(value) if isinstance(value, (bool, dict, list)) else str(value)


def _number(value: object, name: str) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        amount = value
    else:
        text = str(value).strip()
        if text.lower() in _NULLS:
            return None
        try:
            amount = Decimal(text) if "_" not in text else None
        except InvalidOperation:
            amount = None
        if amount is None:
            raise RowError(name, f"{_shown(value)} is no number; write it as 1234.56")
    if amount is not None and not amount.is_finite():
        raise RowError(name, f"{_shown(value)} is no amount")
    return amount


def _category(text: str) -> ChargeCategory:
    try:
        return _CATEGORIES[text.lower()]
    except KeyError:
        known = ", ".join(ChargeCategory)
        raise RowError("ChargeCategory", f"{_shown(text)} is none of {known}") from None


def _class(text: str) -> ChargeClass:
    return ChargeClass.CORRECTION if text.lower() == "correction" else ChargeClass.ORDINARY


def _pricing(text: str) -> PricingCategory:
    plain = text.lower()
    return (
        _PRICINGS.get(plain) or _OLD_PRICINGS.get(plain) or (PricingCategory.OTHER if text else PricingCategory.UNKNOWN)
    )


def _in_utc(moment: datetime, zone: tzinfo) -> datetime:
    """Return it in UTC. An hour that a zone has twice is its first; one that it skips is read as if it had not."""
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _clean(text: str) -> str:
    line = one_line(text, 1_000)
    return "" if line.lower() in {"null", "none"} else line


def _shown(value: object) -> str:
    return repr(one_line("" if value is None else str(value), SHOWN))
