"""The alerts on burning error budgets, and when one holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops_tui.model.finding import Severity

NEARLY_ALL = 0.9
"""A budget of 10 % cannot burn faster than 10 times: where a factor is out of reach, so much of what can be counts."""

STRETCH = 1.5
"""A long window that nobody measures is stood in for by one that is at most so much longer: Pyrra's 4d for 3d."""
ALL_BUT = 1 - 1e-9
"""0.0144 / (1 - 0.999) is 14.399999999999986, and 14.4 is meant."""

Burns = Mapping[int, float | None]
"""Burn rates by window (seconds); None is a window without traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnAlertRule:
    """Both windows must burn at least so fast."""

    factor: float
    long_seconds: int
    short_seconds: int
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnAlertRules:
    """The four alerts use up 2, 5, 10 and 10 % of a 30-day budget in their long window.

    Windows are those that sources are asked for: 5, 30, 60, 120, 360, 1,440 and 4,320 minutes.
    """

    page_fast_factor: float = 14.4
    page_fast_long_minutes: int = 60
    page_fast_short_minutes: int = 5
    page_slow_factor: float = 6.0
    page_slow_long_minutes: int = 360
    page_slow_short_minutes: int = 30
    ticket_fast_factor: float = 3.0
    ticket_fast_long_minutes: int = 1_440
    ticket_fast_short_minutes: int = 120
    ticket_slow_factor: float = 1.0
    ticket_slow_long_minutes: int = 4_320
    ticket_slow_short_minutes: int = 360
    minimum_events: float = 100.0
    """With fewer events in the short window an alert is one degree milder: a few errors wake nobody."""
    reset: float = 0.9
    """An alert that holds goes on until a window burns slower than this share of its factor."""
    linger_seconds: float = 120.0
    """So long after it last held an alert is over: one answer that is missing does not end it."""

    @property
    def alerts(self) -> tuple[BurnAlertRule, ...]:
        """The most urgent first."""
        told = (
            (self.page_fast_factor, self.page_fast_long_minutes, self.page_fast_short_minutes, Severity.PAGE),
            (self.page_slow_factor, self.page_slow_long_minutes, self.page_slow_short_minutes, Severity.PAGE),
            (self.ticket_fast_factor, self.ticket_fast_long_minutes, self.ticket_fast_short_minutes, Severity.TICKET),
            (self.ticket_slow_factor, self.ticket_slow_long_minutes, self.ticket_slow_short_minutes, Severity.TICKET),
        )
        return tuple(
            BurnAlertRule(factor=factor, long_seconds=long * 60, short_seconds=short * 60, severity=severity)
            for factor, long, short, severity in told
        )


def holds(long: float | None, short: float | None, at_least: float) -> bool:
    """Tell whether both windows burn so fast. A window without traffic does not burn."""
    return long is not None and short is not None and long >= at_least and short >= at_least


def threshold(rule: BurnAlertRule, objective: float) -> float:
    """Return the burn rate from which a rule holds for an objective (ratio of good events)."""
    budget = 1 - objective
    return min(rule.factor, NEARLY_ALL / budget) if 0 < budget <= 1 else rule.factor


def long_window(rule: BurnAlertRule, burns: Burns) -> int | None:
    """Return the rule's long window, or the next longer one where nobody measures it; None where that is too long."""
    near = [seconds for seconds in burns if rule.long_seconds <= seconds <= rule.long_seconds * STRETCH]
    return min(near, default=None)


def short_window(rule: BurnAlertRule, burns: Burns) -> int | None:
    """Return the rule's short window, or what stands in for it where nobody measures it: the next longer one, if any.

    None where that leaves nothing to judge by.
    """
    if long_window(rule, burns) is None:
        return None
    near = [seconds for seconds in burns if rule.short_seconds <= seconds < rule.long_seconds]
    return min(near, default=None)
