from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from finops_tui.analysis.activity import ROWS, activity
from finops_tui.model.action import ActionRow
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Finding, FindingState, Severity, Triage, Turn
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ActionProgress, ChangeSeen, PodEvicted, SourceHealth, SpotInterrupted
from finops_tui.model.plan import Outcome, TargetKind
from finops_tui.model.scope import Scope, ScopeKind
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


def test_a_source_that_refuses_is_not_said_to_be_silent() -> None:
    known = fleet(health("opencost prod", HealthState.DOWN, reason="404 Not Found", short="opencost"))
    assert [row.what for row in activity(known)] == ["opencost prod tells nothing: 404 Not Found"]


def test_a_source_that_comes_and_goes_is_one_line_of_each_kind() -> None:
    def at(state: HealthState, seconds: int, reason: str = "") -> SourceHealth:
        moment = NOON + seconds * SECOND
        return health("prometheus prod", state, at=moment, since=moment, reason=reason, short="prom")

    known = fleet(at(HealthState.POLLED, 0))
    for turn in range(12):
        known.fold(at(HealthState.DOWN, 60 * turn + 30, "connection refused" if turn else "connection lost"))
        known.fold(at(HealthState.POLLED, 60 * turn + 60))
        if not turn:
            keys = [row.key for row in activity(known)]
    rows = activity(known)
    assert [row.what for row in rows] == [
        "prometheus prod answers again (12 times in 11m)",
        "prometheus prod does not answer: connection refused (12 times in 11m)",
    ]
    assert [row.at for row in rows] == [NOON + 720 * SECOND, NOON + 690 * SECOND]
    assert [row.key for row in rows] == keys
    known.fold(at(HealthState.DOWN, 3_600, "connection refused"))
    assert activity(known)[0].what == "prometheus prod does not answer: connection refused"
    assert len(activity(known)) == 3


def finding(**given: object) -> Finding:
    fields: dict[str, object] = {
        "key": "spend/workload/x",
        "kind": "spend",
        "severity": Severity.PAGE,
        "state": FindingState.OPEN,
        "scope": Scope(ScopeKind.WORKLOAD, "prod/Job/nlp-train/retrain-v7"),
        "name": "nlp-train/job/retrain-v7",
        "cluster": "prod",
        "owner": "nlp",
        "namespace": "nlp-train",
        "model": "",
        "environment": "",
        "since": NOON,
        "opened_at": NOON + SECOND,
        "seen_at": NOON,
        "usd_per_hour": 412.0,
        "normal_usd_per_hour": 38.0,
        "excess_usd_per_hour": 374.0,
        "burned_usd": 12.4,
        "why": "it asks for too much",
    }
    return Finding(**(fields | given))  # type: ignore[arg-type]  # test data by name


def test_findings_are_told_when_they_are_raised_and_when_they_are_over() -> None:
    resolved = finding(
        key="idle/pool/x", kind="idle", name="pool/l40s-infer", resolved_at=NOON + 9 * SECOND, why="8 GPUs idle"
    )
    rows = activity(fleet(change(1)), [finding(), resolved])
    assert [(row.at, row.who, row.what, row.bad) for row in rows if row.kind == "finding"] == [
        (NOON + 9 * SECOND, "alert", "l40s-infer resolved, burned $12.4", False),
        (NOON + SECOND, "alert", "retrain-v7 +$374.0/h above normal", True),
        (NOON + SECOND, "alert", "l40s-infer: 8 GPUs idle", True),
    ]
    assert rows[-1].kind == "change"
    assert len({row.key for row in rows}) == len(rows)


def test_large_excesses_and_deficits_are_told_in_full() -> None:
    whats = [row.what for row in activity(fleet(), [finding(excess_usd_per_hour=excess) for excess in (1_284.4, -7.0)])]
    assert sorted(whats) == ["retrain-v7 +$1,284/h above normal", "retrain-v7 −$7.0/h below normal"]


