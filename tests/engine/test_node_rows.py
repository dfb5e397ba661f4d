"""The nodes of a pool that somebody opens: only its own, those first that are not as they should be, never too many."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.engine.node_rows import MOST
from finops_tui.model.inventory import Placement
from finops_tui.model.observations import NodesWanted
from finops_tui.model.snapshot import PoolNodes
from tests.engine.fleets import composer, fleet, list_price, node, nodes_seen, prices_seen, workload, workloads_seen
from tests.samples import NOON


def wanted(pool: str, named: str = "") -> NodesWanted:
    return NodesWanted(at=NOON, source="user ana", cluster="", pool=pool, named=named)


def composed(*wishes: NodesWanted) -> PoolNodes | None:
    """Return the nodes of a snapshot of one pool of four and one of another."""
    nodes = (
        node("idle"),
        node("busy"),
        replace(node("closed"), schedulable=False),
        replace(node("gone"), leaving="spot interruption"),
        replace(node("else"), pool="other"),
    )
    known = fleet(nodes_seen(*nodes), prices_seen(list_price()), workloads_seen(workload("a", Placement("busy", 2, 6))))
    for wish in wishes:
        known.fold(wish)
    return composer().compose(known, NOON).nodes


def test_only_who_asks_for_a_pool_gets_nodes_and_only_those_of_that_pool() -> None:
    pool = node("x").pool_key
    assert composed() is None
    found = composed(wanted(pool))
    assert found is not None
    assert [row.name for row in found.rows] == ["gone", "closed", "idle", "busy"]
    assert (found.pool, found.of, found.more) == (pool, 4, 0)
    gone, closed, idle, busy = found.rows
    assert (gone.state, closed.state, closed.schedulable) == ("spot interruption", "ready", False)
    assert (busy.pods, busy.gpus_used, busy.gpus, busy.usd_per_hour) == (2, 6.0, 8, 80.0)
    assert (idle.gpus_used, idle.unallocated_usd_per_hour) == (0.0, 80.0)
    assert composed(wanted(pool), wanted("")) is None, "it was closed"
    nobody = composed(wanted("prod/nowhere"))
    assert nobody is not None
    assert nobody.rows == ()


@pytest.mark.parametrize(
    ("named", "names"), [("IDL", ["idle"]), ("cordon", ["closed"]), ("spot", ["gone"]), ("x9", [])]
)
def test_a_word_is_looked_for_in_name_and_state(named: str, names: list[str]) -> None:
    found = composed(wanted(node("x").pool_key, named))
    assert found is not None
    assert [row.name for row in found.rows] == names
    assert found.of == 4


def test_of_thousands_some_are_shown_and_the_rest_is_counted() -> None:
    known = fleet(nodes_seen(*(node(f"n{number:04}") for number in range(1_000))), prices_seen(list_price()))
    known.fold(wanted(node("x").pool_key))
    found = composer().compose(known, NOON).nodes
    assert found is not None
    assert (len(found.rows), found.more, found.of) == (MOST, 1_000 - MOST, 1_000)
    known.fold(wanted(node("x").pool_key, "n0999"))
    found = composer().compose(known, NOON).nodes
    assert found is not None
    assert [row.name for row in found.rows] == ["n0999"]
