"""What every scope spent in the two weeks before the start."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.model.observations import HistorySeries, Quantity
from finops_tui.model.scope import Scope
from finops_tui.simulation.traffic import DAY, HOUR
from finops_tui.simulation.usual import Usual

HISTORY_DAYS = 14
HISTORY_STEP = 450
"""Step of the history in seconds. Up to three hours ago one sample an hour has to do."""
RECENT_SECONDS = int(3 * HOUR)
SAMPLES_AT_A_STRETCH = 8
"""Samples worked out before other tasks get a turn: some 3 ms."""


class History:
    """Worked out bit by bit, since it takes a tenth of a second."""

    def __init__(self, seed: int, start: int) -> None:
        self._usual = Usual(seed)
        recent = (start - RECENT_SECONDS) // HISTORY_STEP * HISTORY_STEP
        first = int((start - HISTORY_DAYS * DAY) // HOUR * HOUR)
        hours = range(first, recent, int(HOUR))
        self._moments = [(at, at + HOUR / 2) for at in hours]
        self._moments += [(at, float(at)) for at in range(recent, start, HISTORY_STEP)]
        self._points: dict[Scope, list[tuple[float, float]]] = {}

    def stretches(self) -> Iterator[None]:
        """Work it out, and pause after each stretch."""
        for done, (at, middle) in enumerate(self._moments, 1):
            for scope, usd in self._usual.spend(middle).items():
                self._points.setdefault(scope, []).append((float(at), round(usd, 4)))
            if done % SAMPLES_AT_A_STRETCH == 0:
                yield

    def series(self) -> tuple[HistorySeries, ...]:
        return tuple(
            HistorySeries(quantity=Quantity.USD_PER_HOUR, scope=scope, step_seconds=HISTORY_STEP, points=tuple(points))
            for scope, points in self._points.items()
        )
