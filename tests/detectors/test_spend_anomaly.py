from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.attribution import explain
from finops_tui.detectors.base import SAMPLE_SECONDS, Scene
from finops_tui.detectors.explained import Explained
from finops_tui.detectors.spend_anomaly import SpendAnomaly
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Placement
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from tests.detectors.spot_scenes import MINUTE, spot_row, standing, taken
from tests.detectors.spot_scenes import scene as spot_scene
from tests.engine.fleets import workload, workloads_seen
from tests.samples import NOON, empty_snapshot

DAYS = 14
JOB = Scope(ScopeKind.WORKLOAD, "prod/Job/nlp/train")
OTHER = Scope(ScopeKind.WORKLOAD, "prod/Deployment/nlp/serve")
GONE = Scope(ScopeKind.WORKLOAD, "prod/Job/nlp/last-week")
TEAM = Scope(ScopeKind.TEAM, "nlp")
BASE = {JOB: 40.0, OTHER: 60.0}
Level = Callable[[Scope, float], float | None]
"""$/h of a workload at a minute after noon; None when it does not exist."""


def row(scope: Scope, usd: float | None, **given: Any) -> SpendRow:
    fields: dict[str, Any] = {
        "key": scope.name,
        "kind": scope.kind,
        "name": scope.name.partition("/")[2] or scope.name,
        "cluster": "prod",
        "owner": "nlp",
        "namespace": "nlp",
        "usd_per_hour": usd,
        "gpus": 8.0,
        "pods": 1,
        "since": NOON - timedelta(days=30),
    }
    return SpendRow(**(fields | given))


class World:
    """A total and a team of two workloads, told a sample at a time."""

    def __init__(self, level: Level, *, new_at: float | None = None) -> None:
        self.level = level
        self.new_at = new_at
        self.detector = SpendAnomaly()
        self.detector.prime({scope: (self._past(scope), 3_600.0) for scope in (TOTAL, TEAM, JOB, OTHER)})

    def usd(self, scope: Scope, minute: float) -> float | None:
        if scope.kind is ScopeKind.WORKLOAD:
            return self.level(scope, minute)
        return sum(self.level(each, minute) or 0.0 for each in BASE)

    def scene(self, minute: float) -> Scene:
        now = NOON + timedelta(minutes=minute)
        workloads = []
        for scope in BASE:
            usd = self.usd(scope, minute)
            born = NOON + timedelta(minutes=self.new_at) if self.new_at is not None and scope == JOB else None
            if usd is not None:
                workloads.append(row(scope, usd, **({"since": born} if born is not None else {})))
        spend: Mapping[ScopeKind, tuple[SpendRow, ...]] = {
            ScopeKind.TOTAL: (row(TOTAL, self.usd(TOTAL, minute), cluster="", owner=""),),
            ScopeKind.TEAM: (row(TEAM, self.usd(TEAM, minute)),),
            ScopeKind.WORKLOAD: tuple(sorted(workloads, key=lambda each: -(each.usd_per_hour or 0.0))),
        }

        def past(scope: Scope) -> tuple[float | None, ...]:
            cells = 10_800 // SAMPLE_SECONDS
            minutes = [minute - (cells - 1 - cell) * SAMPLE_SECONDS / 60 for cell in range(cells)]
            return tuple(self.usd(scope, each) for each in minutes)

        return Scene(snapshot=replace(empty_snapshot(), at=now, spend=dict(spend)), fleet=Fleet(), now=now, past=past)

    def until(self, last: float, first: float = 0.0) -> list[Signal]:
        """Judge every two and a half minutes; return the last signals."""
        signals: Iterable[Signal] = ()
        minute = first
        while minute <= last:
            self.detector.catch_up(2)
            signals = self.detector.judge(self.scene(minute))
            minute += SAMPLE_SECONDS / 60
        return list(signals)

    def _past(self, scope: Scope) -> list[tuple[float, float]]:
        hours = range(-DAYS * 24, 0)
        told = ((NOON.timestamp() + hour * 3_600, self.usd(scope, hour * 60)) for hour in hours)
        return [(at, usd * (1 + 0.01 * (index % 3))) for index, (at, usd) in enumerate(told) if usd is not None]


