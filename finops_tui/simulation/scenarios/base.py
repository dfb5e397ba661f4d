"""What a scenario is: when it begins, what it does to the world, and what a right answer to it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from finops_tui.model.finding import Severity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.simulation.machines import Pool, Work
from finops_tui.simulation.randomness import stream
from finops_tui.simulation.usual import Use, payers_of

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

BEGINS_AFTER_SECONDS = 1200
"""The usual world is seen first."""
ACTS_EVERY = 60
"""Once begun, it goes on in steps of so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What somebody who looks at the findings should be told."""

    scope: Scope
    """What it is about."""
    also: tuple[Scope, ...] = ()
    """Wider or neighbouring scopes that are right too."""
    slos: tuple[str, ...] = ()
    """Ids of objectives; a finding about one of them is right."""
    cause: tuple[str, ...] = ()
    """Words of which the first cause must hold one; empty where nothing was told that could be the cause."""
    allowed: Severity = Severity.PAGE
    """The most urgent that a finding about it may be."""
    needed: Severity | None = Severity.TICKET
    """The least urgent that will do; None where nothing needs to be found."""


class Scenario:
    """One incident in one world. Everything it chooses, it chooses from the seed and from what the world is then."""

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    """What happens, in a sentence."""
    begins_after_seconds: ClassVar[int] = BEGINS_AFTER_SECONDS

    def __init__(self, seed: int) -> None:
        self.chance = stream(seed, f"scenario/{self.name}")
        self.began_at: int | None = None
        """Unix seconds; None before it has begun."""

    def tick(self, world: World) -> None:
        """Let it do what is due. Called at every tick."""
        due = world.now - world.start - self.begins_after_seconds
        if due < 0 or due % ACTS_EVERY:
            return
        if self.began_at is not None:
            self.go_on(world, world.now - self.began_at)
        elif self.begin(world):
            self.began_at = world.now

    def begin(self, world: World) -> bool:
        """Begin, or return False where the world has nothing now that it could happen to: it is tried again soon."""
        raise NotImplementedError

    def go_on(self, world: World, seconds: int) -> None:
        """Do what is due so many seconds after the beginning."""

    def expected(self, world: World) -> Expected:
        """Return what a right answer is; there is one as soon as it has begun."""
        raise NotImplementedError


def workload(work: Work) -> Scope:
    return Scope(ScopeKind.WORKLOAD, work.key)


def pool_of(pool: Pool) -> Scope:
    return Scope(ScopeKind.POOL, pool.key)


def around(work: Work) -> tuple[Scope, ...]:
    """Return what a workload is counted under besides itself, as far as that points at it."""
    pool = work.pool.plan.name
    use = Use(work.cluster, work.kind, work.namespace, work.name, pool, work.model, len(work.pods), work.gpus)
    return (pool_of(work.pool), *(scope for scope in payers_of(use) if scope.kind is not ScopeKind.WORKLOAD))


def usd_per_gpu(world: World, pool: Pool) -> float:
    """Return what a GPU of a pool costs now, $/h; 0 where the pool has no price or no machine."""
    prices = [world.usd_per_hour(machine) or 0.0 for machine in pool.machines.values()]
    return sum(prices) / (len(prices) * pool.plan.instance.gpus) if prices else 0.0


def spare_machines(pool: Pool) -> int:
    """Return how many machines the pool may still grow by."""
    return pool.maximum - len(pool.staying()) - len(pool.launches)
