"""How much of what is allocated does no work."""

from __future__ import annotations

from dataclasses import dataclass

from finops_tui.analysis.figures import amount, ratio
from finops_tui.model.gpu import GpuReading


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRules:
    below_utilization: float = 0.05
    """Where an instrument does not count the devices that worked: at less than this they did not (ratio)."""


def idle_ratio(reading: GpuReading | None, rules: IdleRules) -> float | None:
    """Return the share (0-1) of a workload's devices that did not work, None when nothing reports.

    Counted devices come first (`active` of `gpus`); without a count the mean utilization decides for all.
    """
    if reading is None or reading.gpus <= 0:
        return None
    active = amount(reading.active)
    if active is not None:
        return max(0.0, 1 - active / reading.gpus)
    utilization = ratio(reading.utilization)
    if utilization is None:
        return None
    return 1.0 if utilization < rules.below_utilization else 0.0


def allocated_idle_ratio(reading: GpuReading | None, allocated: float, rules: IdleRules) -> float | None:
    """Return the share (0-1) of a node's requested GPUs that did not work.

    A node's readings count devices that nobody requested too. Those cannot be told apart here, so work is
    credited to requested devices first: never more idle than is certain.
    """
    if reading is None or allocated <= 0:
        return None
    active = amount(reading.active)
    if active is None:
        return idle_ratio(reading, rules)
    return max(0.0, 1 - active / allocated)
