"""What holds for every pane, whatever it shows."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import FindingState, Severity
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.keymap import BY_ID as KEYS_BY_ID
from finops_tui.ui.layout import DETAIL, LAYOUTS
from finops_tui.ui.panes import BY_ID, PANES
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.serving import error_share, latency
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.panes.spend import SPEND, above_normal
from tests.ui.samples import CALM, EMPTY, FAILING, INCIDENT, NOW, STALE, finding, hostile, slo, spend

every_pane = pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)


def test_ids_and_numbers_are_unique_and_every_pane_has_its_key() -> None:
    assert len(BY_ID) == len({pane.number for pane in PANES}) == len(PANES)
    for pane in PANES:
        assert KEYS_BY_ID[f"pane.{pane.id}"].keys == (str(pane.number),)


def test_layouts_name_panes_that_exist() -> None:
    for layout in LAYOUTS:
        for band in layout.bands + layout.wide_bands:
            assert {cell.pane for cell in band.cells} <= {*BY_ID, DETAIL}


@every_pane
def test_columns_and_fields_are_sound(pane: PaneSpec[Any]) -> None:
    columns = pane.columns(lambda: NOW)
    ids = [column.id for column in columns]
    assert len(set(ids)) == len(ids)
    assert pane.order in ids
    assert min(column.priority for column in columns) == 1
    names = [name for field in pane.fields for name in field.names]
    assert len(set(names)) == len(names)
    assert all(name == name.casefold() for name in names)


@every_pane
@pytest.mark.parametrize("snapshot", [INCIDENT, CALM, EMPTY, STALE, FAILING, hostile()])
def test_every_row_can_be_told(pane: PaneSpec[Any], snapshot: Snapshot) -> None:
    ids = {column.id for column in pane.columns(lambda: NOW)}
    rows = pane.rows(snapshot, ScopeKind.WORKLOAD)
    assert len({pane.key(row) for row in rows}) == len(rows)
    pane.summary(snapshot, ScopeKind.WORKLOAD)
    pane.worst(snapshot)
    for row in rows:
        facts = pane.facts(row, snapshot, NOW)
        assert all(fact.label for fact in facts)
        assert {fact.column for fact in facts} <= {*ids, ""} | {"30m", "2h", "1d", "3d"}, "no column is misspelt"
        assert pane.origins(row, snapshot)
        for field in pane.fields:
            assert isinstance(field.value(row), str | int | float | None)


def test_what_nobody_requested_is_no_workload_without_a_label() -> None:
    free = spend("(unallocated)", "", 47.1, None, idle=None, gpus=12, utilization=None)
    told = {fact.label: (fact.value, fact.note) for fact in SPEND.facts(free, INCIDENT, NOW)}
    assert told["What"] == ("requested by nobody", "paid for and free: no workload, so it has no owner")
    assert told["GPUs"] == ("12", "free")
    assert not {"Owner", "Pods", "Namespace", "Model", "Created"} & told.keys(), "what only workloads have"


@pytest.mark.parametrize("pane", [SPEND, GPU], ids=lambda pane: pane.id)
def test_explaining_tells_only_what_is_known(pane: PaneSpec[Any]) -> None:
    row = pane.rows(INCIDENT, ScopeKind.WORKLOAD)[0]
    unnamed = replace(INCIDENT, pools=tuple(replace(pool, method="") for pool in INCIDENT.pools))
    row = replace(row, priced_by="AWS Price List", **({"method": ""} if pane is GPU else {}))
    origins, facts = pane.origins(row, unnamed), pane.facts(row, unnamed, NOW)
    assert all(origin.value for origin in origins)
    assert not any("nstrument" in origin.how for origin in origins)
    assert "AWS Price List" in [origin.value for origin in origins]
    assert "AWS Price List" in [fact.value for fact in facts]


def test_a_sum_that_is_not_whole_says_what_it_lacks_beside_its_dollars() -> None:
    lacking = replace(spend("a/b/c", "x", 412.0, 38.0), missing="1 of 2 workloads not wholly counted: no price")
    noted = {fact.label: fact.note for fact in SPEND.facts(lacking, INCIDENT, NOW)}
    assert noted["Spends"] == "estimated; 1 of 2 workloads not wholly counted: no price"
    whole = {fact.label: fact.note for fact in SPEND.facts(replace(lacking, missing=""), INCIDENT, NOW)}
    assert whole["Spends"] == "estimated"


def test_above_normal_is_more_than_the_usual_wobble() -> None:
    assert above_normal(spend("a/b/c", "x", 412.0, 38.0))
    assert not above_normal(spend("a/b/c", "x", 41.0, 38.0)), "8 %"
    assert not above_normal(spend("a/b/c", "x", 0.9, 0.1)), "less than a dollar"
    assert not above_normal(spend("a/b/c", "x", 412.0, None))
    assert not above_normal(spend("a/b/c", "x", None, 38.0))


@pytest.mark.parametrize(
    ("burns", "mark"),
    [
        ((14.4, 14.4, 1.0), "page"),
        ((20.0, 7.0, 1.0), "ticket"),
        ((0.1, 20.0, 1.0), None),
        ((20.0, 0.1, 1.0), None),
        ((6.0, 6.0, 0.0), "ticket"),
        ((5.9, 50.0, 0.0), None),
    ],
)
def test_an_slo_burns_when_both_windows_do(burns: tuple[float, float, float], mark: str | None) -> None:
    assert SLO.mark is not None
    found = SLO.mark(slo("x", 0.99, burns, 0.5, None), CALM)
    assert (found[1] if found else None) == mark


@pytest.mark.parametrize(
    ("severity", "words", "badge"),
    [(Severity.PAGE, "▲ 1 paging", "▲1"), (Severity.TICKET, "● 1 burning", "●1"), (Severity.INFO, "○ 1 burning", "○1")],
)
def test_an_slo_of_which_a_finding_is_listed_burns_whatever_its_own_rates_say(
    severity: Severity, words: str, badge: str
) -> None:
    row = slo("x", 0.99, (0.1, 0.1, 0.1), 0.5, None)
    listed = finding("x", severity, "", None, None, 600, kind="slo", related=(row.key,), why="")
    snapshot = replace(CALM, slos=(row, *CALM.slos), findings=(listed,))
    assert [text for text, _ in SLO.summary(snapshot, ScopeKind.WORKLOAD)] == [words]
    assert [text for text, _ in SLO.worst(snapshot)] == [badge]
    assert SLO.mark is not None
    found = SLO.mark(row, snapshot)
    assert found is not None
    assert found[1] == severity.value
    snoozed = replace(snapshot, findings=(replace(listed, state=FindingState.SNOOZED),))
    assert SLO.mark(row, snoozed) is None
    assert SLO.worst(snoozed) == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, MISSING),
        (0.0004, "0ms"),
        (0.34, "340ms"),
        (0.9996, "1.00s"),
        (1.8, "1.80s"),
        (9.996, "10s"),
        (9e9, "9999s"),
    ],
)
def test_latency(seconds: float | None, text: str) -> None:
    assert latency(seconds) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("ratio", "text"), [(None, MISSING), (0.0, "0.00%"), (0.0012, "0.12%"), (0.12, "12%"), (1.0, "100%")]
)
def test_error_share(ratio: float | None, text: str) -> None:
    assert error_share(ratio) == text
