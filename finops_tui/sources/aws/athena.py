"""Cost by resource and hour out of a cost and usage export, by a query that runs at AWS: the export stays there.

Athena's price is $5 for each TB that a query reads, 10 MB at least (Amazon Athena pricing); it is counted as what
requests cost. Tables whose format AWS has changed, and work groups that limit bytes, fail with AWS's own words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from finops_tui.ledger.dimensions import HOUR
from finops_tui.model.bill import BillRow, PricingCategory, Statement
from finops_tui.sources.aws.bills import PROVIDER
from finops_tui.sources.aws.calls import QUERY, QUERY_RESULTS, START_QUERY
from finops_tui.sources.aws.desk import Desk, Kept, Pages, Question
from finops_tui.sources.aws.export_sql import COLUMNS, query
from finops_tui.sources.aws.faults import AwsError, masked
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import Athena, AwsSettings
from finops_tui.sources.aws.usage_types import instance_type, pricing
from finops_tui.sources.aws.values import amount, moment
from finops_tui.sources.clean import one_line

VIEW = "resources by hour"
TITLE = "cost by resource and hour"
USD_MICRO_PER_TB = 5_000_000
TB = 10**12
LEAST_BYTES = 10_000_000
PATIENCE_SECONDS = 300.0
POLL_SECONDS = (1.0, 10.0)
"""First and longest wait between two looks at a query that runs."""
ONE_HOUR = timedelta(hours=1)

_PRICING = {
    "Usage": PricingCategory.UNKNOWN,
    "DiscountedUsage": PricingCategory.COMMITTED,
    "SavingsPlanCoveredUsage": PricingCategory.COMMITTED,
    "SavingsPlanNegation": PricingCategory.COMMITTED,
    **{category.value: category for category in PricingCategory if category},
}


def parts(settings: AwsSettings) -> tuple[Part, ...]:
    """Return the question, where the config says where the export is."""
    if settings.athena is None:
        return ()
    every = timedelta(hours=settings.athena.every_hours)
    return (Part(title=TITLE, every=every, ask=partial(_resources, settings.athena), paid=True),)


async def _resources(export: Athena, asking: Asking) -> Outcome:
    until = asking.now.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
    since = until - timedelta(hours=export.hours)
    tags = asking.settings.tags
    every = timedelta(hours=export.every_hours)
    text = query(export, tags, since, until)
    question = Question(
        id=TITLE, call=QUERY_RESULTS, region=export.region, good_for=every,
        apart=f"{export.model_dump_json()} {tags}",
    )  # fmt: skip
    kept = await asking.desk.ask(question, partial(_run, export, text, asking))
    rows, unusable = await asking.desk.aside(_rows, kept, tags, asking)
    warnings = []
    if len(rows) > export.rows:
        del rows[export.rows :]
        warnings.append(f"{TITLE}: only the dearest {export.rows} rows are read")
    if unusable:
        warnings.append(f"{TITLE}: {unusable} rows make no sense and are left out")
    if not rows:
        warnings.append(f"{TITLE}: no machine with accelerators in {export.hours} h, or the export is late")
        return Outcome(at=kept.at, late=kept.late, warnings=tuple(warnings))
    tells = {"sub_account_id", "service_name", "region_id", "instance_type", "resource_id", "pricing_category"}
    statement = Statement(
        source=asking.source, view=VIEW, part=asking.desk.account,
        dimensions=frozenset({*tells, "provider_name", HOUR, *(f"tag:{key}" for key in tags)}),
        start=min(row.charge_period_start for row in rows), end=max(row.charge_period_end for row in rows), rows=rows,
    )  # fmt: skip
    await asking.record(statement)
    return Outcome(at=kept.at, late=kept.late, warnings=tuple(warnings))


async def _run(export: Athena, text: str, asking: Asking, before: Pages) -> Pages:
    """Run a query; return what it cost and then its results, page by page. Raises AwsError.

    A query's price is known when it is done; it is expected to cost what the one `before` did.
    """
    desk = asking.desk
    await desk.afford(START_QUERY.operation, max(1, before[0]["micro_usd"] if before else 1))
    params: dict[str, Any] = {
        "QueryString": text,
        # The same question twice, after an answer that got lost, is one query.
        "ClientRequestToken": hashlib.sha256(f"{asking.now:%Y-%m-%d %H} {text}".encode()).hexdigest(),
        "WorkGroup": export.workgroup,
        "QueryExecutionContext": {"Database": export.database},
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}},
    }
    if export.output:
        params["ResultConfiguration"] = {"OutputLocation": export.output}
    started = await _one(desk, Question(id="query", call=START_QUERY, params=params, region=export.region))
    running = {"QueryExecutionId": started["QueryExecutionId"]}
    price = await _finished(Question(id="query", call=QUERY, params=running, region=export.region), asking)
    results = Question(id="query", call=QUERY_RESULTS, params={**running, "MaxResults": 1000}, region=export.region)
    return ({"micro_usd": price}, *(await desk.ask(results)).pages)


async def _finished(question: Question, asking: Asking) -> int:
    """Wait until the query has run; count and return what it cost. Raises AwsError."""
    pause, longest = POLL_SECONDS
    waited = 0.0
    while True:
        execution = (await _one(asking.desk, question)).get("QueryExecution") or {}
        status = execution.get("Status") or {}
        state = status.get("State", "")
        price = _price(execution.get("Statistics") or {})
        if state in {"SUCCEEDED", "FAILED", "CANCELLED"}:
            await asking.desk.pay(START_QUERY.operation, price)
        if state == "SUCCEEDED":
            return price
        if state in {"FAILED", "CANCELLED"}:
            words = masked(status.get("StateChangeReason", ""))
            hint = "Check `athena`: database, table, format, workgroup and output."
            raise AwsError(f"Athena query {state.lower()}: {words}", TITLE, hint)
        if waited >= PATIENCE_SECONDS:
            raise AwsError(f"Athena query runs longer than {PATIENCE_SECONDS:g}s", TITLE, "Ask for fewer `hours`.")
        await asking.sleep(pause)
        waited += pause
        pause = min(longest, pause * 1.5)


async def _one(desk: Desk, question: Question) -> Mapping[str, Any]:
    (page,) = (await desk.ask(question)).pages
    return page


def _price(statistics: Mapping[str, Any]) -> int:
    """Return what a query cost, in millionths of a US dollar."""
    if (statistics.get("ResultReuseInformation") or {}).get("ReusedPreviousResult"):
        return 0
    read = statistics.get("DataScannedInBytes") or 0
    return -(-max(LEAST_BYTES, read) * USD_MICRO_PER_TB // TB) if read else 0


def _cells(pages: Pages) -> Iterator[Sequence[str | None]]:
    """Yield every row but the first, which holds the names of the columns."""
    first = True
    for page in pages:
        for row in (page.get("ResultSet") or {}).get("Rows", ()):
            if not first:
                yield [cell.get("VarCharValue") for cell in row.get("Data", ())]
            first = False


def _rows(kept: Kept, tags: Sequence[str], asking: Asking) -> tuple[list[BillRow], int]:
    """Return the rows, and how many make no sense."""
    found = [_row(cells, tags, asking, kept.at) for cells in _cells(kept.pages[1:])]
    rows = [row for row in found if row is not None]
    return rows, len(found) - len(rows)


def _row(cells: Sequence[str | None], tags: Sequence[str], asking: Asking, at: datetime) -> BillRow | None:
    if len(cells) != len(COLUMNS) + len(tags):
        return None
    told = dict(zip(COLUMNS, cells, strict=False))
    start, billed, effective = moment(told["hour"]), amount(told["billed"]), amount(told["effective"])
    currency = told["currency"] or ""
    if start is None or billed is None or effective is None or not currency.isalpha():
        return None
    words = {name: one_line(told[name] or "", 512) for name in ("account", "service", "region", "machine", "resource")}
    machine = words["machine"]
    bought = _PRICING.get(told["kind"] or "", PricingCategory.UNKNOWN)
    listed: Decimal | None = amount(told["listed"])
    return BillRow(
        source=asking.source, view=VIEW, retrieved_at=at, provider_name=PROVIDER, publisher_name=PROVIDER,
        billing_account_id=asking.desk.account, sub_account_id=words["account"],
        billing_period_start=start.replace(day=1, hour=0), charge_period_start=start,
        charge_period_end=start + ONE_HOUR,
        service_name=words["service"], region_id=words["region"], resource_id=words["resource"],
        instance_type=instance_type(machine) or machine, pricing_category=bought or pricing(machine),
        tags={key: one_line(value) for key, value in zip(tags, cells[len(COLUMNS) :], strict=True) if value},
        billing_currency=currency.upper(), billed_cost=billed, effective_cost=effective, list_cost=listed,
    )  # fmt: skip
