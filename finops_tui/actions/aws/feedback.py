"""Telling AWS what an anomaly was that it found: real, a false alarm, or planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.aws.action import AwsAction
from finops_tui.actions.aws.anomaly import NOBODY, SAID, Anomaly
from finops_tui.actions.cloud.action import Intent
from finops_tui.actions.cloud.places import place_named
from finops_tui.actions.cloud.things import Ref, look
from finops_tui.actions.effects import View
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot

FEEDBACK = "feedback"
"""Parameter: one of `ANSWERS`."""
ANSWERS: Mapping[str, tuple[str, str]] = {
    "real": ("YES", "a real anomaly"),
    "false": ("NO", "a false alarm"),
    "planned": ("PLANNED_ACTIVITY", "planned activity"),
}
"""What can be said, as AWS names it and in words."""


class Feedback(AwsAction):
    id = "feedback"
    key = "F"
    title = "Feedback"
    about = "Tells AWS whether an anomaly that it found was real, a false alarm or planned; it learns from that."
    applies_to = frozenset({TargetKind.ANOMALY})
    lasts = False

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        said, words = _answer(parameters)
        ref = ref_of(target, snapshot)
        state = await look(self.hands, self.things[ref.kind], ref)
        before = state.fields[SAID]
        if before == said:
            raise ActionError(f"AWS has been told already: {words}", "there is nothing to change")
        intent = Intent(
            action=self.id,
            title=f"Call {target.name.rpartition('/')[2]} {words}",
            wanted={SAID: said},
            undo=f"says {before} again, as before" if before != NOBODY else "",
            parameters=parameters,
        )
        return await self.made(target, state, intent, View(snapshot, fleet, now))

    async def refs(self, target: Target, fleet: Fleet) -> tuple[Ref, ...]:  # noqa: ARG002 - of the contract
        """Return nothing: no note can be left on an anomaly, so only the journal knows a way back."""
        return ()


def _answer(parameters: Mapping[str, str]) -> tuple[str, str]:
    given = parameters.get(FEEDBACK, "")
    if given not in ANSWERS:
        raise ActionError(
            f"{FEEDBACK}={given} is no feedback" if given else "What it was is missing",
            f"{FEEDBACK} is one of {', '.join(ANSWERS)}",
        )
    return ANSWERS[given]


def ref_of(target: Target, snapshot: Snapshot) -> Ref:
    """Return where AWS holds an anomaly, named after its first day and its id. Raises ActionError."""
    place = place_named(target.cluster)
    row = next((each for each in snapshot.cloud.anomalies if each.key == target.key), None)
    if place is None or row is None:
        raise ActionError(
            f"{target.name} is no anomaly that is known",
            "no source of type aws tells of it now",
            "AWS tells of anomalies for 90 days, sources ask for those of 30.",
        )
    return Ref(kind=Anomaly.kind, account=place.account, region=place.region, name=f"{row.start}/{row.id}")
