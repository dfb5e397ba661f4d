from __future__ import annotations

from datetime import datetime, timedelta

from finops_tui.analysis.activity import ROWS, activity
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ChangeSeen, PodEvicted, SourceHealth, SpotInterrupted
from finops_tui.model.spot import Eviction, Interruption
from tests.engine.fleets import fleet, health
from tests.samples import NOON

SECOND = timedelta(seconds=1)


def change(number: int, at: datetime = NOON) -> ChangeSeen:
    made = Change(id=f"c{number}", kind=ChangeKind.SCALE, who="hpa", subject="s", what=f"a replicas {number}")
    return ChangeSeen(at=at, source="k", cluster="prod", change=made)


def lost(number: int, at: datetime, pool: str = "a100-spot") -> SpotInterrupted:
    interruption = Interruption(id=f"i{number}", node=f"n{number}", pool=pool, reason="reclaimed")
    return SpotInterrupted(at=at, source="k", cluster="prod", interruption=interruption)


def evicted(number: int, at: datetime, workload: str = "Deployment/web") -> PodEvicted:
    eviction = Eviction(
        id=f"e{number}", namespace="ml", pod=f"p{number}", workload=workload, node="n", reason="Preempted"
    )
    return PodEvicted(at=at, source="k", cluster="prod", eviction=eviction)


def test_newest_first_and_bounded() -> None:
    rows = activity(fleet(*(change(number, NOON + number * SECOND) for number in range(ROWS + 20))))
    assert len(rows) == ROWS
    assert rows[0].what == f"a replicas {ROWS + 19}"
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert (rows[0].who, rows[0].kind, rows[0].bad) == ("hpa", "change", False)


def test_nodes_that_a_pool_loses_within_a_minute_are_one_line() -> None:
    storm = [lost(number, NOON + number * SECOND) for number in range(8)]
    rows = activity(fleet(*storm, lost(50, NOON + 61 * SECOND), lost(51, NOON, "other")))
    assert sorted(row.what for row in rows) == [
        "1 a100-spot node reclaimed",
        "1 other node reclaimed",
        "8 a100-spot nodes reclaimed",
    ]
    assert all(row.bad and row.who == "cloud" for row in rows)


def test_the_line_of_a_storm_keeps_its_key_while_it_grows() -> None:
    known = fleet(lost(0, NOON))
    (first,) = activity(known)
    known.fold(lost(1, NOON + SECOND))
    (grown,) = activity(known)
    assert (grown.key, grown.at) == (first.key, first.at)
    assert grown.what == "2 a100-spot nodes reclaimed"


def test_pods_of_one_workload_are_one_line() -> None:
    rows = activity(fleet(evicted(1, NOON), evicted(2, NOON + SECOND), evicted(3, NOON, "")))
    assert sorted(row.what for row in rows) == [
        "1 pod of ml/p3 evicted: Preempted",
        "2 pods of ml/deploy/web evicted: Preempted",
    ]


def test_a_source_that_goes_and_comes_back() -> None:
    def at(state: HealthState, seconds: int, reason: str = "") -> SourceHealth:
        moment = NOON + seconds * SECOND
        return health("prometheus prod", state, at=moment, since=moment, reason=reason, short="prom")

    known = fleet()
    for seen in (
        at(HealthState.CONNECTING, 0),
        at(HealthState.POLLED, 1),
        at(HealthState.DOWN, 2, "connection refused"),
        at(HealthState.DOWN, 3, "connection refused"),
        at(HealthState.POLLED, 4),
    ):
        known.fold(seen)
    rows = activity(known)
    assert [(row.who, row.what, row.bad) for row in rows] == [
        ("prom", "prometheus prod answers again", False),
        ("prom", "prometheus prod does not answer: connection refused", True),
    ]
