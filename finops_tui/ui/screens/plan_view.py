"""The widgets of the plan's dialog, kept together: they are always drawn from the same things at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from textual.widget import Widget
from textual.widgets import Input

from finops_tui.model.plan import Target
from finops_tui.ui import format as fmt
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.screens import plan_standing as words
from finops_tui.ui.screens.filter_bar import Words
from finops_tui.ui.screens.plan_parts import Part
from finops_tui.ui.screens.plan_places import NARROW, alone, margin_of, places
from finops_tui.ui.screens.plan_standing import FIELDS, Fields, Standing
from finops_tui.ui.text import clean, cut_end
from finops_tui.ui.widgets.button import Button, Label
from finops_tui.ui.widgets.dialog import Chip, Ground, Rule, Status
from finops_tui.ui.widgets.footer import Footer, Hints, KeyHint
from finops_tui.ui.widgets.lines import width_of
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.plan_body import PlanBody
from finops_tui.ui.widgets.plan_head import PlanHead

SILENT_SECONDS = 0.2
"""Before that nothing says that a plan is being made."""
TITLE_CELLS = 11
"""Cells of the first line that its rules and blanks take."""
BESIDE_BUTTONS = ("E", "X", "f4", "f1")
"""Keys that stand at the far end of the buttons' row where there is one; else in the footer."""


class Shown(NamedTuple):
    """What the dialog shows at one moment."""

    title: str
    targets: tuple[Target, ...]
    parts: Sequence[Part]
    """Nothing leaves what was there: a plan stays to be read while another one is made."""
    standing: Standing
    waited: float
    """Real seconds since something was asked for."""
    fields: Fields
    button: str
    """Verb and name; empty where nothing can be confirmed yet."""
    button_key: str
    keys: tuple[KeyHint, ...]
    sources: tuple[Span, ...]
    badge: Span
    now: datetime


class NameInput(Input):
    """Leaves `?` to the dialog: no name has it."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character != "?" and super().check_consume_key(key, character)


class PlanView:
    def __init__(self, title: str) -> None:
        self.ground = Ground()
        self.body = PlanBody()
        self.inputs = {
            name: (NameInput if name == "typed" else Input)(id=name, select_on_focus=False) for name in FIELDS
        }
        for field in self.inputs.values():
            field.cursor_blink = False
        self.cancel = Button(Label("esc", "Cancel"), id="cancel")
        self.confirm = Button(Label("y", ""), id="confirm")
        self.arm = Button(Label("W", "Arm"), id="arm")
        self.chip = Chip()
        self._line = PaneLine(PaneTitle(title=title, focused=True), id="title")
        self._head = PlanHead()
        self._status = Status()
        self._labels = {name: Words(("", "quiet"), id=f"{name}-label") for name in FIELDS}
        self._extras = Footer(id="extras")
        self._rule = Rule()
        self._footer = Footer(id="footer")

    @property
    def widgets(self) -> Iterator[Widget]:
        """All of them, those that lie below first."""
        yield from (self.ground, self._line, self._head, self.body, self._status)
        for name in FIELDS:
            yield self._labels[name]
            yield self.inputs[name]
        yield from (self.cancel, self.confirm, self.arm, self._extras, self._rule, self._footer, self.chip)

    @property
    def written(self) -> dict[str, str]:
        return {name: field.value for name, field in self.inputs.items()}

    def forget_code(self) -> None:
        """Leave of who agreed the name: a code is good for half a minute, so another one is to be given."""
        field = self.inputs["approver"]
        name, _, code = field.value.strip().rpartition(" ")
        if code.isdecimal():
            field.value = f"{name.strip()} "
            field.cursor_position = len(field.value)

    def show(self, shown: Shown, size: tuple[int, int], palette: Palette) -> None:
        """Draw all of it for a screen of so many columns and rows."""
        whole, standing = alone(*size), shown.standing
        self.chip.show(shown.badge)
        self._line.show(_title(shown, size, armed=whole))
        self._head.show(shown.targets)
        if shown.parts:
            self.body.show(shown.parts)
        said, role = standing.status(shown.waited, self.body.below(palette), silent=SILENT_SECONDS)
        self._status.show((fmt.prose(said, shown.now), role))
        self._show_fields(shown.fields)
        self.cancel.show(Label("esc", "Cancel", margin_of(*size)))
        self.confirm.show(Label(shown.button_key, shown.button))
        self.confirm.display = bool(shown.button)
        self.confirm.disabled = not standing.may_confirm
        self.arm.display = standing.may_arm
        beside = tuple(hint for hint in shown.keys if hint.key in BESIDE_BUTTONS)
        self._extras.show(Hints(beside))
        below = shown.keys if whole else tuple(hint for hint in shown.keys if hint not in beside)
        self._footer.show(Hints(below, () if whole else shown.sources))

    def _show_fields(self, fields: Fields) -> None:
        wanted = dict(fields)
        for name in FIELDS:
            self.inputs[name].display = self._labels[name].display = name in wanted
            self._labels[name].show((wanted.get(name, ""), "text"))


def _title(shown: Shown, size: tuple[int, int], *, armed: bool) -> PaneTitle:
    """Return the move, and at the right end what never goes: being armed, then the plan's age."""
    across = places(*size, ())["title"].width
    age = words.age(shown.standing.proposal, shown.now, brief=across < NARROW)
    right: tuple[Span, ...] = age
    if armed:
        right = (shown.badge, ("  ", "text"), *age) if age else (shown.badge,)
    room = across - width_of(right) - TITLE_CELLS
    return PaneTitle(title=cut_end(clean(shown.title), max(1, room)), right=right, focused=True)
