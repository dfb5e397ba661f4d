"""A plan to take along: as Markdown for a ticket, and as a page with everything that the guard said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from finops_tui.engine.proposal import Planned, Proposal
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import ARROW, OK, TICKET
from finops_tui.ui.markdown import code
from finops_tui.ui.palette import Palette, Span, palette_of
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens.page import Page, fact_lines, heading_line, paragraph
from finops_tui.ui.screens.plan_parts import Part, Says
from finops_tui.ui.screens.plan_standing import sentences
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.lines import Line
from finops_tui.ui.wrap import broken

MARGIN = 3


def markdown(proposal: Proposal, parts: Sequence[Part], now: datetime) -> str:
    """Write a plan with all its parts. What comes from outside stands in code spans, in which nothing is markup."""
    lines = [f"# {code(plan.title)}" for plan in proposal.plans]
    lines += ["", f"Planned {fmt.clock_time(now)}, not done. The guard says: {proposal.decision.value}.", ""]
    for plan in proposal.plans:
        target = plan.target
        owner = f", owner {code(target.owner)}" if target.owner else ""
        lines.append(f"- Target: {code(target.name)} in {code(target.cluster)}{owner}")
    for part in parts:
        first, *rest = (code(_text(says)) for says in part.says)
        lines.append(f"- {part.label or 'Why'}: {first}")
        lines += [f"  - {one}" for one in rest]
    return "\n".join(lines) + "\n"


def _text(says: Says) -> str:
    return " ".join("".join(text for text, _ in says).split())


class ExplainPlanPage(Page):
    """Everything that the guard looked at, what it takes to do it, and what the trial said."""

    def __init__(self, settings: UiSettings, proposal: Proposal) -> None:
        super().__init__(settings)
        self._proposal = proposal

    def heading(self) -> tuple[str, tuple[Span, ...]]:
        return "Why the guard says so", ((self._proposal.decision.value, "quiet"),)

    def document(self, width: int, now: datetime) -> list[Line]:
        lines: list[Line] = []
        palette = palette_of(self.app)
        for each in self._proposal.planned:
            lines += [[], heading_line(each.plan.title)]
            lines += fact_lines(tuple(_facts(each)), width, palette)
            for check in each.judgement.checks:
                mark, role = (OK, "ok") if check.ok else (TICKET, "ticket")
                lines += paragraph(f"{mark} {check.words}", width, role=role if not check.ok else "text")
            lines += [[], *_changes(each, width, palette)]
            permissions = (
                Fact("Needs" if at == 0 else "", permission) for at, permission in enumerate(each.plan.permissions)
            )
            told = (
                *permissions,
                Fact("Dry run", each.plan.dry_run or "–", "" if each.plan.dry_run else "nothing was tried"),
                *(
                    Fact("Asked for", f"{name} = {fmt.prose(given, now)}")
                    for name, given in each.plan.parameters.items()
                ),
                Fact("Plan", each.plan.id),
            )
            lines += [[], *fact_lines(told, width, palette)]
        for one in self._proposal.unplanned:
            lines += [[], heading_line(one.target.name), *paragraph(sentences(one.trouble), width, role="ticket")]
        return lines


def _changes(each: Planned, width: int, palette: Palette) -> Iterator[Line]:
    """Write every change in full, as a person reads it: the object, the field, what it was, what it becomes."""
    for change in each.plan.changes:
        told = ((f"{change.object}: {change.path}", "text"), (f"  {change.before}", "quiet"))
        for text, role in (*told, (f"{ARROW} {change.after}", "text bold")):
            folded, _ = palette.fold((text, role))
            yield from ([(" " * MARGIN, "text"), (line, role)] for line in broken(folded, width - 2 * MARGIN))


def _facts(each: Planned) -> Iterator[Fact]:
    yield Fact("Target", each.plan.target.name, f"in {each.plan.target.cluster}")
    if each.judgement.reason:
        yield Fact("Because", each.judgement.reason)
