"""Capacity that the cloud may take back."""

from __future__ import annotations

from msgspec import Struct


class Interruption(Struct, frozen=True, kw_only=True, gc=False):
    """The cloud takes, or announces to take, one spot node."""

    id: str
    """Stable for one interruption, however often it is reported: node uid, or node name and time."""
    node: str
    pool: str
    reason: str
    instance_type: str = ""
    zone: str = ""
    gpus: int = 0
    notice_seconds: float | None = None


class Eviction(Struct, frozen=True, kw_only=True, gc=False):
    """One pod removed against its will."""

    id: str
    namespace: str
    pod: str
    workload: str
    """`Kind/name` of its topmost controller."""
    node: str
    reason: str
