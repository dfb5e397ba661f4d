from __future__ import annotations

import dataclasses
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.analysis.changes import AFTER, BEFORE, CAUSES, Place, Trouble, grown, places_of, rank
from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Cause
from finops_tui.model.inventory import Placement
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.scope import Scope, ScopeKind
from tests.engine.fleets import fleet, node, nodes_seen, workload, workloads_seen
from tests.samples import NOON

JOB = "prod/Job/nlp-train/retrain-v7"
POOL = "prod/h100-train"
LATER = NOON + timedelta(hours=1)
TROUBLE = Trouble(
    scope=Scope(ScopeKind.WORKLOAD, JOB),
    onset=NOON,
    workloads=frozenset({JOB}),
    pools=frozenset({POOL}),
    namespaces=frozenset({"prod/nlp-train"}),
    models=frozenset({"v7"}),
    teams=frozenset({"nlp"}),
    clusters=frozenset({"prod"}),
    excess_gpus=64.0,
)
PLACES = {
    JOB: Place("nlp", "v7", frozenset({POOL})),
    "prod/Job/other/model": Place("x", "v7", frozenset()),
    "prod/Job/other/neighbour": Place("x", "y", frozenset({POOL})),
    "prod/Job/other/team": Place("nlp", "y", frozenset()),
}
NEAREST_FIRST = (
    JOB,
    POOL,
    "prod/Job/other/model",
    "prod/Job/nlp-train/sibling",
    "prod/Job/other/neighbour",
    "prod/Job/other/team",
    "",
    "prod/Job/other/stranger",
    "lab/Job/other/stranger",
)


def seen(seconds_before: float = 40, subject: str = JOB, *, cluster: str = "prod", **more: Any) -> ChangeSeen:
    fields: dict[str, Any] = {
        "id": f"{subject}@{seconds_before}/{more.get('what', 'x')}",
        "kind": ChangeKind.SCALE,
        "who": "argocd",
        "subject": subject,
        "what": "retrain-v7 workers 1→9",
    }
    at = NOON - timedelta(seconds=seconds_before)
    return ChangeSeen(at=at, source="k", cluster=cluster, change=Change(**(fields | more)))


def causes(*changes: ChangeSeen, trouble: Trouble = TROUBLE) -> list[Cause]:
    return list(rank(changes, trouble, now=LATER, places=PLACES))


def fit(change: ChangeSeen, trouble: Trouble = TROUBLE) -> float:
    return next((cause.fit for cause in causes(change, trouble=trouble)), 0.0)


def test_a_cause_says_what_when_who_and_why() -> None:
    (cause,) = causes(seen(gpus=64.0))
    assert (cause.what, cause.at, cause.who) == ("workers 1→9", NOON - timedelta(seconds=40), "argocd")
    assert cause.why == "same job, 40 s before the onset, asks for 64 GPUs more"
    assert cause.change_id == seen(gpus=64.0).change.id
    assert cause.fit == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        (seen(what="job retrain-v7 started, 64 GPUs"), "started, 64 GPUs", "same job, 40 s before the onset"),
        (seen(what="retrain-v7 image 8812aa0→4e1f9c2"), "image 8812aa0→4e1f9c2", "same job, 40 s before the onset"),
        (
            seen(what="retrain-v7 image nlp-train-long-name:8812aa0→nlp-train:4e1f9c2"),
            "image nlp-train:4e1f9c2",
            "same job, 40 s before the onset",
        ),
        (
            seen(720, POOL, kind=ChangeKind.NODE, what="h100-train 1→9 nodes", gpus=64.0),
            "h100-train 1→9 nodes",
            "the pool it runs on, 12 min before the onset, brings 64 GPUs",
        ),
        (
            seen(3_900, "prod/Job/other/team", what="b replicas 4→5", gpus=1.0),
            "b replicas 4→5",
            "same team, 1 h 05 min before the onset, asks for 1 GPU more",
        ),
        (seen(-120, gpus=-8.0), "workers 1→9", "same job, 2 min after the onset, asks for 8 GPUs fewer"),
        (seen(2, ""), "retrain-v7 workers 1→9", "about no one thing, at the onset"),
    ],
)
def test_in_words(change: ChangeSeen, what: str, why: str) -> None:
    (cause,) = causes(change)
    assert (cause.what, cause.why) == (what, why)


