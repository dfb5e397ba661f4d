"""Clouds whose groups of machines are named by a label of their nodes, and whose cluster the config names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from finops_tui.actions.cloud.pools import Behind, nodes_of
from finops_tui.actions.cloud.rest import RestHands
from finops_tui.actions.cloud.things import Ref
from finops_tui.actions.objects import text
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """How one cloud names its groups."""

    cloud: str
    """As the config's `type`."""
    kind: str
    """Of their refs: `node-pool`."""
    called: str
    """As people call them: `node pool`."""
    account: str
    """What an account is called there, and in the config: `project`."""
    label: str
    name: re.Pattern[str]
    """What a value of the label looks like."""
    machine: re.Pattern[str]
    """`spec.providerID` of its machines; the first group is the account."""

    async def behind(self, hands: RestHands, target: Target, fleet: Fleet) -> Behind:
        """Find the groups of a pool. Raises ActionError where that cannot be told, and says why."""
        seat = hands.seats.get(target.cluster)
        if seat is None:
            hint = f"Name it under clouds: in config.yaml, type {self.cloud}."
            raise ActionError(f"In which {self.account} {target.cluster} is, is not known", "nothing says so", hint)
        nodes = await nodes_of(hands, target, fleet)
        machines = [found for each in nodes if (found := self.machine.fullmatch(text(each, "spec", "providerID")))]
        if not machines:
            detail = f"their providerID names no machine of {seat.place}"
            raise ActionError(f"The nodes of {target.name} are elsewhere", detail, "Check `type` under clouds:.")
        accounts = sorted({found[1].lower() for found in machines})
        if accounts != [seat.place.account.lower()]:
            raise ActionError(
                f"{target.cluster} is in {self.account} {', '.join(accounts)}, not in {seat.place.account}",
                "its nodes say so, the config says otherwise",
                f"Set `{self.account}` under clouds: in config.yaml.",
            )
        labels = [text(each, "metadata", "labels", self.label) for each in nodes]
        named = [label for label in labels if self.name.fullmatch(label)]
        if not named:
            detail = f"none of its nodes has the label {self.label}"
            raise ActionError(f"No {self.called} stands behind {target.name}", detail)
        groups = tuple(self._ref(seat.place.account, seat.place.region, seat.name, name) for name in sorted({*named}))
        return Behind(groups, alone=len(labels) - len(named))

    def _ref(self, account: str, region: str, cluster: str, name: str) -> Ref:
        return Ref(kind=self.kind, account=account, region=region, name=f"{cluster}/{name}", cloud=self.cloud)
