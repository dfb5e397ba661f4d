"""One day of allocations as charges.

`GET /allocation/compute` answers `{"code": 200, "data": [{NAME: allocation, …}, …]}`, one object for each step. An
allocation has `properties` (`cluster`, `namespace`, `controllerKind`, `controller`, `labels`), a cost and a correction
(`…Adjustment`) for each component, and `totalCost`; `__idle__`, `__unallocated__` and `__unmounted__` are what belongs
to no workload. https://www.opencost.io/docs/integrations/api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from finops_tui.errors import SourceError
from finops_tui.model.bill import ALLOCATION, BillRow
from finops_tui.sources.billing.values import DAY, amount, month, number
from finops_tui.sources.clean import one_line
from finops_tui.sources.opencost.settings import OpenCostSettings

PROVIDER = "OpenCost"
SERVICE = "Kubernetes"
OTHER = "Other"
DIMENSIONS = frozenset(
    {"service_name", "resource_id", "resource_type", "sku_id", "charge_description", "tag:namespace"}
)
NOBODYS = {"__idle__": "Idle", "__unallocated__": "Unallocated", "__unmounted__": "Unmounted volumes"}
COMPONENTS = (
    ("GPU", "gpuCost", "gpuHours", "GPU-hours"),
    ("CPU", "cpuCost", "cpuCoreHours", "core-hours"),
    ("RAM", "ramCost", "ramByteHours", "byte-hours"),
    ("Storage", "pvCost", "pvByteHours", "byte-hours"),
    ("Network", "networkCost", "", ""),
    ("Load balancer", "loadBalancerCost", "", ""),
    ("Shared", "sharedCost", "", ""),
    ("External", "externalCost", "", ""),
)


KEYS = 4
"""Parts of a name before the labels: cluster, namespace, kind of controller, controller."""
FLOAT_LOSS = Decimal("1e-9")
"""So much of a total may be lost between its components: they were added up as floats."""


class _Part(NamedTuple):
    sku: str
    cost: Decimal
    used: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What was metered on one day."""

    rows: tuple[BillRow, ...]
    unusable: int
    """Allocations whose cost makes no sense; they are left out."""
    warning: str
    """What it warns of itself."""


def view_of(settings: OpenCostSettings) -> str:
    """Return which view of the money the charges are: where a cloud bills it, they only share it out."""
    return ALLOCATION if settings.billed_elsewhere else ""


def aggregate(labels: Sequence[str]) -> str:
    """Return by what to tell money apart, as the API wants it."""
    return ",".join(("cluster", "namespace", "controllerKind", "controller", *(f"label:{key}" for key in labels)))


def metered(
    answer: Any, settings: OpenCostSettings, *, source: str, day: datetime, today: datetime, at: datetime
) -> Metered | None:
    """Return the charges of one UTC day; None where nothing is known of it. Raises SourceError."""
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        told = answer.get("message") if isinstance(answer, dict) else ""
        title = one_line(f"it answers no allocations{f': {told}' if told else ''}", 200)
        raise SourceError(title, "", "Check `url`: it ends just before /allocation, and with /model for Kubecost.")
    sets = [each for each in answer["data"] if each]
    if not sets:
        return None
    rows: list[BillRow] = []
    unusable = 0
    about = _about(settings, source, day, at, final=day < today)
    for each in sets:
        for name, allocation in each.items():
            total = amount(allocation.get("totalCost"), settings.currency)
            if total is None:
                unusable += 1
            else:
                rows += _rows(name, allocation, total, about, settings)
    warning = one_line(answer.get("warning") or "", 200)
    return Metered(rows=tuple(rows), unusable=unusable, warning=warning)


def _about(settings: OpenCostSettings, source: str, day: datetime, at: datetime, *, final: bool) -> Mapping[str, Any]:
    return {
        "source": source,
        "view": view_of(settings),
        "retrieved_at": at,
        "final": final,
        "provider_name": PROVIDER,
        "publisher_name": PROVIDER,
        "billing_period_start": month(day),
        "charge_period_start": day,
        "charge_period_end": day + DAY,
        "service_name": SERVICE,
        "service_category": "Compute",
        "billing_currency": settings.currency,
    }


def _rows(
    name: str, allocation: Mapping[str, Any], total: Decimal, about: Mapping[str, Any], settings: OpenCostSettings
) -> Iterator[BillRow]:
    facts = {**about, **_subject(name, allocation.get("properties") or {}, settings)}
    for part in _parts(allocation, total, settings.currency):
        yield BillRow(
            **facts,
            sku_id=part.sku,
            consumed_quantity=part.used,
            consumed_unit="" if part.used is None else part.unit,
            billed_cost=Decimal(0) if settings.billed_elsewhere else part.cost,
            effective_cost=part.cost,
            list_cost=part.cost,
        )


def _parts(allocation: Mapping[str, Any], total: Decimal, currency: str) -> Iterator[_Part]:
    """Yield each component that costs. What they leave of the total is one too: the sum is the total."""
    left = total
    for sku, field, quantity, unit in COMPONENTS:
        cost = amount(allocation.get(field), currency)
        if cost is None:
            continue
        cost += amount(allocation.get(f"{field}Adjustment"), currency) or 0
        if cost:
            left -= cost
            yield _Part(sku, cost, number(allocation.get(quantity)), unit)
    if abs(left) > abs(total) * FLOAT_LOSS:
        yield _Part(OTHER, left, None, "")


def _subject(name: str, properties: Mapping[str, Any], settings: OpenCostSettings) -> Mapping[str, Any]:
    """Return whose the charge is."""

    def word(key: str) -> str:
        value = properties.get(key)
        return one_line(value) if isinstance(value, str) and not value.startswith("__") else ""

    cluster = settings.cluster or word("cluster") or settings.title
    namespace, kind, controller = word("namespace"), word("controllerKind"), word("controller")
    nobodys = next((words for part in reversed(name.split("/")) if (words := NOBODYS.get(part))), "")
    tags = _labels(name, properties.get("labels"), settings.labels)
    return {
        "billing_account_id": cluster,
        "charge_description": "" if controller else nobodys,
        "resource_id": f"{namespace}/{kind}/{controller}" if controller else "",
        "resource_name": controller,
        "resource_type": kind,
        "tags": {**tags, **({"namespace": namespace} if namespace else {})},
    }


def _labels(name: str, told: object, keys: Sequence[str]) -> Mapping[str, str]:
    """Return the labels that were asked for: by their keys, as Prometheus spells those, or by place in the name."""
    labels = told if isinstance(told, dict) else {}
    parts = name.split("/")
    places = parts[-len(keys) :] if keys and len(parts) == KEYS + len(keys) else [""] * len(keys)
    found = {}
    for key, place in zip(keys, places, strict=True):
        plain = "".join(letter if letter.isalnum() else "_" for letter in key)
        value = labels.get(key) or labels.get(plain) or place.removeprefix(f"{plain}=")
        if isinstance(value, str) and value and not value.startswith("__"):
            found[key] = one_line(value)
    return found
