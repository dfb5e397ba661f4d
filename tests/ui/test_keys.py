"""Every key of the registry does what the registry says, on the screen. A key without a proof fails."""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from finops_tui.engine.proposal import Redo, Request, Undo
from finops_tui.model.finding import FindingState
from finops_tui.model.plan import TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.keymap import BY_ID, KEYS
from finops_tui.ui.panes.spend import SCOPES
from finops_tui.ui.screens.journal import JournalScreen
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.screens.timeline import TimelineScreen
from finops_tui.ui.targets import target_of
from tests.ui.deeds import DONE, PAUSED, UNDONE, UNKNOWN, XID
from tests.ui.desk import ARMED, DISARMED, DeskDouble, at_the_desk
from tests.ui.samples import ACKNOWLEDGED, CALM, INCIDENT, huge
from tests.ui.screen import Screen, heard, shown

Proof = Callable[[Screen, str], Awaitable[None]]
PROOFS: dict[str, Proof] = {}


def proves(id_: str) -> Callable[[Proof], Proof]:
    def register(proof: Proof) -> Proof:
        PROOFS[id_] = proof
        return proof

    return register


def place(screen: Screen) -> int:
    return screen.app.main.pane.table.position[0]


def zoomed(screen: Screen) -> bool:
    return screen.app.main.zoomed


