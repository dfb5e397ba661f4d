from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.pools import pools_of
from finops_tui.analysis.pricing import PriceBook
from finops_tui.analysis.spot import SpotWatch, extra_cost, interrupted
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price
from finops_tui.model.observations import SpotInterrupted
from finops_tui.model.snapshot import SpotRow
from finops_tui.model.spot import Interruption
from tests.engine.fleets import list_price, node
from tests.samples import NOON

HOUR = timedelta(hours=1)
DISCOUNTED = list_price(spot_discount=0.75)


def lost(name: str, at: datetime, pool: str = "gpu") -> SpotInterrupted:
    interruption = Interruption(id=name, node=name, pool=pool, reason="spot interruption")
    return SpotInterrupted(at=at, source="k", cluster="prod", interruption=interruption)


def spot(name: str, **given: object) -> Node:
    return node(name, capacity_type=CapacityType.SPOT, **given)


def book(*prices: Price) -> PriceBook:
    return PriceBook({("prices", ""): prices})


def rows(
    nodes: list[Node], events: list[SpotInterrupted], now: datetime = NOON, watch: SpotWatch | None = None
) -> dict[str, SpotRow]:
    known = book(DISCOUNTED)
    pools = pools_of([NodeAccount(one, known.price(one)) for one in nodes], {}, Owners(OwnershipRules()))
    made = (watch or SpotWatch()).rows(pools, interrupted(events), known, now, {"prod": (now, False)})
    return {row.key: row for row in made}


def test_counts_of_an_hour_and_of_a_day() -> None:
    events = [lost("a", NOON - 30 * HOUR), lost("b", NOON - 5 * HOUR), lost("c", NOON - HOUR / 2)]
    row = rows([spot("n1"), spot("n2", leaving="spot interruption"), node("n3")], events)["prod/gpu"]
    assert (row.nodes, row.spot_nodes, row.leaving) == (3, 2, 1)
    assert (row.lost_1h, row.lost_24h, row.last_lost_at) == (1, 2, NOON - HOUR / 2)
    assert row.spot_share == pytest.approx(2 / 3)


def test_pools_that_never_had_spot_nodes_are_not_listed() -> None:
    assert rows([node("n1")], []) == {}


def test_a_pool_that_lost_all_its_nodes_stays_in_sight_for_a_day() -> None:
    watch = SpotWatch()
    rows([spot("n1")], [], NOON, watch)
    assert rows([], [], NOON + 23 * HOUR, watch)["prod/gpu"].spot_nodes == 0
    assert rows([], [], NOON + 25 * HOUR, watch) != {}  # seen at the start of this very look
    assert rows([], [], NOON + 26 * HOUR, watch) == {}


def test_replacements_cost_their_price_less_the_price_as_spot() -> None:
    events = [lost("a", NOON - 2 * HOUR), lost("b", NOON - 2 * HOUR)]
    before, after = NOON - 9 * HOUR, NOON - HOUR
    nodes = [
        node("old", created_at=before),
        *(node(f"new{index}", created_at=after) for index in range(3)),
        spot("back", created_at=after),
    ]
    assert rows(nodes, events)["prod/gpu"].lost_usd_per_hour == pytest.approx(2 * (80 - 20))


def test_what_joined_much_later_is_no_replacement() -> None:
    late = node("late", created_at=NOON)
    assert rows([late], [lost("a", NOON - HOUR)])["prod/gpu"].lost_usd_per_hour == pytest.approx(60)
    assert rows([late], [lost("a", NOON - 2 * HOUR)])["prod/gpu"].lost_usd_per_hour == 0.0


def test_nothing_lost_costs_nothing_extra() -> None:
    assert rows([spot("n1")], [])["prod/gpu"].lost_usd_per_hour == 0.0
    assert rows([spot("n1")], [lost("a", NOON - HOUR)])["prod/gpu"].lost_usd_per_hour == 0.0


def test_without_a_price_the_extra_cost_is_not_known() -> None:
    one = node("new", created_at=NOON, instance_type="rare")
    extra = extra_cost([NodeAccount(one, book(DISCOUNTED).price(one))], [NOON - HOUR], book(DISCOUNTED))
    assert extra == (None, "no price known for rare in here")
