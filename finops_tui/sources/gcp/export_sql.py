"""Questions to the billing export, added up where it lies: only days, services and the like travel.

Columns of the standard and the detailed export: https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables
Those of FOCUS are the specification's. Every question answers with the same columns, amounts as decimal text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finops_tui.sources.gcp.settings import GcpSettings

DISCOUNTS = (
    "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    "DISCOUNT",
    "RESELLER_MARGIN",
    "SUSTAINED_USAGE_DISCOUNT",
    "SUBSCRIPTION_BENEFIT",
)
"""Types of credits that make usage cheaper for good: the effective cost has them taken off. Others are gifts."""
KEYS = ("day", "invoice_month", "kind", "currency_code", "account", "service_name", "region_id", "pricing", "machine")
SUMS = ("billed", "effective", "discounts", "gifts", "listed")
_SUMS = ", ".join(f"IF(LOGICAL_OR({name} IS NULL), NULL, SUM({name})) AS {name}" for name in SUMS)
"""What is known of a part alone is not known of the whole."""

_DISCOUNTS = ", ".join(f"'{kind}'" for kind in DISCOUNTS)


def _credits(which: str) -> str:
    return (
        "IFNULL((SELECT SUM(CAST(c.amount AS NUMERIC)) FROM UNNEST(credits) AS c "  # noqa: S608 - constants
        f"WHERE IFNULL(c.type, '') {which} ({_DISCOUNTS})), 0)"
    )


_USAGE: Mapping[str, str] = {
    "day": "FORMAT_DATE('%F', DATE(usage_start_time))",
    "invoice_month": "invoice.month",
    "kind": "cost_type",
    "currency_code": "currency",
    "account": "IFNULL(project.id, '')",
    "service_name": "service.description",
    "region_id": "IFNULL(location.region, '')",
    "pricing": "CASE WHEN CONTAINS_SUBSTR(sku.description, 'Preemptible') THEN 'Dynamic' "
    "WHEN STARTS_WITH(sku.description, 'Commitment') THEN 'Committed' ELSE '' END",
    "machine": "IFNULL((SELECT ANY_VALUE(l.value) FROM UNNEST(system_labels) AS l "
    "WHERE l.key = 'compute.googleapis.com/machine_spec'), '')",
    "account_name": "project.name",
    "billed": "CAST(cost AS NUMERIC)",
    "effective": f"CAST(cost AS NUMERIC) + {_credits('IN')}",
    "discounts": _credits("IN"),
    "gifts": _credits("NOT IN"),
    "listed": "CAST(cost_at_list AS NUMERIC)",
    "resource": "IFNULL(resource.name, '')",
    "label": "IFNULL((SELECT ANY_VALUE(l.value) FROM UNNEST(labels) AS l WHERE l.key = @{}), '')",
    "time": "usage_start_time",
}
_FOCUS: Mapping[str, str] = {
    "day": "FORMAT_DATE('%F', DATE(ChargePeriodStart))",
    "invoice_month": "FORMAT_DATE('%Y%m', DATE(BillingPeriodStart))",
    "kind": "ChargeCategory",
    "currency_code": "BillingCurrency",
    "account": "IFNULL(SubAccountId, '')",
    "service_name": "ServiceName",
    "region_id": "IFNULL(RegionId, '')",
    "pricing": "IFNULL(PricingCategory, '')",
    "account_name": "SubAccountName",
    "billed": "CAST(BilledCost AS NUMERIC)",
    "effective": "CAST(EffectiveCost AS NUMERIC)",
    "discounts": "CAST(0 AS NUMERIC)",
    "gifts": "CAST(0 AS NUMERIC)",
    "listed": "CAST(ListCost AS NUMERIC)",
    "resource": "IFNULL(ResourceId, '')",
    "label": "IFNULL((SELECT ANY_VALUE(t.value) FROM UNNEST(Tags) AS t WHERE t.key = @{}), '')",
    "time": "ChargePeriodStart",
}


def label_column(number: int) -> str:
    """Return the column of the label with this place in the settings, which is the name of its parameter too."""
    return f"label_{number}"


def by_service(settings: GcpSettings) -> str:
    """Return the question for each day's money by service, project, region, machine and label.

    It wants the parameters `start`, `until` (TIMESTAMP) and those that `label_column` names (STRING).
    """
    keys = _keys(settings)
    return f"{_lines(settings, keys)}\nORDER BY 1"


def by_resource(settings: GcpSettings) -> str:
    """Return the question for each day's money by resource as well; those that cost least are one without a name.

    It wants the parameter `resource_rows` (INT64) too.
    """
    keys = _keys(settings)
    lines = _lines(settings, (*keys, "resource"))
    kept = f"{', '.join((*keys, 'account_name'))}, IF(place <= @resource_rows, resource, '') AS resource"
    places = len(keys) + 2
    return (
        f"WITH lines AS (\n{lines}\n), placed AS (\n"
        "SELECT *, ROW_NUMBER() OVER (ORDER BY ABS(effective) DESC, ABS(billed) DESC) AS place FROM lines\n)\n"
        f"SELECT {kept}, {_SUMS}\nFROM placed\nGROUP BY {_numbered(places)}\nORDER BY 1"
    )


def _keys(settings: GcpSettings) -> tuple[str, ...]:
    keys = (key for key in KEYS if key in _columns(settings))
    return (*keys, *(label_column(number) for number in range(len(settings.labels))))


def _columns(settings: GcpSettings) -> Mapping[str, str]:
    return _FOCUS if settings.format == "focus" else _USAGE


def _lines(settings: GcpSettings, keys: Sequence[str]) -> str:
    """Return the sums by `keys`: what a charge tells is read first, then added up under plain names."""
    columns = _columns(settings)
    time = columns["time"]

    def told(name: str) -> str:
        return columns["label"].format(name) if name.startswith("label_") else columns[name]

    read = ",\n".join(f"    {told(name)} AS {name}" for name in (*keys, "account_name", *SUMS))
    partitions = ""
    if settings.partitioned and settings.format != "focus":  # charges are loaded when they are made, or later
        partitions = "_PARTITIONTIME >= TIMESTAMP_SUB(@start, INTERVAL 1 DAY) AND "
    return (
        f"SELECT {', '.join(keys)}, ANY_VALUE(account_name) AS account_name, {_SUMS}\nFROM (\n"  # noqa: S608 - checked names
        f"  SELECT\n{read}\n  FROM `{settings.export}`\n"
        f"  WHERE {partitions}{time} >= @start AND {time} < @until\n)\nGROUP BY {_numbered(len(keys))}"
    )


def _numbered(places: int) -> str:
    return ", ".join(str(place + 1) for place in range(places))
