"""Who is shown which costs: tables that add up, and rows that say where their figures are from."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.allocation import table
from finops_tui.ui.panes.allocation_counts import Count, change, counts, showback
from finops_tui.ui.widgets.columns import place
from tests.ui.allocation_samples import ALLOCATED, TEAMS, free, paid
from tests.ui.samples import EMPTY, INCIDENT, NOW, STALE, hostile, spend

COUNTS = {count.name: count for count in counts(ALLOCATED)}


def rows(name: str, snapshot: Snapshot = ALLOCATED) -> dict[str, SpendRow]:
    return {row.key: row for row in COUNTS[name].rows(snapshot)}


def facts(name: str, key: str, snapshot: Snapshot = ALLOCATED) -> dict[str, tuple[str, str]]:
    told = table(COUNTS[name], 1).facts(rows(name, snapshot)[key], snapshot, NOW)
    return {fact.label: (fact.value, fact.note) for fact in told}


def shown(name: str, width: int) -> list[str]:
    return [one.column.id for one in place(table(COUNTS[name], 1).columns(lambda: NOW), width)]


def test_it_counts_by_every_kind_of_scope_and_then_by_every_label_of_the_config() -> None:
    assert list(COUNTS) == ["team", "namespace", "model", "pool", "cluster", "environment", "cost_centre"]
    assert [count.name for count in counts(None)] == list(COUNTS)[:5]
    assert (COUNTS["cost_centre"].title, COUNTS["cost_centre"].short) == ("Cost centre", "Cost")


def test_what_nobody_requested_gives_away_what_the_others_are_shown_of_it() -> None:
    team = rows("team")["(unallocated)"]
    assert team.share_usd_per_hour == pytest.approx(-fsum(row.share_usd_per_hour or 0.0 for row in TEAMS))
    assert rows("namespace")["prod-eu/(unallocated)"].share_usd_per_hour == pytest.approx(-14.1)
    assert rows("namespace")["prod-us/(unallocated)"].share_usd_per_hour == pytest.approx(-20.6)


@given(st.lists(st.tuples(st.sampled_from(["prod-us", "prod-eu"]), st.floats(0, 1e6)), max_size=8))
def test_showback_adds_up_to_what_is_spent(parts: list[tuple[str, float]]) -> None:
    clusters = ("prod-us", "prod-eu")
    groups = tuple(
        paid(
            replace(spend(f"n{number}", "", usd, None, kind=ScopeKind.NAMESPACE, cluster=cluster), key=f"{number}"),
            usd * 0.2,
            None,
            None,
        )
        for number, (cluster, usd) in enumerate(parts)
    )
    given_away = {name: fsum(row.usd_per_hour or 0 for row in groups if row.cluster == name) * 0.2 for name in clusters}
    every = (*groups, *(free(ScopeKind.NAMESPACE, usd, name) for name, usd in given_away.items() if usd))
    found = COUNTS["namespace"].rows(replace(ALLOCATED, spend={ScopeKind.NAMESPACE: every}))
    spent = fsum(row.usd_per_hour or 0.0 for row in found)
    assert fsum(showback(row) or 0.0 for row in found) == pytest.approx(spent)


def test_a_table_by_label_has_what_nobody_requested_too() -> None:
    by_label = rows("environment")
    assert set(by_label) == {"prod", "dev", "(none)", "(unallocated)"}
    assert by_label["(unallocated)"].usd_per_hour == rows("team")["(unallocated)"].usd_per_hour


def test_pools_and_clusters_contain_what_nobody_requested_of_them() -> None:
    assert rows("pool")["prod-us/h100-serve"].share_usd_per_hour == 12.0
    assert {key: row.share_usd_per_hour for key, row in rows("cluster").items()} == {"prod-us": 20.6, "prod-eu": 14.1}
    assert rows("pool", replace(ALLOCATED, pools=()))["prod-us/h100-serve"].share_usd_per_hour is None
    assert "showback" not in shown("pool", 200)
    titles = {one.id: one.title for one in table(COUNTS["pool"], 1).columns(lambda: NOW)}
    assert titles["share"] == "UNALLOC"


def test_names_that_stand_in_several_clusters_say_in_which() -> None:
    assert "cluster" in shown("namespace", 78)
    assert "cluster" not in shown("team", 200)
    assert "owner" not in shown("team", 200)
    assert shown("model", 200).index("owner") == 1


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (59, ["what", "usd", "idle", "share", "wow"]),
        (78, ["what", "usd", "idle", "share", "today", "wow", "trend"]),
        (118, ["what", "usd", "idle", "share", "showback", "today", "week", "wow", "gpus", "util", "trend"]),
    ],
)
def test_columns_go_by_their_importance(width: int, columns: list[str]) -> None:
    assert shown("team", width) == columns


def test_no_past_is_kept_by_label_and_the_columns_do_not_pretend() -> None:
    assert not {"week", "wow"} & set(shown("environment", 200))
    assert facts("environment", "prod")["Week ago"] == (MISSING, "no past is kept by label")


@pytest.mark.parametrize(
    ("now", "before", "ratio"), [(110.0, 100.0, 0.1), (0.0, 100.0, -1.0), (5.0, 0.0, None), (None, 1.0, None)]
)
def test_a_change_from_nothing_has_no_percentage(now: float | None, before: float, ratio: float | None) -> None:
    found = change(paid(spend("a", "", now, None), None, None, before))
    assert found == (None if ratio is None else pytest.approx(ratio))


def test_a_row_tells_its_part_in_the_whole() -> None:
    told = facts("team", "nlp")
    assert told["Part"] == ("54%", "of ≈$763.6/h altogether")
    assert told["Share"] == ("+$20.6/h", "of what nobody requested, by its spend")
    assert told["Showback"][0] == "≈$432.6/h"
    assert told["Today"] == ("≈$2.94k", "since 00:00Z")
    assert told["Week ago"] == ("$38.0/h", "in the same hour; now +984%")
    assert told["Largest"] == ("nlp-train/job/retrain-v7", "≈$412.0/h")


def test_what_is_missing_says_why() -> None:
    unowned, unpriced, nothing = facts("team", "(unowned)"), facts("team", "canary"), facts("team", "(unallocated)")
    assert unowned["Today"] == (MISSING, "not every hour since 00:00Z was seen")
    assert unowned["Week ago"] == (MISSING, "that hour was not seen, or it did not exist")
    assert unpriced["Spends"] == (MISSING, "None of its nodes has a price.")
    assert unpriced["Share"] == (MISSING, "not known without its cluster's price")
    assert nothing["Idle"] == (MISSING, "nobody requested it")
    assert nothing["Share"] == ("−$47.1/h", "what the others are shown of it, by their spend")
    assert "Largest" not in nothing
    assert "nothing has no percentage" in facts("team", "vision")["Week ago"][1]
    assert facts("pool", "prod-us/t4-dev", replace(ALLOCATED, pools=()))["Unallocated"][1].startswith("only told")


@pytest.mark.parametrize("name", COUNTS)
def test_the_largest_workloads_of_a_row_are_part_of_it(name: str) -> None:
    count = COUNTS[name]
    if count.part_of is None:
        assert name == "pool"
        return
    workloads = {row.name: row for row in ALLOCATED.spend[ScopeKind.WORKLOAD]}
    named = 0
    for row in count.rows(ALLOCATED):
        told = table(count, 1).facts(row, ALLOCATED, NOW)
        largest = [fact.value for fact in told if fact.label in ("Largest", "")]
        assert all(count.part_of(workloads[one]) == row.key for one in largest)
        named += len(largest)
    assert named >= 1


def test_the_line_of_a_table_tells_coverage_and_what_is_unallocated() -> None:
    def line(name: str, snapshot: Snapshot = ALLOCATED) -> str:
        return "".join(text for text, _ in table(COUNTS[name], 1).summary(snapshot, ScopeKind.TOTAL))

    assert line("team") == "99% labelled · ≈$47.1/h unallocated"
    assert line("pool") == "≈$47.1/h unallocated"
    assert line("team", EMPTY) == ""


def test_what_moved_by_more_than_a_tenth_and_a_dollar_is_bold() -> None:
    column = next(one for one in table(COUNTS["team"], 1).columns(lambda: NOW) if one.id == "wow")
    roles = {row.name: column.cell(row)[0][1] for row in TEAMS}
    assert {name for name, role in roles.items() if role == "text bold"} == {"nlp", "search", "research"}


def test_what_stands_for_nobody_in_particular_is_quiet() -> None:
    name = table(COUNTS["team"], 1).columns(lambda: NOW)[0]
    assert [name.cell(row)[0][1] for row in TEAMS].count("quiet") == 2


@pytest.mark.parametrize("snapshot", [ALLOCATED, INCIDENT, EMPTY, STALE, hostile()])
@pytest.mark.parametrize("count", counts(ALLOCATED), ids=lambda count: count.name)
def test_every_row_can_be_told(count: Count, snapshot: Snapshot) -> None:
    spec = table(count, 1)
    ids = {column.id for column in spec.columns(lambda: NOW)}
    found = spec.rows(snapshot, ScopeKind.TOTAL)
    assert len({spec.key(row) for row in found}) == len(found)
    for row in found:
        assert {fact.column for fact in spec.facts(row, snapshot, NOW)} <= {*ids, "", "normal", "model"} | {
            *("cluster", "owner", "week", "showback")
        }
        assert all(origin.value for origin in spec.origins(row, snapshot))
        for field in spec.fields:
            assert isinstance(field.value(row), str | int | float | None)


def test_fields_of_the_filter_have_one_meaning_each() -> None:
    names = [name for field in table(COUNTS["team"], 1).fields for name in field.names]
    assert len(set(names)) == len(names)
    assert {"share", "showback", "today", "week", "wow"} <= set(names)
