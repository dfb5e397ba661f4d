"""The incidents that the simulated cloud can be made to have: one file for each, and its name here.

Listing them loads none.
"""

from __future__ import annotations

from finops_tui.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.simulation.scenarios.base import Scenario

NAMES = (
    "runaway-retrain",
    "traffic-10x",
    "idle-leak",
    "spot-storm",
    "autoscaler-thrash",
    "slow-creep",
    "planned-batch",
    "rollout-burns-slo",
)
GENTLE = (
    "traffic-10x-gentle",
    "idle-leak-gentle",
    "idle-leak-notebooks",
    "spot-storm-gentle",
    "autoscaler-thrash-gentle",
    "slow-creep-gentle",
    "rollout-burns-slo-gentle",
)
"""Milder ones, for the bench: how much of an incident there must be before it is found."""


def scenario(name: str, seed: int) -> Scenario:
    """Make one, ready for a world of that seed. Raises UsageError where none is called so."""
    if name in GENTLE:
        from finops_tui.simulation.scenarios.gentle import SCENARIOS

        return SCENARIOS[name](seed)
    if name not in NAMES:
        raise UsageError(f"No scenario is called {name}.", hint=f"There are {', '.join(NAMES)}.")
    from importlib import import_module

    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    made: Scenario = module.SCENARIO(seed)
    return made
