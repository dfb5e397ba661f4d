"""What was done with the program: its screen, its notes, the banner, and how armed somebody is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Redo, Undo
from finops_tui.model.action import ActionRow
from finops_tui.model.plan import Outcome
from finops_tui.model.snapshot import ActivityRow, Armed, Snapshot
from finops_tui.ui.handover import note
from finops_tui.ui.issues import Rank, issues
from finops_tui.ui.panes.journal import undo_state
from finops_tui.ui.screens.chrome import badge, notice
from finops_tui.ui.screens.journal import JournalScreen
from finops_tui.ui.screens.row_pages import DetailsPage
from finops_tui.ui.targets import target_of
from tests.ui.deeds import ACTIONS, DONE, FAILED, OVERDUE, PAUSED, TIMED, UNDONE, UNKNOWN
from tests.ui.desk import ARMED, DISARMED, DeskDouble, at_the_desk
from tests.ui.samples import HOSTILE_TEXTS, INCIDENT, NOW, STALE, ago
from tests.ui.screen import Screen, shown

READY = replace(INCIDENT, armed=ARMED, actions=ACTIONS)
SIZES = [(40, 10), (60, 15), (80, 24), (120, 40), (200, 60)]


def row_of(screen: Screen, words: str) -> str:
    return next(line for line in screen.lines if words in line)


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


async def test_each_row_says_who_did_what_and_what_became_of_it() -> None:
    async with shown(READY) as screen:
        await screen.press("J")
        assert isinstance(screen.app.screen, JournalScreen)
        assert "5, newest first · 1 not finished · ● 1 to look at" in screen.text
        done = row_of(screen, "Scale rerank-eu 6→4")
        for words in ("12:02:31Z", "prod-eu", "mei@bastion", "✓ done", "19.0", "18.4", " yes"):
            assert words in done
        assert "● failed" in row_of(screen, "Cordon h100-3")
        assert "resume in 12m" in row_of(screen, "13:44:31Z")


async def test_enter_shows_the_fields_that_changed_and_all_words() -> None:
    async with shown(READY) as screen:
        await screen.press("J", "down", "enter")
        assert isinstance(screen.app.screen, DetailsPage)
        for words in ("spec.suspend: false → true", "3 of 9 pods are gone.", "INC-12 runaway retrain", "accepted by"):
            assert words in screen.text
        await screen.press("escape")
        assert "━━ Journal" in screen.text
        await screen.press("escape")
        assert "━━ 1 Findings" in screen.text


async def test_a_row_says_how_many_others_were_confirmed_with_the_same_key() -> None:
    rows = tuple(replace(PAUSED, key=f"b{number}", bulk="b0") for number in range(3))
    async with shown(replace(READY, actions=(*rows, DONE))) as screen:
        await screen.press("J", "enter")
        assert "Beside        2 others  confirmed with the same key" in screen.text
        await screen.press("escape", "end", "enter")
        assert "confirmed with the same key" not in screen.text


async def test_undo_takes_back_the_row_under_the_cursor() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("J", "z")
        assert desk.wishes == [], "a way back is done again with Z, not undone"
        await screen.press("end", "z")
        assert desk.wishes == [Undo(entry=DONE.key, target=target_of(DONE))]
        await screen.press("y")
        assert len(desk.confirmed) == 1
        assert isinstance(screen.app.screen, JournalScreen)
        await screen.press("Z")
        assert len(desk.wishes) == 1, "that one took nothing back"
        await screen.press("home", "Z")
        assert desk.wishes[-1] == Redo(entry=UNDONE.key)


async def test_it_is_there_where_nothing_can_be_changed() -> None:
    async with shown(replace(INCIDENT, actions=ACTIONS)) as screen:
        await screen.press("J")
        assert "Scale rerank-eu 6→4" in screen.text
        assert "z undo" not in screen.text
    async with shown(INCIDENT) as screen:
        await screen.press("J")
        assert "Nothing was done with this program." in screen.text


async def test_the_note_is_copied_and_written(tmp_path: Path) -> None:
    async with shown(READY, export_folder=tmp_path) as screen:
        await screen.press("J", "c")
        text = screen.app.clipboard
        assert text.startswith("# Handover 2026-03-13T14:02:31Z\n\n5 changes, 2 still open, 3 can be undone.\n")
        await screen.press("E")
    assert written(tmp_path) == {"finops-tui-handover-20260313T140231Z.md": text}


async def test_a_note_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    async with shown(READY, export_folder=tmp_path / "taken") as screen:
        await screen.press("J", "E")
        assert "The handover note was not written to" in screen.toasts[-1]


def test_a_note_has_what_is_open_first_and_every_field() -> None:
    text = note(ACTIONS, NOW)
    assert text.index("## Still open") < text.index("`Pause retrain-v7`") < text.index("## Closed")
    assert "- `prod-us` `job/retrain-v7` `spec.suspend`: `false` → `true` (`Pause retrain-v7`, " in text
    assert "| 412.0 | – | `yes` |" in text
    assert note((), NOW).endswith("Nothing was changed.\n")


async def test_a_journal_that_was_changed_by_others_is_told_on_the_screen_and_in_the_note() -> None:
    broken = (
        "The journal was changed after it was written: journal.jsonl: line 4 is not as it was written. "
        "Lines 1 to 3 are as they were written; what stands behind is not shown and cannot be trusted."
    )
    assert note((), NOW, broken).endswith(f"**{broken}**\n\nNo change is known.\n")
    assert f"**{broken}**" in note(ACTIONS, NOW, broken)
    armed = replace(ARMED, journal=broken)
    (issue,) = (one for one in issues(replace(READY, armed=armed, actions=()), NOW) if "journal" in one.words)
    assert issue.words == f"{broken} Nothing can be changed from here."
    async with shown(replace(INCIDENT, armed=armed, actions=())) as screen:
        await screen.press("J")
        assert "Nothing was done with this program." not in screen.text
        assert "The journal was changed after it was written" in screen.text
        await screen.press("c")
        assert f"**{broken}**" in screen.app.clipboard


def test_what_comes_from_outside_is_no_markup_in_a_note() -> None:
    bad = replace(PAUSED, title="x | y", words="a `b` | c\n# no", reason="\x1b[31m")
    text = note((bad,), NOW)
    assert "`x ¦ y`" in text
    assert "a 'b' ¦ c # no" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (PAUSED, "yes"),
        (UNDONE, "–"),
        (TIMED, "resume in 12m"),
        (OVERDUE, "overdue 4m"),
        (replace(TIMED, action="scale"), "undo in 12m"),
        (replace(DONE, undone_by="a2", undoable=False), "undone"),
        (FAILED, "nothing to undo"),
        (replace(DONE, undoable=False, undo=""), "no"),
    ],
)
def test_whether_it_can_be_taken_back_is_said(row: ActionRow, words: str) -> None:
    assert undo_state(row, NOW) == words


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_what_comes_from_outside_is_text(size: tuple[int, int], text: str) -> None:
    bad = replace(PAUSED, title=text, name=text, who=text, words=text, cluster=text, reason=text, undo=text)
    async with shown(replace(READY, actions=(bad,)), size) as screen:
        await screen.press("J")
        for line in screen.lines:
            assert cell_len(line) <= size[0]
            assert line.isprintable(), ascii(line)
        await screen.press("enter")
        assert all(line.isprintable() for line in screen.lines)


# The banner


def banner(snapshot: Snapshot) -> str:
    found = notice(issues(snapshot, NOW), "r", "z")
    return "" if found is None else " ".join(filter(None, (found.lead, found.cause, found.rest, found.key, found.verb)))


def test_an_outcome_that_nobody_knows_comes_first() -> None:
    snapshot = replace(STALE, actions=(OVERDUE, UNKNOWN))
    assert [one.rank for one in issues(snapshot, NOW)] == [Rank.UNKNOWN, Rank.LOST, Rank.OVERDUE]
    assert banner(snapshot) == ("Unknown whether the pause took effect: no answer in 10s. Checking; do not repeat.")
    found = notice(issues(snapshot, NOW), "r")
    assert found is not None
    assert found.others == 2


def test_what_has_no_answer_for_long_counts_as_unknown() -> None:
    fresh = replace(PAUSED, outcome=Outcome.PLANNED, at=ago(4), words="")
    assert banner(replace(INCIDENT, actions=(fresh,))) == ""
    old = replace(fresh, at=ago(12))
    assert banner(replace(INCIDENT, actions=(old,))).startswith(
        "Unknown whether the pause took effect: no answer in 12s."
    )
    assert banner(replace(INCIDENT, actions=(old,), speed=60.0)) == "", "these are twelve seconds of its clock"


def test_what_is_overdue_is_offered() -> None:
    assert banner(replace(INCIDENT, actions=(OVERDUE,))) == "1 pause is overdue since 13:58Z. z resumes"
    two = (OVERDUE, replace(OVERDUE, key="b", until=ago(600)))
    assert banner(replace(INCIDENT, actions=two)) == "2 pauses are overdue since 13:52Z. z resumes"
    mixed = (OVERDUE, replace(OVERDUE, key="b", action="scale", until=ago(600)))
    assert banner(replace(INCIDENT, actions=mixed)) == "2 changes are overdue since 13:52Z. z takes it back"
    assert banner(replace(INCIDENT, actions=(replace(OVERDUE, undoable=False),))) == "", "it is taken back"


async def test_the_banner_names_the_key_only_where_it_does_that() -> None:
    async with shown(replace(READY, actions=(OVERDUE,))) as screen:
        desk = at_the_desk(screen, DeskDouble())
        assert "1 pause is overdue since 13:58Z.  z resumes" in screen.lines[1]
        await screen.press("z")
        assert desk.wishes == [Undo(entry=OVERDUE.key, target=target_of(OVERDUE))]
        await screen.press("escape")
        await screen.publish(replace(READY, actions=(OVERDUE, replace(PAUSED, key="c1"))))
        assert "z resumes" in screen.lines[1], "what is overdue on the same row comes before what was done later"


async def test_what_others_left_is_offered_when_it_is_overdue_but_not_taken_back_by_the_way() -> None:
    elsewhere = replace(OVERDUE, here=False, target="prod-us/job/x/y", name="x/job/y")
    async with shown(replace(READY, actions=(elsewhere,))) as screen:
        assert "z resumes" in screen.lines[1]
        calm = replace(elsewhere, until=None)
        await screen.publish(replace(READY, actions=(calm,)))
        assert "z undo" not in screen.lines[39]


# Armed


@pytest.mark.parametrize(
    ("armed", "speed", "shows"),
    [
        (Armed(), 1.0, ("READ-ONLY", "quiet")),
        (DISARMED, 1.0, ("READ-ONLY", "quiet")),
        (ARMED, 1.0, (" ARMED 14m ", "armed")),
        (Armed(possible=True, until=NOW + timedelta(seconds=42)), 1.0, (" ARMED 42s ", "armed")),
        (Armed(possible=True, until=NOW + timedelta(minutes=60)), 60.0, (" ARMED 1m ", "armed")),
        (Armed(possible=True, until=NOW), 1.0, ("READ-ONLY", "quiet")),
    ],
)
def test_the_badge_tells_real_minutes(armed: Armed, speed: float, shows: tuple[str, str]) -> None:
    assert badge(replace(INCIDENT, armed=armed, speed=speed), NOW) == shows
    assert badge(None, NOW) == ("READ-ONLY", "quiet")


@pytest.mark.parametrize("width", range(40, 72, 4))
async def test_being_armed_never_drops(width: int) -> None:
    async with shown(READY, (width, 12), mode="DEMO 60×") as screen:
        assert "ARMED 14m" in screen.lines[0]


async def test_a_frozen_display_does_not_freeze_what_may_be_changed() -> None:
    async with shown(READY) as screen:
        await screen.press("x")
        await screen.publish(replace(INCIDENT, armed=DISARMED, findings=(), actions=(UNKNOWN,)))
        assert "READ-ONLY" in screen.lines[0]
        assert "Unknown whether the pause took effect" in screen.lines[1]
        assert "nlp-train/job/retrain-v7" in screen.text, "the rest stands still"


# The timeline


async def test_what_was_done_stands_on_the_timeline_and_opens_its_row() -> None:
    begun = ActivityRow(key=f"action/{PAUSED.key}", at=PAUSED.at, who="ana", what=PAUSED.title, kind="action")
    failed = replace(begun, key=f"action/{FAILED.key}/failed", at=ago(60), what="Cordon h100-3: refused", bad=True)
    async with shown(replace(READY, activity=(failed, begun))) as screen:
        await screen.press("T")
        lane = next(line for line in screen.lines if "actions" in line)
        assert "■" in lane or "●" in lane
        await screen.press("enter")
        assert isinstance(screen.app.screen, DetailsPage)
        assert "prod-us refused it: forbidden for user ana." in screen.text
