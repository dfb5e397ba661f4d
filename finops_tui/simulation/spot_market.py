"""Spot capacity: its drifting price, when there is none, and when a machine is taken back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from finops_tui.simulation.estate import ClusterPlan, InstanceType, PoolPlan
from finops_tui.simulation.machines import Pool
from finops_tui.simulation.randomness import Noise, stream
from finops_tui.simulation.traffic import HOUR

PRICE_HOLDS_SECONDS = 1800
"""The market sets a new price so often."""
CALM_LOSSES_PER_HOUR = 0.005
"""Interruptions per machine and hour in a slack market."""
SHORTAGE_CHANCE = 0.35
"""Chance that an interruption comes with a shortage: replacements must be on-demand for a while."""


SHORTAGE_SECONDS = (900, 3600)
"""How long such a shortage lasts."""
HOURS_KNOWN = 64
"""Time is looked at from one end to the other: a few hours of every pool are remembered."""


class Loss(NamedTuple):
    """One machine that was taken before the start."""

    at: int
    """Unix seconds."""
    short_until: int
    """No spot capacity was to be had before; `at` where there was some."""


def usual_spot_machines(pool: PoolPlan) -> int:
    """Return about how many spot machines a pool has, for a story that needs no more than that."""
    return round(pool.spot_share * (pool.minimum + pool.maximum) / 2)


class SpotMarket:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = stream(seed, "spot interruptions")
        self._noise: dict[str, Noise] = {}
        self._pools: dict[str, Noise] = {}
        self._lost: dict[tuple[str, int, int], Loss | None] = {}
        """By pool, number of machines and hour."""

    def price(self, cluster: ClusterPlan, instance: InstanceType, now: float) -> float | None:
        """Return US dollars per hour; None where the type has no price at all."""
        if instance.usd_per_hour is None:
            return None
        when = now // PRICE_HOLDS_SECONDS * PRICE_HOLDS_SECONDS
        noise = self._of(cluster, instance)
        drift = 0.07 * noise.smooth(when, 11 * HOUR) + 0.03 * noise.smooth(when, 2 * HOUR)
        return round(instance.usd_per_hour * instance.spot_ratio * (1.0 + drift), 4)

    def tightness(self, cluster: ClusterPlan, instance: InstanceType, now: float) -> float:
        """Return how hard capacity is to get, from -1 (plenty) to 1."""
        return self._of(cluster, instance).smooth(now + 5e8, 7 * HOUR)

    def available(self, pool: Pool, now: int) -> bool:
        return now >= pool.short_until

    def losses_per_hour(self, pool: Pool, now: float) -> float:
        """Return the expected interruptions per spot machine and hour."""
        return CALM_LOSSES_PER_HOUR * math.exp(1.8 * self.tightness(pool.cluster, pool.plan.instance, now))

    def takes(self, pool: Pool, now: int, seconds: float) -> bool:
        """Draw whether one machine is interrupted within the next `seconds`; a shortage may come with it."""
        if self._random.random() >= self.losses_per_hour(pool, now) * seconds / HOUR:
            return False
        pool.last_lost_at = now
        if self._random.random() < SHORTAGE_CHANCE:
            pool.short_until = now + int(self._random.uniform(*SHORTAGE_SECONDS))
        return True

    def losses(self, cluster: ClusterPlan, pool: PoolPlan, machines: int, since: float, until: float) -> Iterator[Loss]:
        """Yield what was taken of a pool with so many spot machines, in time order: a story for before the start."""
        key = f"{cluster.name}/{pool.name}"
        for hour in range(int(since // HOUR), math.ceil(until / HOUR)):
            if (key, machines, hour) not in self._lost:
                if len(self._lost) >= HOURS_KNOWN:
                    del self._lost[next(iter(self._lost))]
                self._lost[key, machines, hour] = self._loss(cluster, pool, machines, hour)
            loss = self._lost[key, machines, hour]
            if loss is not None and since <= loss.at < until:
                yield loss

    def _loss(self, cluster: ClusterPlan, pool: PoolPlan, machines: int, hour: int) -> Loss | None:
        """Return what was taken of a pool in one hour since the epoch."""
        noise = self._of_pool(cluster, pool)
        at = int((hour + noise.at(4 * hour + 1)) * HOUR)
        expected = CALM_LOSSES_PER_HOUR * math.exp(1.8 * self.tightness(cluster, pool.instance, at))
        if noise.at(4 * hour) >= machines * expected:
            return None
        shortest, longest = SHORTAGE_SECONDS
        short = noise.at(4 * hour + 2) < SHORTAGE_CHANCE
        lasts = int(shortest + (longest - shortest) * noise.at(4 * hour + 3))
        return Loss(at, at + lasts if short else at)

    def _of_pool(self, cluster: ClusterPlan, pool: PoolPlan) -> Noise:
        key = f"{cluster.name}/{pool.name}"
        if key not in self._pools:
            self._pools[key] = Noise(self._seed, f"earlier interruptions/{key}")
        return self._pools[key]

    def _of(self, cluster: ClusterPlan, instance: InstanceType) -> Noise:
        key = f"{cluster.region}/{instance.name}"
        if key not in self._noise:
            self._noise[key] = Noise(self._seed, f"spot/{key}")
        return self._noise[key]
