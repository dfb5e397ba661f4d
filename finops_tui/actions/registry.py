"""Every action that there is. A new one is a module of its own and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.actions.base import Action
from finops_tui.actions.drain import Drain
from finops_tui.actions.idle_node import DeleteNode
from finops_tui.actions.kinds import Kind
from finops_tui.actions.nodes import Cordon, Uncordon
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.planning import Hands
from finops_tui.actions.pools import Limit
from finops_tui.actions.quota import Quota
from finops_tui.actions.resolve import KINDS
from finops_tui.actions.rollback import Rollback
from finops_tui.actions.scale import Scale


def kubernetes_actions(hands: Hands, kinds: Mapping[str, Kind] = KINDS) -> tuple[Action, ...]:
    """Return them all; `kinds` are those of the config besides `KINDS`."""
    return (
        Pause(hands, kinds),
        Resume(hands, kinds),
        Scale(hands, kinds),
        Cordon(hands, kinds),
        Uncordon(hands, kinds),
        Drain(hands, kinds),
        DeleteNode(hands, kinds),
        Rollback(hands, kinds),
        Quota(hands, kinds),
        Limit(hands, kinds),
    )
