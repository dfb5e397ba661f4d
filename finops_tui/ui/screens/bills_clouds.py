"""The tables of the bills page that tell of budgets, ours and the clouds', and of what the clouds found odd. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import BILLED, ESTIMATED, MISSING, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, figure, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, why_missing
from finops_tui.ui.screens.bills_budgets import spent
from finops_tui.ui.screens.bills_words import AMOUNT_CELLS, amount, exactly
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.billing import BudgetRow
    from finops_tui.model.cloud import Anomaly, Budget
    from finops_tui.model.scope import ScopeKind
    from finops_tui.model.snapshot import Snapshot

DATE_CELLS = 10
SAID = {
    "YES": ("real", "a real anomaly"),
    "NO": ("false", "a false alarm"),
    "PLANNED_ACTIVITY": ("planned", "planned activity"),
}
"""Feedback on an anomaly in a word, and in full."""
PERIODS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "annually": "year"}
"""Clouds' words for a budget's period, as budgets of the config name theirs."""
NEAR = 0.9
"""Ratio of a budget from which its use deserves a mark."""


class BudgetLine(NamedTuple):
    """One budget, whoever keeps it."""

    key: str
    name: str
    about: str
    period: str
    unit: str
    limit: float | None
    spent: float | None
    expected: float | None
    says: str
    """`config`, or the cloud's account."""
    billed: bool
    """Whether all that is spent of it is billed."""
    missing: str

    @property
    def used(self) -> float | None:
        """Ratio of the limit."""
        return self.spent / self.limit if self.spent is not None and self.limit else None

    @property
    def ends(self) -> float | None:
        """Ratio of the limit that it is expected to end at."""
        return self.expected / self.limit if self.expected is not None and self.limit else None


def budget_lines(snapshot: Snapshot) -> Sequence[BudgetLine]:
    return [*map(_own, snapshot.budgets), *(_of_cloud(row, snapshot) for row in snapshot.cloud.budgets)]


def _own(row: BudgetRow) -> BudgetLine:
    seen = row.outlook
    return BudgetLine(
        key=f"config/{row.key}",
        name=row.name,
        about="everything" if row.kind == "total" else f"{row.kind} {row.scope}",
        period=row.period.value,
        unit="USD",
        limit=row.limit_usd,
        spent=seen.usd,
        expected=seen.expected_usd,
        says="config",
        billed=seen.billed_through is not None and not seen.estimated_usd and not seen.carried_usd,
        missing=row.missing or seen.missing,
    )