def steady(scope: Scope, _minute: float) -> float | None:
    return BASE[scope]


def jump(scope: Scope, minute: float) -> float | None:
    return 400.0 if scope == JOB and minute >= 60 else BASE[scope]


def new_job(scope: Scope, minute: float) -> float | None:
    if scope == JOB:
        return 300.0 if minute >= 60 else None
    return BASE[scope]


def test_what_is_steady_is_no_finding() -> None:
    assert World(steady).until(600) == []


def test_an_anomaly_that_one_job_causes_is_that_jobs_and_told_once() -> None:
    (signal,) = World(jump).until(80)
    assert signal.scope == JOB
    assert signal.severity is Severity.PAGE
    assert signal.usd_per_hour == 400.0
    assert signal.normal_usd_per_hour == pytest.approx(40, abs=2)
    assert signal.excess_usd_per_hour == pytest.approx(360, abs=2)
    assert abs((signal.since - NOON).total_seconds() / 60 - 60) <= 5


def test_it_pages_within_a_quarter_of_an_hour() -> None:
    assert World(jump).until(75)


def test_a_job_that_never_was_is_named_though_only_its_team_has_a_past() -> None:
    (signal,) = World(new_job, new_at=60).until(85)
    assert signal.scope == JOB
    assert signal.normal_usd_per_hour == 0.0
    own, _, of_the_team = signal.why.partition("; ")
    assert own.endswith("went from $0.0/h to $300.0/h"), "its own figures come first"
    assert of_the_team.startswith("the team nlp together: "), "and whose ratio follows is named"
    assert "× normal" in of_the_team


def test_what_all_workloads_share_is_the_teams() -> None:
    def both(scope: Scope, minute: float) -> float | None:
        return BASE[scope] * (4.0 if minute >= 60 else 1.0)

    (signal,) = World(both).until(90)
    assert signal.scope in (TEAM, TOTAL)


def test_the_finding_keeps_its_name_and_onset_while_it_lasts() -> None:
    world = World(jump)
    first = world.until(80)
    later = world.until(200, first=82.5)
    assert [(one.key, one.since) for one in later] == [(one.key, one.since) for one in first]
    assert (later[0].burned_usd or 0.0) > (first[0].burned_usd or 0.0)


def test_burned_is_the_excess_since_the_onset() -> None:
    (signal,) = World(jump).until(120)
    assert signal.burned_usd == pytest.approx(360.0, rel=0.1)


def test_what_explains_it_stays_when_its_onset_is_longer_ago_than_samples_are_kept() -> None:
    """What moved within the last hours explains nothing that began before them."""

    def jump_then_wobble(scope: Scope, minute: float) -> float | None:
        if scope == OTHER:
            return 66.0 if minute >= 190 else 60.0
        return jump(scope, minute)

    world = World(jump_then_wobble)
    (first,) = world.until(80)
    for minute in range(85, 280, 5):
        (later,) = world.until(minute + 2.5, first=minute)
        assert (later.scope, later.since) == (JOB, first.since), minute
        assert later.normal_usd_per_hour == first.normal_usd_per_hour


def test_what_begins_after_an_excess_of_hours_ago_does_not_explain_it() -> None:
    """A job of the usual kind is new every hour: it is no part of what began before it."""
    new = Scope(ScopeKind.WORKLOAD, "prod/Job/nlp/hourly")

    class Newer(World):
        def scene(self, minute: float) -> Scene:
            bare = super().scene(minute)
            if minute < 230:
                return bare
            born = NOON + timedelta(minutes=230)
            rows = (*bare.snapshot.spend[ScopeKind.WORKLOAD], row(new, 18.0, since=born))
            spend = {**bare.snapshot.spend, ScopeKind.WORKLOAD: rows}
            return dataclasses.replace(bare, snapshot=replace(bare.snapshot, spend=spend))

        def usd(self, scope: Scope, minute: float) -> float | None:
            if scope == new:
                return 18.0 if minute >= 230 else None
            more = 18.0 if minute >= 230 and scope.kind is not ScopeKind.WORKLOAD else 0.0
            usd = super().usd(scope, minute)
            return usd + more if usd is not None else None

    assert [one.scope for one in Newer(jump).until(280)] == [JOB]


