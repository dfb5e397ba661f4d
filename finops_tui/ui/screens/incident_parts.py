"""The upper parts of the incident screen: the finding in sentences, and its chart. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes import story
from finops_tui.ui.panes.near import Nearby, Suspect, suspects
from finops_tui.ui.panes.slo_facts import PAGE_BURN, TICKET_BURN
from finops_tui.ui.text import pad
from finops_tui.ui.widgets.cost_chart import ChartData, ChartMark, chart_lines
from finops_tui.ui.widgets.document import Block, Pen
from finops_tui.ui.widgets.gauge import gauge
from finops_tui.ui.widgets.pane_line import PaneTitle

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import SloRow

INDENT, NARROW_INDENT = 9, 2
NARROW = 70
"""Cells below which the margin of the sentences is not worth its room."""
BURN_GAUGE_CELLS = 30


class Case(NamedTuple):
    """What every part is made from."""

    finding: Finding
    near: Nearby
    now: datetime
    rows: int
    """Rows of a list before the rest is counted."""
    chart_rows: int
    """0 where the chart had to go."""
    notice: str = ""
    """Why the figures are not of now."""

    @property
    def suspects(self) -> tuple[Suspect, ...]:
        return suspects(self.finding)[: self.rows]


def sentences(case: Case, pen: Pen) -> Block:
    """Tell the finding in sentences: who, the money, why; where there is little room, the money first."""
    finding = case.finding
    wide = pen.width >= NARROW
    indent = INDENT if wide else NARROW_INDENT
    objective = case.near.objective
    told = list(story.money(finding, case.now))
    if objective is not None and not told:
        told = list(story.burning(objective))
    who = list(story.who(finding, case.now))
    label = "Why  "
    ending = story.ending(finding, case.now)
    notices = ((ending, "ok"), (case.notice, "ticket"), (f"Planned: {finding.planned}" * bool(finding.planned), "text"))
    below = [piece for words, role in notices if words for piece in pen.prose(words, role, indent)]
    below += pen.prose(finding.why or MISSING, "text", indent + len(label), label)
    if wide:
        lines = pen.flow([story.title(finding), *who], indent, (*story.lead(finding), (" ", "text")))
        return pen.block([*map(pen.line, lines + (pen.flow(told, indent) if told else [])), *below])
    lines = pen.flow([story.lead(finding), story.title(finding)], indent)
    lines += pen.flow(told, indent) if told else []
    return pen.block([*map(pen.line, lines), *below, *map(pen.line, pen.flow(who, indent))])


def chart(case: Case, pen: Pen) -> Block:
    """Draw the cost against normal; where there is none, how fast the objective burns, or why there is nothing."""
    finding = case.finding
    known = [value for value in finding.minutes if value is not None]
    objective = case.near.objective
    if objective is not None and not known:
        return _burn(case, objective, pen)
    head = "Cost against normal" if objective is None else "What serves it costs"
    if len(known) <= 1:
        title = pen.title(PaneTitle(title=head, number="1"))
        words = "It is not about dollars." if finding.excess_usd_per_hour is None else "Its cost has not been seen yet."
        return pen.block([title, *pen.prose(words, "quiet")])
    live = finding.resolved_at is None and not finding.stale and not case.notice
    data = ChartData(
        values=finding.minutes,
        normal=finding.minutes_normal,
        end=finding.seen_at,
        marks=tuple(ChartMark(one.cause.at, one.letter) for one in case.suspects if one.cause.at is not None),
        end_words="now" if live else "",
    )
    start = fmt.short_time(data.axis(1).start, case.now)
    ends = "now" if live else fmt.short_time(finding.seen_at, case.now)
    summary: list[Span] = [(f"$/h, {start} to {ends}", "quiet")]
    if not any(value is not None for value in finding.minutes_normal):
        summary.append((" · normal is not known yet", "quiet"))
    title = pen.title(PaneTitle(title=head, number="1", summary=tuple(summary)))
    return pen.block(
        [title, *map(pen.line, chart_lines(data, pen.width, case.chart_rows, grid=not pen.palette.glyphs.ascii_only))]
    )


def _burn(case: Case, row: SloRow, pen: Pen) -> Block:
    """Draw the burn rates: what the finding is about, instead of dollars."""
    summary = ((f"{PAGE_BURN:g}× pages, {TICKET_BURN:g}× is a ticket", "quiet"),)
    pieces = [pen.title(PaneTitle(title="Error budget burn", number="1", summary=summary))]
    cells = min(BURN_GAUGE_CELLS, pen.width - 24)
    for window in row.windows:
        rate = window.burn_rate
        role = "text" if rate is None or rate < TICKET_BURN else "ticket bold" if rate < PAGE_BURN else "page bold"
        length = fmt.duration(window.seconds).removesuffix("00m").removesuffix("00h")
        ratio = None if rate is None else rate / PAGE_BURN
        words = (pad(length, 6, right=True) + "  ", "quiet"), (pad(fmt.burn_rate(rate), 7, right=True) + "   ", role)
        pieces.append(pen.line([*words, *gauge(ratio, cells)]))
    usd = row.usd_per_hour if row.usd_per_hour is not None else case.finding.usd_per_hour
    costs = f"{phrases.estimated(fmt.rate(usd))}" if usd is not None else "an amount that is not known"
    words_below = f"It is about an SLO, not about dollars. What serves it costs {costs}."
    return pen.block([*pieces, *pen.prose(words_below, "quiet")])
