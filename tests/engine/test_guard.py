from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import UTC, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.engine.arming import DISARMED
from finops_tui.engine.journal_entry import UNDOES
from finops_tui.engine.policy import Minimum, Policy, QuietHours
from finops_tui.engine.selector import Selector
from finops_tui.model.plan import Decision, Judgement, Outcome, Plan, Risk, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from tests.engine.plans import OPEN, entry, judged, on, plan, scale, snapshot, spend_row, target
from tests.samples import NOON

MINUTE = timedelta(minutes=1)
KEEP_TWO = dataclasses.replace(OPEN, minimums=(Minimum(selector=Selector(clusters=("prod-*",)), size=2),))
SPREAD = tuple(entry(number, NOON - ago * MINUTE, outcome=Outcome.DONE) for number, ago in ((8, 9), (9, 5)))
"""Two changes within the last ten minutes."""


def known(plans: Iterable[Plan]) -> Snapshot:
    """Return one with the rows of what these are about."""
    return snapshot(*(spend_row(key=each.target.key) for each in plans), spend_row(ScopeKind.CLUSTER, "prod-us"))


def words(judgement: Judgement) -> list[str]:
    return [("✓ " if check.ok else "● ") + check.words for check in judgement.checks]


def test_a_plan_that_meets_every_rule_is_confirmed_with_a_key_and_says_what_was_looked_at() -> None:
    judgement = judged()
    assert (judgement.decision, judgement.reason, judgement.type_name) == (Decision.CONFIRM, "", "")
    assert words(judgement) == [
        "✓ armed 14m more",
        "✓ not protected",
        "✓ dry run accepted by prod-us",
        "✓ data 4s old",
        "✓ SLO risk none",
        "✓ 9 pods, 72 GPUs, $412.0/h",
        "✓ 1 of 10 actions in 10m",
    ]


@pytest.mark.parametrize(
    ("about", "policy", "around", "reason"),
    [
        ({}, Policy(), {}, "prod-us is read-only (policy.read_only)."),
        ({}, OPEN, {"armed": DISARMED}, "Changes are not armed. W arms them for a while."),
        (
            {"target": target(key="prod-us/Deployment/kube-system/coredns")},
            OPEN,
            {},
            "prod-us/kube-system is protected (policy.protect_system).",
        ),
        (
            {"dry_run": "refused by prod-us: quota exceeded"},
            OPEN,
            {},
            "The dry run was refused by prod-us: quota exceeded.",
        ),
        (
            {"slo_risk": Risk.HIGH},
            dataclasses.replace(OPEN, high_slo_risk=Decision.REFUSE),
            {},
            "The risk for SLOs is high.",
        ),
        (
            {"slo_risk": Risk.UNKNOWN},
            dataclasses.replace(OPEN, high_slo_risk=Decision.REFUSE),
            {},
            "The risk for SLOs is unknown.",
        ),
        (
            {},
            dataclasses.replace(OPEN, bulk_cap=2),
            {"beside": (plan(2, target=target(key="prod-us/Job/a/b")), plan(3, target=target(key="prod-us/Job/a/c")))},
            "3 changes at once are too many; policy.bulk_cap is 2.",
        ),
        ({}, OPEN, {"beside": (plan(2),)}, "The same target is chosen twice."),
        (
            {},
            dataclasses.replace(OPEN, rate_actions=1),
            {"recent": (entry(outcome=Outcome.DONE),)},
            "There may be 1 action in 10m. The next may be at 12:05Z.",
        ),
        (
            {},
            dataclasses.replace(OPEN, rate_actions=4),
            {"recent": SPREAD, "beside": (on(11), on(12))},
            "There may be 4 actions in 10m. 2 of these 3 may go now, all of them from 12:01Z on.",
        ),
        (
            {},
            dataclasses.replace(OPEN, rate_actions=2),
            {"recent": SPREAD, "beside": (on(11),)},
            "There may be 2 actions in 10m. None of these 2 may go now, all of them from 12:05Z on.",
        ),
        (
            {},
            dataclasses.replace(OPEN, rate_actions=2),
            {"beside": (on(11), on(12))},
            "There may be 2 actions in 10m. 2 of these 3 may go now, never all of them at once.",
        ),
    ],
)
def test_what_is_refused_says_why(about: dict[str, Any], policy: Policy, around: dict[str, Any], reason: str) -> None:
    judgement = judged(plan(**about), policy, **around)
    assert (judgement.decision, judgement.reason) == (Decision.REFUSE, reason)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"target": target(environment="production")}, "It is in production."),
        (
            {"target": target(environment="")},
            "Nobody says which environment it is in, so it counts as production.",
        ),
        ({"pods": 100}, "It touches much: 100 pods, 72 GPUs, $412.0/h."),
        ({"gpus": 128.0}, "It touches much: 9 pods, 128 GPUs, $412.0/h."),
        ({"gpus": float("nan")}, "It touches much: 9 pods, – GPUs, $412.0/h."),
        ({"saves_usd_per_hour": -2_000.0}, "It touches much: 9 pods, 72 GPUs, $2,000/h."),
        ({"undo": ""}, "It cannot be undone."),
        (
            {"slo_risk": Risk.HIGH, "slo_words": "rerank at 96 % utilization"},
            "The risk for SLOs is high: rerank at 96 % utilization.",
        ),
        ({"dry_run": "no answer"}, "Nobody knows whether it would be accepted (no answer)."),
    ],
)
def test_what_is_dangerous_wants_the_name_typed_and_says_why(about: dict[str, Any], reason: str) -> None:
    judgement = judged(plan(**about))
    assert (judgement.decision, judgement.reason) == (Decision.TYPE_NAME, reason)
    assert judgement.type_name == "retrain-v7"