def test_an_alarm_that_pauses_is_explained_as_before_for_a_day() -> None:
    world, explained, onset = World(jump), Explained(), NOON.timestamp() + 3_600
    first = explained.explain(world.scene(80), TEAM, onset, "above_week", None)
    explained.keep((), onset + 12_000)
    again = explained.explain(world.scene(280), TEAM, onset, "above_week", None)
    assert first is not None
    assert again is not None
    assert (first.scope, first.before, first.delta) == (again.scope, again.before, again.delta) == (JOB, 40.0, 360.0)
    explained.keep((), onset + 90_000)
    forgotten = explained.explain(world.scene(280), TEAM, onset, "above_week", None)
    assert forgotten is not None
    assert forgotten.delta == 0.0, "nothing moved within the last three hours"


def test_it_is_over_when_the_job_is_paused() -> None:
    def paused(scope: Scope, minute: float) -> float | None:
        return BASE[scope] if minute >= 100 else jump(scope, minute)

    world = World(paused)
    assert world.until(97.5)
    assert world.until(160, first=100) == []


def test_an_excess_that_stays_is_listed_on_but_does_not_page_on() -> None:
    (signal,) = World(jump).until(60 + 14 * 60)
    assert signal.scope == JOB
    assert signal.severity is Severity.TICKET
    assert signal.normal_usd_per_hour == pytest.approx(40, abs=2)
    assert "normal now" not in signal.why
    held = "It has stayed for so long that alarms expect it by now; it is listed until Fri 13:0"
    assert held in signal.why
    assert signal.why.endswith("Z, against $40.0/h, what was normal before it.")


def test_an_excess_that_stays_for_days_is_normal_in_the_end() -> None:
    assert World(jump).until(60 + 71 * 60)
    assert World(jump).until(60 + 73 * 60) == []


def test_what_is_calm_again_is_held_against_what_is_normal_at_this_hour() -> None:
    """An excess at night that has gone by noon is not there just because noon is dearer than the night was."""

    def by_day(scope: Scope, minute: float) -> float | None:
        hour = (minute / 60) % 24
        usual = BASE[scope] * (6.0 if 8 <= hour < 20 else 1.0)
        return max(usual, 220.0) if scope == JOB and 5 * 60 <= minute < 10 * 60 else usual

    world = World(by_day)
    (night,) = world.until(6.5 * 60)
    assert (night.scope, night.severity) == (JOB, Severity.PAGE)
    assert world.until(13 * 60, first=6.5 * 60) == []


def test_what_it_learned_survives_a_restart() -> None:
    before = World(jump)
    before.until(30)
    after = World(jump)
    after.detector = SpendAnomaly()
    assert "0 of" in after.detector.learning
    after.detector.restore(before.detector.state())
    assert after.detector.learning == ""
    assert [one.scope for one in after.until(80, first=32.5)] == [JOB]


def test_without_a_past_nothing_is_called_abnormal() -> None:
    world = World(jump)
    world.detector = SpendAnomaly()
    assert world.until(120) == []
    assert world.detector.learning.startswith("Normal is not known yet: 0 of")


@pytest.mark.parametrize(
    "state", [{}, {"x": 1}, {"total total": {"first": 1.0}}, {"planet earth": {}}, {"total total": None}]
)
def test_a_state_of_no_use_is_learned_anew(state: dict[str, object]) -> None:
    SpendAnomaly().restore(state)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.none() | st.floats(), min_size=1, max_size=40))
def test_it_never_raises(levels: list[float | None]) -> None:
    def noisy(scope: Scope, minute: float) -> float | None:
        return levels[int(minute) % len(levels)] if scope == JOB else BASE[scope]

    World(noisy).until(120)


def test_nothing_explains_what_is_not_there() -> None:
    scene = World(steady).scene(0)
    assert explain(scene, Scope(ScopeKind.TEAM, "gone"), NOON.timestamp(), "above_week") is None


