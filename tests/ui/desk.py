"""A desk made by hand: it answers with the plans it is given, and remembers what it was asked to carry out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from finops_tui.actions.base import Permission
from finops_tui.engine.guard_checks import rank
from finops_tui.engine.journal_entry import UNDOES, Entry, Who
from finops_tui.engine.proposal import Answer, Carried, Planned, Proposal, Request, UndoAll, Unplanned, Wish
from finops_tui.errors import FinopsError
from finops_tui.model.plan import (
    Check,
    Decision,
    FieldChange,
    Judgement,
    Outcome,
    Plan,
    Reverter,
    Risk,
    Target,
    TargetKind,
)
from finops_tui.model.snapshot import Armed
from tests.ui.samples import NOW, at
from tests.ui.screen import Screen

ANA = Who(user="ana", host="bastion")
ARMED = Armed(possible=True, until=NOW + timedelta(minutes=14, seconds=30))
DISARMED = Armed(possible=True)

RETRAIN_TARGET = Target(
    kind=TargetKind.WORKLOAD,
    key="prod-us/job/nlp-train/retrain-v7",
    cluster="prod-us",
    name="nlp-train/job/retrain-v7",
    owner="nlp",
    contact="#nlp-oncall",
    environment="prod",
)
PAUSE = Plan(
    id="p1",
    action="pause",
    title="Pause retrain-v7",
    target=RETRAIN_TARGET,
    made_at=NOW - timedelta(seconds=4),
    changes=(
        FieldChange(object="job/retrain-v7", path="spec.suspend", before="false", after="true"),
        FieldChange(
            object="job/retrain-v7",
            path="annotation finops-tui/undo",
            before="–",
            after='{"suspend":false,"by":"ana"}',
        ),
    ),
    saves_usd_per_hour=412.0,
    saves_when="once 9 h100-train nodes are gone, about 14:09Z",
    saves_at=at(14, 9),
    until_then="freed pods do not stop the bill, removed nodes do",
    slo_risk=Risk.NONE,
    slo_words="no SLO reads from this workload",
    touches="1 job, 9 pods, 72 GPUs, 9 nodes",
    pods=9,
    gpus=72.0,
    nodes=9,
    loses="7m of training since checkpoint 13:55Z (≈$48 of GPU time)",
    reverts=(
        Reverter(
            who="argocd",
            words="the next sync of Argo CD app nlp-train",
            advice="self-heal is off, so the pause holds until somebody syncs",
        ),
    ),
    undo="resumes from checkpoint 13:55Z, here or from another machine",
    permissions=("get batch/jobs in nlp-train", "patch batch/jobs in nlp-train"),
    dry_run="accepted by prod-us",
)
ALLOWED = Judgement(
    decision=Decision.CONFIRM,
    checks=(
        Check(ok=True, words="dry run accepted by prod-us"),
        Check(ok=True, words="data 4s old"),
        Check(ok=True, words="not protected"),
    ),
)
TYPED = Judgement(
    decision=Decision.TYPE_NAME,
    checks=(*ALLOWED.checks, Check(ok=False, words="in prod")),
    reason="It is in prod.",
    type_name="retrain-v7",
)
STALE = Judgement(
    decision=Decision.TYPE_NAME,
    checks=(ALLOWED.checks[0], Check(ok=False, words="data 6m old"), ALLOWED.checks[2]),
    reason="The data is 6m old.",
    type_name="retrain-v7",
)
PROTECTED = Judgement(
    decision=Decision.REFUSE,
    checks=(*ALLOWED.checks[:2], Check(ok=False, words="protected")),
    reason="prod-us/kube-system is protected (policy line 14).",
)
UNARMED = Judgement(
    decision=Decision.REFUSE,
    checks=(Check(ok=False, words="not armed"), *ALLOWED.checks),
    reason="Changes are not armed. W arms them for a while.",
)


def planned_for(target: Target, action: str = "pause", **given: Any) -> Plan:
    """Return a plan of something else, after the one of the picture."""
    name = target.name.rpartition("/")[2]
    return replace(
        PAUSE,
        id=f"{action}-{target.key}",
        action=action,
        title=f"{action.capitalize()} {name}",
        target=target,
        changes=tuple(replace(one, object=name) for one in PAUSE.changes),
        **given,
    )


def proposed(wish: Wish, *plans: Plan, judgement: Judgement = ALLOWED, **given: Any) -> Proposal:
    strict = judgement.decision
    return Proposal(
        wish=wish,
        planned=tuple(Planned(plan=plan, judgement=judgement) for plan in plans),
        decision=strict,
        type_name=judgement.type_name,
        **given,
    )


def entry_of(plan: Plan, outcome: Outcome = Outcome.APPLIED, words: str = "prod-us took it.") -> Entry:
    return Entry(
        plan=plan, at=NOW, who=ANA, reason="", approver="", judgement=ALLOWED, outcome=outcome, words=words,
    )  # fmt: skip


class DeskDouble:
    """Proposes what `plans` says of a wish; confirms everything unless told otherwise."""

    def __init__(self, judgement: Judgement = ALLOWED) -> None:
        self.judgement = judgement
        self.judgements: Mapping[str, Judgement] = {}
        """By key of the target, where they differ."""
        self.given: dict[str, Any] = {}
        """Further fields of every proposal."""
        self.done: Mapping[str, Target] = {}
        """By entry of the journal, to whom it was done: what several that are taken back at once are about."""
        self.trouble: FinopsError | None = None
        self.unplanned: Mapping[str, FinopsError] = {}
        self.change: Callable[[Plan], Plan] = lambda plan: plan
        self.outcomes: Mapping[str, tuple[Outcome, str]] = {}
        """By key of the target, what becomes of it."""
        self.refused_late: FinopsError | None = None
        self.lacking: dict[str, tuple[Permission, ...]] = {}
        self.holds: asyncio.Event | None = None
        """What it waits for before it answers."""
        self.wishes: list[Wish] = []
        self.confirmed: list[tuple[Proposal, Answer]] = []
        self.armings: list[str] = []
        self.cancelled = 0

    async def propose(self, wish: Wish) -> Proposal:
        self.wishes.append(wish)
        await self._wait()
        if self.trouble is not None:
            raise self.trouble
        targets = self._targets(wish)
        action = wish.action if isinstance(wish, Request) else type(wish).__name__.casefold()
        plans = [self._plan(target, action, wish) for target in targets if target.key not in self.unplanned]
        planned = tuple(
            Planned(plan=plan, judgement=self.judgements.get(plan.target.key, self.judgement)) for plan in plans
        )
        judgements = [each.judgement for each in planned]
        return Proposal(
            wish=wish,
            planned=planned,
            unplanned=tuple(
                Unplanned(target=target, trouble=self.unplanned[target.key])
                for target in targets
                if target.key in self.unplanned
            ),
            decision=max((one.decision for one in judgements), key=rank, default=Decision.REFUSE),
            type_name=next((one.type_name for one in judgements if one.type_name), ""),
            **self.given,
        )

    def _targets(self, wish: Wish) -> tuple[Target, ...]:
        if isinstance(wish, UndoAll):
            return tuple(self.done[key] for key in wish.entries)
        return wish.targets if isinstance(wish, Request) else (RETRAIN_TARGET,)

    def _plan(self, target: Target, action: str, wish: Wish) -> Plan:
        given = dict(wish.parameters) if isinstance(wish, Request) else {}
        if isinstance(wish, UndoAll):
            given = {UNDOES: next(key for key, one in self.done.items() if one == target)}
        plan = PAUSE if target.key == PAUSE.target.key and action == "pause" else planned_for(target, action)
        return self.change(replace(plan, parameters=given, id=f"{plan.id}-{len(self.wishes)}"))

    async def confirm(self, proposal: Proposal, answer: Answer) -> Carried:
        self.confirmed.append((proposal, answer))
        await self._wait()
        if self.refused_late is not None:
            target = proposal.plans[0].target
            return Carried(entries=(), refused=(Unplanned(target=target, trouble=self.refused_late),))
        entries: list[Entry] = []
        for at_, plan in enumerate(proposal.plans):
            outcome, words = self.outcomes.get(plan.target.key, (Outcome.APPLIED, "prod-us took it."))
            entries.append(entry_of(plan, outcome, words))
            if outcome is Outcome.FAILED and not answer.go_on:
                return Carried(entries=tuple(entries), left=proposal.plans[at_ + 1 :])
        return Carried(entries=tuple(entries))

    async def arm(self) -> None:
        self.armings.append("arm")
        self.judgement = ALLOWED

    async def disarm(self) -> None:
        self.armings.append("disarm")

    async def missing(self, _target: Target) -> dict[str, tuple[Permission, ...]]:
        return {"pause": (), "scale": (), **self.lacking}

    async def _wait(self) -> None:
        if self.holds is None:
            return
        try:
            await self.holds.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def at_the_desk(screen: Screen, desk: DeskDouble) -> DeskDouble:
    """Let the desk answer what the screen asks from now on."""
    screen.app._feed.on_ask(desk, asyncio.get_running_loop())  # type: ignore[arg-type]  # it answers as a desk does
    return desk
