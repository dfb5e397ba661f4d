"""How the bench judges what was found of an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.sections.scenarios import SAMPLE, Sightings, Verdict, answer, figures_of, judge
from finops_tui.model.finding import Cause, Finding, FindingState, Severity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import Scenario, Snapshot
from finops_tui.simulation.scenarios.base import Expected
from tests.output.samples import full_snapshot
from tests.samples import NOON

JOB = Scope(ScopeKind.WORKLOAD, "prod-us/Job/nlp-train/retrain-v7")
POOL = Scope(ScopeKind.POOL, "prod-us/h100-train")
SLO = "prod-us/chat/chat-api-ttft-p95"
EXPECTED = Expected(scope=JOB, also=(POOL,), slos=(SLO,), cause=("workers",))


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


def last(*findings: Finding) -> Snapshot:
    incident = Scenario(name="runaway-retrain", title="A retrain job runs away", began_at=NOON)
    return replace(full_snapshot(), findings=findings, resolved=(), scenario=incident)


def verdict(*findings: Finding, expected: Expected = EXPECTED) -> Verdict:
    return judge(last(*findings), findings, expected)


def test_the_right_thing_with_the_right_cause_at_the_top_is_right() -> None:
    assert verdict(found()) == Verdict(found=True, first=True, minutes=4.0)
    assert verdict(found(POOL)) == Verdict(found=True, first=True, minutes=4.0)


def test_below_something_else_or_with_another_cause_it_is_found_but_not_first() -> None:
    other = found(Scope(ScopeKind.WORKLOAD, "prod-us/Deployment/chat/chat-api-70b"))
    assert verdict(other, found()) == Verdict(found=True, first=False, minutes=4.0)
    assert verdict(found(what="argocd synced")) == Verdict(found=True, first=False, minutes=4.0)
    assert verdict(found(what="")) == Verdict(found=True, first=False, minutes=4.0)


def test_nothing_found_has_no_minutes() -> None:
    assert verdict() == Verdict(found=False, first=False, minutes=None)


def test_what_was_open_before_is_not_the_incident() -> None:
    assert verdict(found(minutes=-30)) == Verdict(found=False, first=False, minutes=None)


def test_a_finding_about_an_objective_is_right_by_its_id() -> None:
    scope = Scope(ScopeKind.NAMESPACE, "prod-us/other")
    burn = replace(found(scope, what="workers 1→9"), related=(SLO,))
    assert verdict(burn).first
    assert not verdict(found(scope)).first


def test_too_quiet_is_not_found() -> None:
    assert not verdict(found(severity=Severity.INFO)).found


def test_what_was_planned_must_not_page_and_need_not_be_found() -> None:
    planned = Expected(scope=JOB, allowed=Severity.INFO, needed=None)
    assert verdict(expected=planned) == Verdict(found=True, first=True, minutes=None)
    assert verdict(found(severity=Severity.INFO), expected=planned).first
    assert verdict(found(), expected=planned) == Verdict(found=False, first=False, minutes=None, loud=True)


def test_pages_are_counted_once_however_long_they_last() -> None:
    sightings = Sightings()
    snapshot = last(found(), found(POOL, severity=Severity.TICKET))
    for number in range(5):
        sightings.look(replace(snapshot, at=NOON + number * SAMPLE))
    assert len(sightings.paged) == 1
    over = replace(snapshot, findings=(), resolved=(found(), replace(found(), since=NOON + SAMPLE)))
    sightings.take(over)
    assert len(sightings.paged) == 2
    assert len(sightings.seen) == 3


def test_between_two_samples_nobody_looks() -> None:
    sightings = Sightings()
    sightings.look(replace(last(), at=NOON))
    sightings.look(replace(last(found()), at=NOON + SAMPLE / 2))
    assert not sightings.paged


def test_the_figures_of_a_scenario() -> None:
    verdicts = [
        Verdict(found=True, first=True, minutes=3.0),
        Verdict(found=True, first=False, minutes=9.0),
        Verdict(found=False, first=False, minutes=None),
    ]
    by_id = {figure.id: figure for figure in figures_of("spot-storm", verdicts)}
    assert by_id["scenarios.spot-storm.first"].median == pytest.approx(1 / 3)
    assert by_id["scenarios.spot-storm.first"].note == "1 of 3 listed first with the right cause"
    assert by_id["scenarios.spot-storm.found"].median == pytest.approx(2 / 3)
    assert by_id["scenarios.spot-storm.minutes"].values == (3.0, 9.0)


def test_nothing_found_in_any_run_has_no_figure_of_minutes() -> None:
    ids = {figure.id for figure in figures_of("spot-storm", [Verdict(found=False, first=False, minutes=None)])}
    assert "scenarios.spot-storm.minutes" not in ids
    assert "scenarios.spot-storm.first" in ids


def test_the_answer_is_that_of_the_headless_world() -> None:
    assert answer("runaway-retrain", 7, 3600).scope.kind is ScopeKind.WORKLOAD