def test_what_somebody_decided_is_told_in_their_name() -> None:
    def decided(state: FindingState, **more: object) -> str:
        made = Triage(key="k", since=NOON, state=state, at=NOON + 5 * SECOND, by="ana", **more)  # type: ignore[arg-type]  # the same
        (row,) = (row for row in activity(fleet(), [finding(triage=made)]) if row.who == "ana")
        assert (row.at, row.bad) == (NOON + 5 * SECOND, False)
        return row.what

    assert decided(FindingState.ACKNOWLEDGED, reason="on it") == "acknowledged retrain-v7: on it"
    assert decided(FindingState.SNOOZED, until=NOON + timedelta(hours=2)) == "snoozed retrain-v7 until 14:00Z"
    assert decided(FindingState.OPEN) == "reopened retrain-v7"


def test_a_finding_that_becomes_more_or_less_urgent_says_so() -> None:
    turned = (
        Turn(at=NOON + 2 * SECOND, before=Severity.TICKET, after=Severity.PAGE, why="+$374.0/h"),
        Turn(at=NOON + 3 * SECOND, before=Severity.PAGE, after=Severity.TICKET, why="acknowledged by ana"),
        Turn(at=NOON + 4 * SECOND, before=Severity.TICKET, after=Severity.INFO),
    )
    rows = activity(fleet(), [finding(turned=turned, severity=Severity.INFO)])
    assert [(row.at, row.who, row.what, row.bad) for row in rows[:3]] == [
        (NOON + 4 * SECOND, "alert", "retrain-v7 is info now, it was a ticket", False),
        (NOON + 3 * SECOND, "alert", "retrain-v7 is a ticket now, it was a page: acknowledged by ana", False),
        (NOON + 2 * SECOND, "alert", "retrain-v7 is a page now, it was a ticket: +$374.0/h", True),
    ]
    assert len({row.key for row in rows}) == len(rows)


def test_the_line_of_a_finding_keeps_its_key_while_its_figures_move() -> None:
    (one,) = activity(fleet(), [finding()])
    (other,) = activity(fleet(), [finding(excess_usd_per_hour=500.0, seen_at=NOON + 60 * SECOND)])
    assert (one.key, one.at) == (other.key, other.at)


def test_what_was_told_of_a_finding_stands_in_its_place_though_it_is_listed_anew() -> None:
    said = {row.key: row for row in activity(fleet(), [finding()])}
    anew = finding(opened_at=NOON + 600 * SECOND, excess_usd_per_hour=500.0)
    rows = activity(fleet(change(1, at=NOON + 300 * SECOND)), [anew], said)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert rows[1:] == tuple(said.values())


def test_what_was_done_with_this_program_is_told_apart_from_other_changes() -> None:
    def of(kind: ChangeKind) -> str:
        made = Change(id="c", kind=kind, who="ana", subject="s", what="did it")
        (row,) = activity(fleet(ChangeSeen(at=NOON, source="k", cluster="prod", change=made)))
        assert (row.who, row.what) == ("ana", "did it")
        return row.kind

    told = {kind: of(kind) for kind in ChangeKind}
    assert told.pop(ChangeKind.ACTION) == "action"
    assert set(told.values()) == {"change"}


def test_what_was_done_from_here_is_told_once_as_the_action_with_its_outcome() -> None:
    row = ActionRow(
        key="p1", at=NOON, action="pause", title="Pause train", target="prod/Job/ml/train", name="ml/job/train",
        target_kind=TargetKind.WORKLOAD, cluster="prod", who="ana", reason="INC-12", outcome=Outcome.DONE,
        outcome_at=NOON + timedelta(minutes=1), saved_usd_per_hour=405.5,
    )  # fmt: skip
    seen = Change(id="c", kind=ChangeKind.ACTION, who="you", subject="prod/Job/ml/train", what="train paused")
    known = fleet(
        ActionProgress(at=NOON, source="actions", cluster="prod", row=row),
        ChangeSeen(at=NOON, source="k8s", cluster="prod", change=seen),
    )
    assert [(row.what, row.who) for row in activity(known)] == [
        ("Pause train: done, saves $405.5/h", "ana"),
        ("Pause train (INC-12)", "ana"),
    ]
    known = fleet(ActionProgress(at=NOON, source="actions", cluster="prod", row=replace(row, saved_usd_per_hour=0.3)))
    assert activity(known)[0].what == "Pause train: done, saves $0.30/h", "little is not nothing"
