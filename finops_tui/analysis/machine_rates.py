"""What machines cost that are no nodes: by the price of their very type in their very region, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import fsum
from typing import NamedTuple

from finops_tui.analysis.pricing import NodePrice, PriceBook, in_words
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price

ZONE = "topology.kubernetes.io/zone"
"""The label by which prices name a zone."""
HINT = "pricing.overrides may name one"


class Cost(NamedTuple):
    """$/h of some machines; None where it is not known, and why."""

    usd_per_hour: float | None = None
    priced_by: str = ""
    missing: str = ""


NONE_RUNS = Cost(0.0, "no machine runs")


class MachineRates:
    """Prices by instance type, looked up once for each kind of machine."""

    def __init__(self, prices: Mapping[tuple[str, str], tuple[Price, ...]]) -> None:
        """`prices` by (source, cluster), as the fleet holds them; those of one cluster are not for what is in none."""
        self._by_type: defaultdict[str, list[Price]] = defaultdict(list)
        for (_, cluster), known in prices.items():
            for price in known:
                if price.instance_type and not (cluster or price.cluster or price.node):
                    self._by_type[price.instance_type].append(price)
        self._known: dict[tuple[str, str, str, CapacityType], NodePrice] = {}

    def each(self, instance_type: str, region: str, *, zone: str = "", spot: bool | None = None) -> NodePrice:
        """Return what one machine costs; `spot` is None where it is not known, which is priced as on demand."""
        capacity = {None: CapacityType.UNKNOWN, True: CapacityType.SPOT, False: CapacityType.ON_DEMAND}[spot]
        key = instance_type, region, zone, capacity
        if key not in self._known:
            self._known[key] = self._looked_up(*key)
        return self._known[key]

    def of(self, machines: int | None, types: Sequence[str], region: str, *, spot: bool | None) -> Cost:
        """Return what so many machines of one type cost together."""
        if machines is None:
            return Cost(missing="how many machines it has is not known")
        if machines == 0:
            return NONE_RUNS
        if len(types) != 1:
            return Cost(missing="it has machines of several types" if types else "its instance type is not known")
        price = self.each(types[0], region, spot=spot)
        if price.usd_per_hour is None:
            return Cost(missing=price.words)
        return Cost(price.usd_per_hour * machines, price.words)

    def together(self, prices: Sequence[NodePrice]) -> Cost:
        """Return what machines cost together, each at its own price."""
        lacking = next((price.words for price in prices if price.usd_per_hour is None), "")
        if lacking:
            return Cost(missing=lacking)
        known = [price.usd_per_hour for price in prices if price.usd_per_hour is not None]
        return Cost(fsum(known), in_words(price.words for price in prices))

    def _looked_up(self, instance_type: str, region: str, zone: str, capacity: CapacityType) -> NodePrice:
        fitting = tuple(price for price in self._by_type[instance_type] if price.region in {"", region})
        node = Node(
            cluster="", name="", uid="", pool="", instance_type=instance_type, region=region, zone=zone,
            capacity_type=capacity, labels={ZONE: zone} if zone else {},
        )  # fmt: skip
        found = PriceBook({("", ""): fitting}).price(node) if fitting else NodePrice(None, "")
        if found.usd_per_hour is not None:
            return found
        return NodePrice(None, f"no price of {instance_type} in {region} is known; {HINT}")
