"""Questions to Cost Management: a day's money by two things at most, up to a month at once.

`POST /SCOPE/providers/Microsoft.CostManagement/query` answers `properties` with `columns` and `rows`. Amounts
are numbers, days too (20261119). https://learn.microsoft.com/rest/api/cost-management/query/usage
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.sources.azure.access import VERSION, Desk
from finops_tui.sources.azure.settings import AzureSettings
from finops_tui.sources.billing.values import DAY, amount, currency, stamp
from finops_tui.sources.clean import one_line

ACTUAL, AMORTIZED = "ActualCost", "AmortizedCost"
PAGES = 200
PACE_SECONDS = 16.0
"""A scope may be asked four times a minute."""
COSTS = ("cost", "pretaxcost", "totalcost")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One cut of the money."""

    id: str
    groups: tuple[tuple[str, str], ...]
    """Two at most, each a type (`Dimension`, `TagKey`) and a name."""
    tag: str = ""


WHOLE = View(id="", groups=(("Dimension", "ServiceName"), ("Dimension", "ChargeType")))


def views(settings: AzureSettings) -> tuple[View, ...]:
    """Return what is asked: the view of all services first, then one for each tag."""
    tags = (
        View(id=f"tag {key}", groups=(("TagKey", key), ("Dimension", "ChargeType")), tag=key) for key in settings.tags
    )
    return (WHOLE, *tags)


@dataclass(frozen=True, slots=True)
class Line:
    """What an amount is of."""

    day: datetime
    currency: str
    charge_type: str
    subject: str
    """Service, or value of the tag; empty where a charge has none."""


@dataclass(slots=True)
class Answer:
    amounts: dict[Line, Decimal] = field(default_factory=dict)
    unknown: set[Line] = field(default_factory=set)
    """What an amount that makes no sense is of."""
    unusable: int = 0
    """Rows that make no sense; they are left out."""


async def ask(desk: Desk, view: View, kind: str, span: tuple[datetime, datetime]) -> Answer:
    """Return what a span of days cost; empty where Azure says nothing of it. Raises SourceError."""
    body = {
        "type": kind,
        "timeframe": "Custom",
        "timePeriod": {"from": stamp(span[0]), "to": stamp(span[1] - DAY)},  # the last day is included
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": [{"type": type_, "name": name} for type_, name in view.groups],
        },
    }
    answer = Answer()
    address, query = desk.address("query"), VERSION
    for _ in range(PAGES):
        page = await desk.calls.post(address, body, query)
        await desk.calls.clock.sleep(PACE_SECONDS)
        if page is None:
            return answer
        told = page["properties"]
        _add(answer, told, view, span)
        address, query = desk.next_page(told.get("nextLink")), ()
        if not address:
            return answer
    raise SourceError(f"the bill has more than {PAGES} pages", "", "Leave out some `tags`.")


def _add(answer: Answer, told: Mapping[str, Any], view: View, span: tuple[datetime, datetime]) -> None:
    columns = [str(column["name"]).lower() for column in told["columns"]]
    cost = next(name for name in COSTS if name in columns)
    for row in told["rows"]:
        values = dict(zip(columns, row, strict=True))
        line = _line(values, view)
        # Azure moves days in the future and days that are too old to where it has some: not what was asked.
        if line is None or not span[0] <= line.day < span[1]:
            answer.unusable += 1
        elif (money := amount(values[cost], line.currency)) is None:
            answer.unknown.add(line)
            answer.unusable += 1
        else:
            answer.amounts[line] = answer.amounts.get(line, Decimal(0)) + money


def _line(values: Mapping[str, Any], view: View) -> Line | None:
    code, day = currency(values["currency"]), day_of(values["usagedate"])
    if not code or day is None:
        return None
    subject = values["tagvalue" if view.tag else "servicename"]
    return Line(day, code, one_line(values["chargetype"] or "", 40), one_line(subject or "", 512))


def day_of(value: object) -> datetime | None:
    """Return the day that a number such as 20261119 means; None where it means none."""
    try:
        return datetime.strptime(str(value), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def months(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a span of days into parts of one calendar month each: Azure answers for 31 days at most."""
    while since < until:
        after = (since.replace(day=28) + 4 * DAY).replace(day=1)
        yield since, min(after, until)
        since = after