def test_only_what_is_watched_takes_in_the_past() -> None:
    world = World(steady)
    world.detector.prime(
        {scope: (world._past(scope), 3_600.0) for scope in (TOTAL, TEAM, JOB, OTHER)}
        | {GONE: (world._past(JOB), 3_600.0)}
    )
    world.until(60)
    assert set(world.detector.state()) == {"total total", "team nlp", f"workload {JOB.name}", f"workload {OTHER.name}"}
    assert world.detector.learning == ""


def test_what_comes_back_knows_its_past_at_once() -> None:
    """A job that ran every night until yesterday costs now what it always did: that is no finding."""
    back = World(lambda scope, minute: None if scope == JOB and 0 <= minute < 60 else BASE[scope])
    assert back.until(180) == []
    (told,) = (one for name, one in back.detector.state().items() if name == f"workload {JOB.name}")
    assert isinstance(told, dict)
    assert told["first"] == NOON.timestamp() - DAYS * 86_400


def test_the_whole_takes_in_its_past_at_once_and_the_others_wait_until_they_are_let_in() -> None:
    world = World(steady)
    assert world.detector.learning == ""
    world.detector.judge(world.scene(0))
    assert [world.detector.catch_up(1) for _ in range(3)] == [True, True, False]


class WithoutSpot(World):
    """The same, where the job runs on a pool that lost a spot node and got eight on-demand nodes in its place."""

    def __init__(self, level: Level, *, dearer_usd: float, taken_at: float = 59.0) -> None:
        super().__init__(level)
        self.dearer_usd = dearer_usd
        """$/h that all eight cost more than they would as spot."""
        self.taken_at = NOON + timedelta(minutes=taken_at)

    def scene(self, minute: float) -> Scene:
        bare = super().scene(minute)
        if bare.now < self.taken_at + MINUTE:
            return bare
        nodes = standing(8, spot=False, at=self.taken_at + MINUTE)
        lost = spot_scene(bare.now, taken(1, self.taken_at), nodes, spot=[spot_row(usd=self.dearer_usd / 8)])
        placed = tuple(Placement(node.name, 1, 8.0) for node in nodes)
        lost.fleet.fold(workloads_seen(workload("train", *placed, namespace="nlp")))
        shown = replace(bare.snapshot, spot=lost.snapshot.spot, interruptions=lost.snapshot.interruptions)
        return dataclasses.replace(bare, snapshot=shown, fleet=lost.fleet)


def doubled(scope: Scope, minute: float) -> float | None:
    return 100.0 if scope == JOB and minute >= 60 else BASE[scope]


@pytest.mark.parametrize(
    ("dearer_usd", "severity"),
    [
        (0.0, Severity.PAGE),
        (60.0, Severity.TICKET),  # all of it, and as lost spot it would page from $250/h
        (48.0, Severity.TICKET),  # what is left is a ticket by itself
        (8.0, Severity.PAGE),  # what is left pages by itself
    ],
)
def test_what_lost_spot_capacity_explains_is_as_urgent_as_lost_spot_is(dearer_usd: float, severity: Severity) -> None:
    (signal,) = WithoutSpot(doubled, dearer_usd=dearer_usd).until(90)
    assert (signal.scope, signal.severity, signal.usd_per_hour) == (JOB, severity, 100.0)
    assert signal.excess_usd_per_hour == pytest.approx(60, abs=2), "its dollars stay what they are"
    told = [each.words for each in signal.evidence if each.label == "Spot lost"]
    words = f"${dearer_usd:.1f}/h is what on-demand costs more while spot cannot be had: judged as lost spot"
    assert told == ([words] if dearer_usd else [])


def test_lost_spot_capacity_that_costs_very_much_pages_by_its_own_limit() -> None:
    (signal,) = WithoutSpot(jump, dearer_usd=360.0).until(90)
    assert signal.severity is Severity.PAGE


def test_a_loss_hours_before_explains_nothing_that_began_since() -> None:
    (signal,) = WithoutSpot(doubled, dearer_usd=60.0, taken_at=-120).until(90)
    assert signal.severity is Severity.PAGE