def test_dollars_that_nobody_knows_count_as_many() -> None:
    rows = (spend_row(usd_per_hour=None), spend_row(ScopeKind.CLUSTER, "prod-us"))
    judgement = judged(plan(saves_usd_per_hour=None), snapshot=snapshot(*rows))
    assert judgement.decision is Decision.TYPE_NAME
    assert "$/h not known" in judgement.reason
    without = judged(
        plan(saves_usd_per_hour=None), dataclasses.replace(OPEN, typed_usd_per_hour=None), snapshot=snapshot(*rows)
    )
    assert without.decision is Decision.CONFIRM


def test_a_bulk_counts_as_a_whole_and_is_confirmed_by_action_and_number() -> None:
    other = plan(2, target=target(key="prod-us/Job/nlp-train/other"), gpus=60.0)
    judgement = judged(plan(), beside=(other,))
    assert judgement.decision is Decision.TYPE_NAME
    assert judgement.type_name == "pause 2"
    assert "● 18 pods, 132 GPUs, $824.0/h" in words(judgement)


@pytest.mark.parametrize(
    ("seconds", "decision"),
    [(120, Decision.CONFIRM), (121, Decision.TYPE_NAME), (900, Decision.TYPE_NAME), (901, Decision.REFUSE)],
)
@pytest.mark.parametrize("what", ["row", "snapshot", "plan"])
def test_old_data_asks_for_more_and_then_refuses(what: str, seconds: int, decision: Decision) -> None:
    at, seen, about = NOON - timedelta(seconds=seconds), snapshot(), plan()
    if what == "row":
        seen = snapshot(spend_row(at=at))
    elif what == "snapshot":
        seen = replace(seen, at=at)
    else:
        about = replace(about, made_at=at)
    judgement = judged(about, snapshot=seen)
    assert judgement.decision is decision
    assert not judgement.reason or "old" in judgement.reason


def test_what_is_marked_stale_asks_for_more_however_young_it_is() -> None:
    judgement = judged(snapshot=snapshot(spend_row(stale=True)))
    assert (judgement.decision, judgement.reason) == (Decision.TYPE_NAME, "The data is 4s old.")


def test_figures_from_the_future_are_as_doubtful_as_old_ones() -> None:
    assert judged(snapshot=snapshot(spend_row(at=NOON + 20 * MINUTE))).decision is Decision.REFUSE


def test_stale_data_raises_no_further_than_typing_the_name() -> None:
    judgement = judged(plan(undo=""), snapshot=snapshot(spend_row(stale=True)))
    assert (judgement.decision, judgement.reason) == (Decision.TYPE_NAME, "The data is 4s old. It cannot be undone.")


@pytest.mark.parametrize(
    "rows", [(spend_row(ScopeKind.CLUSTER, "other"),), (spend_row(at=None, missing="no nodes have been seen yet"),)]
)
def test_data_of_unknown_age_refuses(rows: tuple[Any, ...]) -> None:
    judgement = judged(snapshot=snapshot(*rows))
    assert judgement.decision is Decision.REFUSE
    assert "Nobody knows how old" in judgement.reason


def test_a_target_without_a_row_is_as_old_as_its_cluster() -> None:
    node = plan(target=target(kind=TargetKind.NODE, key="prod-us/node-1", name="node-1"))
    seen = snapshot(spend_row(ScopeKind.CLUSTER, "prod-us", at=NOON - 3 * MINUTE))
    assert "data 3m old" in " ".join(words(judged(node, snapshot=seen)))


