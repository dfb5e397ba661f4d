"""Prices and where figures come from. Live rates are `float` US dollars per hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import IntEnum, StrEnum

from msgspec import Struct, field

USD = "USD"


class Provenance(StrEnum):
    """How a figure came to be."""

    ESTIMATED = "estimated"
    """Inventory times price; not on a bill yet."""
    METERED = "metered"
    """Counted by the system that charges, not billed yet."""
    BILLED = "billed"
    MEASURED = "measured"
    """Read from an instrument: a utilization, an error ratio, a count."""


class Figure(Struct, frozen=True, kw_only=True, gc=False):
    """One number with all that is needed to believe it. `value` is None when it is not known; `missing` says why."""

    value: float | None
    unit: str
    at: datetime | None = None
    provenance: Provenance = Provenance.ESTIMATED
    source: str = ""
    missing: str = ""


class CapacityType(StrEnum):
    ON_DEMAND = "on-demand"
    SPOT = "spot"
    RESERVED = "reserved"
    UNKNOWN = "unknown"


class PriceKind(IntEnum):
    """Which price to believe when several fit a node: the lowest number wins."""

    OVERRIDE_NODE = 1
    OVERRIDE_SELECTOR = 2
    OVERRIDE_INSTANCE_TYPE = 3
    METERED_NODE = 4
    """What a cost meter in the cluster (OpenCost) charges for this very node."""
    SPOT_MARKET = 5
    LIST = 6


class Price(Struct, frozen=True, kw_only=True, gc=False):
    """US dollars per hour for every node that fits. An empty criterion fits all.

    A spot node for which only an on-demand LIST price is known is priced at `usd_per_hour * (1 - spot_discount)`
    when the discount (ratio) is known.
    """

    kind: PriceKind
    usd_per_hour: float
    source: str
    """Who says so, in words: `config.yaml`, `OpenCost`, `AWS Price List`."""
    cluster: str = ""
    node: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    instance_type: str = ""
    region: str = ""
    capacity_type: CapacityType | None = None
    spot_discount: float | None = None
    as_of: date | None = None
