"""How something that goes along with the engine fares, told as a source tells it."""

from __future__ import annotations

from collections.abc import Callable

from finops_tui.clock import Clock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth


class Faring:
    """Says what is wrong, and that nothing is any more: each only once."""

    def __init__(self, source: str, clock: Clock, *, short: str) -> None:
        self._source = source
        self._clock = clock
        self._short = short
        self._trouble = ""

    def tell(self, trouble: str, hint: str, tell: Callable[[Observation], None]) -> None:
        """Tell of trouble with what to do about it; of none where `trouble` is empty."""
        if trouble == self._trouble:
            return
        self._trouble, now = trouble, self._clock.now()
        tell(
            SourceHealth(
                at=now,
                source=self._source,
                cluster="",
                short=self._short,
                state=HealthState.PARTIAL if trouble else HealthState.LIVE,
                since=now,
                answered_at=now,
                stale_after_seconds=float("inf"),
                reason=trouble,
                hint=hint if trouble else "",
            )
        )
