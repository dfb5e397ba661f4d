"""What kinds of charge Cost Explorer tells apart (RECORD_TYPE, "charge type"), under the names of FOCUS.

FOCUS calls a credit what is unrelated to other charges; discounts that lower what usage costs stay usage.
"""

from __future__ import annotations

from finops_tui.model.bill import ChargeCategory

_COMMITMENTS = {
    "RIFee": "Reserved",
    "SavingsPlanRecurringFee": "Savings Plan",
    "SavingsPlanUpfrontFee": "Savings Plan",
    "Upfront": "Reserved",
}
_CATEGORIES = {
    "Usage": ChargeCategory.USAGE,
    "DiscountedUsage": ChargeCategory.USAGE,
    "SavingsPlanCoveredUsage": ChargeCategory.USAGE,
    "SavingsPlanNegation": ChargeCategory.USAGE,
    "BundledDiscount": ChargeCategory.USAGE,
    "Discount": ChargeCategory.USAGE,
    "Enterprise Discount Program Discount": ChargeCategory.USAGE,
    "EdpDiscount": ChargeCategory.USAGE,
    "Private Rate Card Discount": ChargeCategory.USAGE,
    "PrivateRateDiscount": ChargeCategory.USAGE,
    "RiVolumeDiscount": ChargeCategory.USAGE,
    "SppDiscount": ChargeCategory.USAGE,
    "Solution Provider Program Discount": ChargeCategory.USAGE,
    **dict.fromkeys(_COMMITMENTS, ChargeCategory.PURCHASE),
    "Fee": ChargeCategory.PURCHASE,
    "Recurring": ChargeCategory.PURCHASE,
    "Support": ChargeCategory.PURCHASE,
    "Tax": ChargeCategory.TAX,
    "Credit": ChargeCategory.CREDIT,
    "Refund": ChargeCategory.ADJUSTMENT,
}
NOT_USAGE = tuple(name for name, category in _CATEGORIES.items() if category is not ChargeCategory.USAGE)
"""What a filter leaves out to see usage alone."""


def category(record_type: str) -> ChargeCategory:
    """Return the kind of charge; one that nobody knows yet is an adjustment, so that its money is not lost."""
    return _CATEGORIES.get(record_type, ChargeCategory.ADJUSTMENT)


def commitment(record_type: str) -> str:
    """Return what kind of commitment is bought by it; empty for all else."""
    return _COMMITMENTS.get(record_type, "")
