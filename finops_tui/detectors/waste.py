"""What all findings about waste share: from when on it matters, and how it is told of a workload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.detectors.quantities import known, positive
from finops_tui.model.finding import WOULD_DO, Cause, Evidence, Severity, Signal
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import rate

ROUNDING = 1e-9
"""What is left of all that is spent, as a share of it, is no money: sums of floating point leave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteRules:
    """Waste can wait until the morning, unless it is very much."""

    least_usd_per_hour: float = 5.0
    """Less is not listed: who is on call has other things to do."""
    ticket_usd_per_hour: float = 15.0
    """From here on somebody should look in this shift: $360 a day."""
    ticket_burned_usd: float = 100.0
    """So should they at what is less but goes on."""
    page_usd_per_hour: float = 200.0
    """From here on, when it lasts, somebody is woken: $1,600 until the morning."""
    page_after_minutes: float = 60.0


def grade(usd_per_hour: float, lasted: timedelta, burned_usd: float, rules: WasteRules) -> Severity:
    """Judge waste by its rate ($/h), how long it has lasted and what it has burned ($)."""
    if usd_per_hour >= rules.page_usd_per_hour and lasted >= timedelta(minutes=rules.page_after_minutes):
        return Severity.PAGE
    if usd_per_hour >= rules.ticket_usd_per_hour or burned_usd >= rules.ticket_burned_usd:
        return Severity.TICKET
    return Severity.INFO


def split(usd_per_hour: float | None, excess: float) -> tuple[float | None, float]:
    """Divide $/h in what would do and what is too much: neither is negative, and together they are what is spent."""
    usd = known(usd_per_hour)
    if usd is None:
        return None, excess
    spent = positive(usd)
    too_much = min(excess, spent)
    if spent - too_much < ROUNDING * spent:
        return 0.0, spent
    return spent - too_much, too_much


def would_do(usd_per_hour: float | None, excess: float) -> Evidence:
    """Say what normal means of a finding about waste."""
    normal, too_much = split(usd_per_hour, excess)
    if normal is None:
        return Evidence(label=WOULD_DO, words="not known: nothing is priced.")
    words = f"{rate(normal)} would do, {rate(positive(usd_per_hour))} less {rate(too_much)}; it is not what is usual."
    return Evidence(label=WOULD_DO, words=words)


def of_workload(
    kind: str,
    row: SpendRow,
    *,
    severity: Severity,
    since: datetime,
    why: str,
    excess: float,
    burned: float | None = None,
    part: str = "",
    evidence: Sequence[Evidence] = (),
    causes: Sequence[Cause] = (),
) -> Signal:
    """Return what is wrong with a workload that spends `excess` ($/h) for nothing."""
    normal, too_much = split(row.usd_per_hour, excess)
    return Signal(
        kind=kind,
        severity=severity,
        scope=Scope(ScopeKind.WORKLOAD, row.key),
        name=row.name,
        since=since,
        why=why,
        part=part,
        cluster=row.cluster,
        owner=row.owner,
        namespace=row.namespace,
        model=row.model,
        usd_per_hour=known(row.usd_per_hour),
        normal_usd_per_hour=normal,
        excess_usd_per_hour=too_much,
        burned_usd=burned,
        evidence=(*evidence, would_do(row.usd_per_hour, excess)),
        causes=tuple(causes),
    )
