"""What would help against a finding."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.engine.remedies import Around, ranked, remedies
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Cause, Finding, FindingState, Remedy, Severity
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.plan import Risk, Target, TargetKind
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import BurnWindow, SloRow
from tests.engine.fleets import composer, fleet, list_price, node, nodes_seen, prices_seen, workload, workloads_seen
from tests.engine.test_known_reverters import row
from tests.samples import NOON

JOB = "prod/Job/ml/train"
CHAT = "prod/Deployment/ml/chat"


def around(*workloads: Workload, **given: object) -> Around:
    known = fleet(
        nodes_seen(*(node(f"n{number}") for number in range(4))),
        prices_seen(list_price()),
        workloads_seen(*workloads),
        ChangeSeen(
            at=NOON, source="k8s", cluster="prod",
            change=Change(id="c1", kind=ChangeKind.ROLLOUT, who="argocd", subject=CHAT, what="image"),
        ),
    )  # fmt: skip
    snapshot = composer().compose(known, NOON)
    return Around.of(replace(snapshot, **given), known, NOON)


def train(*nodes: str, name: str = "train") -> Workload:
    return workload(name, *(Placement(each, 1, 8.0) for each in nodes), checkpoint_at=NOON - timedelta(minutes=7))


def chat(replicas: int = 2) -> Workload:
    places = tuple(Placement(f"n{number}", 1, 8.0) for number in range(replicas))
    return workload("chat", *places, kind="Deployment", replicas=replicas)


def about(scope: ScopeKind, key: str, **given: Any) -> Finding:
    fields: dict[str, Any] = {
        "key": f"spend/{scope}/{key}", "kind": "spend", "severity": Severity.PAGE, "state": FindingState.OPEN,
        "scope": Scope(scope, key), "name": key, "cluster": "prod", "owner": "nlp", "namespace": "ml", "model": "",
        "environment": "", "since": NOON, "opened_at": NOON, "seen_at": NOON, "usd_per_hour": 160.0,
        "normal_usd_per_hour": 40.0, "excess_usd_per_hour": 120.0, "burned_usd": 9.0, "why": "",
    }  # fmt: skip
    return Finding(**(fields | given))


def test_a_job_is_paused_and_the_dollars_are_those_of_the_nodes_that_become_empty() -> None:
    (move,) = remedies(about(ScopeKind.WORKLOAD, JOB), around(train("n0", "n1")))
    assert (move.action, move.what, move.target.key) == ("pause", "pause the job", JOB)
    assert (move.saves_usd_per_hour, move.slo_risk) == (160.0, Risk.NONE)
    assert "7m of work since checkpoint" in move.loses


def test_a_finding_about_a_team_offers_its_dearest_workloads() -> None:
    known = around(train("n0", "n1", name="big"), train("n2", name="small"))
    moves = remedies(about(ScopeKind.TEAM, "nlp"), known)
    assert [move.target.key for move in moves] == ["prod/Job/ml/big", "prod/Job/ml/small"]


def test_what_serves_can_go_back_to_its_usual_size_and_that_ranks_before_stopping_it() -> None:
    slo = SloRow(
        key="s", name="chat", cluster="prod", service="chat", objective=0.99, workload="Deployment/chat",
        windows=(BurnWindow(seconds=3600, error_ratio=0.0, burn_rate=0.0),), budget_left=1.0, exhausted_in_seconds=None,
    )  # fmt: skip
    known = around(chat(4), slos=(slo,))
    row = replace(known.rows[CHAT], normal_usd_per_hour=160.0, utilization=0.1)
    known = dataclasses.replace(known, rows={row.key: row})
    moves = remedies(about(ScopeKind.WORKLOAD, row.key), known)
    assert [(move.action, dict(move.parameters), move.slo_risk) for move in moves] == [
        ("scale", {"replicas": "2"}, Risk.UNKNOWN if moves[0].slo_risk is Risk.UNKNOWN else Risk.LOW),
        ("pause", {}, Risk.HIGH),
    ]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"saves_usd_per_hour": 10.0}, {"saves_usd_per_hour": 400.0, "slo_risk": Risk.HIGH}),
        ({"saves_usd_per_hour": 10.0}, {"saves_usd_per_hour": 400.0, "slo_risk": Risk.UNKNOWN}),
        ({"saves_usd_per_hour": 10.0}, {"saves_usd_per_hour": 400.0, "reversible": False}),
        ({"saves_usd_per_hour": 40.0, "slo_risk": Risk.LOW}, {"saves_usd_per_hour": 10.0}),
        ({"saves_usd_per_hour": 10.0, "slo_risk": Risk.UNKNOWN}, {"saves_usd_per_hour": 0.0}),
        ({"saves_usd_per_hour": None, "slo_risk": Risk.UNKNOWN}, {"saves_usd_per_hour": 0.0}),
        ({"saves_usd_per_hour": 0.0}, {"saves_usd_per_hour": 400.0, "slo_risk": Risk.HIGH}),
        ({"slo_risk": Risk.HIGH, "action": "scale"}, {"saves_usd_per_hour": 400.0, "slo_risk": Risk.HIGH}),
        ({"slo_risk": Risk.HIGH}, {"saves_usd_per_hour": 400.0, "refused": "It cannot be paused."}),
    ],
)
def test_what_can_be_taken_back_and_risks_little_comes_before_what_saves_more(
    better: dict[str, Any], worse: dict[str, Any]
) -> None:
    target = Target(kind=TargetKind.WORKLOAD, key="prod/Job/ml/x", cluster="prod", name="ml/job/x")
    move = Remedy(
        action="pause", target=target, what="pause the job", saves_usd_per_hour=10.0, saves_when="", slo_risk=Risk.NONE
    )
    first, second = replace(move, **better), replace(move, **worse)
    assert ranked([second, first]) == [first, second]


def test_a_pause_that_endangers_an_slo_stands_after_every_milder_move() -> None:
    """Whoever serves is offered the rollback and the smaller size first, whatever a pause would save."""
    slo = SloRow(
        key="s", name="chat", cluster="prod", service="chat", objective=0.99, workload="Deployment/chat",
        windows=(BurnWindow(seconds=3600, error_ratio=0.0, burn_rate=0.0),), budget_left=1.0, exhausted_in_seconds=None,
    )  # fmt: skip
    causes = (Cause(what="image", at=NOON, fit=0.9, change_id="c1"),)
    moves = remedies(about(ScopeKind.WORKLOAD, CHAT, causes=causes), around(chat(), slos=(slo,)))
    assert [move.action for move in moves] == ["scale", "rollback", "pause"]
    assert [move.slo_risk is Risk.HIGH for move in moves] == [False, False, True]


def test_what_puts_an_slo_at_high_risk_and_frees_no_node_is_not_offered() -> None:
    slo = SloRow(
        key="s", name="chat", cluster="prod", service="chat", objective=0.99, workload="Deployment/chat",
        windows=(BurnWindow(seconds=3600, error_ratio=0.0, burn_rate=0.0),), budget_left=1.0, exhausted_in_seconds=None,
    )  # fmt: skip
    beside = workload("train", Placement("n0", 1, 4.0), Placement("n1", 1, 4.0))
    served = workload("chat", Placement("n0", 1, 4.0), Placement("n1", 1, 4.0), kind="Deployment", replicas=2)
    of_chat = about(ScopeKind.WORKLOAD, CHAT)
    assert "pause" not in [move.action for move in remedies(of_chat, around(served, beside, slos=(slo,)))]
    assert "pause" in [move.action for move in remedies(of_chat, around(served, slos=(slo,)))], "alone it frees both"


def test_who_would_set_a_move_back_is_known_from_who_wrote_to_the_workload() -> None:
    moves = remedies(about(ScopeKind.WORKLOAD, CHAT), around(chat()))
    assert [[each.who for each in move.reverts] for move in moves] == [["argocd"], ["argocd"]]
    (pause,) = remedies(about(ScopeKind.WORKLOAD, JOB), around(train("n0")))
    assert (pause.reverts, pause.saves_at) == ((), None)


def test_when_a_move_saves_is_known_where_an_earlier_plan_was_told_how_long_nodes_stay() -> None:
    known = around(train("n0"))
    known.fleet.actions["a1"] = row()
    known = Around.of(known.snapshot, known.fleet, NOON)
    (pause,) = remedies(about(ScopeKind.WORKLOAD, JOB), known)
    assert pause.saves_at == NOON + timedelta(minutes=5)
    assert pause.saves_when == "once 1 gpu node is gone, about 12:05Z"


def test_a_likely_rollout_can_be_rolled_back_and_an_unlikely_one_is_not_offered() -> None:
    for fit, offered in ((0.9, True), (0.1, False)):
        causes = (Cause(what="image", at=NOON, fit=fit, change_id="c1"),)
        moves = remedies(about(ScopeKind.WORKLOAD, CHAT, causes=causes), around(chat()))
        assert any(move.action == "rollback" and not move.refused for move in moves) is offered


def test_what_cannot_be_paused_stays_in_the_list_with_the_reason() -> None:
    bare = workload("shell", Placement("n0", 1, 8.0), kind="Pod")
    (move,) = remedies(about(ScopeKind.WORKLOAD, "prod/Pod/ml/shell"), around(bare))
    assert "cannot be paused" in move.refused


def test_a_node_that_breaks_is_cordoned() -> None:
    moves = remedies(about(ScopeKind.POOL, "prod/gpu", name="node/n1"), around())
    assert [(move.action, move.target.kind, move.target.key) for move in moves] == [
        ("cordon", TargetKind.NODE, "prod/n1")
    ]


def test_what_is_paused_already_needs_nothing() -> None:
    asleep = workload("train", suspended=True)
    assert remedies(about(ScopeKind.WORKLOAD, JOB), around(asleep)) == ()


def test_of_what_is_gone_nothing_is_offered() -> None:
    assert remedies(about(ScopeKind.WORKLOAD, "prod/Job/ml/gone"), around()) == ()
