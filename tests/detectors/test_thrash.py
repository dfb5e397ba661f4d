from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.swing import Swing
from finops_tui.detectors.thrash import Thrash, ThrashRules
from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Cause, Signal
from finops_tui.model.inventory import Placement, Workload
from finops_tui.model.scope import Scope, ScopeKind
from tests.detectors.scenes import Stage, change, evidence, interrupted, minute, watch
from tests.engine.fleets import node, nodes_seen, workload


def pool(*sizes: int, every: int = 10, lost: Sequence[float] = (), usd: float = 12.0, turns: int = 3) -> list[Signal]:
    """Judge a pool that has another number of nodes every some minutes."""
    told, detector = Stage(usd=usd), Thrash(ThrashRules(pool_turns=turns))
    told.tell(*(interrupted(at, f"n{at}") for at in lost))
    signals: list[Signal] = []
    for step, size in enumerate(sizes):
        told.tell(nodes_seen(*(node(f"n{number}") for number in range(size)), at=minute(step * every)))
        signals = watch(detector, told, range(step * every, (step + 1) * every))
    return signals


def service(replicas: int, **given: object) -> Workload:
    placements = (Placement("n1", replicas, float(replicas)),) if replicas else ()
    return workload("rerank", *placements, **({"kind": "Deployment", "replicas": replicas} | given))


def replicas(*sizes: int, told: Stage | None = None, **given: object) -> list[Signal]:
    stage, detector = told or Stage(node("n1"), usd=80.0), Thrash()
    signals: list[Signal] = []
    for step, size in enumerate(sizes):
        stage.runs(service(size, **given), at=step * 10)
        signals = watch(detector, stage, range(step * 10, step * 10 + 10))
    return signals


def test_a_pool_that_goes_up_and_down_is_told_with_what_the_swing_costs() -> None:
    (signal,) = pool(4, 8, 4, 8, 4, 8)
    assert (signal.kind, signal.scope, signal.name) == ("thrash", Scope(ScopeKind.POOL, "prod/gpu"), "pool/gpu")
    assert signal.since == minute(10)
    assert signal.why == ("Between 4 and 8 nodes, turning 4 times since 12:10Z: on average $28.4/h above its lowest.")
    assert signal.usd_per_hour == 96.0
    assert signal.normal_usd_per_hour == pytest.approx(96.0 - 48.0 * 29 / 49)
    assert signal.excess_usd_per_hour == pytest.approx(48.0 * 29 / 49)
    assert evidence(signal) == {
        "Turns": "at 12:20Z, 12:30Z, 12:40Z, 12:50Z.",
        "Swing": "$48.0/h between lowest and highest.",
        "Normal": "$67.6/h would do, $96.0/h less $28.4/h; it is not what is usual.",
    }
    assert signal.causes == ()


def test_an_autoscaler_that_swings_replicas_is_named() -> None:
    told = Stage(node("n1"), usd=80.0)
    told.tell(change(0, "argocd", "prod/Deployment/ml/rerank", "rerank rolled out"))
    for at, what in ((10, "2→8"), (20, "8→2"), (30, "2→8")):
        told.tell(change(at, "hpa", "prod/HorizontalPodAutoscaler/ml/rerank", f"rerank replicas {what}"))
    (signal,) = replicas(2, 8, 2, 8, 2, told=told)
    assert (signal.scope, signal.name) == (Scope(ScopeKind.WORKLOAD, "prod/Deployment/ml/rerank"), "ml/deploy/rerank")
    assert signal.why.startswith("Between 2 and 8 replicas, turning 3 times since 12:10Z")
    (cause,) = signal.causes
    assert cause.why == "It turned with each of these changes, last rerank replicas 2→8."
    assert cause == Cause(
        what="hpa scaled it 3 times",
        at=minute(30),
        who="hpa",
        fit=0.6,
        why=cause.why,
        change_id="prod/HorizontalPodAutoscaler/ml/rerank/30",
    )


