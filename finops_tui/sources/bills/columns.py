"""Which column of a file is which of FOCUS, in the versions of the specification and as exporters spell it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finops_tui.errors import SourceError
from finops_tui.phrases import counted

REQUIRED = (
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "BillingAccountId",
    "BillingPeriodStart",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
    "ProviderName",
)
"""Without one of these a row says too little; every version of FOCUS from 1.0 on demands them."""
KNOWN = (
    *REQUIRED,
    "BillingAccountName",
    "ChargeClass",
    "ChargeDescription",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "InvoiceId",
    "ListCost",
    "PricingCategory",
    "PricingUnit",
    "PublisherName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "SkuId",
    "SkuPriceDetails",
    "SubAccountId",
    "SubAccountName",
    "Tags",
)
_OTHER_NAMES = {
    "serviceprovidername": "ProviderName",  # 1.3
    "provider": "ProviderName",  # before 1.0
    "publisher": "PublisherName",
    "region": "RegionId",
    "usagequantity": "ConsumedQuantity",
    "usageunit": "ConsumedUnit",
    "chargetype": "ChargeCategory",
    "amortizedcost": "EffectiveCost",
}
_PLAIN = re.compile(r"[^a-z0-9]")


def find(header: Sequence[str], file: str) -> dict[str, str]:
    """Return, by FOCUS name, the column of the file that holds it; others are left out, those named `x_` with them.

    Raises SourceError where a column that every row needs is not there, or is there twice.
    """
    names = {_plain(name): name for name in KNOWN}
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    for column in header:
        plain = _plain(column)
        if column.lower().startswith("x_"):
            continue
        if plain in names:
            if names[plain] in found:
                raise SourceError(f"{file} has the column {names[plain]} twice.", hint="Remove one of the two.")
            found[names[plain]] = column
        elif plain in _OTHER_NAMES:
            others.setdefault(_OTHER_NAMES[plain], column)
    found = {**others, **found}
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise SourceError(
            f"{file} is no FOCUS file: {_listed(missing)} missing in its first line.",
            f"It has {counted(len(header), 'column')}.",
            "Separate its columns with commas."
            if len(header) == 1 and re.search(r"[;|\t]", header[0])
            else "Export it in the FOCUS format, version 1.0 or later; every cloud offers that.",
        )
    return found


def _listed(missing: Sequence[str]) -> str:
    if len(missing) == 1:
        return f"the column {missing[0]} is"
    return f"the columns {', '.join(missing[:-1])} and {missing[-1]} are"


def _plain(name: str) -> str:
    return _PLAIN.sub("", name.lower())
