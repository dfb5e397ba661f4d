"""Which keys work in the plan's dialog now, as its footer tells them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from finops_tui.ui.screens import plan_standing as words
from finops_tui.ui.screens.plan_standing import Standing
from finops_tui.ui.screens.plan_subject import Subject
from finops_tui.ui.screens.plan_wanted import Wanted
from finops_tui.ui.widgets.footer import NEVER_DROPS, KeyHint


class PlanKeys(NamedTuple):
    """What decides which keys work."""

    standing: Standing
    subject: Subject
    wanted: Wanted
    lacking: bool
    """Whether something is still to be written."""
    writing: bool
    """Whether something is being written."""
    letters_are_the_name: bool
    """Whether a name is to be typed: then no letter is a shortcut."""
    writes_prose: bool = False
    """Whether what is being written is a reason or who agreed, not a name."""

    @property
    def may_help(self) -> bool:
        """Whether `?` is a key: in a reason it is a letter, in a name it cannot be one."""
        return not self.writes_prose

    @property
    def may_be_timed(self) -> bool:
        standing, act = self.standing, self.subject.act
        return act is not None and act.timed and standing.trouble is None and not standing.sending

    @property
    def may_leave_out(self) -> bool:
        return self.standing.some_refused and self.wanted.parts_may_be_left_out

    def may(self, action: str) -> bool:
        """Tell whether an action of the dialog is of use now."""
        standing = self.standing
        return {
            "arm": standing.may_arm,
            "length": self.may_be_timed,
            "go_on": standing.several and standing.may_confirm,
            "leave_out": self.may_leave_out,
            "other": self.subject.instead is not None and not standing.sending,
            "help": self.may_help,
            "export": standing.proposal is not None,
            "explain": standing.proposal is not None,
        }.get(action, True)

    def hints(self, *, more: bool = False) -> tuple[KeyHint, ...]:
        """Return the keys that work now: no letter is one of them where letters are written.

        `more` says that there are lines of the plan below those in view.
        """
        standing, written = self.standing, self.writing or self.letters_are_the_name
        found = [KeyHint("W", "arm")] if standing.may_arm else []
        if standing.may_confirm and written:
            found += [KeyHint("enter", "next" if self.lacking else "confirm")] if self.writing else []
            found.append(KeyHint("tab", "field"))
        elif standing.may_confirm:
            found.append(KeyHint("y", "next field" if self.lacking else "confirm"))
        found.append(KeyHint("esc", "cancel"))
        if more:
            found.append(KeyHint("pagedown", "more"))
        if self.subject.instead is not None and not standing.sending:
            found.append(KeyHint("f5" if written else "a", self.subject.instead.words))
        if self.may_be_timed:
            due = self.wanted.due
            verb = f"for {words.short(due)}" if due is not None else "for how long"
            found.append(KeyHint("f2" if written else "t", verb))
        if standing.may_confirm and not written:
            found.append(KeyHint("e", "reason"))
        if standing.several and standing.may_confirm:
            verb = "stop at a failure" if self.wanted.go_on else "go on after a failure"
            found.append(KeyHint("f3" if written else "g", verb))
        if self.may_leave_out:
            found.append(KeyHint("o", "leave out what is refused"))
        return (*found, *self._about_the_plan(written=written))

    def _about_the_plan(self, *, written: bool) -> Iterator[KeyHint]:
        """Yield the keys that change nothing of it."""
        if self.standing.proposal is not None:
            yield KeyHint("f4", "export") if written else KeyHint("E", "export plan")
            yield KeyHint("f1" if written else "X", "explain")
        if self.may_help:
            yield KeyHint("?", NEVER_DROPS)
