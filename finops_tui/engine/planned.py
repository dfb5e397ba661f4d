"""Times in which somebody expects more to be spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from finops_tui.model.action import ActionRow
from finops_tui.model.finding import Signal
from finops_tui.model.plan import Outcome
from finops_tui.model.scope import ScopeKind

NODES_GO_WITHIN = timedelta(minutes=15)
"""After the moment that a plan names, or after the change where it names none."""
ANNOTATION = "finops-tui/planned"
"""A workload that carries it says itself why it is expected."""


class Every(StrEnum):
    ONCE = "once"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWindow:
    match: str
    """Glob over what findings are about: name, namespace, owner, model, cluster or scope (`nlp-*`, `prod-us`)."""
    begins: datetime
    ends: datetime
    reason: str
    every: Every = Every.ONCE
    """How often it comes again."""

    def covers(self, at: datetime) -> bool:
        """Tell whether a moment lies within it."""
        if self.every is Every.ONCE or at < self.begins:
            return self.begins <= at < self.ends
        period = timedelta(days=7 if self.every is Every.WEEK else 1)
        return (at - self.begins) % period < self.ends - self.begins

    def fits(self, signal: Signal) -> bool:
        about = (signal.name, signal.namespace, signal.owner, signal.model, signal.cluster, signal.scope.name)
        return any(fnmatchcase(word, self.match) for word in about if word)


def settling(signal: Signal, actions: Iterable[ActionRow], now: datetime) -> str:
    """Return which change explains what is still seen: it wakes nobody any more.

    A pool costs too much for a while when pods are gone and nodes are not yet; a workload that was paused costs nothing
    and is only not yet forgotten.
    """
    for row in actions:
        if row.outcome not in {Outcome.APPLIED, Outcome.DONE} or row.undone_by or (row.promised_usd_per_hour or 0) <= 0:
            continue
        due = row.saves_at if row.saves_at is not None else row.at + NODES_GO_WITHIN
        if signal.scope.kind is ScopeKind.POOL and signal.scope.name in row.pools and now < due + NODES_GO_WITHIN:
            return f"{row.title}: its nodes are still to go"
        calm = signal.excess_usd_per_hour is not None and signal.excess_usd_per_hour <= 0
        if signal.scope == (ScopeKind.WORKLOAD, row.target) and calm:
            return f"{row.title}: it costs no more than normal since"
    return ""


def planned(signal: Signal, windows: Iterable[PlannedWindow], now: datetime) -> str:
    """Return why a signal is expected; empty when nobody said so. What began before the window is not of it."""
    for window in windows:
        if window.covers(now) and window.covers(signal.since) and window.fits(signal):
            return window.reason
    return signal.planned
