"""SQL for a cost and usage export in Athena: what each resource with accelerators cost, hour by hour.

The amortised cost of CUR 2.0 follows AWS's own rules for its line item types; rows of split cost allocation repeat
the cost of their machine and are left out (AWS Data Exports user guide, "Table dictionary").
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.sources.aws.settings import Athena

ACCELERATED = r"(ml\.)?(p|g|trn|inf|dl)[0-9]"
COLUMNS = (
    "hour",
    "account",
    "service",
    "region",
    "machine",
    "resource",
    "kind",
    "currency",
    "billed",
    "effective",
    "listed",
)
"""Of every answer, in this order; tags follow."""

_EFFECTIVE = """CASE line_item_line_item_type
    WHEN 'SavingsPlanCoveredUsage' THEN savings_plan_savings_plan_effective_cost
    WHEN 'DiscountedUsage' THEN reservation_effective_cost
    WHEN 'SavingsPlanNegation' THEN 0
    ELSE line_item_unblended_cost END"""


def query(export: Athena, tags: Sequence[str], since: datetime, until: datetime) -> str:
    """Return the query for [since, until), both full hours in UTC. Only usage: fees belong to no resource's hour."""
    return _focus(export, tags, since, until) if export.format == "focus" else _cur(export, tags, since, until)


def _cur(export: Athena, tags: Sequence[str], since: datetime, until: datetime) -> str:
    columns = (
        "line_item_usage_start_date",
        "line_item_usage_account_id",
        "product_servicecode",
        "product_region_code",
        "product_instance_type",
        "line_item_resource_id",
        "line_item_line_item_type",
        "line_item_currency_code",
        "SUM(line_item_unblended_cost)",
        f"SUM({_EFFECTIVE})",
        "SUM(pricing_public_on_demand_cost)",
    )
    where = (
        f"bill_billing_period_start_date >= {as_time(since.replace(day=1, hour=0))}",
        f"line_item_usage_start_date >= {as_time(since)}",
        f"line_item_usage_start_date < {as_time(until)}",
        "line_item_line_item_type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation')",
        "coalesce(line_item_operation, '') NOT IN ('EKSPod-EC2', 'ECSTask-EC2')",
        f"regexp_like(product_instance_type, '^{ACCELERATED}')",
    )
    return _select(export, (*columns, *map(_cur_tag, tags)), where)


def _cur_tag(key: str) -> str:
    """Return a tag's value, under either of the names that exports have for it."""
    names = (f"element_at(resource_tags, {as_text(prefix + key)})" for prefix in ("user_", "user:"))
    return f"coalesce({', '.join(names)})"


def _focus(export: Athena, tags: Sequence[str], since: datetime, until: datetime) -> str:
    columns = (
        "chargeperiodstart",
        "subaccountid",
        "servicename",
        "regionid",
        "x_usagetype",
        "resourceid",
        "pricingcategory",
        "billingcurrency",
        "SUM(billedcost)",
        "SUM(effectivecost)",
        "SUM(listcost)",
    )
    where = (
        f"billingperiodstart >= {as_time(since.replace(day=1, hour=0))}",
        f"chargeperiodstart >= {as_time(since)}",
        f"chargeperiodstart < {as_time(until)}",
        "chargecategory = 'Usage'",
        f"regexp_like(x_usagetype, ':{ACCELERATED}')",
    )
    return _select(export, (*columns, *(f"element_at(tags, {as_text(key)})" for key in tags)), where)


def _select(export: Athena, columns: Sequence[str], where: Sequence[str]) -> str:
    names = (*COLUMNS, *(f"tag{index}" for index in range(len(columns) - len(COLUMNS))))
    chosen = ",\n  ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
    grouped = ", ".join(str(index) for index, column in enumerate(columns, 1) if not column.startswith("SUM("))
    rows = "\n  AND ".join(where)
    return (
        f'SELECT {chosen}\nFROM "{export.database}"."{export.table}"\nWHERE {rows}\n'
        f"GROUP BY {grouped}\nORDER BY 10 DESC\nLIMIT {export.rows + 1}"
    )


def as_time(at: datetime) -> str:
    """Return a full hour in UTC as a literal."""
    return f"TIMESTAMP '{at:%Y-%m-%d %H:00:00}'"


def as_text(text: str) -> str:
    """Return any text as a literal: a quote is doubled, nothing else has a meaning in one."""
    return "'" + text.replace("'", "''") + "'"
