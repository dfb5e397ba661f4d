"""How urgent an open finding is told to be: not less than it was, while it burns and nobody has decided about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.analysis.figures import amount
from finops_tui.analysis.finding_rows import CALLED
from finops_tui.model.finding import Evidence, Finding, FindingState, Severity, Triage, Turn
from finops_tui.phrases import clock, dollars, signed_rate, span

STILL = 0.5
"""It burns while so much of the most that was seen is left: as `spend` judges what it sees."""
HELD = timedelta(days=1)
"""What nobody decided about for so long is as urgent as its detector says: a larger workload may just be larger."""
TURNS = 8


class Case(NamedTuple):
    """What is known of a finding at one moment."""

    severity: Severity
    """What its detector says, less what is planned."""
    excess: float | None
    burned: float | None
    planned: str
    triage: Triage | None
    state: FindingState
    now: datetime


@dataclass(slots=True)
class Urgency:
    """As it is told, and when it changed."""

    told: Severity | None = None
    """None before it is listed."""
    since: datetime | None = None
    """From when on it has been that urgent."""
    most: float = 0.0
    """$/h, the most of the excess that was seen."""
    calmer_since: datetime | None = None
    """From when on its detector has called it less urgent."""
    turned: tuple[Turn, ...] = field(default=())

    @classmethod
    def of(cls, before: Finding) -> Urgency:
        """Go on from what was told of a finding."""
        since = before.turned[-1].at if before.turned else before.opened_at
        return cls(before.severity, since, amount(before.excess_usd_per_hour) or 0.0, None, before.turned)

    def anew(self) -> Urgency:
        """Return what another trouble of the same thing begins with."""
        return Urgency(self.told, self.since, turned=self.turned)

    @property
    def paged(self) -> bool:
        return Severity.PAGE in (self.told, *(turn.before for turn in self.turned))

    def least(self, severity: Severity) -> Severity:
        """Return the more urgent of what is said now and what was told."""
        return severity if self.told is None else min(severity, self.told, key=lambda each: each.rank)

    def look(self, case: Case, grace: timedelta) -> Severity:
        """Return how urgent it is from now on. What is less urgent for a moment only stays as it was."""
        self.most = max(self.most, amount(case.excess) or 0.0)
        if self.told is None or self.since is None:
            self.told, self.since = case.severity, case.now
        calmer = case.severity.rank > self.told.rank
        self.calmer_since = (self.calmer_since or case.now) if calmer else None
        if case.severity is self.told or (calmer and not self._sinks(case, grace)):
            return self.told
        turn = Turn(at=case.now, before=self.told, after=case.severity, why=self._why(case, calmer=calmer))
        self.turned = (*self.turned, turn)[-TURNS:]
        self.told, self.since, self.calmer_since = case.severity, case.now, None
        self.most = amount(case.excess) or 0.0
        return self.told

    def evidence(self, case: Case) -> tuple[Evidence, ...]:
        """Say that it is held, where its detector alone would call it less urgent by now."""
        if self.told is None or self.since is None or case.severity.rank <= self.told.rank or not self._held(case):
            return ()
        until = f"until {clock(self.since + HELD, case.now)} unless somebody decides about it"
        by_now = f"its detector calls it {CALLED[case.severity]} by now"
        return (Evidence(label="Urgency", words=f"Stays {CALLED[self.told]} {until}; {by_now}."),)

    def _sinks(self, case: Case, grace: timedelta) -> bool:
        lasts = self.calmer_since is not None and case.now - self.calmer_since >= grace
        return bool(case.planned) or (lasts and not self._held(case))

    def _held(self, case: Case) -> bool:
        young = self.since is not None and case.now - self.since < HELD
        return case.state is FindingState.OPEN and self._burns(case) and young

    def _burns(self, case: Case) -> bool:
        excess = amount(case.excess)
        return excess is not None and excess > 0 and excess >= STILL * self.most

    def _why(self, case: Case, *, calmer: bool) -> str:
        excess = amount(case.excess)
        if case.planned:
            return f"planned: {case.planned}"
        if not calmer:
            burned = f", burned {dollars(case.burned)}" if case.burned is not None else ""
            return f"{signed_rate(excess)}{burned}" if excess is not None else ""
        if case.state is not FindingState.OPEN and case.triage is not None:
            return f"{case.triage.state.value} by {case.triage.by}"
        if excess is None:
            return ""
        if not self._burns(case):
            return f"{signed_rate(excess)} is left of {signed_rate(self.most)}"
        return f"open for {span(case.now - (self.since or case.now))}, and nobody decided about it"
