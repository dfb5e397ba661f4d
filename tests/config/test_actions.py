from __future__ import annotations

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.config.actions import BUILT_IN
from finops_tui.errors import ActionError


def test_no_action_of_ones_own_can_take_the_id_of_one_that_is_there() -> None:
    def nobody(cluster: str) -> KubeClient:
        raise ActionError(f"{cluster} is not asked for this.")

    there = {action.id for action in kubernetes_actions(Hands(client=nobody, by=""))}
    assert there | {"resize", "feedback", "undo", "redo"} == BUILT_IN
