"""From what somebody wants to plans. Changes nothing: plans are what the guard judges and a person confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.actions.base import Action
from finops_tui.clock import Clock
from finops_tui.engine.action_rows import UNTIL, until_of
from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import UNDOES, Entry
from finops_tui.engine.policy import Policies, Policy
from finops_tui.engine.proposal import Redo, Reduce, Request, Undo, UndoAll, Unplanned, Wish
from finops_tui.engine.reduce import freed, reduction
from finops_tui.engine.remedies import Around
from finops_tui.engine.writing import Writer
from finops_tui.errors import ActionError, FinopsError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Risk, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import clock, rate

ROUNDS = 3
"""Times that a set of moves is put together anew because one of them cannot be made."""
CARRIED_BY = "carried_by"
"""Parameter of a plan that takes something back: id of the action that carries it out."""


class Made(NamedTuple):
    """What became of a wish."""

    plans: tuple[Plan, ...]
    unplanned: tuple[Unplanned, ...] = ()
    saves_usd_per_hour: float | None = None
    """All of it together, where that is known to be more than the sum: what shares a node frees it together."""
    spent_usd_per_hour: float | None = None
    """What all together cost then, where it is to get under a sum."""
    short: str = ""
    """How far it gets and why no further, where it does not reach what was asked."""


class Planner:
    def __init__(
        self, actions: Sequence[Action], journal: Journal, policies: Policies, clock: Clock, write: Writer
    ) -> None:
        self.actions: Mapping[str, Action] = {action.id: action for action in actions}
        self.fleet = Fleet()
        self._journal = journal
        self._policies = policies
        self._clock = clock
        self._write = write

    async def plans(self, wish: Wish, snapshot: Snapshot) -> Made:
        if isinstance(wish, Request):
            return await self._requested(wish, snapshot)
        if isinstance(wish, Reduce):
            return await self._reduced(wish, snapshot)
        if isinstance(wish, Redo):
            return await self._again(wish, snapshot)
        if isinstance(wish, UndoAll):
            return await self._ways_back(wish, snapshot)
        return Made((await self._way_back(wish, snapshot),))

    async def _requested(self, request: Request, snapshot: Snapshot) -> Made:
        action = self._action(request.action)
        plans: list[Plan] = []
        unplanned: list[Unplanned] = []
        for target in request.targets:
            try:
                if target.kind not in action.applies_to:
                    raise ActionError(f"{action.title} is not for a {target.kind}.", target.name)
                known = self._identified(target)
                plans.append(await action.plan(known, request.parameters, snapshot, self.fleet, self._clock.now()))
            except FinopsError as trouble:
                unplanned.append(Unplanned(target=target, trouble=trouble))
        return Made(tuple(plans), tuple(unplanned))

    async def _reduced(self, wish: Reduce, snapshot: Snapshot) -> Made:
        """Plan the moves that get under a sum; what cannot be planned or would be refused is replaced by others."""
        now_usd = snapshot.headline.usd_per_hour.value
        if now_usd is None:
            raise ActionError("What is spent is not known.", snapshot.headline.usd_per_hour.missing)
        if now_usd <= wish.usd_per_hour:
            raise ActionError(f"It is under {rate(wish.usd_per_hour)} already.", f"{rate(now_usd)} now.")
        around = Around.of(snapshot, self.fleet, self._clock.now())
        without: set[str] = set()
        most, again = min([await self._free(policy) for policy in self._policies.all])
        if most <= 0:
            raise ActionError("As many changes as the policy allows have been made.", "policy.rate_actions", again)
        for _ in range(ROUNDS):
            found = reduction(now_usd - wish.usd_per_hour, around, self._policies, without=without, most=most)
            targets = tuple(move.target for move in found.moves)
            made = await self._requested(Request(action="pause", targets=targets), snapshot)
            bad = {each.target.key for each in made.unplanned}
            bad |= {plan.target.key for plan in made.plans if _unfit(plan)}
            if not bad:
                break
            without |= bad
        plans = tuple(plan for plan in made.plans if plan.target.key not in bad)
        if not plans:
            raise ActionError(f"Nothing may be paused: {found.why_no_further}.", f"{rate(now_usd)} stays as it is.")
        saves = freed({plan.target.key for plan in plans}, around)
        short = ""
        if now_usd - saves > wish.usd_per_hour:
            short = (
                f"It reaches ≈{rate(now_usd - saves)}, not the {rate(wish.usd_per_hour)} asked; "
                f"nothing else may be paused because {found.why_no_further}."
            )
        return Made(plans, saves_usd_per_hour=saves, spent_usd_per_hour=now_usd, short=short)

    async def _free(self, policy: Policy) -> tuple[int, str]:
        """Return how many changes may be confirmed now under these rules, and when the next may where none may."""
        now, period = self._clock.now(), timedelta(minutes=policy.rate_minutes)
        made = [entry.at for entry in await self._write(self._journal.recent, now - period) if entry.at > now - period]
        again = f"The next may be at {clock(min(made) + period, now)}." if made else ""
        return min(policy.bulk_cap, policy.rate_actions - len(made)), again

    async def _again(self, wish: Redo, snapshot: Snapshot) -> Made:
        entries = {entry.id: entry for entry in await self._write(self._journal.entries)}
        undone = await self.entry(wish.entry)
        with_it = [each for each in entries.values() if undone.bulk and each.bulk == undone.bulk and each.undoes]
        plans: list[Plan] = []
        unplanned: list[Unplanned] = []
        for each in with_it or [undone]:
            first = entries.get(each.undoes, each).plan
            asked = _asked_for(first, self._clock.now())
            again = Request(action=first.action, targets=(first.target,), parameters=asked)
            made = await self._requested(again, snapshot)
            plans += made.plans
            unplanned += made.unplanned
        return Made(tuple(plans), tuple(unplanned))

    async def _ways_back(self, wish: UndoAll, snapshot: Snapshot) -> Made:
        plans: list[Plan] = []
        unplanned: list[Unplanned] = []
        for key in wish.entries:
            entry = await self.entry(key)
            try:
                plans.append(await self._way_back(Undo(entry=key), snapshot))
            except FinopsError as trouble:
                unplanned.append(Unplanned(target=entry.plan.target, trouble=trouble))
        return Made(tuple(plans), tuple(unplanned))

    async def _way_back(self, wish: Undo, snapshot: Snapshot) -> Plan:
        now = self._clock.now()
        entry = await self._undone_by(wish)
        if entry is None:
            assert wish.target is not None
            target = self._identified(wish.target)
            return await self._told_by_object(target, snapshot, now)
        if not entry.undoable:
            raise ActionError(f"{entry.plan.title}: {entry.undo_state}.", entry.words)
        action = self.action_of(entry.plan)
        plan = await action.undo_plan(entry.plan, snapshot, self.fleet, now)
        return replace(plan, parameters={**plan.parameters, UNDOES: entry.id, CARRIED_BY: action.id})

    async def _told_by_object(self, target: Target, snapshot: Snapshot, now: datetime) -> Plan:
        """Plan the way back from what stands on the thing itself. Raises what the first that could not said."""
        troubles: list[FinopsError] = []
        for action in self._families(target):
            try:
                plan = await action.undo_plan(target, snapshot, self.fleet, now)
            except FinopsError as trouble:
                troubles.append(trouble)
            else:
                return replace(plan, parameters={**plan.parameters, CARRIED_BY: action.id})
        raise next(iter(troubles), ActionError(f"Nothing can be taken back on a {target.kind}.", target.name))

    def _families(self, target: Target) -> Iterable[Action]:
        """Return one action of each family: any of them reads what all of its family leave on a thing."""
        fitting = (action for action in self.actions.values() if target.kind in action.applies_to)
        return {type(action).__mro__[-2]: action for action in fitting}.values()

    async def _undone_by(self, wish: Undo) -> Entry | None:
        """Return the entry that is to be taken back; None where only the object knows of it."""
        if wish.target is None:
            return await self.entry(wish.entry)
        undoable = await self._write(self._journal.undoable)
        if wish.entry:
            return next((entry for entry in undoable if entry.id == wish.entry), None)
        return next((entry for entry in undoable if entry.plan.target.key == wish.target.key), None)

    def _identified(self, target: Target) -> Target:
        """Return the target with the uid and owner that are known now: what has its name later must be the same."""
        cluster = self.fleet.clusters.get(target.cluster)
        if target.uid or cluster is None:
            return target
        if target.kind is TargetKind.WORKLOAD:
            workload = cluster.workloads.get(target.key)
            return replace(target, uid=workload.uid) if workload is not None else target
        if target.kind is TargetKind.NODE:
            node = cluster.nodes.get(target.key.removeprefix(f"{target.cluster}/"))
            return replace(target, uid=node.uid) if node is not None else target
        return target

    async def entry(self, entry_id: str) -> Entry:
        entries = await self._write(self._journal.entries)
        found = next((entry for entry in entries if entry.id == entry_id), None)
        if found is None:
            raise ActionError("The journal of this machine does not hold it.", entry_id)
        return found

    def _action(self, action_id: str) -> Action:
        action = self.actions.get(action_id)
        if action is None:
            raise ActionError(f"There is no action {action_id}.", f"There are {', '.join(self.actions)}.")
        return action

    def action_of(self, plan: Plan) -> Action:
        return self._action(self.carrier(plan))

    def carrier(self, plan: Plan) -> str:
        return plan.parameters.get(CARRIED_BY, plan.action)


def _unfit(plan: Plan) -> bool:
    """Tell whether a plan is none that a reduction may hold, now that the system was asked."""
    return not plan.reversible or plan.slo_risk is Risk.HIGH or plan.dry_run.startswith("refused")


def _asked_for(plan: Plan, now: datetime) -> dict[str, str]:
    """Return what the action itself was asked for: without what was noted beside it, and an end that is over."""
    until = until_of(plan.parameters.get(UNTIL, ""))
    left_out = {UNDOES, CARRIED_BY, *([UNTIL] if until is not None and until <= now else [])}
    return {name: each for name, each in plan.parameters.items() if name not in left_out}
