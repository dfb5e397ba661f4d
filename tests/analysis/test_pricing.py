from __future__ import annotations

from datetime import date
from math import inf, nan

import pytest

from finops_tui.analysis.pricing import PriceBook, in_words
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price, PriceKind
from tests.engine.fleets import list_price, node

SPOT = CapacityType.SPOT


def usd(of: Node, *prices: Price) -> float | None:
    return PriceBook({("prices", ""): prices}).price(of).usd_per_hour


def words(of: Node, *prices: Price) -> str:
    return PriceBook({("prices", ""): prices}).price(of).words


def price(kind: PriceKind, amount: float, **given: object) -> Price:
    return Price(kind=kind, usd_per_hour=amount, source="said", **given)  # type: ignore[arg-type]  # test data


def test_kinds_rank_from_override_to_list() -> None:
    ladder = [
        price(PriceKind.LIST, 6, instance_type="big", region="here"),
        price(PriceKind.SPOT_MARKET, 5, instance_type="big"),
        price(PriceKind.METERED_NODE, 4, node="n1"),
        price(PriceKind.OVERRIDE_INSTANCE_TYPE, 3, instance_type="big"),
        price(PriceKind.OVERRIDE_SELECTOR, 2, labels={"lot": "a"}),
        price(PriceKind.OVERRIDE_NODE, 1, node="n1"),
    ]
    spot = node("n1", capacity_type=SPOT, labels={"lot": "a"})
    for known in range(1, len(ladder) + 1):
        assert usd(spot, *ladder[:known]) == 7 - known
        assert usd(spot, *reversed(ladder[:known])) == 7 - known


def test_own_region_is_preferred_and_another_says_so() -> None:
    here, there = list_price(usd=80), list_price(usd=70, region="there")
    assert usd(node("n1"), there, here) == 80
    assert usd(node("n1"), there) == 70
    assert "list price of there (none for here)" in words(node("n1"), there)
    assert "none for" not in words(node("n1"), here)


def test_the_nearest_region_stands_in() -> None:
    far, near = list_price(usd=1, region="us-central1"), list_price(usd=2, region="europe-west4")
    assert usd(node("n1", region="europe-west1"), far, near) == 2


def test_a_price_for_any_region_is_not_from_elsewhere() -> None:
    assert words(node("n1"), list_price(region="", as_of=date(2026, 7, 20))) == "list 2026-07-20"


def test_spot_market_price_is_for_spot_nodes_of_its_region_alone() -> None:
    market = price(PriceKind.SPOT_MARKET, 20, instance_type="big", region="here")
    assert usd(node("n1", capacity_type=SPOT), market, list_price()) == 20
    assert usd(node("n1"), market, list_price()) == 80
    assert usd(node("n1", capacity_type=SPOT, region="there"), market) is None


def test_spot_by_typical_discount_and_without_one() -> None:
    spot = node("n1", capacity_type=SPOT)
    assert usd(spot, list_price(spot_discount=0.75)) == 20
    assert words(spot, list_price(spot_discount=0.75)) == "list, list price less typical spot discount 75%"
    assert usd(spot, list_price()) == 80
    assert words(spot, list_price()) == "list, on-demand list price; spot price unknown"
    assert usd(spot, list_price(spot_discount=nan)) == 80


def test_a_reservation_is_priced_as_on_demand_and_says_so() -> None:
    assert "reservation not known" in words(node("n1", capacity_type=CapacityType.RESERVED), list_price())


def test_a_spot_list_price_never_fits_an_on_demand_node() -> None:
    assert usd(node("n1"), list_price(capacity_type=SPOT)) is None


@pytest.mark.parametrize("amount", [nan, inf, -1.0, 0.0, 1e300])
def test_nonsense_is_no_price(amount: float) -> None:
    assert usd(node("n1"), list_price(usd=amount)) is None


def test_a_person_may_say_that_a_node_is_free() -> None:
    assert usd(node("n1"), price(PriceKind.OVERRIDE_NODE, 0, node="n1")) == 0


def test_criteria_of_an_override_must_all_fit() -> None:
    override = price(PriceKind.OVERRIDE_SELECTOR, 5, labels={"lot": "a"}, cluster="prod", capacity_type=SPOT)
    assert usd(node("n1", labels={"lot": "a"}, capacity_type=SPOT), override) == 5
    assert usd(node("n1", labels={"lot": "a"}), override) is None
    assert usd(node("n1", labels={"lot": "b"}, capacity_type=SPOT), override) is None
    assert usd(node("n1", labels={"lot": "a"}, capacity_type=SPOT, cluster="lab"), override) is None


def test_the_more_particular_override_wins() -> None:
    wide = price(PriceKind.OVERRIDE_INSTANCE_TYPE, 5, instance_type="big")
    narrow = price(PriceKind.OVERRIDE_INSTANCE_TYPE, 6, instance_type="big", region="here")
    assert usd(node("n1"), wide, narrow) == usd(node("n1"), narrow, wide) == 6


def test_a_meter_of_one_cluster_says_nothing_of_another() -> None:
    book = PriceBook({("prometheus lab", "lab"): (price(PriceKind.METERED_NODE, 5, node="n1"),)})
    assert book.price(node("n1", cluster="lab")).usd_per_hour == 5
    assert book.price(node("n1")).usd_per_hour is None


def test_a_price_as_spot_passes_over_what_is_said_of_the_node_itself() -> None:
    prices = {("p", ""): (price(PriceKind.METERED_NODE, 5, node="n1"), list_price(spot_discount=0.5))}
    assert PriceBook(prices).price(node("n1"), SPOT).usd_per_hour == 40


def test_reasons_for_no_price() -> None:
    assert words(node("n1")) == "no prices have been read yet"
    assert words(node("n1", instance_type=""), list_price()) == "instance type unknown"
    assert words(node("n1"), list_price("small")) == "no price known for big in here"


def test_several_prices_in_words() -> None:
    assert in_words([]) == ""
    assert in_words(["a", "a"]) == "a"
    assert in_words(["a", "b", "b", "c"]) == "b, and 2 other prices"
