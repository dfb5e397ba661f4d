"""The tables of the bills page that tell what was billed: by account, and held against the estimate. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import BILLED, ESTIMATED, MISSING, SEPARATOR, STALE, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, moment
from finops_tui.ui.screens.bills_words import AMOUNT_CELLS, USD, amount, exactly, signed_tenths
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from collections.abc import Callable

    from finops_tui.model.billing import BillRow, CheckedService
    from finops_tui.model.snapshot import Snapshot

STATE_CELLS, OFF_CELLS, FACTOR_CELLS = 11, 9, 6


def billed(row: BillRow) -> float:
    """Return what is on the invoice: usage, purchases, credits, taxes and adjustments."""
    return row.usage + row.purchases + row.credits + row.taxes + row.adjustments


def _money(
    id: str,  # noqa: A002  the column's own word
    title: str,
    value: Callable[[BillRow], float | None],
    *,
    priority: int,
    role: str = "text",
) -> Column[BillRow]:
    """Make a column of amounts. Dollars stand before other currencies: they cannot be compared."""

    def sort(row: BillRow) -> tuple[bool, float] | None:
        found = value(row)
        return None if found is None else (row.currency == USD, found)

    return Column(
        id=id,
        title=title,
        cell=lambda row: amount(value(row), row.currency),
        width=AMOUNT_CELLS,
        align="right",
        role=role,
        gap=2,
        priority=priority,
        figure=True,
        sort=sort,
        descending_first=True,
    )


def _bill_columns(now: Moment) -> tuple[Column[BillRow], ...]:
    def state(row: BillRow) -> Cell:
        if row.stale:
            return ((f"{STALE} {fmt.duration((now() - row.at).total_seconds())} old", "stale"),)
        words = "not counted" if not row.counted else "final" if row.final else "open"
        return ((words, "quiet" if row.counted else "ticket"),)

    return (
        named("account", "ACCOUNT", _account, 14, role="text", grow=3, max_width=40, gap=0),
        named("source", "SOURCE", lambda row: row.source, 12, priority=7, grow=2, max_width=18),
        _money("billed", f"{BILLED}BILLED", billed, priority=2),
        _money("effective", "EFFECTIVE", lambda row: row.effective, priority=4),
        _money("credits", "CREDITS", lambda row: row.credits, priority=8, role="quiet"),
        _money("tax", "TAX", lambda row: row.taxes, priority=9, role="quiet"),
        _money("last-month", "LAST MONTH", lambda row: row.last_month, priority=6, role="quiet"),
        Column(
            id="until",
            title="UNTIL",
            cell=lambda row: fmt.time_cell(row.through, now()),
            width=fmt.TIME_CELLS,
            role="quiet",
            gap=2,
            priority=5,
            sort=lambda row: row.through,
            descending_first=True,
        ),
        Column(id="state", title="STATE", cell=state, width=STATE_CELLS, gap=2, priority=3),
    )


def _account(row: BillRow) -> str:
    return row.name or row.account


def _bill_facts(row: BillRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    amounts = (
        ("Billed", billed(row), "on the invoice: the five below together"),
        ("Usage", row.usage, ""),
        ("Purchases", row.purchases, "paid in advance or for a commitment"),
        ("Credits", row.credits, ""),
        ("Taxes", row.taxes, ""),
        ("Adjustments", row.adjustments, ""),
        ("Effective", row.effective, "usage with commitments spread over what uses them"),
    )
    before = "" if row.last_month is not None else "the source does not tell of all its days"
    return (
        Fact("Account", row.account, row.name),
        Fact("Billed by", row.provider or MISSING, row.source),
        Fact("Month", f"{row.month:%Y-%m}", "final" if row.final else "open: amounts may change"),
        *(Fact(label, f"{BILLED}{exactly(value, row.currency)}", note) for label, value, note in amounts),
        *_expected(row, snapshot),
        Fact("Last month", exactly(row.last_month, row.currency), before),
        moment("Billed until", row.through, now, "the source does not say"),
        *(
            ()
            if row.counted
            else (Fact("Not counted", row.source, "another source tells of this account too and is believed"),)
        ),
        age(row.at, now, stale=row.stale),
    )


def _expected(row: BillRow, snapshot: Snapshot) -> Iterator[Fact]:
    """Yield what the cloud itself expects of the days left: it is asked once a day."""
    for told in snapshot.cloud.forecasts:
        if (told.account, told.currency) == (row.account, row.currency) and told.days:
            first, last = told.days[0].day, told.days[-1].day
            value = f"{ESTIMATED}{exactly(float(told.total), told.currency)}"
            yield Fact("Expected", value, f"by {row.provider or 'the cloud'} itself from {first} to {last}")


def _bill_summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    """Tell a sum for each currency; they are never added together."""
    sums: dict[str, float] = {}
    for row in snapshot.bills:
        if row.counted:
            sums[row.currency] = sums.get(row.currency, 0.0) + billed(row)
    told = [
        f"{BILLED}{amount(sums[currency], currency)}" for currency in sorted(sums, key=lambda one: (one != USD, one))
    ]
    words: list[Span] = [(f" {SEPARATOR} ".join(told), "text"), (f" {_invoiced(snapshot)}", "quiet")] if told else []
    old = [row.at for row in snapshot.bills if row.stale]
    if old:
        words.append((f"  {STALE} {fmt.duration((snapshot.at - min(old)).total_seconds())} old", "stale"))
    return words


def _invoiced(snapshot: Snapshot) -> str:
    """Say how much of what counts is on invoices and so does not change any more."""
    counted = [row for row in snapshot.bills if row.counted]
    final = sum(row.final for row in counted)
    if final == len(counted):
        return "on invoices"
    return f"so far, {final} of {len(counted)} on invoices" if final else "so far, nothing on an invoice yet"


BILLS: PaneSpec[BillRow] = PaneSpec(
    id="bills",
    number=3,
    title="Billed this month",
    tab="Bills",
    columns=_bill_columns,
    order="billed",
    rows=lambda snapshot, _scope: snapshot.bills,
    key=lambda row: row.key,
    name=_account,
    fields=(),
    summary=_bill_summary,
    worst=nothing_wrong,
    empty="No bills are known. Add a source of type focus or aws under sources:.",
    facts=_bill_facts,
    origins=lambda row, _snapshot: (
        Origin("Billed", exactly(billed(row), row.currency), "Usage, purchases, credits, taxes and adjustments."),
        Origin(
            "Effective", exactly(row.effective, row.currency), "Usage, with commitments spread over what uses them."
        ),
    ),
    stale=is_stale,
    at=answered_at,
)


def _check_columns(_now: Moment) -> tuple[Column[CheckedService], ...]:
    def off(row: CheckedService) -> Cell:
        text = signed_tenths(row.difference)
        return ((f"{TICKET} {text}", "ticket"),) if row.remarkable else text

    def factor(value: float | None) -> str:
        return MISSING if value is None else f"{value:.3f}"

    return (
        named("account", "ACCOUNT", lambda row: row.account, 14, role="text", grow=2, max_width=24, gap=0),
        named("service", "SERVICE", lambda row: row.service, 14, role="text", grow=3, max_width=40, priority=2),
        named("clusters", "CLUSTERS", lambda row: ", ".join(row.clusters), 10, priority=8, max_width=30, cut=cut_end),
        figure(
            "estimated", "≈ESTIMATED", lambda row: row.estimated_usd, amount, AMOUNT_CELLS, priority=5, gap=2,
        ),
        figure("billed", f"{BILLED}BILLED", lambda row: row.billed_usd, amount, AMOUNT_CELLS, priority=4, gap=2),
        Column(
            id="off",
            title="OFF BY",
            cell=off,
            width=OFF_CELLS,
            align="right",
            gap=2,
            priority=3,
            figure=True,
            sort=lambda row: None if row.difference is None else abs(row.difference),
            descending_first=True,
        ),
        figure("factor", "FACTOR", lambda row: row.factor, factor, FACTOR_CELLS, priority=6, role="quiet", gap=2),
        figure("spread", "SPREAD", lambda row: row.spread, factor, FACTOR_CELLS, priority=7, role="quiet", gap=2),
        figure("days", "DAYS", lambda row: row.days, fmt.count, fmt.COUNT_CELLS, priority=9, role="quiet", gap=2),
    )  # fmt: skip


def _check_facts(row: CheckedService, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    check = snapshot.reconciliation
    return (
        Fact("Account", row.account),
        Fact("Service", row.service),
        Fact("Clusters", ", ".join(row.clusters) or MISSING, "whose estimate it is"),
        Fact("Estimated", phrases.estimated(exactly(row.estimated_usd)), f"over {row.days} days"),
        Fact("Billed", f"{BILLED}{exactly(row.billed_usd)}", "effective cost of usage"),
        Fact("Off by", signed_tenths(row.difference), "more than is normal" if row.remarkable else ""),
        Fact("Factor", f"{row.factor:.3f}", "its estimates are multiplied with it"),
        Fact("Spread", f"{row.spread:.3f}", "of the days' ratios around the factor"),
        *(
            Fact(
                "Day" if not at else "", f"{one.day:%Y-%m-%d}", _day(one.estimated_usd, one.billed_usd, one.difference)
            )
            for at, one in enumerate(
                [] if check is None else [d for d in check.rows if (d.account, d.service) == (row.account, row.service)]
            )
        ),
        age(check.at if check is not None else None, now, stale=False),
    )


def _day(estimated: float, billed_usd: float, difference: float | None) -> str:
    words = f"{phrases.estimated(fmt.dollars(estimated))} estimated, {BILLED}{fmt.dollars(billed_usd)} billed"
    return f"{words}, {signed_tenths(difference)}"


CHECKED: PaneSpec[CheckedService] = PaneSpec(
    id="checked",
    number=2,
    title="Estimate against bill",
    tab="Check",
    columns=_check_columns,
    order="billed",
    rows=lambda snapshot, _scope: snapshot.reconciliation.services if snapshot.reconciliation is not None else (),
    key=lambda row: row.key,
    name=lambda row: f"{row.service} of {row.account}",
    fields=(),
    summary=lambda snapshot, _scope: (
        ((snapshot.reconciliation.line, "text"),)
        if snapshot.reconciliation is not None and not snapshot.reconciliation.missing
        else ()
    ),
    worst=nothing_wrong,
    empty="Estimates are held against bills next.",
    facts=_check_facts,
    origins=lambda row, _snapshot: (
        Origin("Off by", signed_tenths(row.difference), "Estimated over billed, less 1, over the days that are both."),
        Origin("Factor", f"{row.factor:.3f}", "Billed over estimated; newer days count more."),
    ),
    stale=lambda _row: False,
    at=lambda _row: None,
)