def test_a_change_of_its_settings_is_no_turn() -> None:
    told = Stage(node("n1"), usd=80.0)
    seen = change(5, "hpa", "prod/HorizontalPodAutoscaler/ml/rerank", "downscale window 15m→1m")
    told.tell(replace(seen, change=replace(seen.change, kind=ChangeKind.CONFIG)))
    (signal,) = replicas(2, 8, 2, 8, 2, told=told)
    assert signal.causes == ()


def test_figures_fit_each_other_when_it_is_at_its_lowest() -> None:
    (signal,) = replicas(1, 8, 8, 8, 1, 8, 8, 8, 1, 8, 8, 8, 1)
    assert (signal.usd_per_hour, signal.excess_usd_per_hour, signal.normal_usd_per_hour) == (10.0, 10.0, 0.0)
    assert signal.why.endswith(" above its lowest; now it spends $10.0/h in all.")


def test_turns_are_told_of_the_time_in_which_they_were_counted() -> None:
    (signal,) = replicas(*[2, 8] * 12)
    assert signal.since == minute(10)
    assert " since 13:59Z: on average " in signal.why


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param((4, 4, 4, 4), id="it stands still"),
        pytest.param((4, 6, 8, 10, 12), id="it grows"),
        pytest.param((4, 8, 4), id="one peak"),
        pytest.param((4, 8, 4, 8), id="a peak and a half"),
        pytest.param((20, 22, 20, 22, 20, 22), id="small moves"),
    ],
)
def test_what_only_moves_does_not_thrash(sizes: tuple[int, ...]) -> None:
    assert pool(*sizes) == []


def test_slow_waves_are_the_day_not_a_fault() -> None:
    assert pool(4, 8, 4, 8, 4, 8, every=60) == []


def test_nodes_that_the_cloud_takes_are_no_autoscalers_fault() -> None:
    assert pool(8, 4, 8, 4, 8, 4, lost=(10, 30, 50)) == []


def test_what_costs_next_to_nothing_is_not_told() -> None:
    assert pool(4, 8, 4, 8, 4, 8, usd=0.25) == []


@pytest.mark.parametrize("kind", ["Job", "CronJob", "DaemonSet"])
def test_kinds_that_come_and_go_by_schedule_are_left_out(kind: str) -> None:
    assert replicas(2, 8, 2, 8, 2, 8, kind=kind) == []


def test_the_onset_stays_and_it_ends_when_it_is_still() -> None:
    told, detector = Stage(usd=12.0), Thrash()
    onsets = set()
    for at in range(300):
        if at % 10 == 0:
            size = 8 if at % 20 and at < 180 else 4
            told.tell(nodes_seen(*(node(f"n{number}") for number in range(size)), at=minute(at)))
        signals = watch(detector, told, [at])
        onsets |= {signal.since for signal in signals}
    assert onsets == {minute(10)}
    assert signals == []


@given(sizes=st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=60))
def test_a_swing_lies_between_its_lowest_and_highest_and_turns_less_often_than_it_moves(sizes: list[int]) -> None:
    swing = Swing(sizes[0], minute(0), 0.2)
    for at, size in enumerate(sizes):
        swing.take(size, minute(at))
    moves = sum(1 for before, after in pairwise(sizes) if before != after)
    assert len(swing.turns) <= max(0, moves - 1)
    assert (swing.low, swing.high) == (min(sizes), max(sizes))
    end = minute(len(sizes))
    assert swing.low <= swing.mean(minute(0), end) <= swing.high
    swing.forget(end + timedelta(hours=1))
    assert swing.still
    assert not swing.turns


@given(sizes=st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=60))
def test_what_only_rises_or_only_falls_never_turns(sizes: list[int]) -> None:
    for ordered in (sorted(sizes), sorted(sizes, reverse=True)):
        swing = Swing(ordered[0], minute(0), 0.2)
        for at, size in enumerate(ordered):
            swing.take(size, minute(at))
        assert not swing.turns
