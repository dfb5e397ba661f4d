"""Every action that there is. A new one is a module of its own and a line here."""

from __future__ import annotations

from finops_tui.actions.base import Action
from finops_tui.actions.nodes import Cordon, Uncordon
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.planning import Hands
from finops_tui.actions.scale import Scale


def kubernetes_actions(hands: Hands) -> tuple[Action, ...]:
    return (Pause(hands), Resume(hands), Scale(hands), Cordon(hands), Uncordon(hands))
