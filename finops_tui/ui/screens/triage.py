"""The dialog in which a person decides about findings: what it is about, why, for how long, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from finops_tui.errors import UsageError
from finops_tui.ui import decisions
from finops_tui.ui.decisions import CUSTOM, LENGTHS, REASONS, Decision, Move
from finops_tui.ui.format import dollars, duration, signed_rate
from finops_tui.ui.glyphs import TICKET
from finops_tui.ui.layout import Rect
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.findings import sign
from finops_tui.ui.screens.stage import Stage, rearrange
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.button import Button, Label
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.triage_form import INDENT, LABEL_CELLS, Choices, Form, TriageForm, rows_of

if TYPE_CHECKING:
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot

WIDTH, HEIGHT = 88, 22
ALONE_BELOW = (100, 34)
"""On smaller screens it has the whole of them."""
MARGIN = 2
CANCEL_CELLS = 17
NAMES_TOLD = 3


class TriageDialog(ModalScreen[Decision | None]):
    """Returns what was decided, None when nothing was. Its targets are those of the moment when the key was pressed."""

    CSS = """
    TriageDialog { background: $background 60%; }
    TriageDialog Input { height: 1; border: none; padding: 0; background: $boost; color: $foreground; }
    TriageDialog Input:focus { border: none; background-tint: $boost 0%; }
    """
    AUTO_FOCUS = "#cancel"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("y", "confirm", show=False),
        Binding("n", "note", show=False),
        Binding("up", "reason(-1)", show=False),
        Binding("down", "reason(1)", show=False),
        Binding("left", "length(-1)", show=False),
        Binding("right", "length(1)", show=False),
        *(Binding(str(number), f"take_reason({number})", show=False) for number in range(1, len(REASONS) + 1)),
    ]

    def __init__(self, settings: UiSettings, move: Move, targets: Sequence[Finding]) -> None:
        super().__init__()
        self.settings = settings
        self.move = move
        self.targets = tuple(targets)
        self._gone: tuple[Finding, ...] = ()
        reasons = Choices(REASONS, REASONS.index(move.reason)) if move.reason else Choices()
        snoozes = move is decisions.SNOOZE
        lengths = Choices(tuple(name for name, _ in LENGTHS), 1) if snoozes else Choices()
        self._form = Form(reasons=reasons, lengths=lengths)
        self._line = PaneLine(PaneTitle(title=move.title, focused=True), id="title")
        self._drawn = TriageForm()
        self._note = Input(id="note", placeholder="n to write one", select_on_focus=False)
        self._custom = Input(id="custom", placeholder="45m, 2h30m, 1d", select_on_focus=False)
        self._note.cursor_blink = self._custom.cursor_blink = False
        self._cancel = Button(Label("esc", "Cancel", MARGIN), id="cancel")
        self._confirm = Button(Label("y", move.title), id="confirm")
        self._stage = Stage(self._places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def compose(self) -> ComposeResult:
        yield from (self._line, self._drawn, self._custom, self._note, self._cancel, self._confirm)

    def on_mount(self) -> None:
        self._draw()

    # Where it stands

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        alone = width < ALONE_BELOW[0] or height < ALONE_BELOW[1]
        across = width if alone else WIDTH
        down = height if alone else min(HEIGHT, self._natural_rows())
        x, y = (width - across) // 2, (height - down) // 3
        rows = self._rows(down)
        places = {
            "title": Rect(x, y, across, 1),
            "form": Rect(x, y + 1, across, down - 2),
            "cancel": Rect(x, y + down - 1, CANCEL_CELLS, 1),
            "confirm": Rect(x + CANCEL_CELLS, y + down - 1, across - CANCEL_CELLS, 1),
        }
        left = INDENT + LABEL_CELLS
        for part in ("custom", "note"):
            if part in rows:
                places[part] = Rect(x + left, y + 1 + rows[part][0], across - left - INDENT, 1)
        return places

    def _rows(self, down: int) -> Mapping[str, tuple[int, int]]:
        return rows_of(self._form, down - 2, custom=self._is_custom)

    def _natural_rows(self) -> int:
        return 13 + len(self._form.reasons.names) + 2 * bool(self._form.lengths.names)

    @property
    def _is_custom(self) -> bool:
        return self._form.lengths.name == CUSTOM

    def on_resize(self) -> None:
        self._draw()

    # What it shows

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        """Follow the targets: what is over meanwhile is not decided about."""
        if snapshot is not None:
            there = {finding.key: finding for finding in snapshot.findings}
            fit = decisions.fitting(self.move, [there[one.key] for one in self.targets if one.key in there])
            fit_keys = {one.key for one in fit}
            self._gone += tuple(one for one in self.targets if one.key not in fit_keys)
            self.targets = fit
        self._draw(now)

    def _draw(self, now: datetime | None = None) -> None:
        if not self.is_mounted:
            return
        now = now or self.settings.now()
        self._custom.display = self._is_custom
        form = self._form._replace(
            target=self._target(),
            where=self._where(),
            right=self._owner(),
            about=self._about(now),
            about_brief=self._about(now, brief=True),
            then=(self._then(now),),
        )
        place = self._places(*self.app.size)["form"]
        self._drawn.show(form._replace(rows=self._rows(place.height + 2)))
        self._confirm.show(Label("y", f"{self.move.title} {decisions.subject(self.targets)}" if self.targets else ""))
        self._confirm.disabled = not self.targets

    def _target(self) -> str:
        if not self.targets:
            return "Nothing to decide about"
        if len(self.targets) == 1:
            return self.targets[0].name
        return decisions.subject(self.targets)

    def _where(self) -> str:
        if len(self.targets) == 1:
            return f"in {self.targets[0].cluster}" if self.targets[0].cluster else ""
        names = [clean(one.name).rpartition("/")[2] for one in self.targets[:NAMES_TOLD]]
        more = len(self.targets) - len(names)
        return ", ".join(names) + (f" and {more} more" if more else "")

    def _owner(self) -> tuple[Span, ...]:
        owners = sorted({one.owner for one in self.targets if one.owner})
        return (("owner ", "quiet"), (owners[0], "text")) if len(owners) == 1 else ()

    def _about(self, now: datetime, *, brief: bool = False) -> tuple[Span, ...]:
        if not self.targets:
            return ()
        worst = min(self.targets, key=lambda one: one.severity.rank)
        mark, role = sign(worst)
        excess = [one.excess_usd_per_hour for one in self.targets if one.excess_usd_per_hour is not None]
        burned = [one.burned_usd for one in self.targets if one.burned_usd is not None]
        lasts = duration((now - min(one.since for one in self.targets)).total_seconds())
        words = [f"open {lasts}"]
        if excess:
            words.insert(0, f"{signed_rate(sum(excess))}{'' if brief else ' above normal'}")
        if burned:
            words.append(f"burned {dollars(sum(burned))}")
        return ((f"{mark} {worst.severity.value.upper()}", role), (f"  {', '.join(words)}", "text"))

    def _then(self, now: datetime) -> Span:
        if self._gone:
            return f"{TICKET} {decisions.subject(self._gone)} changed meanwhile and is left out.", "ticket"
        try:
            ends = self._until(now)
        except UsageError as error:
            return f"{TICKET} {error.title} Write 45m, 2h30m or 1d.", "ticket"
        return decisions.effect(self.move, ends, now), "text"

    def _until(self, now: datetime) -> datetime | None:
        """Raise UsageError when the length that was typed is none."""
        if not self._form.lengths.names:
            return None
        return decisions.until(self._form.lengths.name, self._custom.value, now)

    # What the person does

    def action_reason(self, steps: int) -> None:
        self._form = self._form._replace(reasons=self._form.reasons.moved(steps))
        self._draw()

    def action_take_reason(self, number: int) -> None:
        self.action_reason(number - 1 - self._form.reasons.chosen)

    def action_length(self, steps: int) -> None:
        self._form = self._form._replace(lengths=self._form.lengths.moved(steps))
        rearrange(self)
        self._draw()
        if self._is_custom:
            self.call_after_refresh(self._custom.focus)

    def action_note(self) -> None:
        self._note.focus()

    def action_confirm(self) -> None:
        if not self.targets:
            return
        try:
            ends = self._until(self.settings.now())
        except UsageError:
            self._custom.focus()
            return
        self.dismiss(Decision(decisions.reason_with(self._form.reasons.name, self._note.value), ends))

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        if message.button is self._cancel:
            self.dismiss(None)
        else:
            self.action_confirm()

    @on(Input.Submitted)
    def _written(self) -> None:
        self._confirm.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._draw()
