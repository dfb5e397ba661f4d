"""What the name of a usage type says: `USE2-SpotUsage:p5.48xlarge` is a spot instance of that type."""

from __future__ import annotations

import re

from finops_tui.model.bill import PricingCategory

_INSTANCE = re.compile(r":((?:ml\.)?[a-z][a-z0-9-]*\.(?:metal|[a-z0-9-]*x?large|medium|small|micro|nano)[a-z0-9-]*)")
_SAGEMAKER = re.compile(r"(ml\.[a-z0-9-]+\.[a-z0-9-]+)$")
_PRICING = (
    ("SpotUsage", PricingCategory.DYNAMIC),
    ("HeavyUsage", PricingCategory.COMMITTED),
    ("BoxUsage", PricingCategory.STANDARD),
    ("DedicatedUsage", PricingCategory.STANDARD),
)
_PURCHASE = {
    "On Demand Instances": PricingCategory.STANDARD,
    "Spot Instances": PricingCategory.DYNAMIC,
    "Standard Reserved Instances": PricingCategory.COMMITTED,
    "Convertible Reserved Instances": PricingCategory.COMMITTED,
    "Savings Plans": PricingCategory.COMMITTED,
}


def instance_type(usage_type: str) -> str:
    """Return the instance type that a usage type names; empty where it names none."""
    found = _INSTANCE.search(usage_type) or _SAGEMAKER.search(usage_type)
    return found[1] if found else ""


def pricing(usage_type: str) -> PricingCategory:
    """Return how it is bought, as far as the usage type says so."""
    return next((category for word, category in _PRICING if word in usage_type), PricingCategory.UNKNOWN)


def purchase(purchase_type: str) -> PricingCategory:
    """Return the same for a value of the dimension PURCHASE_TYPE."""
    return _PURCHASE.get(purchase_type, PricingCategory.OTHER if purchase_type else PricingCategory.UNKNOWN)
