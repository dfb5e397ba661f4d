"""Tables of who is shown which costs, one for each thing to count by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import MISSING, SEPARATOR
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.allocation_counts import Count, change, showback
from finops_tui.ui.panes.allocation_facts import facts, origins
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.coverage import at_least
from finops_tui.ui.panes.spend import IN_RANGE_RATIO, IN_RANGE_USD_PER_HOUR, SPEND
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.scope import ScopeKind
    from finops_tui.model.snapshot import Snapshot, SpendRow

CHANGE_CELLS = 6
IN_SEVERAL_CLUSTERS = frozenset({"namespace", "pool"})
"""Counts whose names may stand in more than one cluster."""


def table(count: Count, nth: int) -> PaneSpec[SpendRow]:
    """Return the table of one count; `nth` tells the tables of a screen apart."""
    return PaneSpec(
        id=f"count-{nth}",
        number=0,
        title=f"By {count.words}",
        tab=count.title,
        columns=partial(_columns, count),
        order="usd",
        rows=lambda snapshot, _scope: count.rows(snapshot),
        key=lambda row: row.key,
        name=lambda row: row.name,
        fields=FIELDS,
        summary=partial(_summary, count),
        worst=nothing_wrong,
        empty="Nothing is spent yet.",
        facts=partial(facts, count),
        origins=partial(origins, count),
        stale=is_stale,
        at=answered_at,
    )


FIELDS: tuple[Field[SpendRow], ...] = (
    *SPEND.fields,
    Field(("share",), Kind.NUMBER, lambda row: row.share_usd_per_hour),
    Field(("showback",), Kind.NUMBER, showback),
    Field(("today",), Kind.NUMBER, lambda row: row.today_usd),
    Field(("week",), Kind.NUMBER, lambda row: row.week_ago_usd_per_hour),
    Field(("wow",), Kind.PERCENT, change),
)


def _columns(count: Count, moment: Moment) -> tuple[Column[SpendRow], ...]:
    spend = {column.id: column for column in SPEND.columns(moment)}
    title = count.title.upper()
    share_form = (fmt.rate_cell, fmt.RATE_CELLS) if count.of_nodes else (fmt.delta_cell, fmt.DELTA_CELLS)
    columns: tuple[Column[SpendRow], ...] = (
        Column(
            id="what",
            title=title,
            cell=_name,
            width=14,
            max_width=100,
            grow=3,
            gap=0,
            cut=cut_middle,
            sort=lambda row: row.name.casefold(),
        ),
        named("cluster", "CLUSTER", lambda row: row.cluster, 10, priority=6, max_width=18),
        named("owner", "OWNER", lambda row: row.owner, 10, priority=13, max_width=18),
        spend["usd"]._replace(priority=2),
        spend["idle"]._replace(priority=4),
        figure("share", "UNALLOC" if count.of_nodes else "SHARE", _share, *share_form, priority=5, gap=2),
        figure("showback", "SHOWBACK", showback, fmt.rate_cell, fmt.RATE_CELLS, priority=9, gap=2),
        figure("today", "≈TODAY", lambda row: row.today_usd, fmt.dollars, fmt.DOLLARS_CELLS, priority=8, gap=2),
        figure(
            "week",
            "WEEK AGO",
            lambda row: row.week_ago_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=12,
            role="quiet",
            gap=2,
        ),
        figure("wow", "W-O-W", change, fmt.signed_percent, CHANGE_CELLS, priority=3, gap=2, paint=_change_role),
        spend["gpus"]._replace(priority=11),
        spend["util"]._replace(priority=10),
        spend["trend"]._replace(priority=7, gap=2),
    )
    left_out = {"showback"} if count.of_nodes else set()
    left_out |= {"week", "wow"} if count.labelled else set()
    left_out |= set() if count.name in IN_SEVERAL_CLUSTERS else {"cluster"}
    left_out |= {"owner"} if count.name == "team" else set()
    return tuple(column for column in columns if column.id not in left_out)


def _share(row: SpendRow) -> float | None:
    return row.share_usd_per_hour


def _name(row: SpendRow) -> Cell:
    """Write a name; what stands for nobody in particular is quiet."""
    return ((row.name or MISSING, "quiet" if row.name.startswith("(") else "text"),)


def _change_role(row: SpendRow) -> str:
    """Tell what moved by more than its usual wobble: a tenth, and a dollar an hour."""
    ratio, before = change(row), row.week_ago_usd_per_hour
    if ratio is None or before is None:
        return "quiet"
    moved = abs(ratio) > IN_RANGE_RATIO and abs(ratio) * before > IN_RANGE_USD_PER_HOUR
    return "text bold" if moved else "quiet"


def _summary(count: Count, snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    words: list[Span] = []
    covered = next((one for one in snapshot.coverage if one.fact == count.name), None)
    if covered is not None and covered.ratio is not None:
        words.append((f"{at_least(covered.ratio)} labelled", "text"))
    free = snapshot.headline.unallocated_usd_per_hour.value
    if free is not None:
        words += [
            (f" {SEPARATOR} " if words else "", "quiet"),
            (f"{phrases.estimated(fmt.rate(free))} unallocated", "text"),
        ]
    return words
