"""Where changes are planned, judged, written down, carried out and watched. The one place that calls `apply`.

It goes along with the engine, on its event loop. Whoever wants a change asks through the feed and gets a proposal; what
is confirmed comes back as observations, like everything else that happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from finops_tui.actions.base import Action, Permission, Result
from finops_tui.clock import Clock
from finops_tui.engine.action_rows import action_row
from finops_tui.engine.aftermath import Aftermath, side_by_side, taken_up, watched
from finops_tui.engine.arming import DISARMED, Arming, arm
from finops_tui.engine.feed import Feed
from finops_tui.engine.guard import judge
from finops_tui.engine.guard_checks import rank
from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import EFFECTIVE, Entry, Who
from finops_tui.engine.permit import Confirmation, permit, wanted
from finops_tui.engine.planner import Planner
from finops_tui.engine.policy import Policies, Policy
from finops_tui.engine.proposal import Answer, Carried, Planned, Proposal, Undo, Unplanned, Wish
from finops_tui.engine.writing import Writer, here
from finops_tui.errors import ActionError, FinopsError, Refused
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ActionProgress, ArmingSeen, Observation
from finops_tui.model.plan import Decision, Judgement, Outcome, Plan, Target
from finops_tui.model.snapshot import Snapshot

SOURCE = "actions"
RECENT = timedelta(hours=24)
"""How far back the guard is told of what was done; no rate limit looks further."""
TOLD = 200
"""Entries of the journal that are told at the start, the newest."""
LOOK_SECONDS = (3.0, 60.0)
"""Shortest and longest time of the event loop between two looks at one change: a tenth of how long ago it was."""
LOOK_SHARE = 0.1


class Asks(Protocol):
    """Who knows what one may do."""

    async def missing(
        self, cluster: str, permissions: Iterable[Permission], now: datetime
    ) -> tuple[Permission, ...]: ...


async def nobody(_: str) -> str:
    """Know no name."""
    return ""


class Desk:
    """Nothing is changed but by `confirm`, and that only with a permit that the journal has taken."""

    name = SOURCE

    def __init__(
        self,
        actions: Sequence[Action],
        journal: Journal,
        policies: Policies,
        clock: Clock,
        *,
        feed: Feed,
        who: Who,
        access: Asks | None = None,
        identity: Callable[[str], Awaitable[str]] = nobody,
        armed: Arming = DISARMED,
        write: Writer = here,
    ) -> None:
        """Build a desk for one person.

        `access` is asked what one may do; without it everything counts as allowed. `identity` tells under which name a
        cluster knows them. `armed` is how it begins.
        """
        self._planner = Planner(actions, journal, policies, clock, write)
        self._journal = journal
        self._policies = policies
        self._clock = clock
        self._feed = feed
        self._who = who
        self._access = access
        self._identity = identity
        self._armed = armed
        self._write = write
        self._snapshot: Snapshot | None = None
        self._tell: Callable[[Observation], None] = lambda _: None
        self._watched: dict[str, Aftermath] = {}
        self._looked: dict[str, float] = {}
        """When each change was last looked at, in the event loop's time."""
        self._journal_trouble = ""
        """Why the journal could not be read when it was looked at first."""
        self._begun = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    # --- along with the engine

    def begin(self, fleet: Fleet) -> None:
        self._planner.fleet = fleet

    def see(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def run(self, tell: Callable[[Observation], None]) -> None:
        self._tell = tell
        self._tell_armed()
        self._feed.on_ask(self, asyncio.get_running_loop())
        try:
            await self._take_up()
            while True:
                await self._begun.wait()
                await asyncio.sleep(LOOK_SECONDS[0])
                await self._look()
                if not self._watched:
                    self._begun.clear()
        finally:
            self._feed.on_ask(None)

    # --- what may be asked

    @property
    def actions(self) -> Mapping[str, Action]:
        return self._planner.actions

    async def arm(self) -> None:
        """Allow confirmations for a while. Raises Refused where everything is read-only."""
        self._armed = arm(self._policies, self._clock.now())
        self._tell_armed()

    async def disarm(self) -> None:
        self._armed = DISARMED
        self._tell_armed()

    async def missing(self, target: Target) -> dict[str, tuple[Permission, ...]]:
        """Return by action what one is not allowed to do to a target; an action that does not apply is not named."""
        found: dict[str, tuple[Permission, ...]] = {}
        for action in self.actions.values():
            needed = action.permissions(target, self._planner.fleet) if target.kind in action.applies_to else ()
            if needed:
                found[action.id] = await self._not_allowed(target.cluster, needed)
        return found

    async def propose(self, wish: Wish) -> Proposal:
        """Plan what is wanted and judge it. Changes nothing. Raises ActionError where there is nothing to plan."""
        snapshot = self._figures()
        made = await self._planner.plans(wish, snapshot)
        plans = made.plans
        recent = await self._recent()
        planned = tuple(Planned(plan=plan, judgement=self._judged(plan, plans, snapshot, recent)) for plan in plans)
        strictest = max((each.judgement for each in planned), key=lambda each: rank(each.decision), default=None)
        asked = [wanted(each.judgement, self._policy(each.plan)) for each in planned]
        return Proposal(
            wish=wish,
            planned=planned,
            unplanned=made.unplanned,
            decision=strictest.decision if strictest is not None else Decision.REFUSE,
            type_name=next((each.typed for each in asked if each.typed), ""),
            reason_pattern=next((each.reason_pattern for each in asked if each.reason_pattern), ""),
            approver=any(each.approver for each in asked),
            approver_code=any(each.approver and each.code for each in asked),
            together_usd_per_hour=made.saves_usd_per_hour,
            spent_usd_per_hour=made.spent_usd_per_hour,
            short=made.short,
            read_only=any(self._policy(plan).read_only for plan in plans),
        )

    async def confirm(self, proposal: Proposal, answer: Answer) -> Carried:
        """Carry out what was confirmed; stop at the first that fails unless the answer says to go on.

        What the guard refuses now, and what the journal cannot take, is not begun and stands in the answer with the
        reason: nothing was sent for it.
        """
        entries: list[Entry] = []
        refused: list[Unplanned] = []
        for each in proposal.planned:
            try:
                entry = await self._carry_out(each, proposal.plans, answer)
            except FinopsError as trouble:
                refused.append(Unplanned(target=each.plan.target, trouble=trouble))
                good = False
            else:
                entries.append(entry)
                good = entry.outcome in EFFECTIVE
            if not good and not answer.go_on:
                break
        begun = len(entries) + len(refused)
        return Carried(entries=tuple(entries), refused=tuple(refused), left=proposal.plans[begun:])

    def _judged(self, plan: Plan, plans: tuple[Plan, ...], snapshot: Snapshot, recent: Sequence[Entry]) -> Judgement:
        return judge(
            plan, snapshot, self._policy(plan), self._armed, self._clock.now(),
            recent=recent, beside=_others(plan, plans), place=plans.index(plan),
        )  # fmt: skip

    # --- carrying out

    async def _carry_out(self, each: Planned, plans: tuple[Plan, ...], answer: Answer) -> Entry:
        """Permit, intent, first request, outcome: in this order and no other."""
        plan, action, snapshot = each.plan, self._planner.action_of(each.plan), self._figures()
        who = replace(self._who, cluster_user=await self._identity(plan.target.cluster))
        async with self._one_at_a_time:  # what is counted must not change until it is written down
            granted = permit(
                each.judgement,
                plan,
                Confirmation(
                    who=who,
                    typed=answer.typed,
                    reason=answer.reason,
                    approver=answer.approver,
                    bulk=plans[0].id if len(plans) > 1 else "",
                ),
                snapshot=snapshot,
                policy=self._policy(plan),
                armed=self._armed,
                now=self._clock.now(),
                recent=await self._recent(),
                beside=_others(plan, plans),
                place=plans.index(plan),
            )
            entry = await self._write(self._journal.intend, plan, granted, self._clock.now())
        self._show(entry)
        try:
            granted.spend(plan, self._clock.now())
        except Refused as late:
            return await self._outcome(entry, Outcome.FAILED, f"not sent: {late.title}")
        aftermath = watched(entry, snapshot, self._planner.fleet)
        result = await action.apply(plan)
        entry = await self._outcome(entry, result.outcome, result.words)
        if entry.outcome is not Outcome.FAILED:
            aftermath.outcome, aftermath.words = entry.outcome, entry.words
            self._watch(aftermath)
            self._show(entry)
        return entry

    async def _outcome(self, entry: Entry, outcome: Outcome, words: str, saved: float | None = None) -> Entry:
        """Write down what became of an entry; what cannot be written is shown all the same, as not known."""
        try:
            entry = await self._write(self._journal.outcome, entry.id, outcome, words, self._clock.now(), saved)
        except ActionError as trouble:
            entry = replace(entry, outcome=Outcome.UNKNOWN, words=f"{words} {trouble.title}")
        self._show(entry)
        if entry.undoes:
            self._watched.pop(entry.undoes, None)
            await self._show_again(entry.undoes)
        return entry

    # --- afterwards

    async def _take_up(self) -> None:
        """Show what the journal holds, and look into what an earlier run has left open."""
        try:
            entries = await self._write(self._journal.entries)
        except ActionError as trouble:
            self._journal_trouble = trouble.title
            self._tell_armed()
            return
        if self._journal.broken:
            self._tell_armed()
        for entry in entries[-TOLD:]:
            self._show(entry)
        for entry in entries:
            if entry.in_flight and self._planner.carrier(entry.plan) in self.actions:
                self._watch(taken_up(entry))

    def _watch(self, aftermath: Aftermath) -> None:
        side_by_side(aftermath, self._watched.values())
        self._watched[aftermath.entry.id] = aftermath
        self._looked[aftermath.entry.id] = asyncio.get_running_loop().time()
        self._begun.set()

    async def _look(self) -> None:
        """Look at every change whose turn it is."""
        now = asyncio.get_running_loop().time()
        for key, aftermath in list(self._watched.items()):
            age = (self._clock.now() - aftermath.entry.at).total_seconds() / self._clock.speed
            shortest, longest = LOOK_SECONDS
            if now - self._looked[key] < min(max(age * LOOK_SHARE, shortest), longest) - shortest:
                continue
            self._looked[key] = now
            await self._look_at(key, aftermath)

    async def _look_at(self, key: str, aftermath: Aftermath) -> None:
        if self._snapshot is None:
            return
        entry = aftermath.entry
        action = self._planner.action_of(entry.plan)
        if aftermath.outcome is Outcome.DONE and not action.lasts:
            result = Result(outcome=Outcome.DONE, words=aftermath.words)
        else:
            result = await action.verify(entry.plan)
        seen = aftermath.look(result, self._snapshot, self._clock.now())
        if key not in self._watched:  # taken back meanwhile
            return
        different = (seen.outcome, seen.saved_usd_per_hour) != (entry.outcome, entry.saved_usd_per_hour)
        if different or (seen.finished and seen.words != entry.words):
            entry = await self._outcome(entry, seen.outcome, seen.words, seen.saved_usd_per_hour)
            aftermath.entry = entry
        self._show(entry, words=seen.words, bad=seen.bad)
        if seen.finished:
            self._watched.pop(key, None)
        if aftermath.burning and not aftermath.answered and self._policy(entry.plan).roll_back:
            aftermath.answered = True
            await self._roll_back(entry, aftermath.burning)

    async def _roll_back(self, entry: Entry, why: str) -> None:
        """Take a change back because the policy says so; where it cannot be, say so on its row."""
        try:
            proposal = await self.propose(Undo(entry=entry.id))
            answer = Answer(typed=proposal.type_name, reason=f"policy.roll_back: {why}")
            carried = await self.confirm(proposal, answer)
            trouble = next((each.trouble for each in carried.refused), None)
        except FinopsError as error:
            trouble = error
        if trouble is not None:
            self._show(entry, words=f"{why} It was not taken back: {trouble.title}", bad=True)

    # --- telling

    def _show(self, entry: Entry, *, words: str = "", bad: bool = False) -> None:
        aftermath = self._watched.get(entry.id)
        pools = aftermath.pools if aftermath is not None else ()
        row = action_row(entry, words=words, bad=bad, pools=pools)
        self._tell(ActionProgress(at=self._clock.now(), source=SOURCE, cluster=row.cluster, row=row))

    async def _show_again(self, entry_id: str) -> None:
        try:
            self._show(await self._planner.entry(entry_id))
        except ActionError:
            return

    def _tell_armed(self) -> None:
        now = self._clock.now()
        self._tell(
            ArmingSeen(
                at=now,
                source=SOURCE,
                cluster="",
                possible=self._policies.allow_changes,
                until=self._armed.until,
                journal=self._journal_trouble or self._journal.broken,
            )
        )

    # --- what is known

    def _figures(self) -> Snapshot:
        if self._snapshot is None:
            raise ActionError("Nothing is known yet.", "The first answer of a source is still awaited.", "Try again.")
        return self._snapshot

    async def _recent(self) -> tuple[Entry, ...]:
        return await self._write(self._journal.recent, self._clock.now() - RECENT)

    async def _not_allowed(self, cluster: str, needed: Iterable[Permission]) -> tuple[Permission, ...]:
        if self._access is None:
            return ()
        try:
            return await self._access.missing(cluster, needed, self._clock.now())
        except FinopsError:
            return ()  # whoever tries it is told by the server itself

    def _policy(self, plan: Plan) -> Policy:
        return self._policies.of(plan.target.cluster)


def _others(plan: Plan, plans: Iterable[Plan]) -> tuple[Plan, ...]:
    return tuple(other for other in plans if other is not plan)
