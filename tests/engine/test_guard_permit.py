from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP

from finops_tui.engine.arming import DISARMED, Arming
from finops_tui.engine.permit import Confirmation, Permit, digest, permit, wanted
from finops_tui.engine.policy import Approver, Policy, SecondPerson
from finops_tui.errors import Refused
from finops_tui.model.plan import Decision, Judgement, Plan, Risk
from tests.engine.plans import ANA, ARMED, OPEN, judged, permitted, plan, snapshot, target
from tests.samples import NOON

SECOND = timedelta(seconds=1)
FORGED = Judgement(decision=Decision.ALLOW, checks=())
OTHERS: tuple[dict[str, Any], ...] = (
    {"id": "plan-2"},
    {"action": "scale"},
    {"target": target(uid="u-2")},
    {"target": target(key="prod-eu/Job/nlp-train/retrain-v7", cluster="prod-eu")},
    {"changes": ()},
    {"parameters": {"replicas": "0"}},
    {"steps": {"patch": "{}"}},
    {"recipe": {"suspend": "false"}},
    {"pods": 10},
)


def ask(shown: Judgement, about: Plan, policy: Policy = OPEN, armed: Arming = ARMED, **answer: Any) -> Permit:
    confirmation = Confirmation(**({"who": ANA} | answer))
    return permit(shown, about, confirmation, snapshot=snapshot(), policy=policy, armed=armed, now=NOON)


def test_it_is_taken_by_the_journal_and_then_by_the_first_request() -> None:
    leave = permitted(plan())
    leave.write(plan(), NOON)
    leave.spend(plan(), NOON)


def test_nothing_is_sent_that_is_not_in_the_journal() -> None:
    with pytest.raises(Refused, match="not in the journal"):
        permitted(plan()).spend(plan(), NOON)


def test_it_works_once() -> None:
    leave = permitted(plan())
    leave.write(plan(), NOON)
    with pytest.raises(Refused, match="already written down"):
        leave.write(plan(), NOON)
    leave.spend(plan(), NOON)
    with pytest.raises(Refused, match="already sent"):
        leave.spend(plan(), NOON)


def test_of_many_threads_one_gets_it() -> None:
    leave, about = permitted(plan()), plan()
    leave.write(about, NOON)

    def spend(_: int) -> bool:
        try:
            leave.spend(about, NOON)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(200))) == 1


@pytest.mark.parametrize("other", OTHERS)
def test_it_is_for_exactly_one_plan(other: dict[str, Any]) -> None:
    leave = permitted(plan())
    with pytest.raises(Refused, match="not the one that was confirmed"):
        leave.write(plan(**other), NOON)


def test_a_plan_that_is_changed_in_place_is_another_plan() -> None:
    parameters = {"replicas": "5"}
    about = plan(parameters=parameters)
    leave = permitted(about)
    parameters["replicas"] = "0"
    with pytest.raises(Refused, match="not the one that was confirmed"):
        leave.write(about, NOON)


@pytest.mark.parametrize(("after", "valid"), [(0, True), (59, True), (60, False), (3_600, False), (-1, False)])
def test_it_lasts_a_minute(after: int, valid: bool) -> None:
    leave, at = permitted(plan()), NOON + after * SECOND
    if valid:
        leave.write(plan(), at)
        leave.spend(plan(), at)
    else:
        with pytest.raises(Refused, match="more than a minute old"):
            leave.write(plan(), at)


def test_nobody_else_makes_one() -> None:
    with pytest.raises(TypeError):
        Permit(object(), plan(), FORGED, Confirmation(who=ANA), NOON)
    leave = permitted(plan())
    for copier in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copier(leave)


def test_a_forged_judgement_is_worth_nothing() -> None:
    with pytest.raises(Refused, match="read-only"):
        ask(FORGED, plan(), Policy())
    with pytest.raises(Refused, match="More is asked for"):
        ask(FORGED, plan(undo=""), typed="retrain-v7")


def test_what_was_allowed_when_it_was_shown_is_judged_again_when_it_is_confirmed() -> None:
    with pytest.raises(Refused, match="not armed"):
        ask(judged(), plan(), armed=DISARMED)


@pytest.mark.parametrize("typed", ["", "retrain", "retrain-v70", "Retrain-v7", "y"])
def test_the_name_must_be_typed_as_it_is(typed: str) -> None:
    about = plan(slo_risk=Risk.HIGH)
    with pytest.raises(Refused, match="What was typed is not retrain-v7"):
        ask(judged(about), about, typed=typed)
    assert ask(judged(about), about, typed=" retrain-v7 ").judgement.decision is Decision.TYPE_NAME


def test_a_reason_is_asked_for_where_the_policy_wants_one() -> None:
    policy = replace(OPEN, reason_pattern=r"INC-\d+")
    assert wanted(judged(policy=policy), policy).reason_pattern == r"INC-\d+"
    for reason in ("", "because", "INC-"):
        with pytest.raises(Refused, match="reason"):
            ask(judged(policy=policy), plan(), policy, reason=reason)
    assert ask(judged(policy=policy), plan(), policy, reason="see INC-12").confirmation.reason == "see INC-12"


@pytest.mark.parametrize("approver", ["", " ", "ana", "ANA", "root", "ana@corp"])
def test_a_second_person_is_somebody_else(approver: str) -> None:
    policy = replace(OPEN, second_person=SecondPerson.ALWAYS)
    oneself = replace(ANA, user="root (sudo by ana)", cluster_user="ana@corp")
    with pytest.raises(Refused, match="second person"):
        ask(judged(policy=policy), plan(), policy, who=oneself, approver=approver)
    assert ask(judged(policy=policy), plan(), policy, who=oneself, approver="mei").confirmation.approver == "mei"


def test_a_second_person_may_be_wanted_only_where_the_name_is_typed() -> None:
    policy = replace(OPEN, second_person=SecondPerson.TYPED)
    assert not wanted(judged(policy=policy), policy).approver
    assert wanted(judged(plan(undo=""), policy), policy).approver


def test_a_plan_that_cannot_be_written_down_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be written down"):
        digest(plan(title="\udc80"))


@given(st.sampled_from(OTHERS), st.sampled_from(OTHERS))
def test_different_plans_have_different_digests(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (digest(plan(**one)) == digest(plan(**other))) is (plan(**one) == plan(**other))


def test_a_second_person_gives_the_code_of_their_authenticator() -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    policy = replace(OPEN, second_person=SecondPerson.ALWAYS, approvers=(Approver(name="mei", secret=secret),))
    shown = judged(policy=policy)
    code = TOTP(secret).at(NOON)
    leave = ask(shown, plan(), policy, approver=f"Mei {code}")
    assert leave.confirmation.approver == "mei (by code)"
    assert wanted(shown, policy).code
    late = TOTP(secret).at(NOON + timedelta(minutes=5))
    for answer, trouble in (
        ("mei", "not mei's code"),
        (f"mei {late}", "not mei's code"),
        (f"ben {code}", "not among policy.approvers"),
        (f"ana {code}", "second person"),
        ("", "second person"),
    ):
        with pytest.raises(Refused, match=trouble):
            ask(shown, plan(), policy, approver=answer)
    assert secret not in repr(policy)
