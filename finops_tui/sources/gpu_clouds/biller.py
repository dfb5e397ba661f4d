"""What a cloud of GPUs gives: lines of whole UTC days, by view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from finops_tui.model.bill import BillRow, ChargeCategory, Statement
from finops_tui.sources.billing.values import DAY, month


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One amount of one day, in US dollars."""

    day: datetime
    service: str
    words: str = ""
    """What of it: `GPU`, `Disk`."""
    amount: Decimal
    place: str = ""
    """Part of the account: an environment."""
    resource: str = ""
    resource_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One cut of the money. Views of one cloud tell the same dollars."""

    id: str = ""
    """Empty for the one that tells all of it."""
    dimensions: frozenset[str]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is billed of a span of days."""

    views: tuple[View, ...] = ()
    """None where nothing is told."""
    unusable: int = 0
    """Amounts that make no sense; they are left out."""
    missing: tuple[str, ...] = ()
    """What it could not give, each with its reason."""
    hint: str = ""
    """What to do about the first of them."""


class Biller(Protocol):
    provider: str

    async def read(self, span: tuple[datetime, datetime]) -> Reading:
        """Return what whole UTC days cost, the last of them as far as it is known.

        Raises SourceError, and others where the answer is of another shape.
        """


def statements(
    views: Iterable[View], *, source: str, provider: str, account: str, span: tuple[datetime, datetime], at: datetime
) -> tuple[Statement, ...]:
    """Return what is said of a span of days: from its first day that costs something on."""
    about = {
        "source": source,
        "retrieved_at": at,
        "provider_name": provider,
        "publisher_name": provider,
        "billing_account_id": account,
        "service_category": "Compute",
        "billing_currency": "USD",
    }
    told = []
    for view in views:
        rows = [_row(line, {**about, "view": view.id}) for line in view.lines if line.amount]
        start = min((line.day for line in view.lines), default=span[1])
        if start < span[1]:
            told.append(
                Statement(source=source, view=view.id, dimensions=view.dimensions, start=start, end=span[1], rows=rows)
            )
    return tuple(told)


def _row(line: Line, about: Mapping[str, Any]) -> BillRow:
    return BillRow(
        **about,
        sub_account_id=f"{about['billing_account_id']}/{line.place}" if line.place else "",
        sub_account_name=line.place,
        billing_period_start=month(line.day),
        charge_period_start=line.day,
        charge_period_end=line.day + DAY,
        charge_category=ChargeCategory.CREDIT if line.amount < 0 else ChargeCategory.USAGE,
        charge_description=line.words,
        service_name=line.service,
        resource_id=line.resource,
        resource_name=line.resource_name,
        tags=line.tags,
        billed_cost=line.amount,
        effective_cost=line.amount,
    )
