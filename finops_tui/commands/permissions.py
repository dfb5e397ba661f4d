"""`permissions`: the least that the actions must be allowed to do, for whoever grants it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from finops_tui.errors import ActionError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.actions.kinds import Kind


def run(asked: argparse.Namespace) -> int:
    if not asked.kubernetes:
        raise UsageError("Say of which system.", hint="Add --kubernetes.")
    from finops_tui.actions.kube_client import KubeClient
    from finops_tui.actions.manifest import manifest
    from finops_tui.actions.planning import Hands
    from finops_tui.actions.registry import kubernetes_actions

    def nobody(cluster: str) -> KubeClient:
        raise ActionError(f"{cluster} is not asked for this.")

    actions = kubernetes_actions(Hands(client=nobody, by=""), _kinds(asked.config))
    sys.stdout.write(manifest(actions, asked.namespace, asked.action))
    return 0


def _kinds(given: str | None) -> Mapping[str, Kind]:
    """Return the kinds that are known, and those of the config where there is one. Raises ConfigError."""
    import os

    from finops_tui.actions.custom_kinds import with_custom_kinds
    from finops_tui.config.find import find
    from finops_tui.config.load import load

    file = find(given, os.environ)
    kinds = load(file, os.environ).config.kinds if file is not None else ()
    return with_custom_kinds(kind.told() for kind in kinds)
