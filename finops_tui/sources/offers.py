"""What the built-in price list offers: instance types with their GPUs, for estimates."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from finops_tui.model.money import CapacityType
from finops_tui.model.offer import Offer
from finops_tui.sources.prices import ANY_REGION, OverridePrice


def listed() -> Iterator[Offer]:
    """Yield every row of the list, also those without a price: they tell which GPUs an instance type has."""
    text = Path(__file__).with_name("price_table.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        price, discount = row["usd_per_hour_on_demand"], row["typical_spot_discount"]
        yield Offer(
            provider=row["provider"],
            instance_type=row["instance_type"],
            gpu_model=row["gpu_model"],
            gpus=int(row["gpu_count"]),
            region="" if row["region"] == ANY_REGION else row["region"],
            usd_per_hour=float(price) if price else None,
            spot_discount=float(discount) if discount else None,
            source=row["source"],
            as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        )


def own(prices: Sequence[OverridePrice], origin: str) -> Iterator[Offer]:
    """Yield what a config says of whole instance types; its prices for certain nodes are about those alone."""
    for price in prices:
        if price.instance_type:
            yield Offer(
                instance_type=price.instance_type,
                region=price.region,
                usd_per_hour=price.usd_per_hour,
                capacity_type=price.capacity_type or CapacityType.ON_DEMAND,
                source=origin,
                own=True,
            )
