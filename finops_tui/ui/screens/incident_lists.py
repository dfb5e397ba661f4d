"""The lower parts of the incident screen: what changed, who adds to it, which SLOs are near, what was seen. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from finops_tui.model.plan import Risk
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.acts import ACTS
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes import near, story
from finops_tui.ui.panes.base import figure
from finops_tui.ui.panes.best_move import best_of
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.panes.spend import SPEND
from finops_tui.ui.screens.incident_parts import Case
from finops_tui.ui.text import clean, cut_end
from finops_tui.ui.widgets.columns import GUTTER, Column, RowT
from finops_tui.ui.widgets.document import Block, Pen, Piece
from finops_tui.ui.widgets.pane_line import PaneTitle

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Remedy
    from finops_tui.model.snapshot import PoolRow, SloRow, SpendRow

LABEL_CELLS = 16
"""For the label of a piece of evidence, with the blank after it."""
WHY_LINES = 2
BEST_FIT = 0.5
"""A cause that fits less well than this is not made bold, even when it is the best there is."""
SPEND_KEY, POOL_KEY, SLO_KEY = "spend:", "pool:", "slo:"
"""What the keys of rows begin with, so that those of several tables never meet."""


def changes(case: Case, pen: Pen) -> Block:
    """List what may have brought it about, ranked, and say of the one under the cursor what speaks for it."""
    every = near.suspects(case.finding)
    shown = case.suspects
    keys = [one.key for one in shown]
    summary = "ranked" if len(every) <= len(shown) else f"ranked, {len(shown)} of {len(every)}"
    pieces = [
        pen.title(PaneTitle(title="What changed", number="2", summary=((summary, "quiet"),) if shown else ()), keys)
    ]
    if not shown:
        began = fmt.short_time(case.finding.since, case.now)
        return pen.block([*pieces, *pen.prose(f"No change is known that fits what began at {began}.", "quiet")])
    pieces += pen.table(_change_columns(case, shown[0]), shown, lambda one: one.key)
    chosen = next((one for one in shown if one.key == pen.cursor), shown[0])
    why = chosen.cause.why or "What speaks for it is not known."
    label = f"{chosen.letter} " if chosen.letter else ""
    told = pen.prose(why, "quiet", GUTTER + len(label), label, most=WHY_LINES)
    blank = [pen.line([])] * (WHY_LINES - len(told))
    return pen.block([*pieces, *told, *blank])


def _change_columns(case: Case, best: near.Suspect) -> tuple[Column[near.Suspect], ...]:
    def what(one: near.Suspect) -> Sequence[Span]:
        role = "text bold" if one.key == best.key and one.cause.fit >= BEST_FIT else "text"
        return (one.cause.what, role), (f"  {one.cause.who}" if one.cause.who else "", "quiet")

    def fit(one: near.Suspect) -> Sequence[Span]:
        return ((f"{one.cause.fit:.2f}", "text" if one.key == best.key else "quiet"),)

    return (
        Column(id="letter", title="", cell=lambda one: ((one.letter or MISSING, "text bold"),), width=1),
        Column(
            id="at",
            title="AT",
            cell=lambda one: fmt.time_cell(one.cause.at, case.now),
            width=9,
            role="quiet",
            priority=2,
        ),
        Column(id="what", title="CHANGE", cell=what, width=12, grow=1, max_width=72),
        Column(id="fit", title="FIT", cell=fit, width=4, gap=2, align="right", priority=3),
    )


def contributors(case: Case, pen: Pen) -> Block:
    """List who adds to it: workloads of a wider scope, the pools and GPUs of a single workload."""
    if case.finding.scope.kind is ScopeKind.WORKLOAD:
        return _one_workload(case, pen)
    rows = case.near.workloads
    shown = rows[: case.rows]
    pools = case.near.pools if case.finding.scope.kind is ScopeKind.POOL else ()
    keys = [POOL_KEY + row.key for row in pools] + [SPEND_KEY + row.key for row in shown]
    some = f"{len(shown)} of " if len(rows) > len(shown) else ""
    summary = f"{some}{counted(len(rows), 'workload')} by Δ$/h"
    title = PaneTitle(title="Contributors", number="3", summary=((summary, "quiet"),) if rows else ())
    pieces = [pen.title(title, keys)]
    if pools:
        pieces += _pool_table(case, pools, pen)
    if shown:
        pieces += pen.table(_spend_columns(case), shown, lambda row: SPEND_KEY + row.key, lambda row: row.stale)
    else:
        nothing = "Which workloads run on it is not reported." if pools else "No workload in it is known."
        pieces += pen.prose(nothing, "quiet")
    return pen.block(pieces)


def _one_workload(case: Case, pen: Pen) -> Block:
    row, pools = case.near.own, case.near.pools[: case.rows]
    keys = [POOL_KEY + one.key for one in pools] + ([SPEND_KEY + row.key] if row is not None else [])
    pieces = [pen.title(PaneTitle(title="Contributors", number="3", summary=(("what it runs on", "quiet"),)), keys)]
    if row is None:
        pieces += pen.prose("It spends nothing now: no pod of it is known.", "quiet")
    else:
        pieces += pen.table(_workload_columns(case), [row], lambda one: SPEND_KEY + one.key, lambda one: one.stale)
        if row.pods_pending:
            pieces += pen.prose(f"{counted(row.pods_pending, 'pod')} of it waiting for a node.", "ticket")
    if pools:
        pieces += _pool_table(case, pools, pen)
    elif row is not None:
        pieces += pen.prose("Which pools it runs on is not reported.", "quiet")
    return pen.block(pieces)


def _spend_columns(case: Case) -> list[Column[SpendRow]]:
    columns = {column.id: column for column in SPEND.columns(lambda: case.now)}
    chosen = [columns[name] for name in ("what", "gpus", "util", "usd", "delta")]
    return [_unsorted(column) for column in (chosen[0]._replace(title="WORKLOAD"), *chosen[1:])]


def _workload_columns(case: Case) -> list[Column[SpendRow]]:
    columns = {column.id: column for column in SPEND.columns(lambda: case.now)}
    pods: Column[SpendRow] = figure("pods", "PODS", lambda row: row.pods, fmt.count, fmt.COUNT_CELLS, priority=4, gap=2)
    per_gpu: Column[SpendRow] = figure("each", "≈$/h A GPU", _per_gpu, fmt.rate_cell, fmt.RATE_CELLS, priority=7, gap=2)
    gpus, idle = columns["gpus"]._replace(priority=3), columns["idle"]._replace(priority=5)
    util = columns["util"]._replace(priority=2)
    what = columns["what"]._replace(title="WORKLOAD", width=20)
    return [_unsorted(column) for column in (what, pods, gpus, util, idle, per_gpu)]


def _per_gpu(row: SpendRow) -> float | None:
    return row.usd_per_hour / row.gpus if row.usd_per_hour is not None and row.gpus else None


def _pool_table(case: Case, rows: Sequence[PoolRow], pen: Pen) -> list[Piece]:
    columns = [_unsorted(column) for column in GPU.columns(lambda: case.now) if column.id != "cluster"]
    return pen.table(columns, rows, lambda row: POOL_KEY + row.key, lambda row: row.stale)


def _unsorted(column: Column[RowT]) -> Column[RowT]:
    """Return a column of a table whose order is given: its title needs no room for a mark."""
    return column._replace(sort=None)


def evidence(case: Case, pen: Pen) -> Block:
    """List what was seen: what speaks for the finding, and what is to be known before a move against it."""
    seen = story.seen(case.finding)
    title = PaneTitle(title="Evidence", number="6", summary=(("what was seen", "quiet"),))
    pieces = [pen.title(title)]
    for one in seen:
        label = cut_end(clean(one.label), LABEL_CELLS - 1)
        pieces += pen.prose(one.words, "text", GUTTER + LABEL_CELLS, label.ljust(LABEL_CELLS))
    if not seen:
        pieces += pen.prose("Nothing was seen but the figures above.", "quiet")
    return pen.block(pieces)


def objectives(case: Case, pen: Pen) -> Block:
    """List the SLOs that its trouble, or a move against it, may reach."""
    found = case.near.objectives
    shown = found[: case.rows]
    keys = [SLO_KEY + one.row.key for one in shown]
    reasons = Counter(one.why for one in found)
    summary = ", ".join(f"{number} {why}" for why, number in reasons.items())
    pieces = [
        pen.title(PaneTitle(title="SLOs near it", number="5", summary=((summary, "quiet"),) if found else ()), keys)
    ]
    if not shown:
        words = "No SLO is known to be served by it, to use its model or to share its pool."
        return pen.block([*pieces, *pen.prose(words, "quiet")])
    rows = [one.row for one in shown]
    columns = [_unsorted(column) for column in SLO.columns(lambda: case.now) if column.id != "cluster"]
    best = best_of(case.finding)
    if best is not None:
        columns.append(_if_done(best))
    return pen.block([*pieces, *pen.table(columns, rows, lambda row: SLO_KEY + row.key, lambda row: row.stale)])


def _if_done(move: Remedy) -> Column[SloRow]:
    """Say of each objective what the best move does to it."""

    def then(row: SloRow) -> Sequence[Span]:
        if row.key in move.slos or (move.slo_risk is Risk.UNKNOWN and not move.slos):
            return (_THEN[move.slo_risk],)
        return (_THEN[Risk.NONE],)

    verb = next((act.verb for act in ACTS if act.id == move.action), move.action)
    return Column(id="then", title=f"IF YOU {verb.upper()}", cell=then, width=10, gap=3, priority=9)


_THEN: Mapping[Risk, Span] = {
    Risk.NONE: ("unchanged", "quiet"),
    Risk.LOW: ("low risk", "text"),
    Risk.HIGH: ("high risk", "ticket"),
    Risk.UNKNOWN: ("not known", "quiet"),
}
