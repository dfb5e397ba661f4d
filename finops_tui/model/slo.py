"""Promises of service and how they are kept."""

from __future__ import annotations

from msgspec import Struct


class Slo(Struct, frozen=True, kw_only=True, gc=False):
    """A service level objective over a rolling period."""

    id: str
    """Unique among all sources: `prod-us/search/rerank-latency`."""
    name: str
    cluster: str
    service: str
    objective: float
    """Ratio 0-1 of good events, `0.999`."""
    period_seconds: float = 30 * 86_400
    origin: str = ""
    """Where its definition stands: `config.yaml`, `Sloth`, `Pyrra`."""
    namespace: str = ""
    workload: str = ""
    """`Kind/name` of what serves it, when known."""


class SliReading(Struct, frozen=True, kw_only=True, gc=False):
    """Share of bad events in one window that ends now."""

    slo_id: str
    window_seconds: int
    error_ratio: float | None
    """Ratio 0-1; None when there was no traffic: no traffic is not 100 % good."""
    events: float | None = None
    """How many events the window saw, when known; few make a burn rate meaningless."""


class ServingReading(Struct, frozen=True, kw_only=True, gc=False):
    """What a model server reports. A part that its server does not report is None."""

    namespace: str
    model: str
    server: str
    """`vLLM`, `Triton`, `TGI` …"""
    requests_per_second: float | None = None
    p95_seconds: float | None = None
    error_ratio: float | None = None
    queue_depth: float | None = None
    tokens_per_second: float | None = None
