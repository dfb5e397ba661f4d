"""What an action is: it plans, carries out, sees whether that held, and plans the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One verb on one resource of a Kubernetes API server."""

    verb: str
    resource: str
    """Plural: `jobs`; with a subresource `pods/eviction`."""
    group: str = ""
    namespace: str = ""
    """Empty for what belongs to no namespace, and for all of them in a manifest."""
    namespaced: bool = True
    optional: bool = False
    """Whether the action is carried out without it, and says what it left out."""

    def __str__(self) -> str:
        """`patch batch/jobs in nlp-train`."""
        resource = f"{self.group}/{self.resource}" if self.group else self.resource
        return f"{self.verb} {resource} in {self.namespace}" if self.namespace else f"{self.verb} {resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a plan, as far as can be told now."""

    outcome: Outcome
    words: str
    """One line: what was seen, or why it failed and what to do."""


class Action(Protocol):
    id: str
    """`pause`."""
    key: str
    """Key that is pressed for it."""
    title: str
    """Verb, as the help says it: `Pause`."""
    about: str
    applies_to: frozenset[TargetKind]
    reversible: bool
    lasts: bool
    """Whether `verify` is asked again after it was seen done: that others may set it back, and that asking is free."""

    def permissions(self, target: Target, fleet: Fleet) -> tuple[Permission, ...]:
        """Return what it takes to do it to this target, the write first. Empty for what it cannot be done to."""

    def grants(self) -> tuple[Permission, ...]:
        """Return all that it may ever ask for, for a manifest."""

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        """Work out what would be done. Changes nothing. Raises ActionError."""

    async def apply(self, plan: Plan) -> Result:
        """Carry it out, once: applied, failed (nothing is different) or unknown (no answer came). Does not raise.

        Applied in part is applied, and the words say so. It may wait, but for no longer than the plan's `timeout` and
        one request says.
        """

    async def verify(self, plan: Plan) -> Result:
        """Look whether it took effect: done, applied (not yet), failed (not done, or reverted: by whom) or unknown."""

    async def undo_plan(self, done: Plan | Target, snapshot: Snapshot, fleet: Fleet, now: datetime) -> Plan:
        """Plan the way back from a plan, or for a target from what stands on it. Raises ActionError."""
