"""What the clouds' own detection finds odd in what runs, told hours after it happened.

What an incident costs is not on the simulated bills. So what the world really has is held against what it usually has,
and is told once a bill would have reached those hours.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from finops_tui.model.cloud import Anomaly, RootCause
from finops_tui.simulation.bills import CONTRACTS, HOURS_LATE, Contract
from finops_tui.simulation.clouds_money import agreed_share, cents
from finops_tui.simulation.machines import Pool, moment
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.traffic import HOUR
from finops_tui.simulation.usual import Usual

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

LEAST_USD = 100.0
"""Below that above the expected, nobody is told."""
ABOVE = 1.25
"""How many times the usual an hour of all machines of a cloud must cost."""
KEPT_HOURS = 7 * 24
MOST_CAUSES, LEAST_CAUSE = 3, 0.1
"""How many causes are told, and the share of the largest that the least of them has."""


class Spend(NamedTuple):
    """US dollars of some pools in some hours, as paid."""

    real: float
    usual: float


class Watch:
    """What ran, held against what usually runs, by hour and pool."""

    def __init__(self, seed: int, world: World) -> None:
        self._seed = seed
        self._world = world
        self._usual = Usual(seed)
        self._contracts = {contract.cluster: contract for contract in CONTRACTS}
        self._hours: dict[int, array[float]] = {}
        """By the number of the hour since 1970: what each pool really cost, then what each usually does, as `_places`
        has them. A week of hours is kept, so each figure stands as a bare number."""
        self._places = {key: place for place, key in enumerate(world.pools)}
        self._looked_at = world.now

    def look(self) -> None:
        """Take in what runs: it stands for the time since the last look."""
        world = self._world
        share = min((world.now - self._looked_at) / HOUR, 1.0)
        self._looked_at = world.now
        pools = len(self._places)
        hour = self._hours.setdefault(int(world.now // HOUR), array("d", [0.0]) * (2 * pools))
        for cluster, plan, usual, _ in self._usual.pools(world.now):
            pool = world.pools[f"{cluster}/{plan}"]
            real = sum([world.usd_per_hour(machine) or 0.0 for machine in pool.machines.values()])
            paid = share * (1.0 if pool.plan.spot_share else agreed_share(self._contracts[cluster]))
            place = self._places[pool.key]
            hour[place] += paid * real
            hour[pools + place] += paid * usual
        while len(self._hours) > KEPT_HOURS:
            del self._hours[next(iter(self._hours))]

    def anomalies(self, contract: Contract, now: datetime) -> Iterator[Anomaly]:
        """Yield what was odd with a cloud's machines in the hours that its detection has seen by now."""
        seen = int((now - timedelta(hours=HOURS_LATE)).timestamp() // HOUR)
        pools = self._pools(contract)
        odd: list[int] = []
        for hour in self._hours:
            if hour >= seen:
                break
            whole = self._sum(pools, (hour,))
            if whole.real > ABOVE * whole.usual:
                odd.append(hour)
            elif odd:
                yield from self._anomaly(contract, odd, over=True)
                odd = []
        if odd:
            yield from self._anomaly(contract, odd, over=False)

    def _anomaly(self, contract: Contract, hours: Sequence[int], *, over: bool) -> Iterator[Anomaly]:
        whole = self._sum(self._pools(contract), hours)
        if whole.real - whole.usual < LEAST_USD:
            return
        yield Anomaly(
            id=identity(self._seed, "anomaly", contract.account, hours[0]),
            account=contract.account,
            start=moment(hours[0] * HOUR).date(),
            end=moment(hours[-1] * HOUR).date() if over else None,
            subject=contract.machines,
            impact=cents(whole.real - whole.usual),
            actual=cents(whole.real),
            expected=cents(whole.usual),
            causes=self._causes(contract, hours),
        )

    def _causes(self, contract: Contract, hours: Sequence[int]) -> tuple[RootCause, ...]:
        pools = self._pools(contract)
        spent = {pool.key: self._sum((pool,), hours) for pool in pools}
        more = {key: each.real - each.usual for key, each in spent.items()}
        worst = sorted(pools, key=lambda pool: -more[pool.key])[:MOST_CAUSES]
        return tuple(
            RootCause(
                service=contract.machines,
                region=pool.cluster.region,
                account=contract.account_name,
                usage_type=usage_type(pool),
                contribution=cents(more[pool.key]),
            )
            for pool in worst
            if more[pool.key] > LEAST_CAUSE * more[worst[0].key]
        )

    def _pools(self, contract: Contract) -> list[Pool]:
        return [pool for pool in self._world.pools.values() if pool.cluster.name == contract.cluster]

    def _sum(self, pools: Iterable[Pool], hours: Sequence[int]) -> Spend:
        places, usual = [self._places[pool.key] for pool in pools], len(self._places)
        told = [self._hours[hour] for hour in hours]
        return Spend(
            sum(spent[place] for spent in told for place in places),
            sum(spent[usual + place] for spent in told for place in places),
        )


def usage_type(pool: Pool) -> str:
    """Return what a pool's cloud calls the use of its machines."""
    name = pool.plan.instance.name
    if pool.cluster.cloud != "aws":
        return name
    return f"{'SpotUsage' if pool.plan.spot_share else 'BoxUsage'}:{name}"
