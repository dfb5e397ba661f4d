"""The main screen and its findings: what comes and goes, what a key opens, what is never shown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import FindingState
from finops_tui.model.snapshot import Scenario
from finops_tui.ui.screens import gone
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.row_pages import DetailsPage
from finops_tui.ui.screens.timeline import TimelineScreen
from tests.ui.samples import (
    A100_SPOT,
    ACKNOWLEDGED,
    CALM,
    FINDINGS,
    INCIDENT,
    LEARNING,
    NOW,
    PLANNED,
    RETRAIN,
    SNOOZED,
    huge,
)
from tests.ui.screen import heard, shown


async def test_the_first_finding_comes_in_the_place_of_the_calm_and_the_keys_follow() -> None:
    async with shown(CALM) as screen:
        await screen.press("down")
        assert screen.cursor() == "prod-us/job/nlp-train/retrain-v7"
        await screen.publish(INCIDENT)
        assert screen.cursor() == RETRAIN.key, "the worst one"
        assert screen.app.focused is screen.app.main.pane.table
        assert "✓ Nothing costs more" not in screen.text
        assert "▌ ▲ PAGE" in screen.lines[10]
        await screen.publish(CALM)
        assert screen.app.focused is screen.app.main.pane.table
        assert "LARGEST NOW" in screen.lines[11]
        assert screen.lines[1] == "", "that it is over needs no banner"
        await screen.press("down", "enter")
        assert isinstance(screen.app.screen, DetailsPage)


async def test_no_figure_moves_when_the_first_finding_comes() -> None:
    async with shown(CALM) as screen:
        calm = {placed.column.id: placed.end for placed in screen.app.main.pane.table._painter.placed}
        await screen.publish(INCIDENT)
        there = {placed.column.id: placed.end for placed in screen.app.main.pane.table._painter.placed}
        assert set(calm) >= {"owner", "usd", "normal", "delta", "trend"}
        assert {id_: end for id_, end in there.items() if id_ in calm} == calm


async def test_enter_opens_the_incident_of_a_finding() -> None:
    async with shown(INCIDENT) as screen:
        assert "enter incident" in screen.lines[39]
        await screen.press("down", "enter")
        assert isinstance(screen.app.screen, IncidentScreen)
        assert screen.app.screen.finding_key == A100_SPOT.key
        assert "pool/a100-spot" in screen.text
        await screen.press("escape")
        assert screen.cursor() == A100_SPOT.key


async def test_the_timeline_begins_with_the_finding_under_the_cursor() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("down", "T")
        assert isinstance(screen.app.screen, TimelineScreen)
        assert "a100-spot" in screen.text


async def test_a_finding_that_is_over_leaves_nothing_selected_and_says_so() -> None:
    async with shown(INCIDENT) as screen:
        over = replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=NOW)
        await screen.press("down", "up")
        await screen.publish(replace(INCIDENT, findings=FINDINGS[1:], resolved=(over,)))
        await screen.pilot.pause()
        assert screen.cursor() is None
        assert "nlp-train/job/retrain-v7 is resolved since 14:02Z. Nothing is selected." in screen.lines[1]
        assert "ack" not in screen.lines[39]
        await screen.press("comma")
        assert screen.lines[1] == "", "the next key takes the banner away"


async def test_what_is_said_of_a_row_that_went_goes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gone, "GONE_SECONDS", 0.01)
    async with shown(INCIDENT) as screen:
        await screen.press("down", "up")
        await screen.publish(replace(INCIDENT, findings=FINDINGS[1:]))
        await screen.pilot.pause(0.1)
        assert screen.cursor() is None
        assert screen.lines[1] == ""


async def test_until_somebody_moves_it_the_cursor_stands_on_the_most_urgent_finding() -> None:
    async with shown(replace(INCIDENT, findings=FINDINGS[1:])) as screen:
        assert screen.cursor() == A100_SPOT.key
        await screen.publish(INCIDENT)
        assert screen.cursor() == RETRAIN.key
        over = replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=NOW)
        await screen.publish(replace(INCIDENT, findings=FINDINGS[1:], resolved=(over,)))
        assert screen.cursor() == A100_SPOT.key
        assert screen.lines[1] == "", "nobody chose it"


async def test_after_a_decision_the_next_row_is_selected() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("down", "A", "y")
        assert screen.app.screen is screen.app.main, "it is decided"
        await screen.publish(replace(INCIDENT, findings=tuple(row for row in FINDINGS if row is not A100_SPOT)))
        rows = screen.app.main.pane.table.rows
        assert screen.cursor() == rows[1].key
        assert screen.lines[1] == ""


async def test_a_finding_that_somebody_snoozed_says_until_when() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("down", "down")
        await screen.publish(SNOOZED)
        await screen.pilot.pause()
        assert "search/deploy/rerank-eu is snoozed until 15:01Z. Nothing is selected." in screen.lines[1]


async def test_the_details_of_a_finding_follow_it_when_it_is_over() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("d")
        over = replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=NOW)
        await screen.publish(replace(CALM, resolved=(over,)))
        assert "resolved 14:02Z" in screen.text
        assert "no longer exists" not in screen.text


async def test_an_acknowledged_page_says_who_looks_after_it() -> None:
    async with shown(ACKNOWLEDGED, (80, 24)) as screen:
        assert "Decided      acknowledged by ana 14:01Z: investigating" in screen.lines[17]
        assert "  a ack" not in screen.lines[23], "it is done"


async def test_learning_says_how_far_it_is() -> None:
    async with shown(LEARNING) as screen:
        assert "· learning, 2 of 7 days ━" in screen.lines[8]
        await screen.publish(replace(LEARNING, findings=()))
        assert "Normal is not known yet: 2 of 7 days seen. Limits from config apply." in screen.lines[9]
        assert screen.lines[12].split()[4:6] == ["–", "–"]


async def test_planned_activity_is_not_a_page() -> None:
    async with shown(PLANNED) as screen:
        assert "planned: quarterly" in screen.text
        assert "page" not in screen.lines[8]


async def test_what_the_scenario_is_stays_a_secret() -> None:
    scenario = Scenario(name="runaway-job", title="A job that ran away", began_at=NOW)
    async with shown(INCIDENT) as screen:
        without = screen.lines
        await screen.publish(replace(INCIDENT, scenario=scenario))
        assert screen.lines == without


@pytest.mark.parametrize("state", ["acknowledged", "snoozed", "resolved"])
async def test_findings_of_a_state_are_found_by_name(state: str) -> None:
    async with shown(SNOOZED) as screen:
        await screen.press("2", "colon")
        await screen.type(f"{state} findings")
        await screen.press("enter")
        assert screen.app.main.active == "findings"
        assert f"/state={state}" in screen.lines[8]
        assert {row.state.value for row in screen.app.main.pane.table.rows} <= {state}


async def test_what_left_the_list_is_found_on_a_calm_day_too() -> None:
    async with shown(CALM) as screen:
        screen.app.main.action_show_findings("resolved")
        await screen.pilot.pause()
        assert "l40s-infer" in screen.lines[10]
        await screen.press("escape")
        assert "LARGEST NOW" in screen.lines[11]


async def test_nothing_can_be_decided_about_what_is_no_finding() -> None:
    async with shown(CALM) as screen:
        told = heard(screen)
        await screen.press("a", "A", "D", "O", "o", "space", "v", "a", "3", "a", "space")
        assert screen.app.screen is screen.app.main
        assert told == []
        assert "■ 1 marked" in screen.text, "what is spent on can be marked, to be changed together"
        assert "ack" not in screen.lines[39]


async def test_the_sign_stands_in_the_gutter_where_its_column_has_no_room() -> None:
    async with shown(INCIDENT, (40, 10)) as screen:
        assert screen.lines[3].startswith("▌▲nlp-train/job/retrain-v7")
        assert screen.lines[4].startswith("● pool/a100-spot")
        assert "SEV" not in screen.text


async def test_frozen_never_goes_and_read_only_goes_first() -> None:
    async with shown(INCIDENT, (60, 15), mode="DEMO 60×") as screen:
        await screen.press("x")
        for width in range(40, 61):
            await screen.resize(width, 12)
            assert "FROZEN" in screen.lines[0], width
            assert "DEMO" in screen.lines[0], width
            assert "14:02" in screen.lines[0], width
            assert "≈$1,284/h" in screen.lines[0], width


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
@pytest.mark.parametrize("keys", ["enter", "T", "J", "m", "$", "d", "X", "h", "?", "2 enter"])
async def test_what_lies_over_a_frozen_screen_says_that_it_is_frozen_too(keys: str, size: tuple[int, int]) -> None:
    async with shown(INCIDENT, size, mode="DEMO 60×") as screen:
        await screen.press(*keys.split())
        assert "FROZEN" not in screen.lines[0]
        await screen.press("escape", "x", *keys.split())
        assert screen.app.screen is not screen.app.main
        assert "FROZEN" in screen.lines[0]
        assert "14:02" in screen.lines[0]
        await screen.press("escape", "x", *keys.split())
        assert "FROZEN" not in screen.lines[0]


async def test_a_large_fleet_on_a_calm_day_is_listed_whole() -> None:
    snapshot = huge(6_000)
    async with shown(snapshot) as screen:
        rows = screen.app.main.pane.table.rows
        assert len(rows) == 6_000
        assert {id(row) for row in rows} == {
            id(row) for rows in snapshot.spend.values() for row in rows if len(rows) > 99
        }
