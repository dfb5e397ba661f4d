"""Bills: rows under the column names of FOCUS 1.2 in snake_case, money as `Decimal`, time as aware UTC.

Only the columns that somebody reads here are carried. Empty text stands for null; None for a cost that the bill does
not state, which is not the same as zero. https://focus.finops.org/focus-specification/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

ESTIMATE = "estimate"
"""Name of the source of days that are estimated because no bill tells of them."""


class ChargeCategory(StrEnum):
    USAGE = "Usage"
    PURCHASE = "Purchase"
    TAX = "Tax"
    CREDIT = "Credit"
    ADJUSTMENT = "Adjustment"


class ChargeClass(StrEnum):
    """Empty for an ordinary charge."""

    ORDINARY = ""
    CORRECTION = "Correction"
    """It corrects a billing period that was invoiced already."""


class PricingCategory(StrEnum):
    UNKNOWN = ""
    STANDARD = "Standard"
    DYNAMIC = "Dynamic"
    """Spot."""
    COMMITTED = "Committed"
    OTHER = "Other"


ALLOCATION = "allocation"
"""View that shares out what others bill: it is in no sum unless its source or its provider is asked for by name."""


class BillRow(Struct, frozen=True, kw_only=True, gc=False):
    """One charge, as one source states it.

    Names of fields are FOCUS column names; fields without such a name say where they come from.
    """

    source: str
    """Name of the source that says so, as in the config. Not FOCUS."""
    view: str = ""
    """Which cut of its money this is. Views of one source tell the same dollars: they are never added up. Not FOCUS."""
    retrieved_at: datetime
    """When the source gave it. Not FOCUS."""
    final: bool = False
    """Whether the billing period is closed: invoiced, not estimated any more. Not FOCUS."""

    provider_name: str
    publisher_name: str = ""
    billing_account_id: str
    billing_account_name: str = ""
    sub_account_id: str = ""
    """AWS account, GCP project, Azure subscription."""
    sub_account_name: str = ""

    billing_period_start: datetime
    charge_period_start: datetime
    charge_period_end: datetime
    """Exclusive."""

    charge_category: ChargeCategory = ChargeCategory.USAGE
    charge_class: ChargeClass = ChargeClass.ORDINARY
    charge_description: str = ""
    service_name: str
    service_category: str = ""
    region_id: str = ""
    resource_id: str = ""
    resource_name: str = ""
    resource_type: str = ""
    sku_id: str = ""
    instance_type: str = ""
    """`InstanceType` of the FOCUS column SkuPriceDetails."""
    pricing_category: PricingCategory = PricingCategory.UNKNOWN
    pricing_unit: str = ""
    consumed_quantity: Decimal | None = None
    consumed_unit: str = ""
    commitment_discount_id: str = ""
    commitment_discount_name: str = ""
    commitment_discount_type: str = ""
    commitment_discount_category: str = ""
    """`Spend` or `Usage`."""
    commitment_discount_status: str = ""
    """`Used` or `Unused`."""
    tags: Mapping[str, str] = field(default_factory=dict)

    billing_currency: str
    """ISO 4217."""
    billed_cost: Decimal
    """As invoiced, after discounts; nothing is spread over time."""
    effective_cost: Decimal
    """Commitments spread over what uses them: the figure for trends."""
    list_cost: Decimal | None = None
    contracted_cost: Decimal | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it the same charge when the bill is restated: all but amounts, names for people and provenance."""
        return (
            self.source,
            self.view,
            self.billing_period_start.isoformat(),
            self.charge_period_start.isoformat(),
            self.charge_period_end.isoformat(),
            self.provider_name,
            self.publisher_name,
            self.billing_account_id,
            self.sub_account_id,
            self.charge_category,
            self.charge_class,
            self.charge_description,
            self.service_name,
            self.region_id,
            self.resource_id,
            self.sku_id,
            self.instance_type,
            self.pricing_category,
            self.pricing_unit,
            self.consumed_unit,
            self.commitment_discount_id,
            self.commitment_discount_status,
            self.billing_currency,
            *(part for key in sorted(self.tags) for part in (key, self.tags[key])),
        )


class Statement(Struct, frozen=True, kw_only=True, gc=False):
    """What a source says about a span of time, all of it: it replaces what the source said about the same before.

    "The same" are the rows of this `source`, `view` and `part` whose charge period starts within [start, end). Without
    a span it is each billing account and UTC day that the rows name. Over a span, no rows means that there are none.
    """

    source: str
    view: str = ""
    part: str = ""
    """Which part of the source's money: an account, a series of files. Parts must not overlap."""
    dimensions: frozenset[str] = frozenset()
    """By which fields of `BillRow` this view tells money apart; empty: all of them. `tag:team` for a tag, `hour` where
    charge periods are hours."""
    start: datetime | None = None
    end: datetime | None = None
    rows: Iterable[BillRow]
    """Read once, in any order. Rows of one identity are added up."""


class BilledDay(Struct, frozen=True, kw_only=True, gc=False):
    """What one account was billed for one service on one UTC day, as far as it is known by now."""

    provider: str
    account: str
    """Sub-account where the bill has one, else billing account."""
    account_name: str = ""
    service: str
    day: date
    currency: str
    usage: Decimal = Decimal(0)
    """Billed cost of Usage."""
    effective: Decimal = Decimal(0)
    """Effective cost of Usage: commitments spread over what uses them."""
    credits: Decimal = Decimal(0)
    """As a rule negative."""
    taxes: Decimal = Decimal(0)
    purchases: Decimal = Decimal(0)
    adjustments: Decimal = Decimal(0)
    final: bool = False


class ScopedDay(Struct, frozen=True, kw_only=True, gc=False):
    """What one account was billed for one team, model or the like on one UTC day."""

    scope: str
    """Name of the dimension: `team`."""
    name: str
    account: str
    day: date
    currency: str
    effective: Decimal
    """Effective cost of usage."""


OTHERS = "(others)"


def folded(days: Iterable[BilledDay], most: int) -> tuple[BilledDay, ...]:
    """Return at most about `most` rows: what an account spends least on stands together as `(others)`. Sums stay."""
    days = tuple(days)
    if len(days) <= most:
        return days
    sums: dict[tuple[str, str, str], Decimal] = {}
    rows: dict[tuple[str, str, str], int] = {}
    for each in days:
        key = (each.account, each.service, each.currency)
        sums[key] = sums.get(key, Decimal(0)) + abs(each.effective) + abs(each.usage)
        rows[key] = rows.get(key, 0) + 1
    left, named = most // 2, set()
    for key in sorted(sums, key=lambda one: (-sums[one], one)):
        left -= rows[key]
        if left < 0:
            break
        named.add(key)
    together: dict[tuple[str, str, date, str], BilledDay] = {}
    for each in days:
        service = each.service if (each.account, each.service, each.currency) in named else OTHERS
        place = (each.account, service, each.day, each.currency)
        before = together.get(place)
        renamed = replace(each, service=service)
        together[place] = renamed if before is None else _added(before, renamed)
    return tuple(together.values())


def _added(one: BilledDay, other: BilledDay) -> BilledDay:
    return replace(
        one,
        usage=one.usage + other.usage,
        effective=one.effective + other.effective,
        credits=one.credits + other.credits,
        taxes=one.taxes + other.taxes,
        purchases=one.purchases + other.purchases,
        adjustments=one.adjustments + other.adjustments,
        final=one.final and other.final,
    )
