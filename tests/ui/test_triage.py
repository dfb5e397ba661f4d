"""Deciding about findings: the dialog, what it tells the engine, and that nothing is decided by accident."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.model.finding import FindingState
from finops_tui.ui.screens.triage import TriageDialog
from tests.ui import samples
from tests.ui.samples import ACKNOWLEDGED, FINDINGS, INCIDENT, NOW, RETRAIN, SNOOZED
from tests.ui.screen import Screen, heard, shown


def dialog(screen: Screen) -> TriageDialog:
    assert isinstance(screen.app.screen, TriageDialog)
    return screen.app.screen


async def test_acknowledging_takes_two_keys_and_says_by_whom_and_why() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("a", "y")
        (triage,) = told
        assert (triage.key, triage.since) == (RETRAIN.key, RETRAIN.since)
        assert (triage.state, triage.at, triage.by) == (FindingState.ACKNOWLEDGED, NOW, "ana")
        assert (triage.reason, triage.until) == ("investigating", None)
        assert "nlp-train/job/retrain-v7 is acknowledged (investigating)." in screen.toasts


async def test_the_focus_starts_on_cancel() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("a")
        assert screen.app.focused is not None
        assert screen.app.focused.id == "cancel"
        await screen.press("enter")
        assert screen.app.screen is screen.app.main
        await screen.press("a", "escape")
        assert screen.app.screen is screen.app.main
        assert told == []


async def test_the_target_is_named_with_cluster_owner_and_cost() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("a")
        assert "nlp-train/job/retrain-v7  in prod-us" in screen.text
        assert "owner nlp" in screen.text
        assert "▲ PAGE  +$374.0/h above normal, open 14m, burned $87.3" in screen.text
        assert "y  Acknowledge retrain-v7" in screen.text


async def test_the_target_is_the_one_of_the_moment_when_the_key_was_pressed() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("a")
        worse = replace(FINDINGS[1], severity=RETRAIN.severity, excess_usd_per_hour=9_000.0)
        await screen.publish(replace(INCIDENT, findings=(worse, *FINDINGS[2:], RETRAIN)))
        await screen.press("y")
        assert [one.key for one in told] == [RETRAIN.key]


async def test_a_target_that_is_over_meanwhile_is_left_out() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("a")
        await screen.publish(replace(INCIDENT, findings=FINDINGS[1:]))
        assert "retrain-v7 changed meanwhile and is left out." in screen.text
        assert "Nothing to decide about" in screen.text
        await screen.press("y")
        assert screen.app.screen is not screen.app.main, "there is nothing to confirm"
        await screen.press("escape")
        assert told == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("y",), "investigating"),
        (("down", "y"), "planned activity"),
        (("4", "y"), "false alarm"),
        (("5", "1", "up", "y"), "investigating"),
        (("2", "n", *"any", "enter", "enter"), "planned activity: any"),
        (("2", "tab", "tab", *"fay", "enter", "enter"), "planned activity: fay"),
    ],
)
async def test_reasons_and_a_note(keys: tuple[str, ...], reason: str) -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("a", *keys)
        assert [one.reason for one in told] == [reason]


@pytest.mark.parametrize(
    ("keys", "length"),
    [
        (("y",), timedelta(hours=1)),
        (("left", "y"), timedelta(minutes=15)),
        (("right", "y"), timedelta(hours=4)),
        (("right", "right", "y"), timedelta(hours=17, minutes=57, seconds=29)),
        (("right", "right", "right", *"2h30m", "enter", "enter"), timedelta(hours=2, minutes=30)),
    ],
)
async def test_how_long_to_snooze(keys: tuple[str, ...], length: timedelta) -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("A", *keys)
        assert [(one.state, one.until) for one in told] == [(FindingState.SNOOZED, NOW + length)]


async def test_a_length_that_is_none_is_not_confirmed() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("A", "right", "right", "right", *"2x", "enter", "enter")
        assert "● '2x' is not a length of time. Write 45m, 2h30m or 1d." in screen.text
        assert told == []
        assert dialog(screen).focused is dialog(screen)._custom


async def test_marked_findings_are_decided_about_together() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("space", "down", "down", "v")
        assert "a ack 3 marked" in screen.lines[39]
        await screen.press("a")
        assert "retrain-v7, a100-spot, rerank-eu" in screen.text
        assert "y  Acknowledge 3 findings" in screen.text
        await screen.press("y")
        assert [one.key for one in told] == [one.key for one in FINDINGS[:3]]
        assert "marked" not in screen.lines[8], "it is done"
        assert "3 findings are acknowledged (investigating)." in screen.toasts


async def test_of_several_only_those_are_taken_that_it_applies_to() -> None:
    async with shown(ACKNOWLEDGED) as screen:
        told = heard(screen)
        await screen.press("a")
        assert screen.app.screen is screen.app.main, "it is acknowledged already"
        await screen.press("space", "down", "space", "a", "y")
        assert [one.key for one in told] == [FINDINGS[1].key]


async def test_what_a_filter_hides_is_not_decided_about() -> None:
    async with shown(INCIDENT) as screen:
        told = heard(screen)
        await screen.press("space", "down", "space", "slash", *"sev=page", "enter")
        assert "■ 1 marked" in screen.lines[8]
        await screen.press("a", "y")
        assert [one.key for one in told] == [RETRAIN.key]
        await screen.press("escape")
        assert "marked" not in screen.lines[8], "all marks go with the decision"


async def test_a_snoozed_finding_is_found_and_reopened() -> None:
    async with shown(SNOOZED) as screen:
        told = heard(screen)
        screen.app.main.action_show_findings("snoozed")
        await screen.pilot.pause()
        assert "/state=snoozed  2 of" in screen.lines[8]
        await screen.press("O", "y")
        assert [(one.key, one.state) for one in told] == [(samples.RERANK.key, FindingState.OPEN)]
        await screen.press("escape")
        assert "2 open · ▲ 1 page · 2 snoozed" in screen.lines[8]


@pytest.mark.parametrize("size", [(40, 10), (60, 15), (80, 24), (99, 33), (120, 40), (200, 60)])
@pytest.mark.parametrize("key", ["a", "A"])
@pytest.mark.parametrize("hostile", [False, True])
async def test_the_dialog_fits_every_size(size: tuple[int, int], key: str, *, hostile: bool) -> None:
    snapshot = replace(
        samples.hostile(),
        findings=tuple(replace(one, state=FindingState.OPEN, triage=None) for one in samples.hostile().findings),
    )
    async with shown(snapshot if hostile else INCIDENT, size) as screen:
        await screen.press(key, *(("right", "right", "right") if key == "A" else ()))
        assert isinstance(screen.app.screen, TriageDialog)
        assert "esc  Cancel" in screen.text
        assert "Note" in screen.text
        for line in screen.lines:
            assert cell_len(line) <= size[0]
            assert line.isprintable(), ascii(line)


async def test_nothing_else_happens_behind_the_dialog() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("a", "q", "2", "slash", "x")
        assert screen.app.is_running
        assert screen.app.main.active == "findings"
        assert screen.app.main.frozen_at is None
