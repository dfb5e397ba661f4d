"""Objectives as people write them in the config."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from finops_tui.sources.settings import Settings

UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class LatencyIndicator(Settings):
    """Good are the requests that took at most so long, counted by a classic histogram."""

    histogram: str = Field(
        pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$",
        description="Name of the histogram without `_bucket`, `vllm:e2e_request_latency_seconds`.",
    )
    threshold: float = Field(gt=0, description="Upper bound of a good request, one of the histogram's buckets (`le`).")
    selector: str = Field(default="", description='Label matchers without braces, `namespace="search"`.')

    def good(self) -> str:
        bounds = {f"{self.threshold:g}", f"{self.threshold:.1f}", repr(self.threshold)}
        values = "|".join(
            re.escape(bound).replace("\\", "\\\\") for bound in sorted(bounds) if float(bound) == self.threshold
        )
        return f'sum(rate({self.histogram}_bucket{{le=~"{values}", {self.selector}}}[$window]))'

    def total(self) -> str:
        return f"sum(rate({self.histogram}_count{{{self.selector}}}[$window]))"


class SloIndicator(Settings):
    """How good and bad events are told apart: `good` and `total`, `errors` and `total`, `error_ratio`, or `latency`.

    PromQL with `$window` where the range goes: `sum(rate(http_requests_total{code=~"5.."}[$window]))`.
    """

    good: str | None = Field(default=None, description="PromQL that counts good events.")
    errors: str | None = Field(default=None, description="PromQL that counts bad events.")
    total: str | None = Field(default=None, description="PromQL that counts all events.")
    error_ratio: str | None = Field(default=None, description="PromQL that gives the share of bad events, 0 to 1.")
    latency: LatencyIndicator | None = Field(default=None, description="Good is what was fast enough.")

    @field_validator("good", "errors", "total", "error_ratio")
    @classmethod
    def _has_window(cls, expr: str | None) -> str | None:
        if expr is not None and "$window" not in expr:
            raise ValueError("the query lacks $window")
        return expr

    @model_validator(mode="after")
    def _one_way(self) -> SloIndicator:
        given = {
            name for name in ("good", "errors", "total", "error_ratio", "latency") if getattr(self, name) is not None
        }
        if given not in ({"good", "total"}, {"errors", "total"}, {"error_ratio"}, {"latency"}):
            raise ValueError("give good and total, or errors and total, or error_ratio, or latency")
        return self


class SloDefinition(Settings):
    """One objective over a rolling period."""

    name: str = Field(min_length=1, description="Short and unique within the service: `latency`.")
    service: str = Field(min_length=1, description="The service that makes the promise.")
    cluster: str = Field(default="", description="The cluster whose Prometheus is asked; empty to ask each one.")
    namespace: str = Field(default="", description="Namespace of what serves it.")
    workload: str = Field(default="", description="What serves it, `Deployment/rerank`.")
    objective: float = Field(description="Share of good events: a percentage (`99.9`) or a ratio (`0.999`).")
    period: str = Field(default="30d", pattern=r"^[1-9][0-9]*[hdw]$", description="Rolling period: `30d`, `4w`.")
    indicator: SloIndicator = Field(description="How good and bad events are told apart.")

    @field_validator("objective", mode="after")
    @classmethod
    def _as_ratio(cls, objective: float) -> float:
        """Take 1 and more as a percentage: no objective promises 100 %, so 1 can only mean one percent."""
        ratio = objective if objective < 1 else round(objective / 100, 12)
        if not 0 < ratio < 1:
            raise ValueError("an objective lies between 0 and 100 percent, both excluded")
        return ratio

    @property
    def period_seconds(self) -> int:
        return int(self.period[:-1]) * UNITS[self.period[-1]]

    @property
    def origin(self) -> str:
        """Where it is defined, in words."""
        return "config.yaml"

    def id_in(self, cluster: str) -> str:
        """Return its identity among the objectives of every cluster."""
        return f"{cluster}/{self.service}/{self.name}"
