"""Which price a node has, and in which words.

Kinds rank as in `PriceKind`. Among prices of one kind the one with the most criteria wins, then the first. Only list
prices may cross a region: a price from elsewhere is better than none as long as it says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from finops_tui.analysis.figures import amount
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.phrases import counted

BY_NODE = frozenset({PriceKind.OVERRIDE_NODE, PriceKind.METERED_NODE})
OVERRIDES = frozenset({PriceKind.OVERRIDE_NODE, PriceKind.OVERRIDE_SELECTOR, PriceKind.OVERRIDE_INSTANCE_TYPE})


class NodePrice(NamedTuple):
    usd_per_hour: float | None
    """None: the node has no price."""
    words: str
    """How it came to be: `AWS Price List 2026-07-20, on demand`; without a price the reason."""


def in_words(words: Iterable[str]) -> str:
    """Say how several nodes are priced: in the words for most of them, and how many other ways there are."""
    words = list(words)
    if len(set(words)) <= 1:
        return words[0] if words else ""
    times = Counter(words)
    first = min(times, key=lambda text: (-times[text], text))
    return f"{first}, and {counted(len(times) - 1, 'other price')}"


class PriceBook:
    """All prices that are known, looked up by node."""

    def __init__(self, prices: Mapping[tuple[str, str], tuple[Price, ...]]) -> None:
        """`prices` by (source, cluster), as the fleet holds them."""
        self._by_node: defaultdict[str, list[tuple[Price, str]]] = defaultdict(list)
        self._by_type: defaultdict[str, list[tuple[Price, str]]] = defaultdict(list)
        self._others: list[tuple[Price, str]] = []
        self._empty = True
        for (_, cluster), known in prices.items():
            for price in known:
                if _believable(price):
                    self._empty = False
                    self._shelf(price).append((price, price.cluster or cluster))

    def _shelf(self, price: Price) -> list[tuple[Price, str]]:
        if price.node:
            return self._by_node[price.node]
        if price.instance_type:
            return self._by_type[price.instance_type]
        return self._others

    def price(self, node: Node, capacity_type: CapacityType | None = None) -> NodePrice:
        """Return what the node costs, or would cost as another kind of capacity."""
        if self._empty:
            return NodePrice(None, "no prices have been read yet")
        capacity = capacity_type or node.capacity_type
        best: Price | None = None
        best_rank: tuple[float, ...] = ()
        as_it_stands = capacity is node.capacity_type
        for price, cluster in self._candidates(node):
            if (cluster and cluster != node.cluster) or not _fits(price, node, capacity):
                continue
            if price.kind in BY_NODE and not as_it_stands:
                continue  # a price for this very node says nothing about it as another kind of capacity
            rank = _rank(price, node, capacity)
            if best is None or rank < best_rank:
                best, best_rank = price, rank
        return _unpriced(node) if best is None else _priced(best, node, capacity)

    def _candidates(self, node: Node) -> Iterable[tuple[Price, str]]:
        yield from self._by_node.get(node.name, ())
        if node.instance_type:
            yield from self._by_type.get(node.instance_type, ())
        yield from self._others


def _believable(price: Price) -> bool:
    """Zero is a price only where a person says so: meters and lists write 0 for what they do not know."""
    if amount(price.usd_per_hour) is None:
        return False
    if price.usd_per_hour == 0 and price.kind not in OVERRIDES:
        return False
    if price.kind in BY_NODE:
        return bool(price.node)
    if price.kind is PriceKind.OVERRIDE_SELECTOR:
        return bool(price.labels)
    return bool(price.instance_type)


def _fits(price: Price, node: Node, capacity: CapacityType) -> bool:
    if any(node.labels.get(key) != value for key, value in price.labels.items()):
        return False
    if price.kind is PriceKind.LIST:  # another region's, or the on-demand price of a spot node, may have to do
        return price.capacity_type is not CapacityType.SPOT or capacity is CapacityType.SPOT
    if price.kind is PriceKind.SPOT_MARKET and capacity is not CapacityType.SPOT:
        return False
    return (
        price.node in {"", node.name}
        and price.instance_type in {"", node.instance_type}
        and price.region in {"", node.region}
        and price.capacity_type in {None, capacity}
    )


def _rank(price: Price, node: Node, capacity: CapacityType) -> tuple[float, ...]:
    """Lower is better."""
    elsewhere = bool(price.region) and price.region != node.region
    nearness = _common(price.region, node.region) if elsewhere else 0
    criteria = (price.cluster, price.node, price.instance_type, price.region, price.capacity_type)
    return (
        price.kind,
        elsewhere,
        price.capacity_type is not capacity,
        -nearness,
        -sum(1 for criterion in criteria if criterion) - len(price.labels),
        -price.as_of.toordinal() if price.as_of is not None else 0,  # of two that fit alike the newer one
    )


def _common(one: str, other: str) -> int:
    """Return how many characters two names of regions begin alike: `eu-west-1` is nearer to `eu-central-1` than any."""
    return next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _priced(price: Price, node: Node, capacity: CapacityType) -> NodePrice:
    usd = price.usd_per_hour
    words = price.source + (f" {price.as_of.isoformat()}" if price.as_of else "")
    if price.kind is PriceKind.LIST and price.region and price.region != node.region:
        words += f", list price of {price.region} (none for {node.region or 'an unknown region'})"
    if price.kind is PriceKind.LIST and capacity is CapacityType.SPOT and price.capacity_type is not CapacityType.SPOT:
        discount = price.spot_discount
        if discount is not None and 0 <= discount < 1:
            return NodePrice(usd * (1 - discount), f"{words}, list price less typical spot discount {discount:.0%}")
        return NodePrice(usd, f"{words}, on-demand list price; spot price unknown")
    if price.kind is PriceKind.LIST and capacity is CapacityType.RESERVED:
        return NodePrice(usd, f"{words}, on-demand list price; reservation not known")
    return NodePrice(usd, words)


def _unpriced(node: Node) -> NodePrice:
    if not node.instance_type:
        return NodePrice(None, "instance type unknown")
    where = f" in {node.region}" if node.region else ""
    return NodePrice(None, f"no price known for {node.instance_type}{where}")