@proves("table.down")
async def _down(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert place(screen) == 2


@proves("table.up")
async def _up(screen: Screen, key: str) -> None:
    await screen.press("down", "down", key)
    assert place(screen) == 2


@proves("table.first")
async def _first(screen: Screen, key: str) -> None:
    await screen.press("down", "down", key)
    assert place(screen) == 1


@proves("table.last")
async def _last(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert place(screen) == screen.app.main.pane.table.position[1] > 1


@proves("table.page-down")
async def _page_down(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert place(screen) == 1 + screen.app.main.pane.table.size.height - 1


@proves("table.page-up")
async def _page_up(screen: Screen, key: str) -> None:
    await screen.press("end", key)
    _, of = screen.app.main.pane.table.position
    assert place(screen) == of - (screen.app.main.pane.table.size.height - 1)


@proves("table.half-page-down")
async def _half_down(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert place(screen) == 1 + (screen.app.main.pane.table.size.height - 1) // 2


@proves("table.half-page-up")
async def _half_up(screen: Screen, key: str) -> None:
    await screen.press("end", key)
    _, of = screen.app.main.pane.table.position
    assert place(screen) == of - (screen.app.main.pane.table.size.height - 1) // 2


@proves("table.open")
async def _open(screen: Screen, key: str) -> None:
    await screen.press("6", key)
    assert f" {screen.app.main.row.name}" in screen.lines[2]
    assert "Identity" in screen.text


@proves("row.details")
async def _details(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert " nlp-train/job/retrain-v7" in screen.lines[2]
    assert "9 workers run, 1 is usual." in screen.text
    assert "image nlp-train:4e1f9c2, 13:27Z" in screen.text


@proves("row.explain")
async def _explain(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert "9 workers run, 1 is usual." in screen.text
    assert "fit 0.96" in screen.text
    await screen.press("escape", "6", key)
    assert "Median of the hours seen" in screen.text


@proves("view.timeline")
async def _timeline(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert isinstance(screen.app.screen, TimelineScreen)
    assert screen.app.screen.snapshot is INCIDENT


@proves("timeline.earlier")
async def _earlier(screen: Screen, key: str) -> None:
    await screen.press("T")
    before = screen.text
    await screen.press(key)
    assert screen.text != before


@proves("timeline.later")
async def _later(screen: Screen, key: str) -> None:
    await screen.press("T", "left", "left")
    before = screen.text
    await screen.press(key)
    assert screen.text != before


@proves("timeline.zoom-in")
async def _zoom_in(screen: Screen, key: str) -> None:
    await screen.press("T", "minus", "minus", "minus")
    before = screen.text
    await screen.press(key)
    assert screen.text != before


@proves("timeline.zoom-out")
async def _zoom_out(screen: Screen, key: str) -> None:
    await screen.press("T", "plus", "plus", "plus")
    before = screen.text
    await screen.press(key)
    assert screen.text != before


@proves("view.allocation")
async def _allocation(screen: Screen, key: str) -> None:
    from finops_tui.ui.screens.allocation import AllocationScreen

    await screen.press(key)
    assert isinstance(screen.app.screen, AllocationScreen)
    assert screen.app.screen.snapshot is INCIDENT


@proves("bill.drill")
async def _drill(screen: Screen, key: str) -> None:
    from finops_tui.ui.screens.bills_drill import DrillScreen
    from tests.ui.answers import AnswersDouble
    from tests.ui.bill_samples import BILLED

    assert screen.app.settings.answers is None
    async with shown(BILLED, answers=AnswersDouble) as answered:
        await answered.press("m", "3", key)
        assert isinstance(answered.app.screen, DrillScreen)


@proves("screen.bills")
async def _bills(screen: Screen, key: str) -> None:
    from finops_tui.ui.screens.bills import BillsScreen

    await screen.press(key)
    assert isinstance(screen.app.screen, BillsScreen)
    assert screen.app.screen.snapshot is INCIDENT


def decides(state: FindingState, *, before: tuple[str, ...] = (), title: str) -> Proof:
    async def proof(screen: Screen, key: str) -> None:
        told = heard(screen)
        await screen.press(*before, key)
        assert title in screen.text
        await screen.press(key)
        assert told == [], "the key that opened the dialog does nothing in it"
        await screen.press("y")
        assert [one.state for one in told] == [state]
        assert screen.app.screen is screen.app.main

    return proof


PROOFS["finding.acknowledge"] = decides(FindingState.ACKNOWLEDGED, title="Acknowledge retrain-v7")
PROOFS["finding.snooze"] = decides(FindingState.SNOOZED, title="Snooze retrain-v7")
PROOFS["finding.resolve"] = decides(FindingState.RESOLVED, title="Resolve retrain-v7")


@proves("finding.reopen")
async def _reopen(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert screen.app.screen is screen.app.main, "nothing has been decided yet"
    await screen.publish(ACKNOWLEDGED)
    await decides(FindingState.OPEN, title="Reopen retrain-v7")(screen, key)


@proves("finding.runbook")
async def _runbook(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert screen.app.clipboard == "https://runbooks.example.com/spend/training-job"
    assert [toast.message for toast in screen.app._notifications] == [
        "Copied the runbook's address: https://runbooks.example.com/spend/training-job"
    ]
    await screen.press("down", key)
    *_, said = (toast.message for toast in screen.app._notifications)
    assert "has no runbook. Name one for " in said
    assert screen.app.clipboard == "https://runbooks.example.com/spend/training-job"


@proves("table.mark")
async def _mark(screen: Screen, key: str) -> None:
    await screen.publish(INCIDENT)
    await screen.press(key, "down", key)
    assert "■ 2 marked" in screen.lines[8]
    assert "a ack 2 marked" in screen.lines[39]
    await screen.press(key)
    assert "■ 1 marked" in screen.lines[8]


@proves("table.range")
async def _range(screen: Screen, key: str) -> None:
    await screen.publish(INCIDENT)
    await screen.press("space", "down", "down", key)
    assert "■ 3 marked" in screen.lines[8]


@proves("pane.next")
async def _next(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert screen.app.main.active == "gpu"
    assert screen.app.focused is screen.app.main.pane.table


@proves("pane.previous")
async def _previous(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert screen.app.main.active == "activity"


def _goes_to(pane: str) -> Proof:
    async def proof(screen: Screen, key: str) -> None:
        if pane == screen.app.main.active:
            await screen.press("tab")
        await screen.press(key)
        assert screen.app.main.active == pane
        assert f"━━ {key} {screen.app.main.pane.spec.title}" in screen.text

    return proof


for _pane in ("findings", "gpu", "slo", "spot", "activity"):
    PROOFS[f"pane.{_pane}"] = _goes_to(_pane)


def _comes_over_the_whole_screen(pane: str) -> Proof:
    async def proof(screen: Screen, key: str) -> None:
        await screen.press(key)
        assert screen.app.main.active == pane
        assert f"━━ {key} {screen.app.main.pane.spec.title}" in screen.lines[8]
        assert "2 GPU" not in screen.text
        await screen.press("j", "escape")
        assert screen.app.main.active == "findings"
        assert "2 GPU" in screen.text
        await screen.press(key, "3")
        assert screen.app.main.active == "slo"
        assert screen.app.focused is screen.app.main.pane.table

    return proof


for _pane in ("spend", "serving", "sources"):
    PROOFS[f"pane.{_pane}"] = _comes_over_the_whole_screen(_pane)


@proves("view.zoom")
async def _zoom(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert "2 GPU" not in screen.text
    await screen.press(key)
    assert "2 GPU" in screen.text


@proves("spend.scope")
async def _scope(screen: Screen, key: str) -> None:
    await screen.press("6")
    for scope in (*SCOPES[1:], SCOPES[0]):
        await screen.press(key)
        assert screen.app.main.scope is scope
        assert f"by {scope.value}" in screen.lines[8]
    await screen.press("2", key, "1", key)
    assert screen.app.main.scope is ScopeKind.WORKLOAD, "it belongs to what is spent"
    await screen.publish(CALM)
    await screen.press(key)
    assert "none open · by team" in screen.lines[8], "which pane 1 lists on a calm day"


@proves("view.freeze")
async def _freeze(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert "FROZEN since 14:02:31Z" in screen.lines[0]
    await screen.publish(huge(10))
    assert screen.app.main.snapshot is not None
    assert len(screen.app.main.snapshot.spend[ScopeKind.WORKLOAD]) != 10
    await screen.press(key)
    assert "FROZEN" not in screen.text
    assert len(screen.app.main.snapshot.spend[ScopeKind.WORKLOAD]) == 10


@proves("row.filter")
async def _filter(screen: Screen, key: str) -> None:
    await screen.press(key)
    await screen.type("team=nlp")
    await screen.press("enter")
    assert "/team=nlp" in screen.lines[8]
    assert {row.owner for row in screen.app.main.pane.table.rows} == {"nlp"}


@proves("row.sort")
async def _sort(screen: Screen, key: str) -> None:
    before = screen.app.main.pane.table.sorting
    await screen.press(key)
    assert screen.app.main.pane.table.sorting != before


@proves("row.invert")
async def _invert(screen: Screen, key: str) -> None:
    before = [row.key for row in screen.app.main.pane.table.rows]
    await screen.press(key)
    assert [row.key for row in screen.app.main.pane.table.rows] == before[::-1]


@proves("row.copy")
async def _copy(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert screen.app.clipboard.startswith(screen.app.main.row.name)
    assert "Owner: nlp (#nlp-oncall)" in screen.app.clipboard
    await screen.press("question_mark", key)
    assert screen.app.clipboard.startswith("Keys")


@proves("data.export")
async def _export(screen: Screen, key: str) -> None:
    folder = screen.app.settings.export_folder
    await screen.press(key)
    files = list(folder.glob("finops-tui-*.json"))
    assert [file.name for file in files] == ["finops-tui-20260313T140231Z.json"]
    assert '"usd_per_hour"' in files[0].read_text("utf-8")


@proves("app.back")
async def _back(screen: Screen, key: str) -> None:
    await screen.press("h", key)
    assert screen.app.screen is screen.app.main
    await screen.press("f", key)
    assert not screen.app.main.zoomed
    await screen.press("space", key)
    assert not screen.app.main.pane.table.marked
    await screen.press("slash", "x", "enter", key)
    assert not screen.app.main.pane.filter.tests
    await screen.press(key, key, key)
    assert screen.app.is_running, "esc never quits"


@proves("app.refresh")
async def _refresh(screen: Screen, key: str) -> None:
    asked: list[int] = []
    screen.app._feed.on_refresh(lambda: asked.append(1))
    await screen.press(key)
    assert asked == [1]


@proves("app.sources")
async def _sources(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert "Sources" in screen.lines[2]
    assert "kubernetes prod-us" in screen.text
    await screen.press(key)
    assert len(screen.app.screen_stack) == 2, "it does not open twice"


@proves("app.theme")
async def _theme(screen: Screen, key: str) -> None:
    await screen.press(key)
    await screen.type("blind")
    assert screen.app.theme == "colour-blind", "it is worn as soon as the cursor is on it"
    await screen.press("escape")
    assert screen.app.theme == "night"
    await screen.press(key)
    await screen.type("day")
    await screen.press("enter")
    assert screen.app.theme == "day"


@proves("app.layout")
async def _layout(screen: Screen, key: str) -> None:
    await screen.press(key, "down", "enter")
    assert screen.app.main.arrangement.name == "debug"
    assert "8 Sources" in screen.text


@proves("app.commands")
async def _commands(screen: Screen, key: str) -> None:
    await screen.press("6", key)
    await screen.type("sort by idle")
    await screen.press("enter")
    assert screen.app.main.pane.table.sorting[0] == "idle"


@proves("app.help")
async def _help(screen: Screen, key: str) -> None:
    await screen.press(key)
    assert "Keys" in screen.lines[2]
    assert "how each figure of the row came to be" in screen.text
    assert "count spend by" not in screen.text, "it does not work here"


@proves("app.quit")
async def _quit(screen: Screen, key: str) -> None:
    await screen.publish(replace(INCIDENT, actions=(UNKNOWN,)))
    await screen.press(key)
    assert "Nobody knows yet what became of: Pause retrain-v7." in screen.text
    await screen.press(key)
    assert screen.app.is_running, "it asks, and the key that asked is no answer"
    await screen.press("escape")
    await screen.publish(replace(INCIDENT, actions=(PAUSED,)))
    await screen.press(key)
    assert not screen.app.is_running


async def _ready(screen: Screen, snapshot: Snapshot = INCIDENT) -> DeskDouble:
    """Sit somebody at the desk, and arm them."""
    desk = at_the_desk(screen, DeskDouble())
    await screen.publish(replace(snapshot, armed=ARMED))
    return desk


async def _asks_for(screen: Screen, key: str, action: str, kind: TargetKind) -> None:
    """Prove that a key shows the plan of its action for the row under the cursor, and that the next key does it."""
    desk = at_the_desk(screen, DeskDouble())
    await screen.press(key)
    assert isinstance(screen.app.screen, PlanDialog)
    (wish,) = desk.wishes
    assert isinstance(wish, Request)
    assert (wish.action, wish.targets[0].kind) == (action, kind)
    await screen.press(key)
    assert len(desk.confirmed) == 0, "the key that opened it does nothing in it"
    await screen.press("y")
    assert len(desk.confirmed) == 1


@proves("arm")
async def _arm(screen: Screen, key: str) -> None:
    desk = at_the_desk(screen, DeskDouble())
    await screen.publish(replace(INCIDENT, armed=DISARMED))
    assert f"{key} arm" in screen.lines[39]
    await screen.press(key)
    assert desk.armings == ["arm"]
    await screen.publish(replace(INCIDENT, armed=ARMED))
    await screen.press(key)
    assert desk.armings == ["arm", "disarm"]


@proves("action.pause")
async def _pause(screen: Screen, key: str) -> None:
    await _ready(screen)
    await _asks_for(screen, key, "pause", TargetKind.WORKLOAD)


@proves("action.resume")
async def _resume(screen: Screen, key: str) -> None:
    await _ready(screen)
    await _asks_for(screen, key, "resume", TargetKind.WORKLOAD)


@proves("action.rollback")
async def _rollback(screen: Screen, key: str) -> None:
    await _ready(screen)
    await _asks_for(screen, key, "rollback", TargetKind.WORKLOAD)


@proves("action.scale")
async def _scale(screen: Screen, key: str) -> None:
    desk = await _ready(screen)
    await screen.press(key)
    assert "Scale retrain-v7 from 72 to:" in screen.text
    await screen.press(*"9", "enter")
    (wish,) = desk.wishes
    assert isinstance(wish, Request)
    assert (wish.action, dict(wish.parameters)) == ("scale", {"replicas": "9"})


async def _on_a_node(screen: Screen, key: str, action: str) -> None:
    await _ready(screen, XID)
    await _asks_for(screen, key, action, TargetKind.NODE)


@proves("action.cordon")
async def _cordon(screen: Screen, key: str) -> None:
    await _on_a_node(screen, key, "cordon")


@proves("action.uncordon")
async def _uncordon(screen: Screen, key: str) -> None:
    await _on_a_node(screen, key, "uncordon")


@proves("action.drain")
async def _drain(screen: Screen, key: str) -> None:
    await _on_a_node(screen, key, "drain")


@proves("action.delete-node")
async def _delete_node(screen: Screen, key: str) -> None:
    await _on_a_node(screen, key, "delete-node")


@proves("action.quota")
async def _quota(screen: Screen, key: str) -> None:
    await _ready(screen)
    await screen.press("6", "b", "b")
    await _asks_for(screen, key, "quota", TargetKind.NAMESPACE)


@proves("action.limit")
async def _limit(screen: Screen, key: str) -> None:
    await _ready(screen)
    await screen.press("2")
    await _asks_for(screen, key, "limit", TargetKind.POOL)


@proves("action.undo")
async def _undo(screen: Screen, key: str) -> None:
    desk = await _ready(screen, replace(INCIDENT, actions=(PAUSED, DONE)))
    await screen.press(key, "y")
    assert desk.wishes == [Undo(entry=PAUSED.key, target=target_of(PAUSED))]
    assert len(desk.confirmed) == 1


@proves("action.redo")
async def _redo(screen: Screen, key: str) -> None:
    desk = await _ready(screen, replace(INCIDENT, actions=(UNDONE, DONE)))
    await screen.press(key, "y")
    assert desk.wishes == [Redo(entry=UNDONE.key)]
    assert len(desk.confirmed) == 1


@proves("screen.journal")
async def _journal(screen: Screen, key: str) -> None:
    await screen.publish(replace(INCIDENT, actions=(PAUSED,)))
    await screen.press(key)
    assert isinstance(screen.app.screen, JournalScreen)
    assert "Pause retrain-v7" in screen.text


def test_every_key_has_a_proof() -> None:
    assert set(PROOFS) == set(BY_ID)


@pytest.mark.parametrize(("id_", "key"), [(spec.id, key) for spec in KEYS for key in spec.keys])
async def test_key(id_: str, key: str, tmp_path: Path) -> None:
    snapshot = huge(60) if id_.startswith("table.") else INCIDENT
    async with shown(snapshot, export_folder=tmp_path) as screen:
        await PROOFS[id_](screen, key)


async def test_a_remapped_key_works_and_the_old_one_does_not() -> None:
    async with shown(INCIDENT, keymap={"view.zoom": "w,f11", "table.down": "n"}) as screen:
        await screen.press("f", "j")
        assert not zoomed(screen)
        assert place(screen) == 1
        await screen.press("w", "n")
        assert zoomed(screen)
        assert place(screen) == 2
        await screen.press("f11", "question_mark")
        assert re.search(r"^ +n +one row down", screen.text, re.MULTILINE)


async def test_the_registry_says_the_same_as_the_bindings() -> None:
    async with shown(INCIDENT) as screen:
        active = screen.app.screen.active_bindings
        bound = {(binding.binding.id, binding.binding.action) for binding in active.values() if binding.binding.id}
    assert bound
    for id_, action in bound:
        assert id_ in BY_ID
        assert BY_ID[id_].action == action


async def test_nothing_else_is_bound() -> None:
    async with shown(INCIDENT) as screen:
        for key in ("ctrl+q", "ctrl+s", "p", "s", "W", "z", "l", "ctrl+backslash"):
            assert key not in screen.app.screen.active_bindings, "everything is read-only here"


async def test_copying_writes_the_sequence_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    async with shown(INCIDENT) as screen:
        assert screen.app._driver is not None
        monkeypatch.setattr(screen.app._driver, "write", written.append)
        await screen.press("c")
    sequence = next(data for data in written if data.startswith("\x1b]52;"))
    assert base64.b64decode(sequence[7:-1]).decode().startswith("nlp-train/job/retrain-v7")
