"""What load does to a service: waiting, slowness, failure, and how many replicas an autoscaler wants."""

from __future__ import annotations

import math
from statistics import NormalDist

TARGET_LOAD = 0.65
"""Load per replica that the autoscaler aims at."""
SPREAD = 0.45
"""Standard deviation of the logarithm of response times."""
FIRST_TOKEN_SHARE = 0.09
"""Share of a request's time that passes before its first token."""
P95 = math.exp(1.6449 * SPREAD)
QUEUE_SECONDS = 20.0
"""A server turns requests away rather than let them wait longer than this."""


def stretch(load: float) -> float:
    """Return by how much a request takes longer than on an idle replica, for a load (ratio) below and up to full.

    Grows slowly at first and steeply near full, as waiting does in a queue with several servers (M/M/c).
    """
    load = min(load, 0.97)
    return 1.0 + 0.8 * load**3 / (1.0 - load)


def slow_share(threshold: float, median: float, waiting: float) -> float:
    """Return the share of requests that take longer than `threshold` seconds: lognormal, after a wait."""
    left = threshold - waiting
    if left <= 0.0:
        return 1.0
    return 0.5 * math.erfc(math.log(left / median) / (SPREAD * math.sqrt(2.0)))


def slowness(threshold: float, median: float, share: float) -> float:
    """Return the factor on the median (seconds) at which `share` (0-1) of the requests take longer than `threshold`."""
    return threshold / median * math.exp(-SPREAD * NormalDist().inv_cdf(1.0 - share))


def replicas_wanted(rate: float, capacity: float, minimum: int, maximum: int) -> int:
    """Return how many replicas (requests/s each: `capacity`) keep the load at its target."""
    return min(max(math.ceil(rate / (capacity * TARGET_LOAD)), minimum), maximum)


def gpu_activity(load: float) -> float:
    """Return how busy (ratio) the GPUs of a replica are at a load."""
    return min(0.06 + 0.9 * load, 0.98) if load > 0.0 else 0.0
