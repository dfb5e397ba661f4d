"""SQL for a drill-down into a cost and usage export in Athena: names from fixed tables, values quoted.

The amortised cost follows AWS's rules for line item types; rows of split cost allocation repeat the cost of their
machine and are left out (AWS Data Exports user guide, "Table dictionary"). Amounts are added up as decimals: a sum of
doubles is not the sum on the invoice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.drill import BY, Drill, tag_keys
from finops_tui.sources.aws.export_sql import as_text, as_time
from finops_tui.sources.aws.settings import Athena
from finops_tui.sources.aws.views import EC2
from finops_tui.sources.billing.drill_sql import dearest, numbered

EC2_OTHER = "EC2 - Other"
"""Cost Explorer splits EC2 in two: machines, and what is beside them. Exports know one product."""
MACHINES = "(BoxUsage|SpotUsage|HeavyUsage|DedicatedUsage|HostUsage|UnusedBox|UnusedDed)"
"""In usage types of machines."""
_INSTANCE = ":((ml[.])?[a-z][a-z0-9-]*[.][a-z0-9-]+)$"
_EXACT = "CAST({} AS DECIMAL(38, 10))"

_CUR_EFFECTIVE = """CASE line_item_line_item_type
    WHEN 'SavingsPlanCoveredUsage' THEN savings_plan_savings_plan_effective_cost
    WHEN 'SavingsPlanRecurringFee'
      THEN savings_plan_total_commitment_to_date - savings_plan_used_commitment
    WHEN 'SavingsPlanNegation' THEN 0
    WHEN 'SavingsPlanUpfrontFee' THEN 0
    WHEN 'DiscountedUsage' THEN reservation_effective_cost
    WHEN 'RIFee' THEN reservation_unused_amortized_upfront_fee_for_billing_period
      + reservation_unused_recurring_fee
    WHEN 'Fee' THEN CASE WHEN coalesce(reservation_reservation_a_r_n, '') = ''
      THEN line_item_unblended_cost ELSE 0 END
    ELSE line_item_unblended_cost END"""
_CUR: Mapping[str, str] = {
    "resource": "line_item_resource_id",
    "sku": "line_item_usage_type",
    "operation": "line_item_operation",
    "instance": "product_instance_type",
    "service": "line_item_product_code",
    "account": "line_item_usage_account_id",
    "billing_account": "bill_payer_account_id",
    "region": "product_region_code",
    "day": "date_format(line_item_usage_start_date, '%Y-%m-%d')",
    "hour": "date_format(line_item_usage_start_date, '%Y-%m-%d %H:00Z')",
    "currency": "line_item_currency_code",
    "billed": "line_item_unblended_cost",
    "effective": _CUR_EFFECTIVE,
    "month": "bill_billing_period_start_date",
    "time": "line_item_usage_start_date",
    "code": "line_item_product_code",
}
_FOCUS: Mapping[str, str] = {
    "resource": "resourceid",
    "sku": "x_usagetype",
    "operation": "x_operation",
    "instance": f"regexp_extract(x_usagetype, '{_INSTANCE}', 1)",
    "service": "servicename",
    "account": "coalesce(nullif(subaccountid, ''), billingaccountid)",
    "billing_account": "billingaccountid",
    "region": "regionid",
    "day": "date_format(chargeperiodstart, '%Y-%m-%d')",
    "hour": "date_format(chargeperiodstart, '%Y-%m-%d %H:00Z')",
    "currency": "billingcurrency",
    "billed": "billedcost",
    "effective": "effectivecost",
    "month": "billingperiodstart",
    "time": "chargeperiodstart",
    "code": "x_servicecode",
}
TELLS = BY
"""Both formats tell everything."""


def query(export: Athena, question: Drill, scopes: Scopes) -> str:
    """Return the query that answers; `scopes` name the tags behind teams and the like."""
    columns = _FOCUS if export.format == "focus" else _CUR
    names = [_told(name, export, scopes) for name in question.by]
    chosen = [f"{text} AS k{number}" for number, text in enumerate(names)]
    chosen.append(f"{columns['currency']} AS currency")
    chosen += [f"SUM({_EXACT.format(columns[name])}) AS {name}" for name in ("billed", "effective")]
    where = [
        f"{columns['month']} >= {as_time(question.since.replace(day=1, hour=0))}",
        f"{columns['month']} < {as_time(question.until)}",
        f"{columns['time']} >= {as_time(question.since)}",
        f"{columns['time']} < {as_time(question.until)}",
    ]
    if export.format != "focus":
        where.append("coalesce(line_item_operation, '') NOT IN ('EKSPod-EC2', 'ECSTask-EC2')")
    where += [_filter(name, values, export, scopes) for name, values in question.filters.items()]
    lines = (
        f'SELECT {", ".join(chosen)}\nFROM "{export.database}"."{export.table}"\nWHERE '
        + "\n  AND ".join(where)
        + f"\nGROUP BY {numbered(len(names) + 1)}"
    )
    return dearest(lines, len(names), question.top)


def _told(name: str, export: Athena, scopes: Scopes) -> str:
    columns = _FOCUS if export.format == "focus" else _CUR
    keys = tag_keys(name, scopes)
    if not keys:
        return f"coalesce({columns[name]}, '')"
    tags = ", ".join(tag for key in keys for tag in _tags(key, export))
    return f"coalesce({tags}, '')"


def _tags(key: str, export: Athena) -> Sequence[str]:
    """Return a tag's value under each of the names that exports have for it; an empty one is none."""
    if export.format == "focus":
        return [f"nullif(element_at(tags, {as_text(key)}), '')"]
    return [f"nullif(element_at(resource_tags, {as_text(prefix + key)}), '')" for prefix in ("user_", "user:", "")]


def _filter(name: str, values: Sequence[str], export: Athena, scopes: Scopes) -> str:
    if name != "service":
        return f"{_told(name, export, scopes)} IN ({_listed(values)})"
    return f"({' OR '.join(_service(value, export) for value in values)})"


def _service(value: str, export: Athena) -> str:
    """Return what a service is known by: its name, its code, or the name that Cost Explorer has for it."""
    columns = _FOCUS if export.format == "focus" else _CUR
    if value in {EC2, EC2_OTHER}:
        machine = f"regexp_like({columns['sku']}, '{MACHINES}')"
        return f"({columns['code']} = 'AmazonEC2' AND {machine if value == EC2 else f'NOT {machine}'})"
    text = as_text(value)
    known = [f"coalesce({columns['service']}, '') = {text}"]
    if export.format == "focus":
        known.append(f"{columns['code']} = {text}")
    elif " " in value:
        known.append(f"element_at(product, 'product_name') = {text}")
    else:
        known.append(f"product_servicecode = {text}")
    return " OR ".join(known)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(as_text, values))
