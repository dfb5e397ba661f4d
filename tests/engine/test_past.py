from __future__ import annotations

from math import inf, nan

from finops_tui.analysis.pricing import PriceBook
from finops_tui.engine.past import priced_past
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from tests.engine.fleets import list_price
from tests.samples import NOON

BOOK = PriceBook({("prices", ""): (list_price(spot_discount=0.5),)})
PROD, LAB = Scope(ScopeKind.CLUSTER, "prod"), Scope(ScopeKind.CLUSTER, "lab")
Points = tuple[tuple[float, float], ...]


def dollars(scope: Scope, *points: tuple[float, float], step: int = 60) -> HistorySeries:
    return HistorySeries(quantity=Quantity.USD_PER_HOUR, scope=scope, step_seconds=step, points=points)


def nodes(capacity: str, *points: tuple[float, float], instance_type: str = "big") -> HistorySeries:
    labels = {"instance_type": instance_type, "region": "here", "capacity_type": capacity}
    return HistorySeries(quantity=Quantity.NODES, scope=PROD, step_seconds=300, points=points, labels=labels)


def told(*series: HistorySeries) -> list[HistorySeen]:
    return [HistorySeen(at=NOON, source="p", cluster="prod", series=series)]


def test_counts_of_nodes_are_priced_and_added_up() -> None:
    series = told(
        nodes("on-demand", (0, 2), (300, 3)), nodes("spot", (300, 1)), nodes("", (0, 9), instance_type="rare")
    )
    assert priced_past(series, BOOK, [])[PROD] == ([(0, 160.0), (300, 280.0)], 300)


def test_dollars_stand_where_both_were_told() -> None:
    assert priced_past(told(nodes("", (0, 2)), dollars(PROD, (0, 7.0))), BOOK, [])[PROD] == ([(0, 7.0)], 60)


def test_the_total_is_the_sum_for_times_that_every_cluster_has() -> None:
    series = told(dollars(PROD, (0, 1.0), (60, 2.0), (120, 3.0)), dollars(LAB, (60, 10.0), (125, 20.0)))
    assert priced_past(series, BOOK, ["prod", "lab"])[TOTAL] == ([(60.0, 12.0), (120.0, 23.0)], 60)


def test_half_a_sum_is_no_total() -> None:
    assert TOTAL not in priced_past(told(dollars(PROD, (0, 1.0))), BOOK, ["prod", "lab"])
    assert TOTAL not in priced_past(told(dollars(PROD, (0, 1.0))), BOOK, [])


def test_a_total_that_was_told_stands() -> None:
    assert priced_past(told(dollars(TOTAL, (0, 5.0)), dollars(PROD, (0, 1.0))), BOOK, ["prod"])[TOTAL][0] == [(0, 5.0)]


def test_nonsense_is_left_out_and_order_restored() -> None:
    series = dollars(PROD, (60, 2.0), (0, 1.0), (nan, 1.0), (120, nan), (180, inf), (240, -1.0))
    assert priced_past(told(series, dollars(LAB, (0, 1.0), step=0)), BOOK, []) == {PROD: ([(0, 1.0), (60, 2.0)], 60)}
