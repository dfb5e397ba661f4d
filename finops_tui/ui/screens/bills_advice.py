"""What would cost less each month: what the clouds' tools recommend, and what is found idle here. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import ESTIMATED, MISSING, SEPARATOR
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, named, nothing_wrong
from finops_tui.ui.panes.best_move import best_of
from finops_tui.ui.panes.facts import Fact, Origin, why_missing
from finops_tui.ui.panes.finding_facts import is_open
from finops_tui.ui.screens.bills_words import AMOUNT_CELLS, USD, amount, exactly
from finops_tui.ui.text import cut_end, cut_path
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.cloud import Commitment, Recommendation
    from finops_tui.model.finding import Finding
    from finops_tui.model.scope import ScopeKind
    from finops_tui.model.snapshot import Snapshot

HOURS_A_MONTH = 8_760 / 12
DAYS_A_MONTH = HOURS_A_MONTH / 24
WASTE = {
    "idle": "stop what is idle",
    "unallocated": "shrink what nobody requests",
    "zombie": "stop what serves nobody",
    "growth": "keep less of it",
    "unowned": "name an owner",
}
"""Kinds of findings that are about waste, and what would end it."""
AT_STAKE = "unowned"
"""To name an owner saves nothing by itself."""
HERE = "finops-tui"
EFFORTS = ("onekey", "verylow", "low", "medium", "high", "veryhigh", "byhand")
"""The least first, as the clouds' tools and this program say it."""
EFFORT_CELLS, SAYS_CELLS = 8, 12


class Advice(NamedTuple):
    """One thing to do, whoever says so."""

    key: str
    do: str
    what: str
    where: str
    owner: str
    monthly: float | None
    currency: str
    effort: str
    says: str
    why: str
    missing: str
    """Why no dollars are known."""
    undo: str
    finding: str = ""
    """Key of the finding that it is about, where it was found here."""
    saves: bool = True


def advice(snapshot: Snapshot) -> Sequence[Advice]:
    found = (row for row in snapshot.findings if row.kind in WASTE and is_open(row))
    unused = (row for row in snapshot.cloud.commitments if row.unused)
    return [*map(_found, found), *map(_recommended, snapshot.cloud.recommendations), *map(_unused, unused)]


def _found(row: Finding) -> Advice:
    saves = row.kind != AT_STAKE
    usd = row.excess_usd_per_hour if saves else row.usd_per_hour
    move = best_of(row)
    undo = "" if move is None else "can be undone" if move.reversible else "cannot be undone"
    return Advice(
        key=f"{HERE}/{row.key}",
        do=move.what if move is not None else WASTE[row.kind],
        what=row.name,
        where=row.cluster,
        owner=row.owner,
        monthly=None if usd is None else usd * HOURS_A_MONTH,
        currency=USD,
        effort="one key" if move is not None else "by hand",
        says=HERE,
        why=row.why,
        missing="" if usd is not None else "What it costs is not known.",
        undo=undo,
        finding=row.key,
        saves=saves,
    )


def _recommended(row: Recommendation) -> Advice:
    change = f"{row.now} → {row.then}" if row.now and row.then else row.then or row.now
    undo = {None: "", True: "can be undone", False: "cannot be undone"}[row.can_be_undone]
    restart = {None: "", True: "needs a restart", False: "needs no restart"}[row.needs_restart]
    return Advice(
        key=f"{row.by}/{row.account}/{row.region}/{row.id}",
        do=row.action,
        what=row.resource,
        where=" ".join(filter(None, (row.account, row.region))),
        owner=row.owner,
        monthly=None if row.monthly_savings is None else float(row.monthly_savings),
        currency=row.currency,
        effort=row.effort,
        says=row.by,
        why=" ".join(filter(None, (row.resource_type, change))),
        missing="" if row.monthly_savings is not None else "Its tool names no amount.",
        undo=", ".join(filter(None, (undo, restart))),
    )


