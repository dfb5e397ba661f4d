"""What the namespaces of the simulated company send, and the volumes that they have. Quiet: nothing grows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from finops_tui.model.usage import Traffic, UsageReading
from finops_tui.simulation.estate import GIB
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.machines import Work
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.serving import Service
from finops_tui.simulation.tenants import NAMESPACES, ServicePlan
from finops_tui.simulation.traffic import DAY

ANSWER_BYTES = 2_048.0
"""Of an answer without its tokens."""
TOKEN_BYTES = 6.0
OUTWARD = {Traffic.INTERNET: 0.7, Traffic.ZONE: 0.3}
"""Where answers go (ratios)."""
GATHERED_BYTES_PER_SECOND = 1_048_576.0
"""What a worker of a job sends to another zone: gradients and checkpoints."""
INTERNET_USD_PER_GIB, REGION_USD_PER_GIB, ZONE_USD_PER_GIB = 0.09, 0.02, 0.01
STORAGE_USD_PER_GIB_HOUR = 0.08 / 730
SIZES_GIB = (200, 500, 1_000, 2_000)
LARGEST_SENDERS = 5


class Claim(NamedTuple):
    """A volume and who claims it."""

    namespace: str
    name: str
    volume: str
    capacity: float
    """Bytes."""
    used: float


def answer_bytes(plan: ServicePlan) -> float:
    return ANSWER_BYTES + plan.tokens * TOKEN_BYTES


def sent_by(work: Work, now: int) -> dict[Traffic, float]:
    """Return bytes per second that leave the zone."""
    if isinstance(work, Service):
        total = work.rate * (1.0 - work.turned_away) * answer_bytes(work.plan)
        return {traffic: total * share for traffic, share in OUTWARD.items()}
    if isinstance(work, Job):
        return {Traffic.ZONE: GATHERED_BYTES_PER_SECOND * sum(pod.ready(now) for pod in work.pods)}
    return {}


def claims(seed: int, cluster: str, now: float) -> Iterator[Claim]:
    """Yield every volume of one cluster: they keep their size, and fill slowly."""
    for claim, filled in _new(seed, cluster):
        yield claim._replace(used=claim.capacity * (filled + 0.2 * (now / DAY % 365) / 365))


@lru_cache(maxsize=64)
def _new(seed: int, cluster: str) -> tuple[tuple[Claim, float], ...]:
    """Return every volume of one cluster as on the first day of a year, and how full it was then (ratio)."""
    found = []
    for plan in NAMESPACES:
        if cluster in plan.clusters:
            noise = Noise(seed, f"volumes/{cluster}/{plan.name}")
            for place in range(1 + int(3 * noise.at(0))):
                capacity = float(SIZES_GIB[int(len(SIZES_GIB) * noise.at(10 + place))] * GIB)
                filled = 0.3 + 0.3 * noise.at(20 + place)
                name, volume = f"data-{place}", f"pvc-{cluster}-{plan.name}-{place}"
                found.append((Claim(plan.name, name, volume, capacity, capacity * filled), filled))
    return tuple(found)


def usage_readings(seed: int, cluster: str, works: Iterable[Work], now: int) -> tuple[UsageReading, ...]:
    """Return what OpenCost and the kubelets of one cluster would make of it, by namespace."""
    sent: dict[str, dict[Traffic, float]] = {}
    senders: dict[str, list[tuple[str, float]]] = {}
    for work in works:
        parts = sent_by(work, now)
        of = sent.setdefault(work.namespace, {})
        for traffic, rate in parts.items():
            of[traffic] = of.get(traffic, 0.0) + rate
        if sum(parts.values()):
            senders.setdefault(work.namespace, []).append((f"{work.kind}/{work.name}", round(sum(parts.values()))))
    volumes: dict[str, tuple[float, float]] = {}
    for claim in claims(seed, cluster, now):
        capacity, used = volumes.get(claim.namespace, (0.0, 0.0))
        volumes[claim.namespace] = (capacity + claim.capacity, used + claim.used)
    return tuple(
        UsageReading(
            namespace=name,
            sent={traffic: round(rate) for traffic, rate in sent.get(name, {}).items()},
            senders=tuple(sorted(senders.get(name, ()), key=lambda each: -each[1])[:LARGEST_SENDERS]),
            volume_bytes=volumes[name][0] if name in volumes else None,
            used_bytes=volumes[name][1] if name in volumes else None,
        )
        for name in sorted({*sent, *volumes})
    )
