"""What the simulated clouds say of themselves, as a source: groups of machines now, budgets and advice from bills.

It asks the world and the ledger of bills as the clouds' own tools would, and is as late as those: nothing is told of a
bill before there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from finops_tui.clock import Clock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import CloudWord, Observation, SourceHealth
from finops_tui.simulation.cost_explorer import SimulatedCostExplorer

if TYPE_CHECKING:
    from finops_tui.simulation.billing import SimulatedBilling, Told
    from finops_tui.simulation.source import SimulatedCloud

AFTER_SECONDS = 5.0
"""Real time before the first look: by then there are bills to look at."""
SOON_SECONDS = 2.0
"""Real time between two looks until there is a bill."""
EVERY_SECONDS = 60.0
"""Real time between two looks from then on."""
LEAST_SECONDS = 300.0
"""But at least so much time of the clock."""
PAUSE_SECONDS = 0.5
"""Real time between two pieces of work, each some milliseconds."""


class SimulatedClouds:
    """Looks at the world of `cloud`, and at what `billing` has written down."""

    name = "simulated clouds"
    cluster = ""

    def __init__(self, seed: int, clock: Clock, cloud: SimulatedCloud, billing: SimulatedBilling) -> None:
        self._seed = seed
        self._clock = clock
        self._cloud = cloud
        self._billing = billing
        self._since = clock.now()
        self.explorer = SimulatedCostExplorer()
        """Takes feedback on anomalies; it is told with them at the next look."""

    async def observe(self) -> AsyncIterator[Observation]:
        """Yield what the clouds say, again at every look; what they say of bills again whenever those are restated."""
        yield self._health(None)
        await asyncio.sleep(AFTER_SECONDS)
        from finops_tui.simulation.clouds_bills import BillReader
        from finops_tui.simulation.clouds_groups import prices, standing
        from finops_tui.simulation.clouds_watch import Watch
        from finops_tui.simulation.managed import Managed

        world, managed, reader = self._cloud.world, Managed(self._seed), BillReader(self._seed, self.name)
        watch = Watch(self._seed, world)
        read: Told | None = None
        yield prices(world, self.name)
        while True:
            watch.look()
            for word in standing(world, managed, self.name):
                yield word
            if self._billing.told is not None and self._billing.told is not read:
                read = self._billing.told
                of_bills: list[CloudWord] = []
                for words in reader.read(read, self._billing.name, self._clock.now()):
                    of_bills += words
                    await asyncio.sleep(PAUSE_SECONDS)
                for word in of_bills:  # all at once: what is shown is made anew for each bit of news
                    yield word
            for word in reader.anomalies(watch, self._clock.now()):
                yield self.explorer.tell(word)
            yield self._health(self._clock.now())
            if read is None:
                await asyncio.sleep(SOON_SECONDS)
            else:
                await self._clock.sleep(max(LEAST_SECONDS, EVERY_SECONDS * self._clock.speed))

    async def refresh(self) -> None:
        """Nothing to ask: the clouds tell when they have news."""

    def _health(self, answered_at: datetime | None) -> SourceHealth:
        return SourceHealth(
            at=self._clock.now(),
            source=self.name,
            cluster="",
            short="clouds",
            state=HealthState.CONNECTING if answered_at is None else HealthState.POLLED,
            since=self._since,
            answered_at=answered_at,
            stale_after_seconds=3 * max(LEAST_SECONDS, EVERY_SECONDS * self._clock.speed),
            primed=answered_at is not None,
        )
