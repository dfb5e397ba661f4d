"""How many machines an Auto Scaling group holds, and how AWS ends them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops_tui.actions.cloud.shrinking import Machines

STANDBY = frozenset({"Standby", "EnteringStandby"})
"""Machines that no longer count towards the size of their group."""
ENDED = "within minutes", "AWS chooses the machines, busy ones too, and ends them without a drain"
EVICTED = (
    "after AWS has evicted their pods, 15 minutes at most",
    "AWS chooses the machines and evicts their pods, whatever disruption budgets say",
)


def machines_of(group: Mapping[str, Any], *, reserved: bool = False, evicts: bool = False) -> Machines:
    """Read an Auto Scaling group of AWS's answer; `evicts` where pods are asked to go before their machine ends."""
    present = [each for each in group.get("Instances") or () if each.get("LifecycleState") not in STANDBY]
    when, how = EVICTED if evicts else ENDED
    return Machines(
        running=len(present),
        protected=sum(bool(each.get("ProtectedFromScaleIn")) for each in present),
        suspended=frozenset(str(each.get("ProcessName")) for each in group.get("SuspendedProcesses") or ()),
        stays="its warm pool stays, and costs" if group.get("WarmPoolConfiguration") else "",
        reserved=reserved,
        when=when,
        how=how,
    )