def _unused(row: Commitment) -> Advice:
    """Tell what is paid for and not used. It saves nothing to know: it is paid until the commitment ends."""
    days = (row.last - row.first).days + 1
    return Advice(
        key=f"commitment/{row.account}/{row.kind}",
        do="use more, or buy less of it",
        what=row.kind,
        where=row.account,
        owner="",
        monthly=float(row.unused or 0) * DAYS_A_MONTH / days,
        currency=USD,
        effort="",
        says="bill",
        why=f"{fmt.percent(row.utilization)} of it is used, {fmt.percent(row.coverage)} of the spend is covered",
        missing="",
        undo="",
        saves=False,
    )


def _columns(_now: Moment) -> tuple[Column[Advice], ...]:
    def monthly(row: Advice) -> tuple[Span, ...]:
        return ((amount(row.monthly, row.currency), "text" if row.saves else "quiet"),)

    def most(row: Advice) -> tuple[bool, float] | None:
        return None if row.monthly is None else (row.currency == USD, row.monthly)

    def effort(row: Advice) -> int | None:
        word = row.effort.casefold().replace(" ", "")
        return EFFORTS.index(word) if word in EFFORTS else None

    return (
        named("what", "WHAT", lambda row: row.what, 20, role="text", grow=3, max_width=44, gap=0, cut=cut_path),
        named("do", "DO", lambda row: row.do, 12, role="text", priority=3, grow=2, max_width=30, cut=cut_end),
        named("where", "WHERE", lambda row: row.where, 10, priority=8, max_width=26),
        named("owner", "OWNER", lambda row: row.owner, 9, priority=4, max_width=18),
        Column(
            id="monthly",
            title="≈A MONTH",
            cell=monthly,
            width=AMOUNT_CELLS,
            align="right",
            gap=2,
            priority=2,
            figure=True,
            sort=most,
            descending_first=True,
        ),
        Column(
            id="effort",
            title="EFFORT",
            cell=lambda row: row.effort or MISSING,
            width=EFFORT_CELLS,
            role="quiet",
            gap=2,
            priority=6,
            sort=effort,
        ),
        named("says", "SAYS", lambda row: row.says, SAYS_CELLS, priority=5, max_width=24, cut=cut_end),
    )


def _facts(row: Advice, _snapshot: Snapshot, _now: datetime) -> Sequence[Fact]:
    usd = exactly(row.monthly, row.currency)
    unowned = "" if row.owner else "no ownership label on it" if row.finding else "no tag and no charge says"
    return (
        Fact("Do", row.do or MISSING, row.undo),
        Fact("With", row.what, f"in {row.where}" if row.where else ""),
        Fact(
            "Saves" if row.saves else "At stake",
            usd if row.monthly is None else f"{ESTIMATED}{usd}",
            why_missing(row.missing, row.monthly) or "a month",
        ),
        Fact("Owner", row.owner or MISSING, unowned),
        Fact("Effort", row.effort or MISSING, "" if row.effort else "not reported"),
        Fact("Says", row.says),
        Fact("Why", row.why or MISSING),
    )


def _origins(row: Advice, _snapshot: Snapshot) -> Sequence[Origin]:
    how = (
        f"$/h of the finding times {fmt.count(HOURS_A_MONTH)} hours: what a month like now would cost."
        if row.finding
        else "What of the commitment nobody used, for as many days as a month has."
        if not row.saves
        else f"As {row.says} says it; discounts and commitments may be in it or not."
    )
    return (Origin("A month", exactly(row.monthly, row.currency), how),)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    rows = advice(snapshot)
    if not rows:
        return ()
    here = sum(bool(row.finding) for row in rows)
    return (
        (f"{here} found here {SEPARATOR} {len(rows) - here} by clouds {SEPARATOR} they may overlap: no sum", "quiet"),
    )


ADVICE: PaneSpec[Advice] = PaneSpec(
    id="advice",
    number=6,
    title="Recommendations",
    tab="Advice",
    columns=_columns,
    order="monthly",
    rows=lambda snapshot, _scope: advice(snapshot),
    key=lambda row: row.key,
    name=lambda row: row.what,
    fields=(),
    summary=_summary,
    worst=nothing_wrong,
    empty="Nothing is recommended: no cloud tells of anything, and nothing idle, unallocated or unowned is found.",
    facts=_facts,
    origins=_origins,
    stale=lambda _row: False,
    at=lambda _row: None,
)