def _of_cloud(row: Budget, snapshot: Snapshot) -> BudgetLine:
    told = _float(row.actual), ""
    used, untold = told if row.actual is not None else spent(row, snapshot.cloud.budgets, snapshot.bills)
    no_limit = "The cloud plans it automatically and does not say." if row.limit is None else ""
    return BudgetLine(
        key=f"cloud/{row.account}/{row.name}",
        name=row.name,
        about=row.about,
        period=PERIODS.get(row.period.casefold(), row.period.casefold()),
        unit=row.unit,
        limit=_float(row.limit),
        spent=used,
        expected=_float(row.forecast),
        says=row.account,
        billed=True,
        missing=row.trouble or no_limit or untold,
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _budget_columns(_now: Moment) -> tuple[Column[BudgetLine], ...]:
    def limit(row: BudgetLine) -> Cell:
        return amount(row.limit, row.unit)

    def used(row: BudgetLine) -> str:
        return "ticket" if (row.used or 0.0) >= NEAR else "text"

    def ends(row: BudgetLine) -> str:
        return "ticket" if (row.ends or 0.0) > 1 else "text"

    def so_far(row: BudgetLine) -> Cell:
        text = amount(row.spent, row.unit)
        return text if text == MISSING else ((BILLED if row.billed else ESTIMATED, "quiet"), (text, "text"))

    return (
        named("budget", "BUDGET", lambda row: row.name, 16, role="text", grow=3, max_width=36, gap=0),
        named("for", "FOR", lambda row: row.about, 10, priority=7, max_width=30, cut=cut_end),
        named("per", "PER", lambda row: row.period, 7, priority=6, max_width=9),
        Column(id="limit", title="LIMIT", cell=limit, width=AMOUNT_CELLS, align="right", gap=2, priority=3),
        Column(id="spent", title="SPENT", cell=so_far, width=AMOUNT_CELLS + 1, align="right", gap=2, priority=5,
               figure=True),
        figure("used", "USED", lambda row: row.used, fmt.percent_cell, fmt.PERCENT_CELLS, priority=2, gap=2,
               paint=used),
        figure("ends", "≈END", lambda row: row.ends, fmt.percent_cell, fmt.PERCENT_CELLS, priority=2, gap=2,
               paint=ends),
        named("says", "SAYS", lambda row: row.says, 12, priority=8, max_width=16),
    )  # fmt: skip


def _budget_facts(row: BudgetLine, snapshot: Snapshot, _now: datetime) -> Sequence[Fact]:
    sign = BILLED if row.billed else ESTIMATED
    used, ends = exactly(row.spent, row.unit), exactly(row.expected, row.unit)
    return (
        Fact("Budget", row.name, f"says {row.says}"),
        Fact("For", row.about or "everything", f"per {row.period}"),
        Fact("Limit", exactly(row.limit, row.unit), why_missing(row.missing, row.limit)),
        Fact("Spent", used if row.spent is None else f"{sign}{used}", why_missing(row.missing, row.spent)),
        Fact("Used", fmt.percent(row.used), "", "ticket" if (row.used or 0.0) >= NEAR else ""),
        Fact("Expected end", phrases.estimated(ends), why_missing(row.missing, row.expected)),
        *_allowance(row, snapshot),
        *((Fact("Remarked", row.missing),) if row.missing else ()),
    )


def _allowance(row: BudgetLine, snapshot: Snapshot) -> Iterator[Fact]:
    own = next((one for one in snapshot.budgets if f"config/{one.key}" == row.key), None)
    if own is None:
        return
    yield Fact("Time gone", fmt.percent(own.prorated), "of its period")
    yield Fact("Fits", fmt.dollars(own.daily_allowance_usd), "for each day that is left, so that it holds")
    if own.breach_on is not None:
        yield Fact("Used up on", f"{own.breach_on:%Y-%m-%d}", "", "ticket")


def _budget_summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    lines = budget_lines(snapshot)
    over = sum((one.ends or 0.0) > 1 for one in lines)
    return ((f"{TICKET} {over} of {len(lines)} expected to end above", "ticket"),) if over else ()


BUDGETS: PaneSpec[BudgetLine] = PaneSpec(
    id="budgets",
    number=4,
    title="Budgets",
    tab="Budgets",
    columns=_budget_columns,
    order="ends",
    rows=lambda snapshot, _scope: budget_lines(snapshot),
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=(),
    summary=_budget_summary,
    worst=nothing_wrong,
    empty="No budget is known. Add one under findings.budgets:, or a source of type aws, which tells of its own.",
    facts=_budget_facts,
    origins=lambda row, _snapshot: (
        Origin("Used", fmt.percent(row.used), "Spent over limit."),
        Origin("Expected end", fmt.percent(row.ends), f"The period's expected end over limit, as {row.says} says."),
    ),
    stale=lambda _row: False,
    at=lambda _row: None,
)  # fmt: skip


def _anomaly_columns(_now: Moment) -> tuple[Column[Anomaly], ...]:
    return (
        Column(
            id="since", title="SINCE", cell=lambda row: f"{row.start:%Y-%m-%d}", width=DATE_CELLS, role="quiet",
            priority=3, sort=lambda row: row.start, descending_first=True,
        ),
        named("subject", "WHAT", lambda row: row.subject, 16, role="text", grow=3, max_width=40),
        named("account", "ACCOUNT", lambda row: row.account, 12, priority=7, max_width=16),
        figure("impact", f"{BILLED}ABOVE", lambda row: float(row.impact), amount, AMOUNT_CELLS, priority=2, gap=2),
        figure("expected", "EXPECTED", lambda row: _float(row.expected), amount, AMOUNT_CELLS, priority=5, gap=2,
               role="quiet"),
        named("cause", "LIKELY CAUSE", _cause, 12, priority=4, grow=2, max_width=40, cut=cut_end),
        named("said", "SAID", _said, 8, priority=8, max_width=16),
    )  # fmt: skip


def _cause(row: Anomaly) -> str:
    if not row.causes:
        return ""
    first = row.causes[0]
    service = "" if first.service == row.subject else first.service  # it stands in the row: the rest has its room
    return " · ".join(filter(None, (service, first.usage_type, first.region, first.account)))


def _said(row: Anomaly) -> str:
    return SAID.get(row.feedback, (row.feedback, ""))[0]


def _answered(row: Anomaly) -> str:
    if row.feedback:
        return "as somebody has told the cloud"
    return "nobody has told the cloud what it was" if row.place else "its cloud takes no feedback"


def _anomaly_facts(row: Anomaly, _snapshot: Snapshot, _now: datetime) -> Sequence[Fact]:
    return (
        Fact("What", row.subject, f"in account {row.account}"),
        Fact("Since", f"{row.start:%Y-%m-%d}", f"until {row.end:%Y-%m-%d}" if row.end is not None else "goes on"),
        Fact("Above", f"{BILLED}{exactly(float(row.impact))}", "more than the cloud expected, so far"),
        Fact("Expected", exactly(_float(row.expected)), why_missing("", row.expected)),
        Fact("Actual", exactly(_float(row.actual)), why_missing("", row.actual)),
        *(
            Fact(
                "Cause" if at == 0 else "",
                " · ".join(filter(None, (one.service, one.usage_type, one.region, one.account))) or MISSING,
                "" if one.contribution is None else f"{BILLED}{exactly(float(one.contribution))} of it",
            )
            for at, one in enumerate(row.causes)
        ),
        Fact("Said", SAID.get(row.feedback, ("", row.feedback))[1] or MISSING, _answered(row)),
        Fact("Id", row.id),
    )


def _anomaly_summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    return (("they tell hours to a day late", "quiet"),) if snapshot.cloud.anomalies else ()


ANOMALIES: PaneSpec[Anomaly] = PaneSpec(
    id="anomalies",
    number=5,
    title="Anomalies that the clouds found",
    tab="Anomalies",
    columns=_anomaly_columns,
    order="since",
    rows=lambda snapshot, _scope: snapshot.cloud.anomalies,
    key=lambda row: f"{row.account}/{row.id}",
    name=lambda row: row.subject,
    fields=(),
    summary=_anomaly_summary,
    worst=nothing_wrong,
    empty="No cloud tells of an anomaly.",
    facts=_anomaly_facts,
    origins=lambda row, _snapshot: (
        Origin("Above", exactly(float(row.impact)), "Actual less expected, both as the cloud's own detection says."),
    ),
    stale=lambda _row: False,
    at=lambda _row: None,
)  # fmt: skip
