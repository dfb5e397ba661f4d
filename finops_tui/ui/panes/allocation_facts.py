"""What is told of one row of the allocation screen: beside what is told of any spend, its part in the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from finops_tui import phrases
from finops_tui.engine.spend_rows import UNALLOCATED
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.allocation_counts import Count, change, showback
from finops_tui.ui.panes.facts import Fact, Origin
from finops_tui.ui.panes.spend import SPEND

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpendRow

LARGEST = 5
"""Workloads named as the largest of a row."""
ALWAYS = frozenset({"Spends", "Normal", "Idle", "GPUs", "Age"})
"""Facts that say why they are missing; others that a sum does not have are left out."""


def facts(count: Count, row: SpendRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    told = [fact for fact in SPEND.facts(row, snapshot, now) if fact.value != MISSING or fact.label in ALWAYS]
    at = next(index for index, fact in enumerate(told) if fact.label == "Normal")
    return (*told[:at], *_in_the_whole(count, row, snapshot), *told[at:], *_largest(count, row, snapshot))


def _in_the_whole(count: Count, row: SpendRow, snapshot: Snapshot) -> Iterator[Fact]:
    whole = snapshot.headline.usd_per_hour.value
    if whole and row.usd_per_hour is not None:
        yield Fact("Part", fmt.percent(row.usd_per_hour / whole), f"of {phrases.estimated(fmt.rate(whole))} altogether")
    share, with_share = row.share_usd_per_hour, showback(row)
    if count.of_nodes:
        why = (
            "in it, and requested by nobody" if share is not None else "only told of pools with GPUs that have a price"
        )
        yield Fact("Unallocated", fmt.rate(share), why, column="share")
    elif row.name == UNALLOCATED:
        yield Fact("Share", fmt.signed_rate(share), "what the others are shown of it, by their spend", column="share")
    else:
        why = "of what nobody requested, by its spend" if share is not None else "not known without its cluster's price"
        yield Fact("Share", fmt.signed_rate(share), why, column="share")
        yield Fact("Showback", phrases.estimated(fmt.rate(with_share)), "$/h with its share", column="showback")
    today = "since 00:00Z" if row.today_usd is not None else "not every hour since 00:00Z was seen"
    yield Fact("Today", phrases.estimated(fmt.dollars(row.today_usd)), today, column="today")
    yield Fact("Week ago", fmt.rate(row.week_ago_usd_per_hour), _against_week_ago(count, row), column="week")


def _against_week_ago(count: Count, row: SpendRow) -> str:
    if row.week_ago_usd_per_hour is None:
        return "no past is kept by label" if count.labelled else "that hour was not seen, or it did not exist"
    ratio = change(row)
    if ratio is None:
        return "in the same hour; a change from nothing has no percentage" if row.usd_per_hour else "in the same hour"
    return f"in the same hour; now {fmt.signed_percent(ratio)}"


def _largest(count: Count, row: SpendRow, snapshot: Snapshot) -> Iterator[Fact]:
    """Name the most expensive workloads that are part of a row; workloads come in that order."""
    if count.part_of is None or row.name == UNALLOCATED:
        return
    workloads = snapshot.spend.get(ScopeKind.WORKLOAD, ())
    parts = (one for one in workloads if count.part_of(one) == row.key and one.name != UNALLOCATED)
    for index, one in enumerate(islice(parts, LARGEST)):
        yield Fact("Largest" if index == 0 else "", one.name, phrases.estimated(fmt.rate(one.usd_per_hour)))


def origins(count: Count, row: SpendRow, snapshot: Snapshot) -> Sequence[Origin]:
    share = fmt.rate(row.share_usd_per_hour)
    if count.of_nodes:
        split = [Origin("Unallocated", share, "$/h of its nodes, less what is requested of them.")]
    else:
        how = (
            "What nobody requested in a cluster is split over those who requested something there, by their $/h: "
            "$/h × unallocated / (all − unallocated). The row of what is unallocated gives it away."
        )
        split = [
            Origin("Share", share, how),
            Origin("Showback", fmt.rate(showback(row)), "$/h plus share. Over all rows it is what is spent."),
        ]
    whose = " of each workload that runs now" if count.labelled else ""
    return (
        *SPEND.origins(row, snapshot),
        *split,
        Origin(
            "Today",
            fmt.dollars(row.today_usd),
            f"Mean $/h{whose} in every hour since 00:00Z, added up; the present hour as far as it has come.",
        ),
        Origin("Week ago", fmt.rate(row.week_ago_usd_per_hour), "Mean $/h of the same hour seven days ago."),
        Origin("W-O-W", fmt.signed_percent(change(row)), "$/h now, divided by that of a week ago, less one."),
    )
