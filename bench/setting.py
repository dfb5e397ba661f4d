"""How thoroughly a run of the bench measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.instrument import Instrument
from bench.plan import Plan, Run
from bench.programs import Program
from bench.quiet import Quiet
from bench.report import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    instrument: Instrument
    quick: bool = False
    nice: int = 0
    """Priority of the measured programs (-15 as root on a busy machine)."""
    soak_seconds: float = 60.0
    soak_speed: float = 60.0
    quiet: Quiet = field(default_factory=Quiet)

    def runs(self, thorough: int) -> int:
        return max(1, thorough // 4) if self.quick else thorough

    def seconds(self, thorough: float) -> float:
        return thorough / 4 if self.quick else thorough

    def measure(self, *programs: Program, plan: Plan) -> dict[str, list[Run]]:
        return self.quiet.measure(self.instrument, programs, plan)


Section = Callable[[Setting], list[Figure]]


def values(runs: Sequence[Run], name: str) -> tuple[float, ...]:
    """Return one figure of every run that has it."""
    return tuple(run[name] for run in runs if name in run)


def figure(
    id_: str, title: str, unit: str, found: Sequence[float], *, judged: bool = True, note: str = ""
) -> list[Figure]:
    """Return the figure, or nothing when no run had it."""
    if not found:
        return []
    return [Figure(id=id_, title=title, unit=unit, values=tuple(found), judged=judged, note=note)]