@pytest.mark.parametrize(
    ("about", "fine"),
    [
        (scale("5", "2"), True),
        (scale("5", "1"), False),
        (scale("5", "0"), False),
        (scale("0", "1"), True),
        (scale("–", "1"), False),
        (scale("5", "–"), False),
        (scale('"5"', '"1"', "annotation autoscaling.keda.sh/paused-replicas"), False),
        (scale("5", "1", "spec.minReplicas"), False),
        (scale("5", "1", "DesiredCapacity"), False),
        (scale("5", "1", "spec.template.spec.priority"), True),
        (plan(), False),
        (plan(changes=(replace(plan().changes[0], before="true", after="false"),)), True),
    ],
)
def test_nothing_is_made_smaller_than_its_minimum(about: Plan, fine: bool) -> None:
    judgement = judged(about, KEEP_TWO)
    assert (judgement.decision is Decision.CONFIRM) is fine
    assert fine or "policy.minimums keeps it at 2 or more" in judgement.reason


def test_a_minimum_is_for_what_it_names() -> None:
    elsewhere = dataclasses.replace(OPEN, minimums=(Minimum(selector=Selector(namespaces=("search",)), size=2),))
    assert judged(scale("5", "1"), elsewhere).decision is Decision.CONFIRM


def quiet(decision: Decision) -> Policy:
    window = QuietHours(
        days=frozenset({1}), begins=time(11), ends=time(13), zone=UTC, decision=decision, reason="market opens"
    )
    return dataclasses.replace(OPEN, quiet_hours=(window,))


@pytest.mark.parametrize("decision", [Decision.TYPE_NAME, Decision.REFUSE])
def test_quiet_hours_answer_as_they_say(decision: Decision) -> None:
    judgement = judged(policy=quiet(decision))
    assert judgement.decision is decision
    assert judgement.reason == "These are quiet hours (market opens, 11:00–13:00 UTC)."


def test_taking_back_is_not_held_up_by_quiet_hours_or_pace() -> None:
    done = entry(outcome=Outcome.DONE, target=target())
    back = plan(parameters={UNDOES: done.id})
    policy = dataclasses.replace(quiet(Decision.REFUSE), rate_actions=1)
    assert judged(back, policy, recent=(done,)).decision is Decision.CONFIRM


@pytest.mark.parametrize("place", range(5))
def test_of_several_at_once_as_many_may_go_as_the_pace_leaves_room_for(place: int) -> None:
    bulk = [on(number) for number in range(20, 25)]
    others = tuple(each for each in bulk if each is not bulk[place])
    policy = dataclasses.replace(OPEN, rate_actions=5, typed_pods=None, typed_gpus=None, typed_usd_per_hour=None)
    judgement = judged(bulk[place], policy, recent=SPREAD, beside=others, place=place, snapshot=known(bulk))
    assert (judgement.decision is Decision.REFUSE) is (place >= 3), "two were done, so three may go"


def test_what_is_old_does_not_count_for_the_pace() -> None:
    policy = dataclasses.replace(OPEN, rate_actions=1)
    assert (
        judged(policy=policy, recent=(entry(at=NOON - 10 * MINUTE, outcome=Outcome.DONE),)).decision is Decision.CONFIRM
    )


@pytest.mark.parametrize("outcome", [Outcome.PLANNED, Outcome.UNKNOWN])
def test_nothing_is_repeated_while_nobody_knows_what_became_of_it(outcome: Outcome) -> None:
    judgement = judged(recent=(entry(target=target(), outcome=outcome),))
    assert judgement.decision is Decision.REFUSE
    assert judgement.reason.startswith("Pause retrain-v7 was begun at 11:55Z by ana@bastion")


@pytest.mark.parametrize(
    "open_one",
    [
        entry(outcome=Outcome.UNKNOWN),
        entry(target=target(), outcome=Outcome.APPLIED),
        entry(target=target(), outcome=Outcome.FAILED),
        entry(1, target=target()),
    ],
)
def test_an_answer_another_target_or_itself_does_not_hold_it_up(open_one: Any) -> None:
    assert judged(recent=(open_one,)).decision is Decision.CONFIRM


def test_what_may_have_happened_can_be_taken_back() -> None:
    unknown = entry(target=target(), outcome=Outcome.UNKNOWN)
    assert judged(plan(parameters={UNDOES: unknown.id}), recent=(unknown,)).decision is Decision.CONFIRM
    planned = entry(target=target())
    assert judged(plan(parameters={UNDOES: planned.id}), recent=(planned,)).decision is Decision.REFUSE
