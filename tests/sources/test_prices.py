from __future__ import annotations

import csv
from importlib.resources import files

from finops_tui.clock import SimulatedClock
from finops_tui.model.money import CapacityType, PriceKind
from finops_tui.model.observations import Observation, PricesSeen, SourceHealth
from finops_tui.sources.prices import OverridePrice, PriceTable, built_in
from tests.samples import NOON

COLUMNS = [
    "provider", "instance_type", "gpu_model", "gpu_count", "region",
    "usd_per_hour_on_demand", "typical_spot_discount", "source", "as_of",
]  # fmt: skip


async def said(table: PriceTable) -> list[Observation]:
    return [observation async for observation in table.observe()]


def table_rows() -> list[dict[str, str]]:
    text = files("finops_tui.sources").joinpath("price_table.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_the_table_ships_with_every_column() -> None:
    rows = table_rows()
    assert list(rows[0]) == COLUMNS
    assert len(rows) > 100
    assert all(row["source"] for row in rows)


def test_rows_without_a_price_are_passed_over() -> None:
    unpriced = {row["instance_type"] for row in table_rows() if not row["usd_per_hour_on_demand"]}
    priced = {price.instance_type for price in built_in()}
    assert unpriced
    assert not unpriced & priced
    assert len(built_in()) == sum(1 for row in table_rows() if row["usd_per_hour_on_demand"])


def test_every_price_says_where_it_is_from() -> None:
    for price in built_in():
        assert price.kind is PriceKind.LIST
        assert price.usd_per_hour > 0
        assert price.source
        assert price.capacity_type is CapacityType.ON_DEMAND
        assert price.spot_discount is None or 0 < price.spot_discount < 1
        assert price.region != "any"
    assert any(price.as_of for price in built_in())


async def test_it_speaks_once_and_never_grows_stale() -> None:
    prices, health = await said(PriceTable(SimulatedClock(NOON)))
    assert isinstance(prices, PricesSeen)
    assert prices.prices == built_in()
    assert isinstance(health, SourceHealth)
    assert (health.source, health.short, health.answered_at is not None) == ("prices", "prices", True)
    assert health.stale_after_seconds == float("inf")


async def test_overrides_rank_by_what_they_name() -> None:
    overrides = [
        OverridePrice(usd_per_hour=1, node="n1"),
        OverridePrice(usd_per_hour=2, labels={"lot": "a"}, cluster="prod"),
        OverridePrice(usd_per_hour=3, instance_type="p5.48xlarge", region="here", capacity_type=CapacityType.SPOT),
    ]
    prices, _ = await said(PriceTable(SimulatedClock(NOON), overrides, origin="my.yaml", listed=False))
    assert isinstance(prices, PricesSeen)
    assert [price.kind for price in prices.prices] == [
        PriceKind.OVERRIDE_NODE,
        PriceKind.OVERRIDE_SELECTOR,
        PriceKind.OVERRIDE_INSTANCE_TYPE,
    ]
    assert {price.source for price in prices.prices} == {"my.yaml"}
    assert prices.prices[1].cluster == "prod"
    assert (prices.prices[2].region, prices.prices[2].capacity_type) == ("here", CapacityType.SPOT)
