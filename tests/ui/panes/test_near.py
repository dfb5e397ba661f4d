"""Which rows belong to a finding."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import Cause, Severity
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.panes.near import find, nearby, suspects
from tests.ui.samples import A100_SPOT, INCIDENT, RESOLVED, RETRAIN, SLOS, ago, finding

ALL = [
    "nlp-train/job/retrain-v7",
    "search/deploy/rerank-eu",
    "research/sts/notebook-hub",
    "tmp-eval/deploy/judge-70b",
    "batch/cron/embed-refresh",
    "voice/deploy/voice-rt",
    "vision/job/caption-nightly",
    "chat/deploy/chat-api-70b",
]


def names(kind: ScopeKind, name: str) -> list[str]:
    about = replace(RETRAIN, scope=Scope(kind, name), related=())
    return [row.name for row in nearby(about, INCIDENT).workloads]


def test_letters_go_by_time_and_the_order_by_fit() -> None:
    assert [(one.letter, one.cause.what) for one in suspects(RETRAIN)] == [
        ("C", "workers 1→9"),
        ("B", "image nlp-train:4e1f9c2"),
        ("A", "quota nlp gpu 16→80"),
    ]


def test_a_cause_without_a_moment_has_no_letter() -> None:
    assert [one.letter for one in suspects(A100_SPOT)] == [""]


def test_no_two_causes_have_one_key_and_letters_end_with_the_alphabet() -> None:
    many = tuple(Cause(what=f"change {number}", at=ago(number), fit=0.1) for number in range(40))
    found = suspects(replace(RETRAIN, causes=(*many, *many)))
    assert len({one.key for one in found}) == len(found) == 26
    assert [one.letter for one in found[:2]] == ["Z", "Y"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(ScopeKind.TEAM, "search"), [ALL[1], ALL[4]]),
        (Scope(ScopeKind.NAMESPACE, "prod-us/chat"), [ALL[7]]),
        (Scope(ScopeKind.NAMESPACE, "prod-eu/chat"), []),
        (Scope(ScopeKind.MODEL, "rerank-2"), [ALL[1]]),
        (Scope(ScopeKind.CLUSTER, "prod-eu"), [ALL[1]]),
        (TOTAL, ALL),
        (Scope(ScopeKind.POOL, "prod-us/a100-spot"), []),
    ],
)
def test_workloads_of_a_wider_scope_stand_by_what_they_add(scope: Scope, expected: list[str]) -> None:
    assert names(*scope) == expected


def test_workloads_that_a_finding_names_belong_to_it() -> None:
    hit = replace(A100_SPOT, related=("prod-us/job/nlp-train/retrain-v7",))
    assert [row.name for row in nearby(hit, INCIDENT).workloads] == [ALL[0]]


def test_a_workload_stands_on_its_pools() -> None:
    near = nearby(RETRAIN, INCIDENT)
    assert near.own is not None
    assert near.own.name == RETRAIN.name
    assert [row.name for row in near.pools] == ["h100-train"]


def with_slos(**changes: str) -> Snapshot:
    return replace(INCIDENT, slos=(replace(SLOS[0], **changes), *SLOS[1:]))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"workload": "job/retrain-v7"}, "served by it"),
        ({"model": "llama-70b"}, "same model"),
        ({"pool": "l40s-infer, h100-train"}, "same pool"),
        ({"pool": "l40s-infer"}, ""),
        ({"workload": "job/retrain-v7", "cluster": "prod-eu"}, ""),
        ({"model": ""}, ""),
    ],
)
def test_slos_are_near_for_a_reason(changes: dict[str, str], why: str) -> None:
    found = nearby(replace(RETRAIN, related=("prod-us/h100-train",)), with_slos(**changes)).objectives
    assert [(one.row.name, one.why) for one in found] == ([(SLOS[0].name, why)] if why else [])


def test_the_closest_slos_come_first() -> None:
    found = nearby(RETRAIN, with_slos(model="llama-70b")).objectives
    assert [one.why for one in found] == ["named by the finding", "same model"]


def test_only_a_finding_without_dollars_is_about_an_objective() -> None:
    burn = finding("chat-api ttft p95", Severity.PAGE, "chat", None, None, 600, kind="burn", why="burns")
    assert nearby(burn, INCIDENT).objective is SLOS[1]
    named = replace(burn, name="chat", related=("prod-us/batch deadline",))
    assert nearby(named, INCIDENT).objective is SLOS[4]
    assert nearby(RETRAIN, INCIDENT).objective is None


def test_a_finding_is_found_open_first_then_as_it_ended() -> None:
    assert find(INCIDENT, RETRAIN.key) is RETRAIN
    assert find(INCIDENT, RESOLVED.key) is RESOLVED
    assert find(INCIDENT, "nobody") is None
    earlier = replace(RESOLVED, since=ago(90_000))
    twice = replace(INCIDENT, resolved=(RESOLVED, earlier))
    assert find(twice, RESOLVED.key, earlier.since) is earlier
    assert find(twice, RESOLVED.key, ago(1)) is RESOLVED
