"""How much of what is spent says whose it is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Coverage
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.coverage import COVERAGE as PANE
from finops_tui.ui.panes.coverage import Labelled, at_least, labelled
from tests.ui.allocation_samples import ALLOCATED
from tests.ui.samples import EMPTY, NOW

ROWS = {row.coverage.fact: row for row in labelled(ALLOCATED)}


def facts(row: Labelled) -> list[tuple[str, str, str]]:
    return [(fact.label, fact.value, fact.note) for fact in PANE.facts(row, ALLOCATED, NOW)]


@pytest.mark.parametrize(
    ("ratio", "text"), [(None, MISSING), (0.0, "0%"), (0.29, "29%"), (0.9999, "99%"), (1.0, "100%")]
)
def test_only_all_of_it_is_a_hundred_per_cent(ratio: float | None, text: str) -> None:
    assert at_least(ratio) == text


def test_the_most_expensive_workloads_without_a_label_are_named_first() -> None:
    assert [row.name for row in ROWS["team"].without] == ["tmp-eval/deploy/judge-70b"]
    assert ROWS["experiment"].worst == "nlp-train/job/retrain-v7"
    assert len(ROWS["experiment"].without) == 5
    assert ROWS["team"].workloads == 1
    assert ROWS["team"].usd_per_hour == pytest.approx(6.1)


def test_a_model_label_is_looked_for_where_the_model_stands() -> None:
    (row,) = labelled(
        replace(
            ALLOCATED,
            coverage=(
                Coverage(
                    fact="model",
                    labels=("model",),
                    usd_per_hour=716.5,
                    covered_usd_per_hour=655.9,
                    workloads=8,
                    covered_workloads=4,
                ),
            ),
        )
    )
    assert [one.model for one in row.without] == [""] * 4


def test_where_every_workload_has_it_nothing_is_looked_for() -> None:
    full = replace(ALLOCATED.coverage[0], covered_workloads=ALLOCATED.coverage[0].workloads)
    (row,) = labelled(replace(ALLOCATED, coverage=(full,)))
    assert row.without == ()
    assert row.worst == ""
    assert [text for text, _ in PANE.summary(replace(ALLOCATED, coverage=(full,)), ScopeKind.TOTAL)] == [
        "✓ every workload carries all of them"
    ]


def test_a_row_tells_what_is_looked_for_and_where_to_change_it() -> None:
    told = facts(ROWS["environment"])
    assert ("Label keys", "environment, env", "the first that it, else its namespace, carries wins") in told
    assert ("Without", "≈$6.1/h", "by 1 workload of 8") in told
    assert ("Largest", "tmp-eval/deploy/judge-70b", "≈$6.1/h") in told
    assert ("Set by", "scopes.extra.environment", "in config.yaml says which label keys are looked for") in told
    assert any(value == "scopes.team" for _, value, _ in facts(ROWS["team"]))
    assert ("", "chat/deploy/chat-api-70b", "≈$181.4/h, chat") in facts(ROWS["experiment"])


def test_without_spend_there_is_no_share_and_it_says_so() -> None:
    nothing = Labelled(replace(ALLOCATED.coverage[0], usd_per_hour=0.0, covered_usd_per_hour=0.0), (), None, False)
    assert ("Carried by", MISSING, "no workload spends anything") in facts(nothing)
    assert not PANE.summary(EMPTY, ScopeKind.TOTAL)


def test_its_figures_are_as_old_as_those_that_they_are_made_of() -> None:
    total = ALLOCATED.spend[ScopeKind.TOTAL][0]
    old = replace(ALLOCATED, spend={**ALLOCATED.spend, ScopeKind.TOTAL: (replace(total, stale=True),)})
    assert all(row.stale and row.at == total.at for row in labelled(old))
    assert not any(map(PANE.stale, PANE.rows(ALLOCATED, ScopeKind.TOTAL)))


def test_every_row_can_be_told_and_explained() -> None:
    ids = {column.id for column in PANE.columns(lambda: NOW)}
    for row in ROWS.values():
        assert {fact.column for fact in PANE.facts(row, ALLOCATED, NOW)} <= {*ids, ""}
        assert all(origin.value and origin.how for origin in PANE.origins(row, ALLOCATED))
        for field in PANE.fields:
            assert isinstance(field.value(row), str | int | float | None)
