"""How urgent dollars are."""

from __future__ import annotations

from dataclasses import dataclass

from finops_tui.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityRules:
    """A rate above normal is urgent because of what it will burn, a sum because of what it has burned already."""

    page_usd_per_hour: float = 50.0
    """$1,200 a day: worth waking somebody up."""
    page_burned_usd: float = 500.0
    """Slower, but lasting."""
    ticket_usd_per_hour: float = 5.0
    ticket_burned_usd: float = 50.0


def severity(excess_usd_per_hour: float, burned_usd: float, rules: SeverityRules) -> Severity:
    """Judge an excess ($/h) and what it has burned so far ($)."""
    if excess_usd_per_hour >= rules.page_usd_per_hour or burned_usd >= rules.page_burned_usd:
        return Severity.PAGE
    if excess_usd_per_hour >= rules.ticket_usd_per_hour or burned_usd >= rules.ticket_burned_usd:
        return Severity.TICKET
    return Severity.INFO
