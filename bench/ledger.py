"""A year of made-up bills: as many rows as asked for, the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from finops_tui.model.bill import BillRow, ChargeCategory, PricingCategory, Statement

SOURCE = "bench bills"
DAYS = 365
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_PLACES = (("AWS", "us-east-1"), ("AWS", "us-west-2"), ("Google Cloud", "europe-west4"), ("Microsoft", "eastus"))
_SERVICES = (
    "Compute",
    "Machine Learning",
    "Kubernetes",
    "Object Storage",
    "Block Storage",
    "Network",
    "Logs",
    "Support",
)
_TEAMS = 24
_NAMESPACES = 72
"""Each belongs to a team, runs in one account and region, and serves one model or none."""


def statement(rows: int, seed: int = 7) -> Statement:
    """Return one year's statement of about so many rows: every resource is charged once a day."""
    return Statement(source=SOURCE, part=str(seed), rows=_rows(max(1, rows // DAYS), seed))


def _rows(resources: int, seed: int) -> Iterator[BillRow]:
    random = Random(seed)  # noqa: S311 - nothing is secret here
    plans = [(_first(random, number), random.lognormvariate(2.0, 1.2)) for number in range(resources)]
    for day in range(DAYS):
        start = YEAR + timedelta(days=day)
        end, month = start + timedelta(days=1), start.replace(day=1)
        for first, usual in plans:
            cost = Decimal(round(usual * random.uniform(0.8, 1.2) * 1e10)).scaleb(-10)
            if first.charge_category is ChargeCategory.CREDIT:
                cost = -cost
            yield replace(
                first,
                billing_period_start=month,
                charge_period_start=start,
                charge_period_end=end,
                billed_cost=cost,
                effective_cost=cost,
                list_cost=cost * 2,
                contracted_cost=cost,
            )


def _first(random: Random, number: int) -> BillRow:
    """Return the first charge of a resource, still without its cost."""
    namespace = random.randrange(_NAMESPACES)
    place = namespace % len(_PLACES)
    provider, region = _PLACES[place]
    return BillRow(
        source=SOURCE,
        retrieved_at=YEAR + timedelta(days=DAYS),
        provider_name=provider,
        billing_account_id=f"payer-{provider}",
        sub_account_id=f"account-{place}-{namespace % 5}",
        service_name=_SERVICES[min(random.randrange(len(_SERVICES)), random.randrange(len(_SERVICES)))],
        region_id=region,
        charge_category=ChargeCategory.USAGE if number % 50 else ChargeCategory.CREDIT,
        pricing_category=PricingCategory.DYNAMIC if number % 5 == 0 else PricingCategory.STANDARD,
        resource_id=f"resource-{number:06}",
        sku_id=f"sku-{random.randrange(40)}",
        tags={
            "team": f"team-{namespace % _TEAMS:02}",
            "namespace": f"namespace-{namespace:02}",
            "model": f"model-{namespace:02}" if namespace % 3 else "",
            "Name": f"node-{number:06}",
        },
        billing_period_start=YEAR,
        charge_period_start=YEAR,
        charge_period_end=YEAR + timedelta(days=1),
        billing_currency="USD",
        billed_cost=Decimal(0),
        effective_cost=Decimal(0),
    )
