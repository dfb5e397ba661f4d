"""From what was done to the plan that takes it back, whichever action did it."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.actions.effects import View
from finops_tui.actions.kinds import Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.quotas import quota_back
from finops_tui.actions.rollbacks import rollback_back
from finops_tui.actions.traces import marked_by
from finops_tui.actions.undo import plan_back
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Target

WAYS_BACK = (quota_back, rollback_back)
"""Of what is more than setting fields; each returns None for what is not its own."""


async def way_back(
    client: KubeClient, hands: Hands, done: Plan | Target, view: View, kinds: Mapping[str, Kind]
) -> Plan:
    """Plan the way back from a plan, or for a target from what stands on it. Raises ActionError."""
    if isinstance(done, Plan) and not done.reversible:
        raise ActionError(f"{done.title} cannot be taken back", "nothing is left that could be set back")
    for way in WAYS_BACK:
        plan = await way(client, hands, done, view, kinds)
        if plan is not None:
            return plan
    marked = await marked_by(client, done, kinds)
    target = done.target if isinstance(done, Plan) else done
    return await plan_back(client, hands, target, marked, view, kinds=kinds)