def test_what_is_nearer_to_the_trouble_ranks_higher() -> None:
    fits = [fit(seen(subject=subject, cluster=subject.partition("/")[0] or "prod")) for subject in NEAREST_FIRST]
    assert fits == sorted(fits, reverse=True)
    assert len(set(fits)) == len(fits)
    assert fits[-1] < 0.05


def test_a_pool_and_a_namespace_of_one_name_are_two_things() -> None:
    trouble = Trouble(scope=Scope(ScopeKind.NAMESPACE, POOL), onset=NOON, clusters=frozenset({"prod"}))
    assert fit(seen(subject=POOL), trouble) < fit(seen(subject=POOL), TROUBLE)


def test_more_gpus_are_not_explained_by_fewer() -> None:
    assert fit(seen(gpus=-64.0)) < fit(seen(gpus=0.0)) < fit(seen(gpus=None)) < fit(seen(gpus=64.0))
    assert fit(seen(gpus=8.0)) < fit(seen(gpus=64.0)) > fit(seen(gpus=512.0))


def test_what_is_too_long_ago_or_came_after_explains_nothing() -> None:
    far = BEFORE.total_seconds() + 1
    assert causes(seen(far), seen(-AFTER.total_seconds() - 1)) == []
    assert causes(seen(-60)) != []
    assert rank([seen(-60)], TROUBLE, now=NOON, places=PLACES) == ()


def test_one_change_that_is_reported_twice_is_one_cause() -> None:
    twice = seen(40, id="one"), seen(41, id="one")
    assert len(causes(*twice)) == 1
    by_two_systems = seen(40, id="a"), seen(90, id="b")
    assert [cause.change_id for cause in causes(*by_two_systems)] == ["b"]
    again_later = seen(40, id="a"), seen(400, id="b")
    assert len(causes(*again_later)) == 2


def test_a_rollout_comes_before_the_scaling_that_follows_it() -> None:
    rollout = seen(600, kind=ChangeKind.ROLLOUT, what="retrain-v7 image a→b", gpus=0.0)
    scaling = seen(120, who="hpa", what="retrain-v7 workers 1→9", gpus=64.0)
    assert [cause.what for cause in causes(scaling, rollout)] == ["image a→b", "workers 1→9"]
    unrelated = seen(600, "prod/Job/other/team", kind=ChangeKind.ROLLOUT, what="z image a→b", gpus=0.0)
    assert [cause.what for cause in causes(scaling, unrelated)] == ["workers 1→9", "z image a→b"]
    much_earlier = seen(6_000, kind=ChangeKind.ROLLOUT, what="retrain-v7 image a→b", gpus=0.0)
    assert causes(scaling, much_earlier)[0].what == "workers 1→9"


def test_who_scales_by_hand_began_it_whatever_started_shortly_before() -> None:
    started = seen(600, kind=ChangeKind.WORKLOAD, what="job retrain-v7 started, 8 GPUs", gpus=8.0)
    for who, first in (("mei", "workers 1→9"), ("argocd", "workers 1→9"), ("keda", "started, 8 GPUs")):
        scaling = seen(120, who=who, what="retrain-v7 workers 1→9", gpus=64.0)
        assert causes(scaling, started)[0].what == first, who


def test_the_job_comes_before_the_nodes_that_it_needs() -> None:
    pool = Trouble(
        scope=Scope(ScopeKind.POOL, POOL),
        onset=NOON,
        workloads=frozenset({JOB}),
        pools=frozenset({POOL}),
        clusters=frozenset({"prod"}),
        excess_gpus=64.0,
    )
    job = seen(420, kind=ChangeKind.WORKLOAD, what="job retrain-v7 started, 64 GPUs", gpus=64.0)
    nodes = seen(60, POOL, kind=ChangeKind.NODE, who="karpenter", what="h100-train 1→9 nodes", gpus=64.0)
    first, second = causes(nodes, job, trouble=pool)
    assert (first.what, second.what) == ("job retrain-v7 started, 64 GPUs", "1→9 nodes")
    ended = seen(420, kind=ChangeKind.WORKLOAD, what="job retrain-v7 completed", gpus=-64.0)
    assert causes(nodes, ended, trouble=pool)[0].what == "1→9 nodes"


def test_a_busy_cluster_leaves_the_best_few() -> None:
    crowd = [seen(number, what=f"c{number}") for number in range(5_000)]
    assert [cause.what for cause in causes(*crowd)] == [f"c{number}" for number in range(CAUSES)]


