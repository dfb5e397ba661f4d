"""Counters and histograms of services. They only ever grow, and only while somebody exports them."""

from __future__ import annotations

from finops_tui.simulation.objectives import Objective
from finops_tui.simulation.queueing import FIRST_TOKEN_SHARE, slow_share
from finops_tui.simulation.serving import Service

REQUEST_BOUNDS = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0)
"""Upper bounds of vLLM's histogram of request times, in seconds."""
FIRST_TOKEN_BOUNDS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0)
HTTP_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Bounds of the ingress's histogram, as multiples of a service's usual time; its objectives' limits come on top."""


class Histogram:
    """Cumulative counts per upper bound (seconds), and the sum of what was counted."""

    __slots__ = ("bounds", "count", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0.0] * len(bounds)
        self.count = 0.0
        self.total = 0.0

    def observe(self, events: float, median: float, waiting: float) -> None:
        """Count events whose times are spread around a median after a wait (seconds)."""
        for place, bound in enumerate(self.bounds):
            self.counts[place] += events * (1.0 - slow_share(bound, median, waiting))
        self.count += events
        self.total += events * (median * 1.1 + waiting)


class Meter:
    """What one service has done since counting began."""

    def __init__(self, service: Service, objectives: list[Objective]) -> None:
        self.service = service
        self.objectives = [objective for objective in objectives if objective.service is service]
        self.answered = 0.0
        self.failed = 0.0
        self.tokens = 0.0
        self.busy_seconds = 0.0
        self.queued_seconds = 0.0
        limits = {o.plan.threshold for o in self.objectives if o.plan.kind == "latency"}
        bounds = sorted({round(factor * service.plan.seconds, 6) for factor in HTTP_FACTORS} | limits)
        first = {o.plan.threshold for o in self.objectives if o.plan.kind == "ttft"}
        self.http = Histogram(tuple(bounds))
        self.request = Histogram(REQUEST_BOUNDS)
        self.first_token = Histogram(tuple(sorted({*FIRST_TOKEN_BOUNDS, *first})))

    def count(self, now: int, seconds: float) -> None:
        """Add what happened in the last `seconds`."""
        service = self.service
        luck = service.luck(now)
        asked = service.rate * seconds
        broken = next((o for o in self.objectives if o.plan.kind == "availability"), None)
        if broken is not None:
            share = broken.bad_share(now, service.load, service.waiting, service.turned_away)
        else:
            share = min(0.0002 * luck + service.turned_away, 1.0)
        answered = asked * (1.0 - share)
        self.answered += answered
        self.failed += asked - answered
        self.tokens += answered * service.plan.tokens
        median = service.seconds * luck**0.15
        self.busy_seconds += answered * median
        self.queued_seconds += answered * service.waiting
        self.http.observe(answered, median, service.waiting)
        if service.server == "vLLM":
            self.request.observe(answered, median, service.waiting)
            self.first_token.observe(answered, median * FIRST_TOKEN_SHARE, service.waiting)
