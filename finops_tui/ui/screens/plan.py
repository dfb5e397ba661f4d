"""The dialog between a key and a change: what would be done, what it saves and hurts, and one more key to do it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input

from finops_tui.engine.proposal import Answer, Carried, Proposal, Undo, UndoAll
from finops_tui.errors import FinopsError
from finops_tui.model.plan import Target
from finops_tui.ui import format as fmt
from finops_tui.ui.background import in_background
from finops_tui.ui.layout import Rect
from finops_tui.ui.palette import palette_of
from finops_tui.ui.screens import chrome
from finops_tui.ui.screens import plan_standing as words
from finops_tui.ui.screens.framed import frozen_at
from finops_tui.ui.screens.plan_keys import PlanKeys
from finops_tui.ui.screens.plan_parts import Part, common_noun, parts
from finops_tui.ui.screens.plan_places import alone, over, places
from finops_tui.ui.screens.plan_standing import Fields, Standing
from finops_tui.ui.screens.plan_subject import Subject
from finops_tui.ui.screens.plan_view import SILENT_SECONDS, PlanView, Shown
from finops_tui.ui.screens.plan_wanted import Wanted
from finops_tui.ui.screens.stage import Stage, rearrange
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.button import Button
from finops_tui.ui.widgets.identity import badge_place
from finops_tui.ui.wrap import wrapped

if TYPE_CHECKING:
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui.app import FinopsApp

AGAIN_SECONDS = 5.0
"""Real seconds from one plan to the next while it is looked at: plans grow old."""
LAST_LINE = 10_000
"""So many lines no plan has."""


class PlanDialog(ModalScreen[bool]):
    """Returns whether something was begun. Nothing here changes anything but by the desk's `confirm`."""

    CSS = """
    PlanDialog { background: $background 60%; }
    PlanDialog Input { height: 1; border: none; padding: 0; background: $boost; color: $foreground; }
    PlanDialog Input:focus { border: none; background-tint: $boost 0%; }
    """
    AUTO_FOCUS = "#cancel"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("y", "confirm", show=False),
        Binding("W", "arm", show=False),
        Binding("e", "reason", show=False),
        Binding("t,f2", "length", show=False),
        Binding("g,f3", "go_on", show=False),
        Binding("o", "leave_out", show=False),
        Binding("a,f5", "other", show=False),
        Binding("E,f4", "export", show=False),
        Binding("X,f1", "explain", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d", "scroll(8)", show=False),
        Binding("pageup,ctrl+u", "scroll(-8)", show=False),
        Binding("G,end", f"scroll({LAST_LINE})", show=False),
        Binding("home", f"scroll({-LAST_LINE})", show=False),
        Binding("question_mark", "help", show=False, priority=True),  # no name has it: the field needs not hear of it
    ]

    def __init__(self, settings: UiSettings, subject: Subject) -> None:
        super().__init__()
        for key in subject.opened_by:
            self._bindings.key_to_bindings.pop(key, None)
        self.settings = settings
        self.subject = subject
        self.snapshot: Snapshot | None = None
        self._wanted = Wanted(subject.wish)
        self._standing = Standing()
        self._asked_at = 0.0
        self._again: Timer | None = None
        self._writes_reason = False
        self._letters_are_the_name = False
        """Whether a name is to be typed, as of the newest plan: then no letter is a shortcut."""
        self._view = PlanView(subject.title)
        self._stage = Stage(self._places)

    @property
    def layout(self) -> Stage:
        return self._stage

    def compose(self) -> ComposeResult:
        yield from self._view.widgets

    def on_mount(self) -> None:
        self._plan()
        self._draw()

    @property
    def _finops(self) -> FinopsApp:
        return cast("FinopsApp", self.app)

    # Planning

    def _plan(self) -> None:
        """Ask for a plan, the newest counts. The screen goes on meanwhile."""
        self._asked_at = time.monotonic()
        self.set_timer(SILENT_SECONDS, self._draw)
        in_background(self, self._planned, group="plan", exclusive=True)

    async def _planned(self) -> None:
        wish = self._wanted.at(self.settings.now())
        try:
            proposal = await self._finops.ask(lambda desk: desk.propose(wish))
        except FinopsError as trouble:
            self._take(None, trouble)
        else:
            self._take(proposal, words.nothing_to_do(proposal))

    def _take(self, proposal: Proposal | None, trouble: FinopsError | None) -> None:
        before, now = self._standing, self.settings.now()
        self._standing = before.followed_by(proposal, trouble, self._kind, now)
        if proposal is not None:
            self._letters_are_the_name = bool(proposal.type_name)
        if self._standing.calls_back(before):
            self._view.cancel.focus()
        if not self._standing.sending:
            self._again = self.set_timer(AGAIN_SECONDS, self._plan)
        self._fields_changed()

    def _plan_anew(self) -> None:
        """Plan at once, because something else is wanted."""
        if self._again is not None:
            self._again.stop()
        self._standing = self._standing._replace(proposal=None, trouble=None)
        self._view.cancel.focus()
        self._plan()
        self._draw()

    @property
    def _kind(self) -> str:
        targets = self._targets
        return common_noun(targets) if len(targets) == 1 else "target"

    # What it shows

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        self.snapshot = snapshot
        self._draw(now)

    def _draw(self, now: datetime | None = None) -> None:
        if not self.is_mounted:
            return
        now = now or self.settings.now()
        shown = Shown(
            title=self.subject.title,
            targets=self._targets,
            parts=self._shown_parts(now),
            standing=self._standing,
            waited=time.monotonic() - self._asked_at,
            fields=self._fields,
            button=self._button,
            button_key=self._button_key,
            keys=self._keys.hints(more=self._view.body.below(palette_of(self.app)) > 0),
            sources=chrome.source_spans(self.snapshot, now),
            badge=chrome.badge(self.snapshot, now),
            now=now,
        )
        self._view.show(shown, self.app.size, palette_of(self.app))

    def _shown_parts(self, now: datetime) -> Sequence[Part]:
        proposal = self._standing.proposal
        told = self._parts(proposal, now) if proposal is not None and proposal.planned else ()
        refused = self._refused_beyond_the_status()
        return (Part("Refused", (((fmt.prose(refused, now), "ticket bold"),),)), *told) if refused else told

    def _refused_beyond_the_status(self) -> str:
        """Return why it is refused where the sentence above the buttons has no room for all of it."""
        words = self._standing.refused
        place = self._places(*self.app.size)["status"]
        return words if words and len(wrapped(f"Refused: {words}", place.width)) > place.height else ""

    def _parts(self, proposal: Proposal, now: datetime) -> Sequence[Part]:
        key = self._finops.key_of("action.redo" if isinstance(self._wanted.wish, Undo | UndoAll) else "action.undo")
        found = parts(
            proposal, now, self._wanted.until(self._standing.proposal),
            back_key=key, go_on=self._wanted.go_on, go_on_key="f3" if self._letters_are_the_name else "g",
        )  # fmt: skip
        chosen = self.subject.chosen
        return (Part("Chosen", (((chosen, "text"),),)), *found) if chosen else tuple(found)

    @property
    def _targets(self) -> tuple[Target, ...]:
        return self.subject.targets_in(self._standing.proposal)

    @property
    def _fields(self) -> Fields:
        return words.fields(self._standing, writes_reason=self._writes_reason)

    def _fields_changed(self) -> None:
        """Put everything where it belongs now that other fields are wanted."""
        rearrange(self)
        self._draw()
        self.call_after_refresh(self._draw)  # how many lines are out of view is known only then

    @property
    def _button(self) -> str:
        """Verb and name; nothing while a name is still to be typed."""
        standing = self._standing
        if standing.proposal is None or not standing.may_confirm or "typed" in self._lacking():
            return ""
        return words.button(standing.proposal, self.subject.act)

    @property
    def _button_key(self) -> str:
        """Return the key that presses it: where letters are the name, `enter` in the field or on it, else `tab`."""
        if not self._writing and not self._letters_are_the_name:
            return "y"
        return "tab" if self.app.focused is self._view.cancel else "enter"

    @property
    def _writing(self) -> bool:
        return isinstance(self.app.focused, Input)

    @property
    def _keys(self) -> PlanKeys:
        return PlanKeys(
            self._standing, self.subject, self._wanted,
            lacking=bool(self._lacking()), writing=self._writing, letters_are_the_name=self._letters_are_the_name,
            writes_prose=self._writing and self.app.focused is not self._view.inputs["typed"],
        )  # fmt: skip

    def _places(self, width: int, height: int) -> Mapping[str, Rect]:
        found = places(width, height, self._fields)
        if alone(width, height):
            return found
        about = chrome.identity(self.snapshot, self.settings, self.settings.now(), frozen_at(self))
        return over(found, badge_place(about, width) if about.badge[1] == "armed" else None)

    def on_descendant_focus(self) -> None:
        self.call_after_refresh(self._draw)  # which keys work depends on what is written in

    def on_key(self, event: events.Key) -> None:
        """Put what is typed into the name, wherever the focus is: where a name is asked for, no letter does more."""
        letter = event.character if event.is_printable else None
        if letter == "?" or not self._letters_are_the_name or self._standing.may_arm or not letter or self._writing:
            return
        event.stop()
        event.prevent_default()
        field = self._view.inputs["typed"]
        field.insert_text_at_cursor(letter)
        if field.display:
            field.focus()

    def on_resize(self) -> None:
        self._draw()
        self.call_after_refresh(self._draw)

    # What the person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        return self._keys.may(action)

    def action_leave(self) -> None:
        self.dismiss(self._standing.sending)

    def action_scroll(self, lines: int) -> None:
        self._view.body.scroll_by(lines)
        self._draw()

    def _lacking(self) -> list[str]:
        return words.lacking(self._standing.proposal, self._view.written)

    def action_confirm(self) -> None:
        """Do it, or go to what is still to be written."""
        proposal = self._standing.proposal
        if proposal is None or not self._standing.may_confirm:
            return
        lacking = self._lacking()
        if lacking:
            if lacking[0] == "typed" and self._view.written["typed"].strip():
                self._standing = self._standing._replace(wrong=f"That is not {clean(proposal.type_name)}.")
                self._draw()
            self._view.inputs[lacking[0]].focus()
            return
        if self._again is not None:
            self._again.stop()
        self.workers.cancel_group(self, "plan")
        self._standing = self._standing._replace(sending=True)
        self._asked_at = time.monotonic()
        written = self._view.written
        answer = Answer(
            typed=written["typed"].strip(),
            reason=clean(written["reason"]).strip(),
            approver=clean(written["approver"]).strip(),
            go_on=self._wanted.go_on,
        )
        self._view.cancel.focus()
        self._draw()
        self._finops.carry_out(proposal, answer, self._carried)

    def _carried(self, carried: Carried | FinopsError) -> bool:
        """Close when something was begun; say whether this dialog has told what became of it."""
        if not self.is_current:
            return False
        if isinstance(carried, Carried) and carried.entries:
            self.dismiss(True)
            return False
        trouble = carried.refused[0].trouble if isinstance(carried, Carried) else carried
        self._view.forget_code()
        self._standing = self._standing._replace(sending=False, trouble=trouble)
        self._again = self.set_timer(AGAIN_SECONDS, self._plan)
        self._fields_changed()
        return True

    def action_arm(self) -> None:
        in_background(self, self._armed, group="arm")

    async def _armed(self) -> None:
        if await self._finops.arm():
            self._plan_anew()

    def action_length(self) -> None:
        """Choose after which time it is due to be taken back; it is planned again with that."""
        longer = self._wanted.longer()
        if longer != self._wanted:
            self._wanted = longer
            self._plan_anew()

    def action_reason(self) -> None:
        self._writes_reason = True
        self._fields_changed()
        self.call_after_refresh(self._view.inputs["reason"].focus)

    def action_go_on(self) -> None:
        self._wanted = self._wanted._replace(go_on=not self._wanted.go_on)
        self._draw()

    def action_leave_out(self) -> None:
        """Plan again without what the guard refuses."""
        if (proposal := self._standing.proposal) is None:
            return
        left = words.not_refused(proposal)
        self._wanted = self._wanted.without_refused(proposal)
        self.subject = self.subject._replace(targets=tuple(plan.target for plan in left), instead=None)
        self._plan_anew()

    def action_other(self) -> None:
        self.subject = self.subject.other()
        self._wanted = self._wanted._replace(wish=self.subject.wish)
        self._plan_anew()

    def action_export(self) -> None:
        from finops_tui.ui.screens.plan_export import markdown

        if (proposal := self._standing.proposal) is not None:
            now = self.settings.now()
            text = markdown(proposal, self._parts(proposal, now), now)
            self._finops.hand_over(text, "Copied the plan as Markdown", shown=0)

    def action_help(self) -> None:
        from finops_tui.ui.screens.plan_help import PlanHelpPage

        page = PlanHelpPage(self.settings, self._keys, self.subject.opened_by)
        page.snapshot = self.snapshot
        self.app.push_screen(page)

    def action_explain(self) -> None:
        from finops_tui.ui.screens.plan_export import ExplainPlanPage

        if (proposal := self._standing.proposal) is not None:
            page = ExplainPlanPage(self.settings, proposal)
            page.snapshot = self.snapshot
            self.app.push_screen(page)

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        if message.button is self._view.cancel:
            self.action_leave()
        elif message.button is self._view.arm:
            self.action_arm()
        else:
            self.action_confirm()

    @on(Input.Submitted)
    def _written(self, message: Input.Submitted) -> None:
        """Go on to what is still to be written; the name that was typed is the last word."""
        if self._lacking() or message.input.id == "typed":
            self.action_confirm()
        else:
            self._view.confirm.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._standing = self._standing._replace(wrong="")
        self._draw()
