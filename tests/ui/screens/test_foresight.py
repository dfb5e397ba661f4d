"""What the systems say of the best move: asked once, kept for a while, and never for what is refused."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from finops_tui.engine.proposal import Planned, Proposal, Request, Unplanned
from finops_tui.errors import ActionError
from finops_tui.model.finding import Remedy
from finops_tui.model.plan import Decision, Risk
from finops_tui.ui.screens.foresight import ASKED_AGAIN, Foresight
from tests.ui.deeds import HELPED, REMEDIES
from tests.ui.desk import ALLOWED, PAUSE, RETRAIN_TARGET
from tests.ui.samples import NOW

MOVE, SECOND, *_ = (replace(one, saves_at=None, reverts=(), slo_risk=Risk.UNKNOWN) for one in REMEDIES)
FINDING = replace(HELPED, remedies=(MOVE, SECOND))
WISH = Request(action="pause", targets=(RETRAIN_TARGET,))
PLANNED = Proposal(wish=WISH, planned=(Planned(plan=PAUSE, judgement=ALLOWED),), decision=Decision.CONFIRM)
IMPOSSIBLE = Proposal(
    wish=WISH,
    planned=(),
    unplanned=(Unplanned(target=RETRAIN_TARGET, trouble=ActionError("It is paused already.")),),
    decision=Decision.REFUSE,
)


def asked(foresight: Foresight, answer: Proposal | None) -> Remedy | None:
    found = foresight.next(FINDING, NOW)
    foresight.answered(answer, NOW)
    return found


def test_one_question_at_a_time_and_none_again_for_a_while() -> None:
    foresight = Foresight()
    assert foresight.next(FINDING, NOW) == MOVE
    assert foresight.next(FINDING, NOW) is None, "an answer is awaited"
    foresight.answered(PLANNED, NOW)
    assert foresight.next(FINDING, NOW + ASKED_AGAIN - timedelta(seconds=1)) is None
    again = foresight.next(FINDING, NOW + ASKED_AGAIN)
    assert again is not None
    assert again.action == "pause"


def test_a_move_is_told_as_its_plan_tells_it() -> None:
    foresight = Foresight()
    asked(foresight, PLANNED)
    told, untold = foresight.on(FINDING, NOW).remedies
    assert (told.saves_usd_per_hour, told.saves_at, told.reverts) == (412.0, PAUSE.saves_at, PAUSE.reverts)
    assert (told.slo_risk, told.loses, told.reversible) == (Risk.NONE, PAUSE.loses, True)
    assert untold is SECOND


def test_as_time_goes_by_without_the_move_what_it_saves_begins_later() -> None:
    foresight = Foresight()
    asked(foresight, PLANNED)
    later = foresight.on(FINDING, NOW + timedelta(minutes=2)).remedies[0]
    assert PAUSE.saves_at is not None
    assert later.saves_at == PAUSE.saves_at + timedelta(minutes=2)


def test_what_cannot_be_planned_is_refused_and_the_next_one_is_asked_about() -> None:
    foresight = Foresight()
    asked(foresight, IMPOSSIBLE)
    assert foresight.on(FINDING, NOW).remedies[0].refused == "It is paused already."
    assert foresight.next(FINDING, NOW) == SECOND


def test_without_an_answer_a_move_stays_as_it_was_foreseen() -> None:
    foresight = Foresight()
    asked(foresight, None)
    assert foresight.on(FINDING, NOW).remedies == FINDING.remedies
    assert foresight.next(FINDING, NOW) is None


def test_what_is_refused_is_not_asked_about() -> None:
    refused = replace(FINDING, remedies=(replace(MOVE, refused="It is protected."),))
    assert Foresight().next(refused, NOW) is None
    assert Foresight().next(replace(FINDING, remedies=()), NOW) is None
