"""SQL for a drill-down into a billing export in BigQuery: names from fixed tables, values as query parameters.

Columns as in `export_sql`. Credits of every type are taken off the charge that they belong to: what is billed and what
it effectively costs are the same here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.drill import BY, Drill, tag_keys
from finops_tui.sources.billing.drill_sql import SUMS, dearest, numbered
from finops_tui.sources.gcp.bigquery import Parameter
from finops_tui.sources.gcp.settings import GcpSettings

_CHARGED = (
    "CAST(cost AS NUMERIC) + IFNULL((SELECT SUM(CAST(c.amount AS NUMERIC)) FROM UNNEST(credits) AS c), 0)"
)  # fmt: skip
_USAGE: Mapping[str, str] = {
    "resource": "resource.name",
    "sku": "sku.description",
    "instance": "(SELECT ANY_VALUE(l.value) FROM UNNEST(system_labels) AS l "
    "WHERE l.key = 'compute.googleapis.com/machine_spec')",
    "service": "service.description",
    "account": "COALESCE(NULLIF(project.id, ''), billing_account_id)",
    "billing_account": "billing_account_id",
    "region": "location.region",
    "day": "FORMAT_TIMESTAMP('%F', usage_start_time)",
    "hour": "FORMAT_TIMESTAMP('%F %H:00Z', usage_start_time)",
    "currency": "currency",
    "billed": _CHARGED,
    "effective": _CHARGED,
    "label": "(SELECT ANY_VALUE(l.value) FROM UNNEST(labels) AS l WHERE l.key = @{})",
    "time": "usage_start_time",
}
_FOCUS: Mapping[str, str] = {
    "resource": "ResourceId",
    "sku": "SkuId",
    "service": "ServiceName",
    "account": "COALESCE(NULLIF(SubAccountId, ''), BillingAccountId)",
    "billing_account": "BillingAccountId",
    "region": "RegionId",
    "day": "FORMAT_TIMESTAMP('%F', ChargePeriodStart)",
    "hour": "FORMAT_TIMESTAMP('%F %H:00Z', ChargePeriodStart)",
    "currency": "BillingCurrency",
    "billed": "CAST(BilledCost AS NUMERIC)",
    "effective": "CAST(EffectiveCost AS NUMERIC)",
    "label": "(SELECT ANY_VALUE(t.value) FROM UNNEST(Tags) AS t WHERE t.key = @{})",
    "time": "ChargePeriodStart",
}


@dataclass(slots=True)
class Asked:
    """A query and its parameters."""

    text: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def put(self, value: str) -> str:
        """Add a value; return the parameter's name, without `@`."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return name


def tells(settings: GcpSettings) -> tuple[str, ...]:
    """Return what the export tells apart."""
    silent = {"resource"} if settings.format == "standard" else set()
    return tuple(name for name in BY if name in _columns(settings) and name not in silent)


def query(settings: GcpSettings, question: Drill, scopes: Scopes) -> Asked:
    """Return the query that answers; `scopes` name the labels behind teams and the like."""
    columns = _columns(settings)
    asked = Asked(parameters={"start": question.since, "until": question.until})

    def told(name: str) -> str:
        return f"IFNULL({_text(name, columns, asked, scopes)}, '')"

    keys = [f"k{number}" for number in range(len(question.by))]
    read = [f"{told(name)} AS {key}" for key, name in zip(keys, question.by, strict=True)]
    read += [f"{columns[name]} AS {name}" for name in ("currency", *SUMS)]
    where = [f"{columns['time']} >= @start", f"{columns['time']} < @until"]
    if settings.partitioned and settings.format != "focus":  # charges are loaded when they are made, or later
        where.insert(0, "_PARTITIONTIME >= TIMESTAMP_SUB(@start, INTERVAL 1 DAY)")
    where += [f"{told(name)} IN ({', '.join(_put(values, asked))})" for name, values in question.filters.items()]
    sums = (f"SUM({name}) AS {name}" for name in SUMS)
    lines = (
        f"SELECT {', '.join((*keys, 'currency', *sums))}\nFROM (\n"  # noqa: S608 - names from tables, values as parameters
        f"  SELECT {', '.join(read)}\n  FROM `{settings.export}`\n  WHERE {' AND '.join(where)}\n"
        f")\nGROUP BY {numbered(len(keys) + 1)}"
    )
    asked.text = dearest(lines, len(keys), question.top)
    return asked


def _columns(settings: GcpSettings) -> Mapping[str, str]:
    return _FOCUS if settings.format == "focus" else _USAGE


def _text(name: str, columns: Mapping[str, str], asked: Asked, scopes: Scopes) -> str:
    keys = tag_keys(name, scopes)
    if not keys:
        return columns[name]
    labels = (f"NULLIF({columns['label'].format(asked.put(key))}, '')" for key in keys)
    return f"COALESCE({', '.join(labels)})"


def _put(values: Sequence[str], asked: Asked) -> Iterator[str]:
    return (f"@{asked.put(value)}" for value in values)
