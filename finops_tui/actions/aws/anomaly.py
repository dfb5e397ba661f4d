"""Anomalies that AWS's own detection found: what somebody says of one, which AWS keeps and learns from.

Every request to Cost Explorer is taken to cost $0.01, each page of an answer one (AWS Cost Management pricing, which
makes no exception for these two).
"""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.faults import CloudCallError
from finops_tui.actions.cloud.things import About, Edit, Fields, Notes, Ref, State, line, not_there
from finops_tui.actions.effects import NOTHING, Effects
from finops_tui.actions.emptied import Saving
from finops_tui.actions.objectives import Danger
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Outcome, Risk

SERVICE = "ce"
SAID = "Feedback"
NOBODY = ""
"""In place of feedback, where there is none."""
NONE = "–"
A_PAGE = 100
PAGES = 10
"""More are not paid for to find one anomaly."""
TOUCHES = "1 anomaly, nothing that runs; 3 more requests, $0.01 each"
FOR_GOOD = "nothing; AWS takes no feedback back, only another one"


class Anomaly(AwsThing):
    kind = "anomaly"
    order = (SAID,)
    notes = Notes.NOWHERE
    grants = (
        Grant(actions=("ce:GetAnomalies",)),
        Grant(actions=("ce:ProvideAnomalyFeedback",), writes=True),
    )

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        """Look through the anomalies since the day on which it began, which is in its name: none can be asked for."""
        since, _, wanted = ref.name.partition("/")
        asked: dict[str, Any] = {"DateInterval": {"StartDate": since}, "MaxResults": A_PAGE}
        for _ in range(PAGES):
            page = await hands.read(ref.place, SERVICE, "GetAnomalies", **asked)
            found = next((each for each in page["Anomalies"] if each["AnomalyId"] == wanted), None)
            if found is not None:
                return _state(ref, found)
            if not page.get("NextPageToken"):
                raise not_there(ref)
            asked["NextPageToken"] = page["NextPageToken"]
        raise CloudCallError(
            f"{ref.shown} is not among {PAGES * A_PAGE:,} anomalies", "each page costs $0.01, so no more are asked for"
        )

    def fit(self, state: State, wanted: Fields) -> None:
        if wanted[SAID] == NOBODY:
            raise ActionError(f"Feedback on {state.ref.shown} cannot be taken away", "AWS has no request for it")

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """Say it: saying the same twice is as saying it once."""
        _, _, wanted = edit.ref.name.partition("/")
        await hands.write(
            edit.ref.place, SERVICE, "ProvideAnomalyFeedback", AnomalyId=wanted, Feedback=edit.set[SAID]
        )  # fmt: skip
        return ""

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return ("ce:ProvideAnomalyFeedback",)

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        before = state.fields[SAID]
        change = line(state.ref, SAID, before, wanted[SAID])
        return (change if before else FieldChange(object=change.object, path=SAID, before=NONE, after=change.after),)

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        return Effects(
            saving=Saving(0.0, "nothing: AWS learns from it what to call an anomaly"),
            danger=Danger(Risk.NONE, "no SLO rests on what AWS is told"),
            touches=TOUCHES,
            loses=NOTHING if state.fields[SAID] else FOR_GOOD,
        )

    def followed(self, state: State, edit: Edit) -> Result:
        return Result(outcome=Outcome.DONE, words=f"AWS holds {state.fields[SAID]} as feedback on {state.ref.shown}.")


def _state(ref: Ref, found: Mapping[str, Any]) -> State:
    """Return it under the name of its monitor, which says in which account it is."""
    return State(
        ref=ref,
        id=str(found["MonitorArn"]),
        fields={SAID: str(found.get("Feedback") or NOBODY)},
        tags={},
        raw=found,
    )
