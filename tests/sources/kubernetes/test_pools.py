from __future__ import annotations

from datetime import timedelta

from finops_tui.model.inventory import Node
from finops_tui.sources.kubernetes.nodes import NodeClaimFacts
from finops_tui.sources.kubernetes.pools import LONGEST, QUIET, PoolCounts
from tests.sources.kubernetes.make import NOW

SINCE = NOW - timedelta(hours=6)


def node(name: str, pool: str = "h100", minutes_ago: float = 10_000) -> Node:
    created = NOW - timedelta(minutes=minutes_ago)
    return Node(
        cluster="prod",
        name=name,
        uid=name,
        pool=pool,
        gpus=8,
        created_at=created,
        labels={"karpenter.sh/nodepool": pool},
    )


def claim(name: str, gpus: float = 8.0) -> NodeClaimFacts:
    return NodeClaimFacts(name, "", "", "h100", gpus, NOW - timedelta(seconds=5))


def test_nodes_that_join_together_are_one_line() -> None:
    pools = PoolCounts("prod")
    assert list(pools.start([node("a")], SINCE)) == []
    for second in range(8):
        pools.joined(node(f"b{second}"), NOW + timedelta(seconds=second))
    assert list(pools.settle(NOW + timedelta(seconds=8))) == []
    ((at, change),) = pools.settle(NOW + timedelta(seconds=7) + QUIET)
    assert (at, change.what, change.who) == (NOW, "h100 1→9 nodes", "karpenter")
    assert (change.details, change.gpus, change.subject) == (("8 nodes joined",), 64.0, "prod/h100")
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
    changes = [change for _, change in told]
    assert [(change.what, change.gpus) for change in changes] == [("h100 +2 nodes", 16.0), ("h100 +1 node", 8.0)]


def test_a_wave_says_why_nodes_left() -> None:
    pools = PoolCounts("prod")
    list(pools.start([node(str(number)) for number in range(5)], SINCE))
    for number, why in enumerate(("consolidation", "consolidation", "spot interruption", "")):
        pools.left(node(str(number)), NOW, why)
    pools.joined(node("new"), NOW)
    ((_, change),) = pools.settle(NOW + QUIET)
    assert (change.what, change.gpus) == ("h100 5→2 nodes", -24.0)
    assert change.details == (
        "1 node joined",
        "1 node left",
        "2 nodes left: consolidation",
        "1 node left: spot interruption",
    )


def test_machines_that_karpenter_asks_for_are_one_line_before_they_join() -> None:
    pools = PoolCounts("prod")
    for number in range(8):
        pools.claimed(claim(str(number)), NOW)
    assert pools.unsettled
    ((at, change),) = pools.settle(NOW + QUIET)
    assert (change.what, change.who, change.gpus) == ("h100 8 nodes asked for", "karpenter", 64.0)
    assert at == NOW - timedelta(seconds=5)
    assert not pools.unsettled
