from __future__ import annotations

from datetime import timedelta

from finops_tui.model.inventory import Node
from finops_tui.sources.kubernetes.pools import LONGEST, QUIET, PoolCounts
from tests.sources.kubernetes.make import NOW

SINCE = NOW - timedelta(hours=6)


def node(name: str, pool: str = "h100", minutes_ago: float = 10_000) -> Node:
    created = NOW - timedelta(minutes=minutes_ago)
    return Node(
        cluster="prod", name=name, uid=name, pool=pool, created_at=created, labels={"karpenter.sh/nodepool": pool}
    )


def test_nodes_that_join_together_are_one_line() -> None:
    pools = PoolCounts("prod")
    assert list(pools.start([node("a")], SINCE)) == []
    for second in range(8):
        pools.joined(node(f"b{second}"), NOW + timedelta(seconds=second))
    assert list(pools.settle(NOW + timedelta(seconds=8))) == []
    ((at, change),) = pools.settle(NOW + timedelta(seconds=7) + QUIET)
    assert (at, change.what, change.who) == (NOW, "h100 1→9 nodes", "karpenter")
    assert not pools.unsettled


def test_a_replacement_is_nothing() -> None:
    pools = PoolCounts("prod")
    list(pools.start([node("a")], SINCE))
    pools.left(node("a"), NOW)
    pools.joined(node("b"), NOW)
    assert list(pools.settle(NOW + QUIET)) == []


def test_a_wave_without_end_is_told_in_parts() -> None:
    pools = PoolCounts("prod")
    list(pools.start([], SINCE))
    told = []
    for second in range(0, 300, 5):
        pools.joined(node(f"n{second}"), NOW + timedelta(seconds=second))
        told += [change.what for _, change in pools.settle(NOW + timedelta(seconds=second))]
    assert told[0] == f"h100 0→{LONGEST.seconds // 5 + 1} nodes"
    assert len(told) == 2


def test_the_first_list_tells_recent_waves_apart() -> None:
    recent = [node("a", minutes_ago=90), node("b", minutes_ago=89), node("c", minutes_ago=30)]
    told = PoolCounts("prod").start([*recent, node("old")], SINCE)
    assert [change.what for _, change in told] == ["h100 +2 nodes", "h100 +1 node"]
