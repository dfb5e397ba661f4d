"""Samples as OpenMetrics text, for servers with a made-up past."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Value = float | Callable[[float], float]


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass
class Samples:
    start: int
    end: int
    step: int = 30
    _families: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def around_now(cls, seconds: int) -> Samples:
        """Return none yet, from so long ago to so far ahead that a test may be slow."""
        middle = int(time.time()) // 60 * 60
        return cls(middle - seconds, middle + seconds)

    def add(
        self,
        name: str,
        labels: dict[str, str],
        value: Value,
        *,
        start: int | None = None,
        end: int | None = None,
        step: int | None = None,
    ) -> None:
        """Add one series; a callable is given the unix time."""
        told = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        lines = self._families.setdefault(name, [])
        for at in range(start or self.start, (end or self.end) + 1, step or self.step):
            number = value(at) if callable(value) else value
            lines.append(f"{name}{{{told}}} {number} {at}")

    def text(self) -> str:
        return "\n".join(line for lines in self._families.values() for line in lines) + "\n# EOF\n"
