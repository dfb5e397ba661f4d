"""A screen on whose rows something can be done, and what the keys of that do there."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from finops_tui.phrases import counted
from finops_tui.ui.acts import ANOMALY, KEY_ID, Act
from finops_tui.ui.background import in_background
from finops_tui.ui.bindings import live
from finops_tui.ui.permitted import long_words, short_words
from finops_tui.ui.text import clean, cut_middle

if TYPE_CHECKING:
    from finops_tui.actions.base import Permission
    from finops_tui.model.action import ActionRow
    from finops_tui.model.plan import Target
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui.app import FinopsApp
    from finops_tui.ui.targets import Refusal

HELD = ("applied", "done")
"""Outcomes of what took effect."""
PAUSE, RESUME = "pause", "resume"
LOOKED_AT = 50
"""Rows by which it is judged whether a key works: those marked together are alike, and it is asked at every key."""
NAME_CELLS = 24
"""Of a name in the footer and in the line of the best move."""
ACTIONS = frozenset({"arm", "act", "undo", "redo", "reduce", "journal"})


def short_name(target: Target) -> str:
    """Return the name of the thing alone: `policy-rl-6`."""
    return cut_middle(clean(target.name.rpartition("/")[2]), NAME_CELLS)


class ActingScreen(Screen[Any]):
    """Says which rows the keys act upon; binds those of `Where.CHANGES`."""

    snapshot: Snapshot | None

    @property
    def actions(self) -> Sequence[ActionRow]:
        """What was done, the newest first."""
        return self.snapshot.actions if self.snapshot is not None else ()

    def chosen_rows(self) -> Sequence[Any]:
        """Return the rows that the keys act upon: those marked, else the one under the cursor, else nothing."""
        return ()

    def settle(self) -> None:
        """Hear that the row under the cursor is the one that a person means from now on."""

    def rows_for(self, act: Act) -> Sequence[Any]:
        """Return the rows that one action would be done to."""
        del act
        return self.chosen_rows()

    def parameters(self, act: Act) -> Mapping[str, str] | None:
        """Return what an action is to be asked for where the row itself says so, as a remedy does."""
        del act
        return None

    def acted(self) -> None:
        """Hear that something has been begun."""

    def falls_back(self) -> bool:
        """Tell whether undo takes what was done last where nothing was done to the row."""
        return True

    # What works now

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Tell whether the key of one of `ACTIONS` works now."""
        if self.snapshot is None or not self.snapshot.armed.possible:
            return action == "journal" and self.snapshot is not None
        if action == "act":
            return self._applies(self._finops.acts[str(parameters[0])])
        if action == "undo":
            return self.undoable() is not None or self._marked_object() is not None
        if action == "redo":
            return self._redoable() is not None
        return True

    def _applies(self, act: Act) -> bool:
        from finops_tui.ui.targets import target_for

        rows = self.rows_for(act)[:LOOKED_AT]
        has_target = any(target_for(row, act.id, act.kinds) is not None for row in rows)
        return has_target or self._stands_for_nothing() or self._refusal(act) is not None

    def _refusal(self, act: Act) -> Refusal | None:
        """Return why an action does nothing to the row although it is for such rows: then the key says so."""
        from finops_tui.ui.targets import refusal_of

        rows = self.rows_for(act)
        return refusal_of(rows[0], act.kinds) if rows else None

    def _stands_for_nothing(self) -> bool:
        """Tell whether the row is a finding about something that nothing can be done to: then the key says so."""
        from finops_tui.model.finding import Finding
        from finops_tui.ui.targets import target_of

        rows = self.chosen_rows()
        return bool(rows) and all(isinstance(row, Finding) and target_of(row) is None for row in rows)

    def say_what_to_choose(self, key: str) -> None:
        """Answer the key of an action that does nothing on the row."""
        acts = self._finops.acts.values()
        act = next((one for one in acts if one.key and self._finops.key_of(f"{KEY_ID}{one.id}") == key), None)
        if act is None or self.snapshot is None or not self.snapshot.armed.possible or not self.chosen_rows():
            return
        if not self._applies(act):
            self._notify_what_to_choose(act)

    def _notify_what_to_choose(self, act: Act) -> None:
        name = clean(self.chosen_rows()[0].name) if hasattr(self.chosen_rows()[0], "name") else "This"
        if (refusal := self._refusal(act)) is not None:
            self.app.notify(f"You cannot {act.verb} {name}: {refusal.words}.", markup=False)
            return
        kinds = " or ".join(sorted(act.kinds))
        article = "an" if kinds.startswith("a") else "a"
        self.app.notify(f"{name} is nothing that one can {act.verb}. Choose {article} {kinds}.", markup=False)

    def _chosen_targets(self, act: Act) -> tuple[Target, ...]:
        from finops_tui.ui.targets import target_for

        found = (target_for(row, act.id, act.kinds) for row in self.rows_for(act))
        return tuple({target.key: target for target in found if target is not None}.values())

    def _own_target(self) -> Target | None:
        from finops_tui.ui.targets import target_of

        rows = self.chosen_rows()
        return target_of(rows[0]) if len(rows) == 1 else None

    @property
    def armed(self) -> bool:
        until = self.snapshot.armed.until if self.snapshot is not None else None
        return until is not None and until > self._finops.settings.now()

    def act_verbs(self) -> dict[str, str]:
        """Return the footer's words for these keys: while nothing is armed, arming comes instead of them."""
        if self.snapshot is None or not self.snapshot.armed.possible:
            return {}
        acts = self._finops.acts.values()
        if not self.armed:
            return {"arm": "arm", **{f"{KEY_ID}{act.id}": "" for act in acts}}
        verbs = {f"{KEY_ID}{act.id}": self._verb(act) for act in acts if act.footer}
        if self._is_paused:
            verbs |= {f"{KEY_ID}{PAUSE}": "", f"{KEY_ID}{RESUME}": RESUME}
        if self.undoable() is not None:
            verbs["action.undo"] = "undo"
        return verbs

    def _verb(self, act: Act) -> str:
        """Return the footer's words for one action: on how many, or what one lacks for it; nothing on no target."""
        targets = self._chosen_targets(act)
        if len(targets) > 1:
            return f"{act.verb} {len(targets)} marked"
        if (refusal := self._refusal(act)) is not None:
            return f"{act.verb} ({refusal.short})"
        if not targets or not self._finops.permitted.fits(targets[0], act.id):
            return ""
        needs = short_words(self._lacking(act))
        if needs:
            return f"{act.verb} {needs}"
        own = self.stands_for(self.rows_for(act)[0], targets[0])
        return act.verb if own else f"{act.verb} {short_name(targets[0])}"

    @property
    def _is_paused(self) -> bool:
        """Tell whether the row is a workload that stands paused, as far as the journal knows."""
        own = self._own_target()
        if own is None or self.snapshot is None:
            return False
        mine = (row for row in self.snapshot.actions if row.target == own.key and row.action in (PAUSE, RESUME))
        last = next((row for row in mine if row.outcome in HELD), None)
        return last is not None and last.action == PAUSE and last.undoable and not last.undone_by

    def _lacking(self, act: Act) -> tuple[Permission, ...]:
        """Return the permissions that one lacks to do it to the one target that is chosen."""
        targets = self._chosen_targets(act) if len(self.rows_for(act)) == 1 else ()
        return self._finops.permitted_now(targets[0]).get(act.id, ()) if targets else ()

    @property
    def dimmed(self) -> Container[str]:
        """Return the ids of keys that one may not use on the row."""
        if self.snapshot is None or not self.snapshot.armed.possible or not self.armed:
            return ()
        acts = self._finops.acts.values()
        return {
            f"{KEY_ID}{act.id}"
            for act in acts
            if act.footer and (short_words(self._lacking(act)) or self._refusal(act) is not None)
        }

    # Undo and redo

    def undoable(self) -> ActionRow | None:
        """Return what undo would take back: of the row under the cursor, else what is overdue, else the newest."""
        if self.snapshot is None:
            return None
        if (journaled := self._journaled) is not None:
            return journaled if journaled.undoable and not journaled.undoes else None
        rows = [row for row in self.snapshot.actions if row.undoable and not row.undoes]
        own = self._own_target()
        mine = next((row for row in rows if own is not None and row.target == own.key), None)
        if mine is not None or not self.falls_back():
            return mine
        now = self.snapshot.at
        overdue = (row for row in rows if row.until is not None and row.until <= now)
        return next(overdue, next((row for row in rows if row.here), None))

    def undo_key(self, now: datetime) -> str:
        """Return the key that takes back what is overdue; empty where it would take back something else."""
        from finops_tui.ui.panes.journal import is_due

        row = self.undoable()
        if row is None or not is_due(row, now):
            return ""
        _, keys = live(self).get("action.undo", (None, ("",)))
        return keys[0]

    @property
    def _journaled(self) -> ActionRow | None:
        """Return the row under the cursor where it is one of the journal itself."""
        from finops_tui.model.action import ActionRow

        rows = self.chosen_rows()
        return rows[0] if len(rows) == 1 and isinstance(rows[0], ActionRow) else None

    def _marked_object(self) -> Target | None:
        """Return the thing under the cursor on which somebody else may have left how to take a change back."""
        own = self._own_target() if self._journaled is None else None
        return own if own is not None and own.kind.value != ANOMALY else None  # nothing can be left on an anomaly

    def _redoable(self) -> ActionRow | None:
        """Return the way back under the cursor, else the newest, of those that hold."""
        if self.snapshot is None:
            return None
        journaled = self._journaled
        rows = (journaled,) if journaled is not None else self.snapshot.actions
        return next((row for row in rows if row.undoes and row.outcome in HELD), None)

    # What the person does

    @property
    def _finops(self) -> FinopsApp:
        return cast("FinopsApp", self.app)

    def action_act(self, id_: str) -> None:
        """Fix the targets, ask what must be known, and show the plan."""
        from finops_tui.ui.screens.doing import begin

        act = self._finops.acts[id_]
        targets = self._chosen_targets(act)
        if not targets:
            self._notify_what_to_choose(act)
            return
        if short_words(lacking := self._lacking(act)):
            name = clean(targets[0].name)
            self.app.notify(f"You may not {act.verb} {name}: {long_words(lacking)}.", markup=False, severity="warning")
            return
        left_out = len(self.rows_for(act)) - len(targets)
        if left_out > 0:
            self.app.notify(f"{counted(left_out, 'row')} left out: not to {act.verb}.", markup=False)
        self.settle()
        begin(self._finops, self, act, targets, self.parameters(act), chosen=self._why_chosen(act, targets))

    def _why_chosen(self, act: Act, targets: tuple[Target, ...]) -> str:
        """Say why it is this target, where a finding about something wider was acted upon."""
        rows = self.rows_for(act)
        if len(rows) != 1 or len(targets) != 1 or self.stands_for(rows[0], targets[0]):
            return ""
        return f"best move against {clean(rows[0].name)}: milder first, then most $/h saved"

    @staticmethod
    def stands_for(row: Any, target: Target) -> bool:
        """Tell whether a target is the row itself."""
        from finops_tui.ui.targets import target_of

        own = target_of(row)
        return own is not None and own.key == target.key

    @property
    def may_change(self) -> bool:
        """Tell whether anything can be changed from here at all."""
        return self.snapshot is not None and self.snapshot.armed.possible

    def action_act_on_node(self, id_: str, key: str) -> None:
        """Show the plan of an action on the node with a key: `cluster/node`."""
        from finops_tui.model.plan import Target, TargetKind
        from finops_tui.ui.screens.doing import begin

        cluster, _, name = key.partition("/")
        target = Target(kind=TargetKind.NODE, key=key, cluster=cluster, name=f"node/{name}")
        begin(self._finops, self, self._finops.acts[id_], (target,), None)

    def action_say_how_to_name_a_node(self, id_: str) -> None:
        self.app.notify(f"Write :{id_} and the node, as in {id_} prod-us/h100-3.", markup=False)

    def action_undo(self) -> None:
        from finops_tui.ui.screens.doing import take_back

        self.settle()
        alone = self._journaled is not None
        take_back(self._finops, self, self.undoable(), self._marked_object(), alone=alone)

    def action_redo(self) -> None:
        from finops_tui.ui.screens.doing import do_again

        row = self._redoable()
        if row is not None:
            self.settle()
            do_again(self._finops, self, row)

    def action_reduce(self, usd_per_hour: float | None = None) -> None:
        """Show what gets the whole under so many $/h."""
        from finops_tui.ui.screens.doing import reduce_to

        reduce_to(self._finops, self, usd_per_hour)

    def action_arm(self) -> None:
        in_background(self, self._disarm if self.armed else self._arm, group="arm")

    async def _arm(self) -> None:
        await self._finops.arm()

    async def _disarm(self) -> None:
        await self._finops.disarm()

    def action_journal(self) -> None:
        from finops_tui.ui.screens.journal import JournalScreen

        screen = JournalScreen(self._finops.settings)
        screen.snapshot = self.snapshot
        self.app.push_screen(screen)
