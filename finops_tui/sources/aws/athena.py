"""Cost by resource and hour out of a cost and usage export, by a query that runs at AWS: the export stays there.

What it reads is counted as what requests cost. Tables whose format AWS has changed, and work groups that limit bytes,
fail with AWS's own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from finops_tui.ledger.dimensions import HOUR
from finops_tui.model.bill import BillRow, PricingCategory, Statement
from finops_tui.sources.aws.athena_run import Run, cells, run
from finops_tui.sources.aws.bills import PROVIDER
from finops_tui.sources.aws.calls import QUERY_RESULTS
from finops_tui.sources.aws.desk import Kept, Pages, Question
from finops_tui.sources.aws.export_sql import COLUMNS, query
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import Athena, AwsSettings
from finops_tui.sources.aws.usage_types import instance_type, pricing
from finops_tui.sources.aws.values import amount, moment
from finops_tui.sources.clean import one_line

VIEW = "resources by hour"
TITLE = "cost by resource and hour"
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
    """Run the query; it is expected to cost what the one `before` did. Raises AwsError."""
    query = Run(
        export=export, text=text, title=TITLE, once=f"{asking.now:%Y-%m-%d %H}", fewer="Ask for fewer `hours`.",
        expected_micro_usd=before[0]["micro_usd"] if before else 1, sleep=asking.sleep,
    )  # fmt: skip
    return await run(asking.desk, query)


def _rows(kept: Kept, tags: Sequence[str], asking: Asking) -> tuple[list[BillRow], int]:
    """Return the rows, and how many make no sense."""
    found = [_row(row, tags, asking, kept.at) for row in cells(kept.pages[1:])]
    rows = [row for row in found if row is not None]
    return rows, len(found) - len(rows)


def _row(row: Sequence[str | None], tags: Sequence[str], asking: Asking, at: datetime) -> BillRow | None:
    if len(row) != len(COLUMNS) + len(tags):
        return None
    told = dict(zip(COLUMNS, row, strict=False))
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
        tags={key: one_line(value) for key, value in zip(tags, row[len(COLUMNS) :], strict=True) if value},
        billing_currency=currency.upper(), billed_cost=billed, effective_cost=effective, list_cost=listed,
    )  # fmt: skip
