"""What may be had for a price: an instance type somewhere."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from finops_tui.model.money import CapacityType


class Offer(Struct, frozen=True, kw_only=True, gc=False):
    """One instance type in one region. US dollars per hour for a whole machine."""

    instance_type: str
    usd_per_hour: float | None
    """None where no price is known."""
    source: str
    """Who says so, in words."""
    provider: str = ""
    gpu_model: str = ""
    gpus: int = 0
    region: str = ""
    """Empty: everywhere."""
    capacity_type: CapacityType = CapacityType.ON_DEMAND
    spot_discount: float | None = None
    """What spot typically is below it (ratio); None where that is not known."""
    as_of: date | None = None
    own: bool = False
    """From the config: believed before any list."""
