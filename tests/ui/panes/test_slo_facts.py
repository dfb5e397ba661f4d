"""Details of an SLO say which alert holds, how each window burns, and what serves it."""

from __future__ import annotations

from msgspec.structs import replace

from finops_tui.model.finding import Evidence, Finding, Severity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import BurnWindow
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.slo_facts import WINDOWS, facts, origins
from tests.ui.samples import CALM, INCIDENT, NOW, SLOS, finding

ROW = SLOS[0]


def burning() -> Finding:
    return finding(
        "rerank-eu latency",
        Severity.PAGE,
        "search",
        57.2,
        None,
        2_700,
        kind="slo",
        scope=Scope(ScopeKind.MODEL, "rerank-2"),
        why="Burns 16.2× too fast over 1 h and 21× over 5 min.",
        evidence=(Evidence(label="Alert", words="page: 14.4× over 1 h and 5 min"),),
        related=(ROW.key,),
    )


def test_an_alert_that_holds_comes_first_with_its_severity() -> None:
    snapshot = replace(INCIDENT, findings=(*INCIDENT.findings, burning()))
    alert = facts(ROW, snapshot, NOW)[0]
    assert (alert.label, alert.value, alert.role) == ("Alert", "page: 14.4× over 1 h and 5 min", "page")
    assert alert.note.startswith("since ")
    assert "page: 14.4× over 1 h and 5 min" in [origin.value for origin in origins(ROW, snapshot)]
    assert facts(SLOS[1], snapshot, NOW)[0].label == "Target", "another objective's alert is not its own"


def test_without_an_alert_nothing_is_said_of_one() -> None:
    assert "Alert" not in [fact.label for fact in facts(ROW, CALM, NOW)]
    assert "none holds" in [origin.value for origin in origins(ROW, CALM)]


def test_every_window_is_told_and_those_that_nobody_measures_are_named() -> None:
    told = {fact.label: fact for fact in facts(ROW, CALM, NOW)}
    assert told["Not measured"].value == "30m, 2h, 1d, 3d"
    every = tuple(BurnWindow(seconds=seconds, error_ratio=0.07, burn_rate=14.4) for seconds in WINDOWS)
    told = {fact.label: fact for fact in facts(replace(ROW, windows=every), CALM, NOW)}
    assert [label for label in told if label.startswith("Burn")] == [
        "Burn 5m",
        "Burn 30m",
        "Burn 1h",
        "Burn 2h",
        "Burn 6h",
        "Burn 1d",
        "Burn 3d",
    ]
    assert told["Burn 30m"].role == "page"
    assert "Not measured" not in told


def test_what_serves_it_stands_beside_it() -> None:
    linked = replace(ROW, workload="Deployment/rerank-eu", model="rerank-2", pool="l40s-infer", usd_per_hour=57.2)
    told = {fact.label: fact.value for fact in facts(linked, CALM, NOW)}
    assert (told["Workload"], told["Model"], told["Pool"], told["Costs"]) == (
        "Deployment/rerank-eu",
        "rerank-2",
        "l40s-infer",
        "≈$57.2/h",
    )
    unlinked = {fact.label: fact for fact in facts(ROW, CALM, NOW)}
    assert unlinked["Costs"].value == MISSING
    assert unlinked["Workload"].note == "nothing says what serves it"
