"""What pane 1 shows while nothing is wrong: that it is so, what is watched, and what most is spent on.

Its columns stand where those of the findings do, so that no figure moves when the first one comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import INFO, MISSING, OK, SEPARATOR, STALE
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, figure, named
from finops_tui.ui.panes.finding_facts import is_open
from finops_tui.ui.panes.spend import SPEND, above_normal, rate
from finops_tui.ui.text import cut_path
from finops_tui.ui.widgets.columns import Cell, Column
from finops_tui.ui.widgets.gauge import trend

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpendRow

WOBBLE_RATIO = 0.10
"""Up to this much above normal the whole counts as its usual wobble."""
TREND_CELLS = 8
WIDE_CELLS = 22
"""So wide that there is room for the column only where the findings have room for it too."""


def _delta_role(row: SpendRow) -> str:
    return "text" if above_normal(row) else "quiet"


def _trend(row: SpendRow) -> Cell:
    return trend(TREND_CELLS, row.trend, row.normal_usd_per_hour)


def _columns(_now: Moment) -> tuple[Column[SpendRow], ...]:
    return (
        named("what", "LARGEST NOW", lambda row: row.name, 24, role="text", grow=17, max_width=80, gap=0, cut=cut_path),
        named("owner", "OWNER", lambda row: row.owner, 8, priority=8, grow=0),
        named("cluster", "CLUSTER", lambda row: row.cluster, WIDE_CELLS, priority=13, grow=0),
        Column(
            id="usd",
            title="≈$/h",
            cell=rate,
            width=fmt.RATE_CELLS,
            align="right",
            gap=0,
            priority=2,
            figure=True,
            sort=lambda row: row.usd_per_hour,
            descending_first=True,
        ),
        figure(
            "normal",
            "NORMAL",
            lambda row: row.normal_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=5,
            role="quiet",
        ),
        figure(
            "delta",
            "Δ$/h",
            lambda row: row.delta_usd_per_hour,
            fmt.delta_cell,
            fmt.DELTA_CELLS,
            priority=3,
            gap=0,
            paint=_delta_role,
        ),
        Column(id="burned", title="", cell=_nothing, width=fmt.DOLLARS_CELLS + 1, priority=11),
        Column(id="cause", title="", cell=_nothing, width=18, grow=5, max_width=44, gap=2, priority=12),
        Column(id="trend", title="3 h", cell=_trend, width=TREND_CELLS, priority=4),
    )


def _nothing(_row: SpendRow) -> Cell:
    return ""


def is_calm(snapshot: Snapshot) -> bool:
    """Tell whether nothing is open, and the whole costs what it usually does."""
    above = _above(snapshot)
    return not any(map(is_open, snapshot.findings)) and above is not None and above <= WOBBLE_RATIO


def _above(snapshot: Snapshot) -> float | None:
    rate_, normal = snapshot.headline.usd_per_hour.value, snapshot.headline.normal_usd_per_hour.value
    return rate_ / normal - 1 if rate_ is not None and normal else None


def _summary(snapshot: Snapshot, scope: ScopeKind) -> Sequence[Span]:
    words: list[Span] = [("none open", "ok" if is_calm(snapshot) else "text")]
    if snapshot.findings:
        words.append((f" {SEPARATOR} {len(snapshot.findings)} snoozed", "quiet"))
    if scope is not ScopeKind.WORKLOAD:
        words += [(f" {SEPARATOR} ", "quiet"), (f"by {scope.value}", "text")]
    return words


def _lead(snapshot: Snapshot, now: datetime) -> Sequence[Sequence[Span]]:
    return tuple((span,) for span in _sentences(snapshot, now))


def _sentences(snapshot: Snapshot, now: datetime) -> Iterator[Span]:
    yield _verdict(snapshot, now)
    headline = snapshot.headline
    yield (
        (
            f"{_workloads(headline.workloads)}, {counted(len(snapshot.pools), 'pool')}"
            f" and {counted(len(snapshot.slos), 'SLO')} watched."
        ),
        "text",
    )
    if snapshot.resolved:
        last = snapshot.resolved[0]
        yield f"Last: {last.name}, resolved {fmt.short_time(last.resolved_at, now)}.", "text"


def _workloads(number: int | None) -> str:
    return f"{MISSING} workloads" if number is None else counted(number, "workload")


def _verdict(snapshot: Snapshot, now: datetime) -> Span:
    above = _above(snapshot)
    if snapshot.learning:
        return snapshot.learning, "text"
    if above is None:
        return f"{INFO} No finding is open; normal is not known yet.", "text"
    if above > WOBBLE_RATIO:
        return f"{INFO} No finding is open, but all together costs {fmt.percent(above)} more than normal.", "text"
    at = snapshot.headline.usd_per_hour.at
    if at is not None and any(source.stale for source in snapshot.sources):
        return f"{STALE} Nothing cost more than normal {fmt.duration((now - at).total_seconds())} ago.", "stale"
    if snapshot.findings:
        snoozed = counted(len(snapshot.findings), "finding")
        return f"{INFO} {snoozed} snoozed; nothing else costs more than normal.", "text"
    return f"{OK} Nothing costs more than normal.", "ok"


LARGEST: PaneSpec[SpendRow] = SPEND._replace(
    id="findings",
    number=1,
    title="Findings",
    tab="Findings",
    columns=_columns,
    summary=_summary,
    lead=_lead,
)
