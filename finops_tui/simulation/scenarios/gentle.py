"""The incidents as they were first written, where those that are offered were made sharper.

`python -m bench scenarios` says how many of them are found, and how late. They are offered nowhere else.
"""

from __future__ import annotations

from finops_tui.simulation.scenarios.autoscaler_thrash import AutoscalerThrash
from finops_tui.simulation.scenarios.base import Scenario
from finops_tui.simulation.scenarios.idle_leak import IdleLeak
from finops_tui.simulation.scenarios.rollout_burns_slo import RolloutBurnsSlo
from finops_tui.simulation.scenarios.slow_creep import SlowCreep
from finops_tui.simulation.scenarios.spot_storm import SpotStorm
from finops_tui.simulation.scenarios.traffic_10x import Traffic10x


class GentleTraffic(Traffic10x):
    ramp_seconds = (2400, 3600)
    room_after_seconds = 600


class GentleLeak(IdleLeak):
    least_usd_per_hour = 10.0


class LeakedNotebooks(IdleLeak):
    notebooks_chance = 1.0


class GentleStorm(SpotStorm):
    least_machines = 1


class GentleThrash(AutoscalerThrash):
    high = (2.0, 2.6)


class GentleCreep(SlowCreep):
    growth = 1.03
    notebooks = True


class GentleRollout(RolloutBurnsSlo):
    burn_rates = (20.0, 45.0)
    replicas = range(2, 1_000)


SCENARIOS: dict[str, type[Scenario]] = {
    "traffic-10x-gentle": GentleTraffic,
    "idle-leak-gentle": GentleLeak,
    "idle-leak-notebooks": LeakedNotebooks,
    "spot-storm-gentle": GentleStorm,
    "autoscaler-thrash-gentle": GentleThrash,
    "slow-creep-gentle": GentleCreep,
    "rollout-burns-slo-gentle": GentleRollout,
}
