"""An action of one's own behind the contract of all actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.base import Permission, Result
from finops_tui.actions.custom.filled import filled, shown
from finops_tui.actions.custom.running import Ran, run
from finops_tui.actions.custom.spec import CustomSpec, Step, values
from finops_tui.actions.effects import row_of, workload_of
from finops_tui.actions.planning import Hands
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import FieldChange, Outcome, Plan, Risk, Target
from finops_tui.model.snapshot import Snapshot
from finops_tui.phrases import counted, rate

DIRECTION, VALUES = "direction", "values"
"""Steps of a plan: `do` or `undo`, and what fills the placeholders."""


class CustomAction:
    """What it does outside is its author's to say: its dollars and its risk are not known here."""

    def __init__(self, spec: CustomSpec, hands: Hands) -> None:
        self.spec = spec
        self.id = spec.id
        self.key = spec.key
        self.title = spec.title
        self.about = spec.about
        self.applies_to = spec.applies_to
        self.reversible = spec.undo is not None
        self.lasts = False  # its verify is somebody's own tool
        self._hands = hands

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:  # noqa: ARG002 - of the contract
        return ()

    def grants(self) -> tuple[Permission, ...]:
        return ()

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        """Raise ActionError for an input that is wrong."""
        known = values(self.spec, target, parameters)
        title = f"{self.title} {target.name.rpartition('/')[2]}"
        back = "" if self.spec.undo is None else f"runs {shown(filled(self.spec.undo, known))}"
        return await self._made("do", title, target, parameters, known, snapshot, fleet, now, back)

    async def apply(self, plan: Plan) -> Result:
        ran = await run(self._step(plan), self.spec.timeout_seconds)
        outcomes = {True: Outcome.APPLIED, False: Outcome.FAILED, None: Outcome.UNKNOWN}
        return Result(outcome=outcomes[ran.ok], words=ran.words)

    async def verify(self, plan: Plan) -> Result:
        """Ask the step that is there for it; without one, that it succeeded is all that can be known."""
        if self.spec.verify is None:
            return Result(outcome=Outcome.DONE, words="It succeeded; nothing says how to see its effect.")
        ran = await run(filled(self.spec.verify, _values(plan)), self.spec.timeout_seconds)
        there = ran.ok if plan.steps[DIRECTION] == "do" else (not ran.ok if ran.ok is not None else None)
        if there is None:
            return Result(outcome=Outcome.UNKNOWN, words=ran.words)
        return Result(outcome=Outcome.DONE if there else Outcome.APPLIED, words=ran.words)

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        """Raise ActionError where there is no way back, or where only the object is known."""
        if not isinstance(done, Plan):
            raise ActionError(f"{self.title} leaves nothing on an object", "only the journal knows of it")
        if self.spec.undo is None:
            raise ActionError(f"{self.title} cannot be undone", f"actions.{self.id} has no `undo`")
        title = f"Undo {self.title} of {done.target.name.rpartition('/')[2]}"
        again = f"runs {shown(filled(self.spec.do, _values(done)))}"
        return await self._made("undo", title, done.target, {}, _values(done), snapshot, fleet, now, again)

    def _step(self, plan: Plan) -> Step:
        step = self.spec.do if plan.steps[DIRECTION] == "do" else self.spec.undo
        assert step is not None, "a way back is planned only where there is one"
        return filled(step, _values(plan))

    async def _made(  # noqa: PLR0917 - what a plan is made of
        self, direction: str, title: str, target: Target, parameters: Mapping[str, str], known: Mapping[str, str],
        snapshot: Snapshot, fleet: Fleet, now: datetime, back: str,
    ) -> Plan:  # fmt: skip
        step = self.spec.do if direction == "do" else self.spec.undo
        assert step is not None, "a way back is planned only where there is one"
        workload = workload_of(target, fleet)
        row = row_of(workload, snapshot) if workload is not None else None
        pods, gpus = (workload.pods, workload.gpus) if workload is not None else (0, 0.0)
        size = f", {counted(pods, 'pod')}, {counted(gpus, 'GPU')}" if workload is not None else ""
        line = FieldChange(object=self.id, path="runs", before="–", after=json.dumps(shown(filled(step, known))))
        spends = f"; it spends {rate(row.usd_per_hour)}" if row is not None and row.usd_per_hour is not None else ""
        return Plan(
            id=self._hands.new_id(),
            action=self.id if direction == "do" else "undo",
            title=title,
            target=target,
            made_at=now,
            changes=(line,),
            saves_usd_per_hour=None,
            saves_when=f"not known: the config does not say{spends}",
            slo_risk=Risk.UNKNOWN,
            slo_words="what it does outside is not known here",
            touches=f"{target.name}{size}",
            pods=pods,
            gpus=gpus,
            loses="not known",
            undo=back,
            dry_run=await self._tried(known) if direction == "do" else "",
            parameters=dict(parameters),
            steps={DIRECTION: direction, VALUES: json.dumps(dict(known))},
        )

    async def _tried(self, known: Mapping[str, str]) -> str:
        if self.spec.trial is None:
            return ""
        ran: Ran = await run(filled(self.spec.trial, known), self.spec.timeout_seconds)
        verdict = {True: "accepted", False: "refused", None: "unknown"}[ran.ok]
        return f"{verdict} by its trial: {ran.words}"


def _values(plan: Plan) -> dict[str, str]:
    return dict(json.loads(plan.steps[VALUES]))
