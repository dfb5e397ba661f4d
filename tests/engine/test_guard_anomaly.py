"""Feedback on an anomaly is judged like any change, by what its cloud said for the plan: it has no figures here."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace

from finops_tui.engine.selector import Selector
from finops_tui.model.plan import Decision, FieldChange, TargetKind
from tests.engine.plans import OPEN, judged, plan, target
from tests.samples import NOON

PLACE = "aws/111111111111/us-east-1"
ANSWER = plan(
    target=target(
        kind=TargetKind.ANOMALY, key=f"{PLACE}/Anomaly/ce/an-7", cluster=PLACE, name="anomaly/Amazon EC2", uid="",
        environment="",
    ),
    changes=(FieldChange(object="anomaly/2026-03-09/an-7", path="Feedback", before="YES", after="NO"),),
    saves_usd_per_hour=0.0, pods=0, gpus=0.0, nodes=0, dry_run="",
)  # fmt: skip
ALIKE = dataclasses.replace(OPEN, typed_environments=("prod*",))
"""A policy for which what is in no environment is like what is in any."""


def test_nobody_says_in_which_environment_it_is_so_its_name_is_typed() -> None:
    judgement = judged(ANSWER)
    assert (judgement.decision, judgement.type_name) == (Decision.TYPE_NAME, "Amazon EC2")
    assert "environment" in judgement.reason


def test_the_first_answer_cannot_be_undone_so_its_name_is_typed() -> None:
    assert judged(ANSWER, ALIKE).decision is Decision.CONFIRM
    judgement = judged(replace(ANSWER, undo=""), ALIKE)
    assert (judgement.decision, judgement.reason) == (Decision.TYPE_NAME, "It cannot be undone.")


@pytest.mark.parametrize(
    ("seconds", "decision"), [(119, Decision.CONFIRM), (300, Decision.TYPE_NAME), (901, Decision.REFUSE)]
)
def test_an_old_plan_asks_for_more(seconds: int, decision: Decision) -> None:
    old = replace(ANSWER, made_at=NOON - timedelta(seconds=seconds))
    judgement = judged(old, ALIKE)
    assert judgement.decision is decision
    assert any(check.words.startswith("data ") for check in judgement.checks)


@pytest.mark.parametrize(
    "rule", [Selector(kinds=("Anomaly",)), Selector(clusters=("aws/111111111111/*",)), Selector(names=("*an-7",))]
)
def test_it_can_be_protected_by_kind_account_and_id(rule: Selector) -> None:
    assert judged(ANSWER, dataclasses.replace(ALIKE, protected=(rule,))).decision is Decision.REFUSE
    assert (
        judged(ANSWER, dataclasses.replace(ALIKE, protected=(Selector(kinds=("pool",)),))).decision is Decision.CONFIRM
    )


def test_it_counts_as_touching_nothing() -> None:
    words = [check.words for check in judged(ANSWER, ALIKE).checks]
    assert "0 pods, 0 GPUs, $0.0/h" in words
