"""By what money can be told apart, under the names that people type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from finops_tui.errors import UsageError

GROUP_FIELDS = (
    "provider_name",
    "publisher_name",
    "billing_account_id",
    "sub_account_id",
    "service_name",
    "service_category",
    "region_id",
    "instance_type",
    "charge_category",
    "pricing_category",
    "billing_currency",
)
LINE_FIELDS = (
    "charge_class",
    "charge_description",
    "resource_id",
    "resource_name",
    "resource_type",
    "sku_id",
    "pricing_unit",
    "consumed_unit",
    "commitment_discount_id",
    "commitment_discount_name",
    "commitment_discount_type",
    "commitment_discount_category",
    "commitment_discount_status",
)
FIELDS: Mapping[str, str] = {
    "provider": "provider_name",
    "publisher": "publisher_name",
    "account": "account",
    "billing_account": "billing_account_id",
    "service": "service_name",
    "service_category": "service_category",
    "region": "region_id",
    "instance": "instance_type",
    "category": "charge_category",
    "pricing": "pricing_category",
    "resource": "resource_id",
    "resource_type": "resource_type",
    "sku": "sku_id",
    "description": "charge_description",
    "commitment": "commitment_discount_id",
    "source": "source",
}
"""Name of a dimension -> field of `BillRow`; `account` is the sub-account where there is one."""
TAG = "tag:"
HOUR = "hour"

Scopes = Mapping[str, Sequence[str]]
"""Name of a scope (`team`) -> tag keys that name it; the first that a charge carries wins."""

NAMESPACE_KEYS = ("namespace", "kubernetes-namespace", "k8s-namespace", "kubernetes_namespace", "aws:eks:namespace")
_PREFIXES = ("user:", "label:", "k8s-label/")
"""What exports put before the name that a person gave."""


def names(scopes: Scopes) -> tuple[str, ...]:
    """Return every dimension by name, for help and errors."""
    return (*FIELDS, *(name for name in scopes if name not in FIELDS), f"{TAG}KEY")


def check(asked: Sequence[str], scopes: Scopes) -> None:
    """Raise UsageError where one of `asked` is no dimension."""
    for name in asked:
        if not (name in FIELDS or name in scopes or (name.startswith(TAG) and len(name) > len(TAG))):
            raise UsageError(f"{name!r} is nothing to count by.", hint=f"There are: {', '.join(names(scopes))}.")


def of_lines(name: str, scopes: Scopes) -> bool:
    """Tell whether a dimension is told by lines alone, not by groups."""
    return name not in scopes and (name.startswith(TAG) or FIELDS[name] in LINE_FIELDS)


def needed(name: str, scopes: Scopes) -> frozenset[str]:
    """Return what a view may tell apart, any of it, to answer for the dimension called `name`; see `plain_field`."""
    if name in FIELDS:
        field = FIELDS[name]
        return frozenset({field, "sub_account_id", "billing_account_id"} if field == "account" else {field})
    keys = scopes[name] if name in scopes else (name.removeprefix(TAG),)
    return frozenset(f"{TAG}{plain_key(key)}" for key in keys)


def scoped(tags: Mapping[str, str], scopes: Scopes) -> dict[str, str]:
    """Return what the tags say of each scope; scopes that they leave open are left out."""
    if not tags:
        return {}
    plain = {plain_key(key): value for key, value in tags.items() if value}
    found = {}
    for name, keys in scopes.items():
        value = next((plain[key] for each in keys if (key := plain_key(each)) in plain), "")
        if value:
            found[name] = value
    return found


def plain_key(key: str) -> str:
    """Return a tag key without case and without what exports put before it."""
    key = key.casefold()
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key


def plain_field(field: str) -> str:
    """Return a field of a view; a tag by its plain key."""
    return f"{TAG}{plain_key(field.removeprefix(TAG))}" if field.startswith(TAG) else field


def compact(mapping: Mapping[str, str]) -> str:
    return json.dumps(mapping, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if mapping else "{}"
