"""Pane 1: what its rows say, in which order, in which colours; and the calm day."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import WOULD_DO, Evidence, Finding, FindingState, Severity
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.filter import parse
from finops_tui.ui.panes.findings import FINDINGS as PANE
from finops_tui.ui.panes.largest import LARGEST
from finops_tui.ui.widgets.columns import Cell
from finops_tui.ui.widgets.order import Order
from tests.ui import samples
from tests.ui.samples import (
    ACKNOWLEDGED,
    CALM,
    FINDINGS,
    INCIDENT,
    JUDGE,
    LEARNING,
    NOW,
    PLANNED,
    RESOLVED,
    RETRAIN,
    SNOOZED,
    STALE,
    TICKETS,
    at,
    triaged,
)

COLUMNS = {column.id: column for column in PANE.columns(lambda: NOW)}
KNOWN = triaged(RETRAIN, FindingState.ACKNOWLEDGED)


def cell(column: str, row: Finding) -> Cell:
    return COLUMNS[column].cell(row)


def text(cell_: Cell) -> str:
    return cell_ if isinstance(cell_, str) else "".join(part for part, _ in cell_)


def roles(cell_: Cell) -> set[str]:
    return set() if isinstance(cell_, str) else {role for _, role in cell_}


def test_the_most_urgent_come_first_and_among_them_the_dearest() -> None:
    order = Order(tuple(COLUMNS.values()), PANE.order)
    unpriced = replace(RETRAIN, key="slo", excess_usd_per_hour=None)
    assert order.sort([JUDGE, *FINDINGS[:0:-1], unpriced, RETRAIN])[:4] == [RETRAIN, unpriced, *FINDINGS[1:3]]


def test_a_page_is_loud_until_somebody_looks_after_it() -> None:
    assert roles(cell("what", RETRAIN)) == {"text bold"}
    assert roles(cell("delta", RETRAIN)) == {"page bold"}
    assert roles(cell("what", KNOWN)) == {"text"}
    assert roles(cell("delta", KNOWN)) == {"page"}
    assert text(cell("sev", KNOWN)) == text(cell("sev", RETRAIN)) == "▲ PAGE"


def test_only_pages_colour_their_trend() -> None:
    assert "page" in roles(cell("trend", RETRAIN))
    for finding in FINDINGS[1:]:
        assert roles(cell("trend", finding)) <= {"bar", "usual"}


def test_waste_and_lost_spot_capacity_wear_their_roles_beside_their_words() -> None:
    assert {one.kind: roles(cell("cause", one)) for one in FINDINGS} == {
        "spend": {"text"},
        "spot": {"spot"},
        "idle": {"idle"},
        "untagged": {"text"},
    }
    assert text(cell("cause", RETRAIN)) == "workers 1→9, 13:47Z"
    assert text(cell("cause", replace(RETRAIN, causes=()))) == "–"


def test_what_is_planned_says_so() -> None:
    assert text(cell("cause", PLANNED.findings[0])) == "planned: quarterly retraining until 18:00Z"
    facts = {fact.label: fact for fact in PANE.facts(PLANNED.findings[0], PLANNED, NOW)}
    assert facts["Planned"].value == "quarterly retraining until 18:00Z"


def test_a_finding_that_is_not_about_dollars_has_dashes() -> None:
    slo = replace(
        RETRAIN, usd_per_hour=None, normal_usd_per_hour=None, excess_usd_per_hour=None, burned_usd=None, trend=()
    )
    assert [text(cell(id_, slo)) for id_ in ("usd", "normal", "delta", "burned")] == ["–"] * 4
    assert roles(cell("delta", slo)) == {"quiet"}
    assert any(fact.note == "it is not about dollars" for fact in PANE.facts(slo, INCIDENT, NOW))


def words(snapshot: Snapshot, pane: object = PANE) -> str:
    assert pane in (PANE, LARGEST)
    spec = PANE if pane is PANE else LARGEST
    return "".join(part for part, _ in spec.summary(snapshot, ScopeKind.WORKLOAD))


def test_the_line_counts() -> None:
    assert words(INCIDENT) == "5 open · ▲ 1 page"
    assert words(TICKETS) == "4 open · ● 3 tickets"
    assert words(ACKNOWLEDGED) == "5 open · ▲ 1 page · 1 acknowledged"
    assert words(SNOOZED) == "2 open · ▲ 1 page · 2 snoozed"
    assert words(LEARNING) == "1 open · ● 1 ticket · learning, 2 of 7 days"
    assert words(replace(INCIDENT, findings=(JUDGE,))) == "1 open"


@pytest.mark.parametrize(
    ("snapshot", "badge"),
    [(INCIDENT, "▲1"), (TICKETS, "●3"), (replace(INCIDENT, findings=(JUDGE,)), "○1"), (CALM, ""), (SNOOZED, "▲1")],
)
def test_the_tab_has_the_worst_and_how_many(snapshot: Snapshot, badge: str) -> None:
    assert "".join(part for part, _ in PANE.worst(snapshot)) == badge


def test_what_is_over_is_there_for_whoever_asks_and_what_came_back_is_not_over() -> None:
    again = replace(RESOLVED, state=FindingState.OPEN, resolved_at=None)
    assert RESOLVED in PANE.rows(INCIDENT, ScopeKind.WORKLOAD)
    rows = PANE.rows(replace(INCIDENT, findings=(again,)), ScopeKind.WORKLOAD)
    assert list(rows) == [again]
    older = replace(RESOLVED, resolved_at=at(3, 0))
    rows = PANE.rows(replace(CALM, resolved=(RESOLVED, older)), ScopeKind.WORKLOAD)
    assert list(rows) == [RESOLVED], "the newest of each"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sev=page", ["retrain-v7"]),
        ("kind=idle", ["notebook-hub"]),
        ("owner=platform", ["a100-spot"]),
        ("ns=tmp", ["judge-70b"]),
        ("cluster=prod-eu", ["rerank-eu"]),
        ("model=70b", ["retrain-v7", "judge-70b"]),
        ("usd>90 usd<100", ["a100-spot"]),
        ("delta>300", ["retrain-v7"]),
        ("burned>100", ["a100-spot"]),
        ("state=open sev=info", ["judge-70b"]),
        ("since>3h", ["notebook-hub", "judge-70b"]),
        ("cause=spot", ["a100-spot"]),
        ("planned=quarterly", []),
        ("retrain", ["retrain-v7"]),
    ],
)
def test_findings_are_filtered_by(query: str, names: list[str]) -> None:
    found = parse(query, PANE.fields).apply(FINDINGS)
    assert [row.name.rpartition("/")[2] for row in found] == names


def test_the_facts_tell_all_that_is_known() -> None:
    facts = [(fact.label, fact.value, fact.note) for fact in PANE.facts(KNOWN, ACKNOWLEDGED, NOW)]
    labels = [label for label, _, _ in facts]
    assert facts[0] == ("Decided", "acknowledged by ana 14:01Z: investigating", "")
    assert ("Owner", "nlp", "#nlp-oncall") in facts
    assert ("Normal", "$38.0/h", "at this hour; now 10.8×") in facts
    assert (
        "Changed",
        "workers 1→9, 13:47Z",
        "argocd, mei · same job, 40 s before the onset, asks for 64 GPUs more · fit 0.96",
    ) in facts
    assert labels.count("Or") == 2
    assert {"Why", "GPUs", "Related", "Runbook", "Group", "Age"} <= set(labels)
    assert "Contact" not in labels, "it stands beside the owner"


def test_what_is_normal_of_waste_is_told_once_and_not_as_what_is_usual() -> None:
    words = "$19.6/h would do, $29.3/h less $9.8/h; it is not what is usual."
    waste = replace(
        RETRAIN,
        kind="idle",
        normal_usd_per_hour=19.56,
        evidence=(Evidence(label="Power", words="29 W a GPU."), Evidence(label=WOULD_DO, words=words)),
    )
    normal = [fact for fact in PANE.facts(waste, INCIDENT, NOW) if fact.label == "Normal"]
    assert [(fact.value, fact.note) for fact in normal] == [
        ("$19.6/h", "would do, $29.3/h less $9.8/h; it is not what is usual")
    ]


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("spend", "at this hour; now 10.8×"),
        ("restarts", "at this hour; now 10.8×"),
        ("budget", "an hour's part of the budget; now 10.8×"),
        ("spot", "without what lost spot costs more; now 10.8×"),
    ],
)
def test_normal_is_told_as_what_it_is(kind: str, note: str) -> None:
    (normal,) = (fact for fact in PANE.facts(replace(RETRAIN, kind=kind), INCIDENT, NOW) if fact.label == "Normal")
    assert normal.note == note


def test_the_facts_of_what_is_over_or_snoozed_say_until_when() -> None:
    (over, *_) = PANE.facts(RESOLVED, INCIDENT, NOW)
    assert (over.label, over.value) == ("State", "resolved 09:41Z")
    (snoozed, *_) = PANE.facts(SNOOZED.findings[2], SNOOZED, NOW)
    assert snoozed.value == "snoozed by ana 14:01Z, until 15:01Z: investigating"


def test_each_figure_and_each_cause_is_explained() -> None:
    origins = {origin.figure: origin for origin in PANE.origins(RETRAIN, INCIDENT)}
    assert origins["Finding"].how == RETRAIN.why
    assert "fit 0.96" in origins["Likely cause"].value
    assert origins["Likely cause"].how.startswith("Same job, 40 s before the onset")
    assert {"$/h", "Normal", "Δ$/h", "Burned"} <= set(origins)


def verdict(snapshot: Snapshot) -> str:
    assert LARGEST.lead is not None
    ((words_, _),) = LARGEST.lead(snapshot, NOW)[0]
    return words_


def test_calm_is_said_only_where_it_is_so() -> None:
    assert verdict(CALM) == "✓ Nothing costs more than normal."
    open_at_all = replace(INCIDENT, findings=())
    assert verdict(open_at_all) == "○ No finding is open, but all together costs 58% more than normal."
    assert verdict(replace(LEARNING, findings=())) == (
        "Normal is not known yet: 2 of 7 days seen. Limits from config apply."
    )
    unknown = replace(CALM, headline=replace(CALM.headline, normal_usd_per_hour=samples.dollars(None)))
    assert verdict(unknown) == "○ No finding is open; normal is not known yet."
    snoozed = replace(CALM, findings=SNOOZED.findings[2:])
    assert verdict(snoozed) == "○ 2 findings snoozed; nothing else costs more than normal."
    old = replace(
        CALM, sources=STALE.sources, headline=replace(CALM.headline, usd_per_hour=samples.dollars(806.0, at=371))
    )
    assert verdict(old) == "~ Nothing cost more than normal 6m ago."


def test_what_became_of_a_finding_is_told() -> None:
    assert PANE.gone is not None
    over = replace(CALM, resolved=(replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=NOW),))
    assert PANE.gone(RETRAIN.key, "x", over) == "x is resolved since 14:02Z. Nothing is selected."
    snoozed = SNOOZED.findings[2]
    assert PANE.gone(snoozed.key, "x", SNOOZED) == "x is snoozed until 15:01Z. Nothing is selected."
    assert PANE.gone("other", "x", SNOOZED) == ""


def test_every_severity_has_a_sign_of_its_own() -> None:
    signs = {text(cell("sev", replace(RETRAIN, severity=severity))) for severity in Severity}
    assert signs == {"▲ PAGE", "● TICKET", "○ INFO"}
