"""How long a query that failed is left alone, and how long one that came too fast is waited for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.sources.pauses import pause_seconds
from finops_tui.sources.prometheus.faults import PrometheusError

FIRST_REST_SECONDS = 15.0
LONGEST_REST_SECONDS = 300.0
"""A query that never works is asked every few minutes: it may have been dear, for the server and for the round."""
LONGEST_BUSY_REST_SECONDS = 60.0
"""Who only asks to be left alone for a while would answer."""
LONGEST_RETRY_AFTER_SECONDS = 600.0
PATIENCE_SECONDS = 15.0
"""Within one round, for one query: the round waits for it."""
UNTOLD_PATIENCE_SECONDS = 5.0
"""The same where the server does not say how long it wants to be left alone."""
UNTOLD_PAUSE_SECONDS = 1.0
MOST_SPREAD_SECONDS = 4.0


@dataclass(slots=True)
class _Rest:
    error: PrometheusError
    until: datetime
    failures: int


class Rests:
    def __init__(self, clock: Clock, jitter: random.Random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._rests: dict[tuple[str, str], _Rest] = {}
        """By the query's id and what was asked under it."""

    @property
    def failing(self) -> frozenset[str]:
        """Ids of queries that were not answered when they were asked last."""
        return frozenset(query_id for query_id, _ in self._rests)

    def clear(self) -> None:
        """Leave nothing alone any longer."""
        self._rests.clear()

    def held(self, query_id: str, expr: str) -> PrometheusError | None:
        """Return why a query failed last, if it is not to be asked yet."""
        rest = self._rests.get((query_id, expr))
        return rest.error if rest is not None and self._clock.now() < rest.until else None

    def passing(self, query_id: str) -> PrometheusError | None:
        """Return why a query was not answered when it was asked last, if that may be over soon."""
        errors = (rest.error for key, rest in reversed(self._rests.items()) if key[0] == query_id)
        return next((error for error in errors if error.doubtful), None)

    def failed(self, query_id: str, expr: str, error: PrometheusError) -> None:
        before = self._rests.get((query_id, expr))
        failures = before.failures if before is not None else 0
        longest = LONGEST_BUSY_REST_SECONDS if error.busy else LONGEST_REST_SECONDS
        asked = min(error.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
        jitter = self._jitter.uniform(0.5, 1.0)
        # What failed once is asked again when it is due: most of it passes.
        pause = pause_seconds(FIRST_REST_SECONDS, longest, failures - 1, jitter, asked) if failures else asked
        until = self._clock.now() + timedelta(seconds=pause)
        self._rests[query_id, expr] = _Rest(error, until, failures + 1)

    def answered(self, query_id: str) -> None:
        """Forget what failed under this id: a recorded series may fail where its query is answered."""
        for key in [key for key in self._rests if key[0] == query_id]:
            del self._rests[key]

    def pause(self, query_id: str, expr: str, error: PrometheusError, tries: int, waited: float) -> float | None:
        """Return how long to wait before the same query is asked again at once; None where it has to go without.

        `tries` came to nothing before, in `waited` seconds. What failed in an earlier round holds up no other.
        """
        if not error.busy or (query_id, expr) in self._rests:
            return None
        asked = error.retry_after_seconds
        patience = PATIENCE_SECONDS if asked else UNTOLD_PATIENCE_SECONDS
        # Spread wider each time: all that were told to come back in a second would be too many again.
        spread = min(MOST_SPREAD_SECONDS, 2.0**tries) * self._jitter.random()
        pause = (asked or UNTOLD_PAUSE_SECONDS) + spread
        return pause if waited + pause <= patience else None
