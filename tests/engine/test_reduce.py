"""Get me under so many dollars an hour: which moves are chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.engine.policy import Minimum, Policies, Policy
from finops_tui.engine.reduce import Reduction, reduction
from finops_tui.engine.remedies import Around
from finops_tui.engine.selector import Selector
from finops_tui.model.finding import Severity
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.observations import Observation
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SloRow
from tests.engine.fleets import composer, list_price, node, nodes_seen, prices_seen, workload, workloads_seen
from tests.output.samples import finding
from tests.samples import NOON

CHANGES = Policies(default=Policy(read_only=False))


def around(*workloads: Workload, nodes: int = 4, slos: Iterable[SloRow] = ()) -> Around:
    """Return what is known of a cluster of whole nodes at $80/h each."""
    fleet = Fleet()
    seen: list[Observation] = [
        nodes_seen(*(node(f"n{number}") for number in range(nodes))),
        prices_seen(list_price()),
        workloads_seen(*workloads),
    ]
    for each in seen:
        fleet.fold(each)
    snapshot = composer().compose(fleet, NOON)
    return Around.of(replace(snapshot, slos=tuple(slos)), fleet, NOON)


def on(name: str, *nodes: str, gpus: float = 8.0, saved_minutes: float = 5.0, **more: object) -> Workload:
    places = tuple(Placement(each, 1, gpus) for each in nodes)
    return workload(name, *places, checkpoint_at=NOON - timedelta(minutes=saved_minutes), **more)


def names(found: Reduction) -> list[str]:
    return [move.target.key.rpartition("/")[2] for move in found.moves]


def test_the_job_that_loses_least_goes_first_and_no_more_than_is_needed() -> None:
    found = reduction(80, around(on("late", "n0", saved_minutes=600), on("fresh", "n1", saved_minutes=1)), CHANGES)
    assert (names(found), found.saves_usd_per_hour) == (["fresh"], 80.0)


def test_two_that_share_a_node_are_paused_together_since_only_that_frees_it() -> None:
    small = [on("a", "n0", gpus=4.0), on("b", "n0", gpus=4.0)]
    found = reduction(80, around(*small), CHANGES)
    assert (sorted(names(found)), found.saves_usd_per_hour) == (["a", "b"], 80.0)


def test_who_stood_still_since_the_checkpoint_loses_only_what_was_run_since() -> None:
    resumed = on("resumed", "n0", saved_minutes=600, running_since=NOON - timedelta(minutes=1))
    found = reduction(80, around(resumed, on("steady", "n1", saved_minutes=30)), CHANGES)
    assert names(found) == ["resumed"]


def test_what_cannot_be_reached_says_how_far_it_gets() -> None:
    found = reduction(500, around(on("a", "n0")), CHANGES)
    assert found.saves_usd_per_hour == 80.0


def test_what_cannot_be_reached_says_of_everything_that_spends_why_it_stays() -> None:
    policy = Policy(
        read_only=False,
        protected=(Selector(names=("kept-*",)),),
        minimums=(Minimum(selector=Selector(names=("least",)), size=1),),
    )
    known = around(
        on("a", "n0"), on("b", "n1"), on("kept-1", "n1"), on("kept-2", "n1"), on("least", "n1"),
        on("chat", "n2", kind="Deployment", replicas=1), on("bare", "n3", kind="Pod"), on("not-taken", "n3"),
        on("stands", "n3", suspended=True),
    )  # fmt: skip
    found = reduction(500, known, Policies(default=policy), without={"prod/Job/ml/not-taken"})
    assert names(found) == ["a"]
    assert found.why_no_further == (
        "2 serve, 2 are protected by the policy, 1 is kept at a size by policy.minimums, "
        "1 could not be paused without more risk, 1 would leave no node empty"
    )
    closed = reduction(80, around(on("a", "n0")), Policies(default=Policy(read_only=True)))
    assert closed.why_no_further == "1 is in a cluster that is read-only"
    few = reduction(500, around(on("a", "n0"), on("b", "n1"), on("c", "n2")), CHANGES, most=1)
    assert few.why_no_further == "2 are more than the policy allows now"


def test_what_serves_is_not_stopped() -> None:
    serving = on("chat", "n0", kind="Deployment", replicas=1)
    other = on("train", "n1", saved_minutes=600)
    assert names(reduction(160, around(serving, other), CHANGES)) == ["train"]


@pytest.mark.parametrize(
    "policy",
    [
        Policy(read_only=True),
        Policy(read_only=False, protected=(Selector(namespaces=("ml",)),)),
        Policy(read_only=False, minimums=(Minimum(selector=Selector(namespaces=("ml",)), size=1),)),
    ],
)
def test_what_the_policy_keeps_is_kept(policy: Policy) -> None:
    assert reduction(80, around(on("a", "n0")), Policies(default=policy)).moves == ()


def test_at_most_so_many_moves_as_one_key_may_confirm() -> None:
    found = reduction(240, around(on("a", "n0"), on("b", "n1"), on("c", "n2")), CHANGES, most=2)
    assert len(found.moves) == 2


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(1, 8), st.floats(0, 600)), max_size=6),
    st.floats(1, 400),
)
def test_whatever_runs_no_chosen_move_is_superfluous_and_the_sum_is_what_they_free(
    jobs: list[tuple[int, float, float]], wanted: float
) -> None:
    works = [on(f"j{n}", f"n{at}", gpus=gpus, saved_minutes=ago) for n, (at, gpus, ago) in enumerate(jobs)]
    known = around(*works)
    found = reduction(wanted, known, CHANGES)
    keys = {move.target.key for move in found.moves}
    assert found.saves_usd_per_hour == pytest.approx(known.tenancy.usd_per_hour(known.tenancy.emptied(keys)) or 0.0)
    if found.saves_usd_per_hour >= wanted:
        for key in keys:
            fewer = known.tenancy.usd_per_hour(known.tenancy.emptied(keys - {key})) or 0.0
            assert fewer < wanted


def test_few_large_ones_are_chosen_where_many_small_ones_do_not_get_there() -> None:
    small = [on(f"s{number}", f"n{number}", saved_minutes=0) for number in range(3)]
    large = on("large", "n3", "n4", "n5", saved_minutes=600)
    found = reduction(240, around(*small, large, nodes=6), CHANGES, most=2)
    assert "large" in names(found)
    assert found.saves_usd_per_hour >= 240


def test_what_a_page_is_about_goes_first_whatever_is_lost() -> None:
    known = around(on("runaway", "n0", saved_minutes=600), on("fresh", "n1", saved_minutes=0))
    page = finding(severity=Severity.PAGE, scope=Scope(ScopeKind.WORKLOAD, "prod/Job/ml/runaway"))
    known = dataclasses.replace(known, snapshot=replace(known.snapshot, findings=(page,)))
    assert names(reduction(80, known, CHANGES)) == ["runaway"]