def test_places_are_read_off_the_fleet() -> None:
    known = fleet(
        nodes_seen(node("n1", pool="h100-train")),
        workloads_seen(workload("train", Placement("n1", 1, 8.0), Placement("gone", 1, 8.0), labels={"team": "nlp"})),
    )
    places = places_of(
        ["prod/Job/ml/train", "prod/Job/ml/gone", "prod/h100-train", ""], known, Owners(OwnershipRules())
    )
    assert places == {"prod/Job/ml/train": Place("nlp", "", frozenset({"prod/h100-train"}))}


seconds = st.floats(-AFTER.total_seconds() * 2, BEFORE.total_seconds() * 1.5)
gpus = st.none() | st.floats(-1_000, 1_000)
subjects = st.sampled_from(NEAREST_FIRST)
kinds = st.sampled_from(list(ChangeKind))
changes = st.builds(
    lambda number, before, subject, size, kind: seen(before, subject, id=str(number), gpus=size, kind=kind),
    st.integers(0, 1_000),
    seconds,
    subjects,
    gpus,
    kinds,
)
several = st.lists(changes, max_size=10, unique_by=lambda change: change.change.id)
troubles = st.builds(
    lambda size, scope: dataclasses.replace(TROUBLE, scope=Scope(*scope), excess_gpus=size),
    gpus,
    st.sampled_from(
        [(ScopeKind.WORKLOAD, JOB), (ScopeKind.POOL, POOL), (ScopeKind.MODEL, "v7"), (ScopeKind.TEAM, "x")]
    ),
)


@given(several, troubles)
def test_fits_are_ratios_in_order_and_causes_are_few(some: list[ChangeSeen], trouble: Trouble) -> None:
    found = causes(*some, trouble=trouble)
    fits = [cause.fit for cause in found]
    assert all(0 <= each <= 1 for each in fits)
    assert fits == sorted(fits, reverse=True)
    assert len(found) <= CAUSES
    assert len({cause.change_id for cause in found}) == len(found)


@given(several, troubles, st.randoms(use_true_random=False))
def test_the_order_in_which_changes_come_does_not_matter(
    some: list[ChangeSeen], trouble: Trouble, shuffler: random.Random
) -> None:
    found = causes(*some, trouble=trouble)
    again = some + some[:2]
    shuffler.shuffle(again)
    assert causes(*again, trouble=trouble) == found


@given(changes, seconds, troubles)
def test_closer_to_the_onset_never_ranks_lower(one: ChangeSeen, before: float, trouble: Trouble) -> None:
    own = (NOON - one.at).total_seconds()
    if (own < 0) != (before < 0):  # a cause comes before its effect: the two sides are not alike
        before = -before
    moved = replace(one, at=NOON - timedelta(seconds=before))
    near, far = sorted((one, moved), key=lambda change: abs(NOON - change.at))
    assert fit(near, trouble) >= fit(far, trouble)


@given(changes, gpus)
def test_the_same_workload_never_ranks_lower_than_another(other: ChangeSeen, excess: float | None) -> None:
    trouble = dataclasses.replace(TROUBLE, excess_gpus=excess)
    own = replace(other, cluster="prod", change=replace(other.change, subject=JOB))
    assert fit(own, trouble) >= fit(other, trouble)


def test_what_grows_little_by_little_is_told_by_its_last_step() -> None:
    steps = [seen(hours * 3_600, what=f"retrain-v7 workers {8 - hours}→{9 - hours}", gpus=8.0) for hours in (6, 4, 2)]
    cause = grown(steps, TROUBLE, now=LATER)
    assert cause is not None
    assert (cause.what, cause.why) == (
        "workers 6→7",
        "the last of 3 steps up in 13 h; together they ask for 24 GPUs more",
    )


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (seen(3_600, gpus=8.0), seen(1_800, gpus=-8.0)),
        (seen(3_600, gpus=None),),
        (seen(13 * 3_600, gpus=8.0),),
        (seen(3_600, "prod/Job/other/stranger", gpus=8.0),),
    ],
    ids=["nothing", "given back", "not known", "too long ago", "not its own"],
)
def test_what_does_not_grow_has_no_such_cause(steps: tuple[ChangeSeen, ...]) -> None:
    assert grown(steps, TROUBLE, now=LATER) is None
