"""Minutes of evidence for one question."""

from __future__ import annotations

from finops_tui.detectors.spend.saved import numbers

MOST = 1.0
"""A sample counts at most as if it stood at twice what was reached, so that no single one pages."""
LEAK = 0.5
"""A minute without evidence takes half a minute away: a restart in between does not start it all over."""
SAMPLES = 2
"""One high sample is a blip, however long it is to the next."""


class Evidence:
    __slots__ = ("last", "minutes", "samples", "since")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.minutes = 0.0
        self.since = 0.0
        """Unix seconds at which it began."""
        self.last = 0.0
        """Unix seconds of the newest sample that was evidence."""
        self.samples = 0

    def weigh(self, ts: float, minutes: float, value: float, reach: float, limit: float) -> None:
        """Take a sample that stands for so many `minutes`: above `limit` it counts by how far it is above `reach`."""
        if value > limit:
            if self.minutes == 0:
                self.since = ts
            self.minutes += minutes * (min(MOST, value / reach - 1) if reach > 0 else MOST)
            self.samples += 1
            self.last = ts
        elif self.minutes:
            self.minutes = max(0.0, self.minutes - minutes * LEAK)
            if self.minutes == 0:
                self.samples = 0

    def enough(self, minutes: float) -> bool:
        return self.minutes >= minutes and self.samples >= SAMPLES

    def save(self) -> list[float]:
        return [self.minutes, self.since, self.last, self.samples]

    def load(self, saved: object) -> None:
        self.minutes, self.since, self.last, samples = numbers(saved, 4)
        self.samples = int(samples)
