"""How the bench judges what was found of an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bench.sections.scenarios import Pages, Sightings, Verdict, answer, figures_of
from finops_tui.model.finding import Cause, Finding, FindingState, Severity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import Scenario, Snapshot
from finops_tui.simulation.scenarios import GENTLE
from finops_tui.simulation.scenarios.base import Expected
from tests.output.samples import full_snapshot
from tests.samples import NOON

JOB = Scope(ScopeKind.WORKLOAD, "prod-us/Job/nlp-train/retrain-v7")
POOL = Scope(ScopeKind.POOL, "prod-us/h100-train")
OTHER = Scope(ScopeKind.WORKLOAD, "prod-us/Deployment/chat/chat-api-70b")
SLO = "prod-us/chat/chat-api-ttft-p95"
EXPECTED = Expected(scope=JOB, also=(POOL,), slos=(SLO,), cause=("workers",))
NEVER = Verdict(minutes=None, lasting=False)


def found(
    scope: Scope = JOB,
    *,
    minutes: float = 4,
    severity: Severity = Severity.PAGE,
    what: str = "workers 1→9",
    kind: str = "spend",
) -> Finding:
    opened_at = NOON + timedelta(minutes=minutes)
    return Finding(
        key=f"{kind}/{scope.kind}/{scope.name}",
        kind=kind,
        severity=severity,
        state=FindingState.OPEN,
        scope=scope,
        name=scope.name,
        cluster="prod-us",
        owner="nlp",
        namespace="nlp-train",
        model="",
        environment="",
        since=NOON,
        opened_at=opened_at,
        seen_at=opened_at,
        usd_per_hour=500.0,
        normal_usd_per_hour=55.0,
        excess_usd_per_hour=445.0,
        burned_usd=30.0,
        why="",
        causes=(Cause(what=what, at=NOON),) if what else (),
    )


def at(minutes: float, *findings: Finding) -> Snapshot:
    incident = Scenario(name="runaway-retrain", title="A retrain job runs away", began_at=NOON)
    moment = NOON + timedelta(minutes=minutes)
    return replace(full_snapshot(), at=moment, findings=findings, resolved=(), scenario=incident)


def verdict(*findings: Finding, expected: Expected = EXPECTED) -> Verdict:
    return Sightings(expected).verdict(at(5, *findings))


def test_the_right_thing_with_the_right_cause_at_the_top_is_right() -> None:
    assert verdict(found()) == Verdict(minutes=5.0, lasting=True)
    assert verdict(found(POOL)) == Verdict(minutes=5.0, lasting=True)


def test_below_something_else_or_with_another_cause_it_is_not_right() -> None:
    assert verdict(found(OTHER), found()) == NEVER
    assert verdict(found(what="argocd synced")) == NEVER
    assert verdict(found(what="")) == NEVER


def test_it_counts_when_it_was_right_for_the_first_time_and_whether_it_still_is() -> None:
    sightings = Sightings(EXPECTED)
    sightings.look(at(2))
    sightings.look(at(3, found(severity=Severity.INFO)))
    sightings.look(at(7, found()))
    sightings.look(at(8, found(OTHER), found()))
    assert sightings.verdict(at(9, found(OTHER))) == Verdict(minutes=7.0, lasting=False)


def test_nothing_found_has_no_minutes() -> None:
    assert verdict() == NEVER


def test_what_was_open_before_is_not_the_incident() -> None:
    assert verdict(found(minutes=-30)) == NEVER
    assert verdict(found(OTHER, minutes=-30), found()).minutes == 5.0


def test_before_it_has_begun_nothing_is_judged() -> None:
    sightings = Sightings(EXPECTED)
    sightings.look(replace(at(-10, found(minutes=-15)), scenario=None))
    assert sightings.verdict(at(5)) == NEVER


def test_a_finding_about_an_objective_is_right_by_its_id() -> None:
    scope = Scope(ScopeKind.NAMESPACE, "prod-us/other")
    burn = replace(found(scope, what="workers 1→9"), related=(SLO,))
    assert verdict(burn).minutes == 5.0
    assert verdict(found(scope)) == NEVER


def test_too_quiet_is_not_found() -> None:
    assert verdict(found(severity=Severity.INFO)) == NEVER


def test_what_was_planned_must_not_page_and_need_not_be_found() -> None:
    planned = Expected(scope=JOB, allowed=Severity.INFO, needed=None)
    assert not verdict(expected=planned).loud
    assert not verdict(found(severity=Severity.INFO), expected=planned).loud
    assert verdict(found(), expected=planned).loud
    assert not verdict(found(OTHER), expected=planned).loud
    assert not verdict(expected=planned).needed


def test_pages_are_counted_once_however_long_they_last() -> None:
    pages = Pages()
    for minutes in range(5):
        pages.look(at(minutes, found(), found(POOL, severity=Severity.TICKET)))
    assert len(pages.seen) == 1
    over = replace(at(6), resolved=(found(), replace(found(), since=NOON + timedelta(minutes=1))))
    pages.look(over)
    assert len(pages.seen) == 2


def test_the_figures_of_a_scenario() -> None:
    verdicts = [
        Verdict(minutes=3.0, lasting=True),
        Verdict(minutes=15.0, lasting=False),
        Verdict(minutes=16.0, lasting=True, loud=True),
        Verdict(minutes=None, lasting=False),
    ]
    by_id = {figure.id: figure for figure in figures_of("spot-storm", verdicts)}
    soon = by_id["scenarios.spot-storm.soon"]
    assert soon.median == pytest.approx(2 / 4)
    assert soon.note == "2 of 4 listed first with the right cause within 15 minutes, 3 at some time"
    assert by_id["scenarios.spot-storm.lasting"].median == pytest.approx(2 / 4)
    assert by_id["scenarios.spot-storm.loud"].median == pytest.approx(1 / 4)
    assert by_id["scenarios.spot-storm.minutes"].values == (3.0, 15.0, 16.0)


def test_a_creep_has_six_hours() -> None:
    by_id = {figure.id: figure for figure in figures_of("slow-creep", [Verdict(minutes=360.0, lasting=True)])}
    assert by_id["scenarios.slow-creep.soon"].median == 1.0


def test_nothing_found_in_any_run_has_no_figure_of_minutes() -> None:
    ids = {figure.id for figure in figures_of("spot-storm", [NEVER])}
    assert ids == {f"scenarios.spot-storm.{figure}" for figure in ("soon", "lasting", "loud")}


def test_what_needs_nobody_is_only_judged_by_how_loud_it_is() -> None:
    verdicts = [Verdict(minutes=None, lasting=False, loud=loud, needed=False) for loud in (True, False)]
    (figure,) = figures_of("planned-batch", verdicts)
    assert (figure.id, figure.median) == ("scenarios.planned-batch.loud", 0.5)


@pytest.mark.parametrize("name", ["runaway-retrain", *GENTLE])
def test_the_answer_is_that_of_the_headless_world(name: str) -> None:
    assert answer(name, 7, 7200).scope.kind in {ScopeKind.WORKLOAD, ScopeKind.POOL}
