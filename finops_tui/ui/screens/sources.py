"""Every source: how it answers, since when, and what to do when it does not."""

from __future__ import annotations

from datetime import datetime

from finops_tui.ui.issues import issues, waiting
from finops_tui.ui.palette import Span, palette_of
from finops_tui.ui.panes.sources import SOURCES, WORST_FIRST, facts, lost
from finops_tui.ui.screens.page import Page, fact_lines, heading_line, paragraph
from finops_tui.ui.widgets.lines import Line


class SourcesPage(Page):
    def heading(self) -> tuple[str, tuple[Span, ...]]:
        if self.snapshot is None:
            return "Sources", ()
        return "Sources", tuple(SOURCES.summary(self.snapshot, None))  # type: ignore[arg-type]  # sources do not look at the scope

    def document(self, width: int, now: datetime) -> list[Line]:
        if self.snapshot is None:
            return [[], *paragraph(waiting(self.settings.waiting_for, 0), width)]
        palette = palette_of(self.app)
        lines: list[Line] = [[]]
        found = issues(self.snapshot, now)
        if found:
            for issue in found:
                lines += paragraph(f"{issue.mark} {issue.words} {issue.hint}", width, role=issue.role)
            lines.append([])
        for source in sorted(
            self.snapshot.sources, key=lambda row: (not lost(row), WORST_FIRST.index(row.state), row.name)
        ):
            lines += [heading_line(source.name), *fact_lines(facts(source, self.snapshot, now), width, palette), []]
        if not self.snapshot.sources:
            lines += paragraph(SOURCES.empty, width)
        return lines
