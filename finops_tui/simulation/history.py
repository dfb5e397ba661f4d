"""What every scope spent in the two weeks before the start, and what namespaces sent."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.model.observations import HistorySeries, Quantity
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope
from finops_tui.model.usage import Traffic
from finops_tui.simulation.traffic import DAY, HOUR
from finops_tui.simulation.usual import Usual

HISTORY_DAYS = 14
SENT_DAYS = 9
"""Of traffic: nobody looks further back."""
HISTORY_STEP = 450
"""Step of the history in seconds. Up to three hours ago one sample an hour has to do."""
RECENT_SECONDS = int(3 * HOUR)
LOOKS_AN_HOUR = (0.25 * HOUR, 0.75 * HOUR)
"""An hour's sample is the mean of these moments: it wavers as little as the mean of an hour that is lived through."""
LOOKS_AT_A_STRETCH = 8
"""Moments worked out before other tasks get a turn: some 4 ms."""


class History:
    """Worked out bit by bit, since it takes some tenths of a second."""

    def __init__(self, seed: int, start: int) -> None:
        self._usual = Usual(seed)
        recent = (start - RECENT_SECONDS) // HISTORY_STEP * HISTORY_STEP
        first = int((start - HISTORY_DAYS * DAY) // HOUR * HOUR)
        hours = range(first, recent, int(HOUR))
        self._looks = [(at, at + late, len(LOOKS_AN_HOUR)) for at in hours for late in LOOKS_AN_HOUR]
        self._looks += [(at, float(at), 1) for at in range(recent, start, HISTORY_STEP)]
        self._points: dict[Scope, dict[int, float]] = {}
        self._sent: dict[tuple[Scope, Traffic], dict[int, float]] = {}
        self._sent_from = start - SENT_DAYS * DAY

    def stretches(self) -> Iterator[None]:
        """Work it out, and pause after each stretch."""
        for done, (at, moment, looks) in enumerate(self._looks, 1):
            for scope, usd in self._usual.spend(moment).items():
                points = self._points.setdefault(scope, {})
                points[at] = points.get(at, 0.0) + usd / looks
            sent_now = self._usual.sent(moment) if at >= self._sent_from else {}
            for key, rate in sent_now.items():
                sent = self._sent.setdefault(key, {})
                sent[at] = sent.get(at, 0.0) + rate / looks
            if done % LOOKS_AT_A_STRETCH == 0:
                yield

    def series(self) -> tuple[HistorySeries, ...]:
        return (*self._spent(), *self._traffic())

    def _traffic(self) -> Iterator[HistorySeries]:
        for (scope, traffic), points in self._sent.items():
            yield HistorySeries(
                quantity=Quantity.SENT,
                scope=scope,
                step_seconds=HISTORY_STEP,
                points=Samples((at, round(rate)) for at, rate in points.items()),
                labels={"traffic": traffic.value},
            )

    def _spent(self) -> Iterator[HistorySeries]:
        yield from (
            HistorySeries(
                quantity=Quantity.USD_PER_HOUR,
                scope=scope,
                step_seconds=HISTORY_STEP,
                points=Samples((at, round(usd, 4)) for at, usd in points.items()),
            )
            for scope, points in self._points.items()
        )
