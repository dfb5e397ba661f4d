"""Prices that need no network: the built-in list and what the config says.

The list is `price_table.csv`, beside this file, with its own dates and sources. Every row keeps where it was read and
when; a row without a price stays in the table as a reminder and is passed over here.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import isfinite
from pathlib import Path

from finops_tui.clock import Clock
from finops_tui.model.health import HealthState
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import Observation, PricesSeen, SourceHealth

ANY_REGION = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridePrice:
    """A price from the config. What it names decides its rank: a node, else labels, else an instance type."""

    usd_per_hour: float
    node: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """All of them must be on the node."""
    instance_type: str = ""
    cluster: str = ""
    region: str = ""
    capacity_type: CapacityType | None = None

    def price(self, source: str) -> Price:
        if self.node:
            kind = PriceKind.OVERRIDE_NODE
        elif self.labels:
            kind = PriceKind.OVERRIDE_SELECTOR
        else:
            kind = PriceKind.OVERRIDE_INSTANCE_TYPE
        return Price(
            kind=kind,
            usd_per_hour=self.usd_per_hour,
            source=source,
            cluster=self.cluster,
            node=self.node,
            labels=self.labels,
            instance_type=self.instance_type,
            region=self.region,
            capacity_type=self.capacity_type,
        )


class PriceTable:
    """A source that speaks once: what it knows does not change while the program runs."""

    name = "prices"
    cluster = ""

    def __init__(
        self,
        clock: Clock,
        overrides: Sequence[OverridePrice] = (),
        *,
        origin: str = "config.yaml",
        listed: bool = True,
    ) -> None:
        """`origin` says in words where the overrides stand; without `listed` they are all there is."""
        self._clock = clock
        self._overrides = tuple(overrides)
        self._origin = origin
        self._list = built_in() if listed else ()

    async def observe(self) -> AsyncIterator[Observation]:
        now = self._clock.now()
        overrides = tuple(override.price(self._origin) for override in self._overrides)
        yield PricesSeen(at=now, source=self.name, cluster="", prices=(*overrides, *self._list))
        yield SourceHealth(
            at=now,
            source=self.name,
            cluster="",
            short="prices",
            state=HealthState.POLLED,
            since=now,
            answered_at=now,
            stale_after_seconds=float("inf"),
        )

    async def refresh(self) -> None:
        """Nothing to ask: the list is part of the program."""


@cache
def built_in() -> tuple[Price, ...]:
    """Return the list prices that ship with the program."""
    text = Path(__file__).with_name("price_table.csv").read_text(encoding="utf-8")
    prices = (_list_price(row) for row in csv.DictReader(text.splitlines()))
    return tuple(price for price in prices if price is not None)


def _list_price(row: Mapping[str, str]) -> Price | None:
    usd = _number(row["usd_per_hour_on_demand"])
    if usd is None:
        return None
    return Price(
        kind=PriceKind.LIST,
        usd_per_hour=usd,
        source=row["source"],
        instance_type=row["instance_type"],
        region="" if row["region"] == ANY_REGION else row["region"],
        capacity_type=CapacityType.ON_DEMAND,
        spot_discount=_number(row["typical_spot_discount"]),
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
    )


def _number(text: str) -> float | None:
    value = float(text) if text else None
    return value if value is not None and isfinite(value) else None
