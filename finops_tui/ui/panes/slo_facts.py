"""What is known of one SLO, in words: its alert, its budget, each window, and what it costs to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING, PAGE, TICKET
from finops_tui.ui.panes.facts import Fact, Origin, age, why_missing

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import SloRow, Snapshot

PAGE_BURN, TICKET_BURN = 14.4, 6.0
"""2 % of a 30-day budget in one hour, 5 % in six (sre.google/workbook/alerting-on-slos)."""
SHORT, HOUR, SIX_HOURS = 300, 3_600, 21_600
WINDOWS = (SHORT, 1_800, HOUR, 7_200, SIX_HOURS, 86_400, 259_200)
"""Seconds; the alerts look at these."""


def role(rate: float | None) -> str:
    """Return the colour of a burn rate."""
    if rate is None or rate < 1:
        return "quiet"
    if rate >= PAGE_BURN:
        return "page bold"
    return "ticket bold" if rate >= TICKET_BURN else "text"


def _window(seconds: int) -> str:
    return fmt.duration(seconds).removesuffix("00m").removesuffix("00h")


def _finding(row: SloRow, snapshot: Snapshot) -> Finding | None:
    return next((each for each in snapshot.findings if each.kind == "slo" and row.key in each.related), None)


def _holds(finding: Finding) -> str:
    """Return which alert holds: `page: 14.4× over 1 h and 5 min`."""
    return next((each.words for each in finding.evidence if each.label == "Alert"), finding.severity.value)


def _alert(row: SloRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    finding = _finding(row, snapshot)
    if finding is None:
        return ()
    since = f"since {fmt.short_time(finding.since, now)}"
    return (Fact("Alert", _holds(finding), since, finding.severity.value),)


def _not_measured(row: SloRow) -> Sequence[Fact]:
    absent = [_window(seconds) for seconds in WINDOWS if all(window.seconds != seconds for window in row.windows)]
    return (Fact("Not measured", ", ".join(absent), "nothing says how these windows burned"),) if absent else ()


def facts(row: SloRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    burns = (
        Fact(
            f"Burn {_window(window.seconds)}",
            fmt.burn_rate(window.burn_rate),
            "no traffic" if window.error_ratio is None else f"{window.error_ratio * 100:.3g}% of events were bad",
            role(window.burn_rate).partition(" ")[0],
            _window(window.seconds),
        )
        for window in row.windows
    )
    used = row.exhausted_in_seconds
    return (
        *_alert(row, snapshot, now),
        Fact("Target", fmt.objective(row.objective), f"over {fmt.duration(row.period_seconds)}", column="target"),
        Fact(
            "Left",
            fmt.percent(row.budget_left),
            "of the error budget" if row.budget_left is not None else why_missing(row.missing, None),
            column="left",
        ),
        Fact(
            "Out in",
            fmt.duration(used),
            "at the burn rate of the last hour" if used is not None else "the budget is not being used up",
            column="out",
        ),
        *burns,
        *_not_measured(row),
        Fact(
            "Events",
            fmt.count(row.events_per_hour),
            "an hour" + ("; too few for the 5m rate to mean much" if row.low_traffic else ""),
        ),
        Fact("Service", row.service or MISSING),
        Fact("Cluster", row.cluster or MISSING, column="cluster"),
        Fact("Workload", row.workload or MISSING, "" if row.workload else "nothing says what serves it"),
        Fact("Model", row.model or MISSING),
        Fact("Pool", row.pool or MISSING),
        Fact("Costs", phrases.estimated(fmt.rate(row.usd_per_hour)), "to serve it"),
        Fact("Defined in", row.origin or MISSING),
        age(row.at, now, stale=row.stale),
    )


def origins(row: SloRow, snapshot: Snapshot) -> Sequence[Origin]:
    budget = f"{(1 - row.objective) * 100:.3g}%"
    finding = _finding(row, snapshot)
    return (
        Origin(
            "Target",
            fmt.objective(row.objective),
            f"Good events of all, over {fmt.duration(row.period_seconds)}. Defined in {row.origin or MISSING}.",
        ),
        Origin(
            "Burn rate",
            fmt.burn_rate(row.burn(HOUR)),
            f"Share of bad events in the window, divided by the error budget ({budget}). "
            "1× uses the budget up exactly at the period's end.",
        ),
        Origin("Left", fmt.percent(row.budget_left), f"1 less the period's share of bad events divided by {budget}."),
        Origin(
            "Out",
            fmt.duration(row.exhausted_in_seconds),
            "What is left of the budget at the burn rate of the last hour.",
        ),
        Origin(
            "Alerts",
            _holds(finding) if finding is not None else "none holds",
            "Two windows must burn at once: 14.4× over 1h and 5m or 6× over 6h and 30m page, 3× over 1d and 2h or 1× "
            "over 3d and 6h are a ticket, unless the config says otherwise. Few events make an alert milder.",
        ),
        Origin(
            "Costs",
            phrases.estimated(fmt.rate(row.usd_per_hour)),
            "What its workload spends: the requested share of the nodes that it runs on."
            if row.usd_per_hour is not None
            else "Nothing says what serves it, or it has no price: name its workload under slos: in config.yaml.",
        ),
        Origin(
            "Marks",
            "",
            f"{PAGE} from {PAGE_BURN}×, {TICKET} from {TICKET_BURN:.0f}×: in the last hour and the last five minutes.",
        ),
    )
