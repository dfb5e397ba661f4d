"""What costs beside the nodes: traffic that pods send, and volumes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field


class Traffic(StrEnum):
    """Where what pods send goes, which decides what it costs."""

    INTERNET = "internet"
    REGION = "region"
    """To another region."""
    ZONE = "zone"
    """To another zone of the same region."""
    ANY = "any"
    """Anywhere, the same node included: the instrument cannot tell."""


class UsageReading(Struct, frozen=True, kw_only=True, gc=False):
    """One namespace. What was not reported is None or left out, never 0."""

    namespace: str
    sent: Mapping[Traffic, float] = field(default_factory=dict)
    """Bytes per second by where they go; either ANY or the others."""
    senders: tuple[tuple[str, float], ...] = ()
    """`Kind/name` of the workloads that send most, and their bytes per second."""
    volume_bytes: float | None = None
    """Provisioned, which is what is paid for."""
    used_bytes: float | None = None
    """What stands on them."""
    volume_usd_per_hour: float | None = None
    """Of those volumes that a meter has a price for."""
    unmetered_bytes: float | None = None
    """Provisioned on volumes that none has a price for."""
