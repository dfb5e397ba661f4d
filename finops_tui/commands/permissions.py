"""`permissions`: the least that the actions must be allowed to do, for whoever grants it."""

from __future__ import annotations

import argparse
import sys

from finops_tui.errors import ActionError, UsageError


def run(asked: argparse.Namespace) -> int:
    if not asked.kubernetes:
        raise UsageError("Say of which system.", hint="Add --kubernetes.")
    from finops_tui.actions.kube_client import KubeClient
    from finops_tui.actions.manifest import manifest
    from finops_tui.actions.planning import Hands
    from finops_tui.actions.registry import kubernetes_actions

    def nobody(cluster: str) -> KubeClient:
        raise ActionError(f"{cluster} is not asked for this.")

    actions = {action.id: action for action in kubernetes_actions(Hands(client=nobody, by=""))}
    unknown = [name for name in asked.action if name not in actions]
    if unknown:
        raise UsageError(f"There is no action {unknown[0]}.", hint=f"There are {', '.join(actions)}.")
    chosen = [actions[name] for name in asked.action] or actions.values()
    sys.stdout.write(manifest(chosen, asked.namespace))
    return 0
