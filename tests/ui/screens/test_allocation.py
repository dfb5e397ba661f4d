"""The allocation screen: what it says, what every key does, and what it never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from math import fsum
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens import gone
from finops_tui.ui.screens.allocation import AllocationScreen
from finops_tui.ui.screens.allocation_parts import Part
from finops_tui.ui.screens.allocation_places import COVERAGE, SPEND, UNITS, places
from finops_tui.ui.screens.allocation_total import add_up
from finops_tui.ui.screens.row_pages import DetailsPage, ExplainPage
from tests.ui.allocation_samples import ALLOCATED, NAMESPACES, TEAMS, TOTAL
from tests.ui.samples import EMPTY, NOW, STALE, ago, hostile
from tests.ui.screen import Screen, shown
from tests.ui.widgets.harness import painted

SIZES = [(40, 10), (60, 15), (70, 20), (80, 24), (100, 28), (120, 40), (160, 50), (200, 60), (300, 80)]
OLD = replace(
    ALLOCATED,
    spend={
        kind: tuple(replace(row, at=ago(371), stale=True) for row in rows) for kind, rows in ALLOCATED.spend.items()
    },
    units=tuple(replace(row, at=ago(371), stale=True) for row in ALLOCATED.units),
    sources=STALE.sources,
)


@asynccontextmanager
async def allocation(
    snapshot: Snapshot | None = ALLOCATED, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[Screen]:
    async with shown(snapshot, size, **settings) as screen:
        await screen.press("$")
        yield screen


def page(screen: Screen) -> AllocationScreen:
    assert isinstance(screen.app.screen, AllocationScreen)
    return screen.app.screen


def pane(screen: Screen) -> Part:
    return page(screen).pane


def line(screen: Screen, words: str) -> str:
    return next(one for one in screen.lines if words in one)


def names(screen: Screen) -> list[str]:
    return [pane(screen).spec.name(row) for row in pane(screen).table.rows]


def total(screen: Screen) -> list[str]:
    return line(screen, " total").split()


# What it says


async def test_spend_by_team_with_what_it_adds_up_to() -> None:
    async with allocation() as screen:
        assert "━━ By team  99% labelled · ≈$47.1/h unallocated ━━" in screen.lines[6]
        assert screen.lines[7].split() == [
            *("TEAM", "↓≈$/h", "IDLE", "$/h", "SHARE", "SHOWBACK", "≈TODAY", "WEEK", "AGO"),
            *("W-O-W", "GPUS", "UTIL", "3", "h"),
        ]
        assert line(screen, "▌ nlp").split()[2:10] == [
            *("412.0", "0.0", "+20.6", "432.6", "$2.94k", "38.0", "+984%", "72"),
        ]
        assert line(screen, "(unallocated)").split()[1:5] == ["47.1", "–", "−47.1", "0.0"]
        assert total(screen)[1:8] == ["763.6", "27.8", "0.0", "763.6", "$7.20k", "690.0", "+11%"]
        assert "61%" in line(screen, " total")


async def test_unit_costs_stand_next_to_latency_utilization_and_queue() -> None:
    async with allocation() as screen:
        assert "── Unit costs  4 served, 2 in training ──" in screen.text
        assert line(screen, "chat/chat-70b").split()[1:9] == [
            *("prod-us", "181.4", "0.0123", "0.238", "–", "1.80s", "60%", "4"),
        ]
        assert line(screen, "nlp-train/job/retrain-v7").split()[2:7] == ["412.0", "–", "–", "429.2", "–"]


async def test_coverage_says_what_is_most_expensive_without_a_label() -> None:
    async with allocation() as screen:
        assert "── Tag coverage  0 of 3 labels on every workload ──" in screen.text
        told = line(screen, "experiment  ")
        assert "nlp-train/job/retrain-v7" in told
        assert "experiment, experiment-id" in told
        assert line(screen, "environment, env").split()[2] == "99%"


async def test_every_count_of_the_config_has_a_tab() -> None:
    async with allocation() as screen:
        tabs = ("1 Team", "2 Namespace", "3 Model", "4 Pool", "5 Cluster", "6 Environment", "7 Cost centre")
        assert screen.lines[4].split() == " ".join(tabs).split()


async def test_narrow_tabs_are_short() -> None:
    async with allocation(size=(80, 24)) as screen:
        assert all(tab in screen.lines[3] for tab in ("1 Team", "2 NS", "6 Env", "7 Cost"))


async def test_small_screens_show_one_part_and_tell_what_did_not_fit() -> None:
    async with allocation(size=(80, 24)) as screen:
        assert "By team" in screen.lines[5]
        assert "Unit costs" not in screen.text
        assert screen.lines[15].split()[0] == "total"
        assert "nlp ──" in screen.lines[16]
        assert "Showback     ≈$432.6/h" in screen.text
        await screen.press("tab")
        assert "Unit costs" in screen.lines[5]
        assert "total" not in screen.text
        assert "Utilized     94%" in screen.text


async def test_a_tiny_screen_has_its_figures() -> None:
    async with allocation(size=(60, 15)) as screen:
        assert "▌ nlp" in screen.text
        assert total(screen)[1] == "763.6"
        assert "Showback ≈$432.6/h" in screen.lines[13]


async def test_old_figures_say_so() -> None:
    async with allocation(OLD) as screen:
        assert "━━ By team  ~ 6m old ━━" in screen.lines[6]
        assert "Prometheus prod-us has not answered" in screen.lines[1]


async def test_nothing_yet_says_what_it_waits_for() -> None:
    async with allocation(None) as screen:
        assert screen.text.count("Waiting for the first answer from prometheus prod-us") == 1
        await screen.publish(ALLOCATED)
        assert "763.6" in line(screen, " total")


async def test_nothing_at_all_says_so_in_every_part() -> None:
    async with allocation(EMPTY) as screen:
        for words in (
            "Nothing is spent yet.",
            "No model is served and nothing trains, as far as is known.",
            "No workload is known yet whose labels could be looked at.",
        ):
            assert words in screen.text
        assert " total" not in screen.text


# What every key does


@pytest.mark.parametrize(
    ("key", "title", "first"),
    [
        ("1", "By team", "nlp"),
        ("2", "By namespace", "nlp-train"),
        ("3", "By model", "llama-70b"),
        ("4", "By pool", "pool/h100-serve"),
        ("5", "By cluster", "prod-us"),
        ("6", "By environment", "dev"),
        ("7", "By cost centre", "4711"),
    ],
)
async def test_a_number_counts_by_what_stands_on_its_tab(key: str, title: str, first: str) -> None:
    async with allocation() as screen:
        await screen.press(key)
        assert f"━━ {title}" in screen.lines[6]
        assert names(screen)[0] == first
        rows = pane(screen).table.rows
        assert float(total(screen)[1]) == pytest.approx(fsum(row.usd_per_hour or 0.0 for row in rows), abs=0.05)


async def test_a_number_without_a_tab_does_nothing() -> None:
    async with allocation() as screen:
        await screen.press("9")
        assert "By team" in screen.lines[6]


async def test_b_counts_by_the_next_thing_and_comes_round() -> None:
    async with allocation() as screen:
        assert "b by namespace" in screen.lines[39]
        for title in ("namespace", "model", "pool", "cluster", "environment", "cost centre", "team"):
            await screen.press("b")
            assert f"━━ By {title}  " in screen.lines[6]


async def test_keys_typed_faster_than_tables_are_made_end_on_the_last() -> None:
    async with allocation() as screen:
        await screen.pilot.press("b", "b", "b", "down")
        await screen.pilot.pause()
        assert "━━ By pool" in screen.lines[6]
        assert pane(screen).table.position[0] == 2


async def test_a_click_on_a_tab_counts_by_it() -> None:
    async with allocation() as screen:
        await screen.pilot.click("#tabs", offset=(screen.lines[4].index("Model"), 0))
        await screen.pilot.pause()
        assert "━━ By model" in screen.lines[6]


async def test_tab_goes_from_table_to_table() -> None:
    async with allocation() as screen:
        assert "tab unit costs" in screen.lines[39]
        await screen.press("tab")
        assert "━━ Unit costs" in screen.text
        assert "tab tag coverage" in screen.lines[39]
        await screen.press("tab")
        assert "━━ Tag coverage" in screen.text
        await screen.press("tab")
        assert "━━ By team" in screen.text
        await screen.press("shift+tab")
        assert "━━ Tag coverage" in screen.text


async def test_choosing_what_to_count_by_goes_back_to_spend() -> None:
    async with allocation(size=(80, 24)) as screen:
        await screen.press("tab", "2", "down")
        assert "━━ By namespace" in screen.lines[5]
        assert pane(screen).table.position[0] == 2


async def test_enter_and_d_tell_everything_of_a_row() -> None:
    for key in ("enter", "d"):
        async with allocation() as screen:
            await screen.press("down", key)
            assert isinstance(screen.app.screen, DetailsPage)
            assert "Showback      ≈$190.5/h" in screen.text
            assert "Largest       chat/deploy/chat-api-70b" in screen.text
            await screen.press("escape")
            assert "▌ chat" in screen.text


async def test_details_follow_the_row() -> None:
    async with allocation() as screen:
        await screen.press("enter")
        richer = replace(TEAMS[0], usd_per_hour=480.0)
        await screen.publish(
            replace(ALLOCATED, spend={**ALLOCATED.spend, ScopeKind.TEAM: (richer, *TEAMS[1:])}, at=NOW)
        )
        assert "≈$480.0/h" in screen.text


async def test_x_tells_how_the_figures_came_to_be() -> None:
    async with allocation(size=(120, 60)) as screen:
        await screen.press("X")
        assert isinstance(screen.app.screen, ExplainPage)
        assert "$/h × unallocated / (all − unallocated)" in screen.text
        await screen.press("escape", "tab", "down", "X")
        assert "$/h / (4,096 generated tokens a second × 3,600) × 1,000" in screen.text


async def test_sorting_and_turning_round() -> None:
    async with allocation() as screen:
        assert pane(screen).table.sorting == ("usd", True)
        await screen.press("I")
        assert names(screen)[0] == "(unowned)"
        await screen.press("S")
        assert pane(screen).table.sorting[0] == "idle"
        assert names(screen)[0] == "research"


async def test_the_filter_adds_up_what_it_shows() -> None:
    async with allocation() as screen:
        await screen.press("/")
        await screen.type("usd>100")
        assert names(screen) == ["nlp", "chat"]
        assert " ".join(total(screen)[:6]) == "total of 2 shown 593.4 12.6"
        assert "$5.45k" in total(screen)
        await screen.press("enter")
        assert "/usd>100  2 of 8" in screen.lines[6]
        await screen.press("down")
        assert pane(screen).table.cursor_key == "chat"
        await screen.press("escape")
        assert len(names(screen)) == len(TEAMS)
        assert "763.6" in total(screen)


async def test_a_filter_that_nothing_passes_says_so_and_adds_up_nothing() -> None:
    async with allocation() as screen:
        await screen.press("/", *"zzz", "enter")
        assert 'Nothing matches "zzz". esc clears the filter.' in screen.text
        assert " total" not in screen.text


async def test_what_is_typed_into_the_filter_is_no_command() -> None:
    async with allocation() as screen:
        await screen.press("/", *"b2")
        assert pane(screen).filter.text == "b2"
        await screen.pilot.click("#tabs", offset=(screen.lines[4].index("Model"), 0))
        await screen.pilot.pause()
        assert "By team" in screen.lines[6], "the filter is about this table"


async def test_f_shows_one_part_alone_and_esc_brings_the_others_back() -> None:
    async with allocation() as screen:
        await screen.press("tab", "f")
        assert "By team" not in screen.text
        assert "━━ Unit costs" in screen.lines[6]
        await screen.press("escape")
        assert "By team" in screen.text
        await screen.press("escape")
        assert screen.app.screen is screen.app.main


async def test_c_copies_the_table_with_its_sum() -> None:
    async with allocation() as screen:
        await screen.press("c")
        copied = screen.app._clipboard.splitlines()
        assert copied[0] == "By team"
        assert copied[1].split()[:2] == ["TEAM", "≈$/h"]
        assert len(copied) == 2 + len(TEAMS) + 1
        assert copied[-1].split()[:2] == ["total", "763.6"]
        places_of_usd = {
            row.index(figure) + len(figure) for row, figure in zip(copied[2:4], ("412.0", "181.4"), strict=True)
        }
        assert len(places_of_usd) == 1
        await screen.press("tab", "c")
        assert "total" not in screen.app._clipboard
        assert "0.0123" in screen.app._clipboard


async def test_help_and_commands_know_its_keys() -> None:
    async with allocation(size=(120, 60)) as screen:
        await screen.press("question_mark")
        assert "count spend by workload, team, namespace" in screen.text
        await screen.press("escape", "colon", *"invert", "enter")
        assert pane(screen).table.sorting == ("usd", False)


async def test_keys_of_the_config_work_here_too() -> None:
    async with allocation(keymap={"spend.scope": "w"}) as screen:
        await screen.press("w")
        assert "By namespace" in screen.lines[6]


# What it never does


async def test_the_cursor_belongs_to_a_row_not_to_a_line() -> None:
    async with allocation() as screen:
        await screen.press("down", "down")
        grown = replace(TEAMS[2], usd_per_hour=900.0)
        teams = (*TEAMS[:2], grown, *TEAMS[3:])
        await screen.publish(replace(ALLOCATED, spend={**ALLOCATED.spend, ScopeKind.TEAM: teams}))
        assert pane(screen).table.cursor_key == "search"


async def test_a_row_that_goes_leaves_nothing_selected_and_says_so() -> None:
    async with allocation() as screen:
        await screen.press("down", "up")
        later = replace(ALLOCATED, at=NOW + timedelta(seconds=39), spend={**ALLOCATED.spend, ScopeKind.TEAM: TEAMS[1:]})
        await screen.publish(later)
        assert pane(screen).table.cursor_key is None
        assert "nlp is no longer listed (14:03:10Z). Nothing is selected." in screen.lines[1]
        await screen.press("down")
        assert "no longer listed" not in screen.text


async def test_what_became_of_a_row_is_told_until_the_next_key_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = replace(ALLOCATED, spend={**ALLOCATED.spend, ScopeKind.TEAM: TEAMS[1:]})
    async with allocation() as screen:
        await screen.press("down", "up")
        await screen.publish(later)
        await screen.press("b")
        assert "no longer listed" not in screen.text
    monkeypatch.setattr(gone, "GONE_SECONDS", 0.05)
    async with allocation() as screen:
        await screen.press("down", "up")
        await screen.publish(later)
        await screen.pilot.pause(0.1)
        assert "no longer listed" not in screen.text


async def test_a_count_keeps_its_own_cursor_and_order() -> None:
    async with allocation() as screen:
        await screen.press("down", "I", "2", "1")
        assert pane(screen).table.cursor_key == "chat"
        assert pane(screen).table.sorting == ("usd", False)


async def test_a_resize_keeps_what_was_chosen() -> None:
    async with allocation() as screen:
        await screen.press("2", "tab", "down")
        key = pane(screen).table.cursor_key
        for size in ((80, 24), (60, 15), (200, 60)):
            await screen.resize(*size)
            assert pane(screen).table.cursor_key == key
            assert screen.app.focused is pane(screen).table
        assert "By namespace" in screen.text


@pytest.mark.parametrize(
    ("snapshot", "size"),
    [
        *((ALLOCATED, size) for size in SIZES),
        *((hostile(), size) for size in ((60, 15), (80, 24), (120, 40))),
        *((state, (80, 24)) for state in (OLD, EMPTY, None)),
    ],
)
async def test_no_line_is_wider_than_the_screen(snapshot: Snapshot | None, size: tuple[int, int]) -> None:
    async with allocation(snapshot, size) as screen:
        for keys in ((), ("b",), ("4",), ("6",), ("tab",), ("tab",)):
            await screen.press(*keys)
            assert len(screen.lines) == size[1]
            assert all(cell_len(one) <= size[0] for one in screen.lines)
            assert all(one.isprintable() for one in screen.lines)


@pytest.mark.parametrize("key", ["1", "2", "4", "6"])
async def test_in_ascii_it_is_all_ascii(key: str) -> None:
    async with allocation(ascii=True, theme="mono") as screen:
        await screen.press(key)
        assert screen.text.isascii()


async def test_a_second_in_which_nothing_happens_paints_no_table() -> None:
    moment = NOW
    async with allocation(now=lambda: moment) as screen:
        moment = NOW + timedelta(seconds=1)
        screen.app.paint()
        assert painted(pane(screen).table) == []
        assert painted(page(screen)._total) == []


# What it adds up


def test_a_sum_without_every_part_is_not_known() -> None:
    found = add_up(TEAMS, None)
    assert found is not None
    assert found.name == "total of 8 shown"
    assert found.usd_per_hour == pytest.approx(763.605)
    assert found.gpus == fsum(row.gpus or 0.0 for row in TEAMS)
    assert found.today_usd is None
    assert found.week_ago_usd_per_hour is None
    assert found.utilization is None
    assert found.trend[-1] == pytest.approx(763.605)
    assert add_up((), TOTAL) is None


def test_of_all_rows_it_is_the_whole() -> None:
    found = add_up(TEAMS, TOTAL)
    assert found is not None
    assert (found.name, found.today_usd, found.week_ago_usd_per_hour) == ("total", 7_200.0, 690.0)
    assert (found.utilization, found.trend) == (TOTAL.utilization, TOTAL.trend)


def test_one_old_row_makes_an_old_sum() -> None:
    found = add_up((replace(NAMESPACES[0], stale=True, at=ago(371)), *NAMESPACES[1:]), TOTAL)
    assert found is not None
    assert found.stale
    assert found.at == ago(371)


# Where it stands


@pytest.mark.parametrize("part", [SPEND, UNITS, COVERAGE])
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_parts_stand_on_the_screen_and_never_on_each_other(size: tuple[int, int], part: str, alone: bool) -> None:
    found = places(*size, part, alone=alone)
    assert part in found
    cells: set[tuple[int, int]] = set()
    for name, rect in found.items():
        if name == "detail" and rect == found.get("banner"):
            continue
        mine = {(x, y) for x in range(rect.x, rect.x + rect.width) for y in range(rect.y, rect.y + rect.height)}
        assert mine
        assert not mine & cells, name
        assert all(x < size[0] and y < size[1] for x, y in mine)
        cells |= mine
