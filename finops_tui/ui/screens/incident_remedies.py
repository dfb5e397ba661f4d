"""The part of the incident screen that says what may be done about it: moves, best first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from finops_tui.model.plan import Risk, TargetKind
from finops_tui.ui import format as fmt
from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.glyphs import MISSING, OK, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.best_move import best_of, moment_of
from finops_tui.ui.screens.incident_parts import Case
from finops_tui.ui.widgets.columns import GUTTER, Column
from finops_tui.ui.widgets.document import Block, Pen, Piece
from finops_tui.ui.widgets.pane_line import PaneTitle

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding, Remedy
    from finops_tui.model.plan import Plan

REMEDY_KEY = "remedy:"
NONE_KNOWN = "No move is known that would help."
ORDER = "milder first, then $/h saved"


def key_of(remedy: Remedy) -> str:
    given = ",".join(f"{name}={value}" for name, value in sorted(remedy.parameters.items()))
    return f"{REMEDY_KEY}{remedy.action}/{remedy.target.key}/{given}"


def remedy_of(finding: Finding, key: str) -> Remedy | None:
    """Return the move that a key of the document stands for."""
    return next((one for one in finding.remedies if key_of(one) == key), None)


def as_planned(remedy: Remedy, plan: Plan, age: timedelta) -> Remedy:
    """Return a move with what its plan was told by the system itself, so long ago."""
    return replace(
        remedy,
        saves_usd_per_hour=plan.saves_usd_per_hour,
        saves_when=plan.saves_when,
        saves_at=plan.saves_at + age if plan.saves_at is not None else None,
        slo_risk=plan.slo_risk,
        slo_words=plan.slo_words,
        slos=plan.slos,
        loses=plan.loses,
        reverts=plan.reverts,
        reversible=plan.reversible,
    )


def remedies(case: Case, pen: Pen, keys: Mapping[str, str]) -> Block:
    """List the moves, those that are refused quietly and with the reason. `keys` are what is bound, by key id."""
    found = tuple({key_of(one): one for one in case.finding.remedies}.values())
    summary: tuple[Span, ...] = ((ORDER, "quiet"),) if found else ()
    title = PaneTitle(title="Remedies", number="4", summary=summary)
    pieces = [pen.title(title, [key_of(one) for one in found])]
    if not found:
        return pen.block([*pieces, *pen.prose(NONE_KNOWN, "quiet")])
    head, *rows = pen.table(_columns(case.finding, keys, found), found, key_of)
    pieces.append(head)
    for one, row in zip(found, rows, strict=True):
        pieces.append(row)
        if one.refused:
            pieces += _why_not(one, pen)
    return pen.block(pieces)


def _why_not(remedy: Remedy, pen: Pen) -> list[Piece]:
    return pen.prose(f"refused: {remedy.refused}", "quiet", GUTTER + 5)


def _columns(finding: Finding, keys: Mapping[str, str], found: Sequence[Remedy]) -> tuple[Column[Remedy], ...]:
    best = best_of(finding)
    several = len({one.target.key for one in found if one.target.kind is TargetKind.WORKLOAD}) > 1

    def key(one: Remedy) -> Sequence[Span]:
        bound = keys.get(f"{KEY_ID}{one.action}", "")
        return ((MISSING, "quiet"),) if one.refused or not bound else ((bound, "key"),)

    def move(one: Remedy) -> Sequence[Span]:
        role = "quiet" if one.refused else "text bold" if one is best else "text"
        named = several and one.target.name not in one.what
        return ((f"{one.what} {one.target.name}" if named else one.what, role),)

    def saves(one: Remedy) -> Sequence[Span]:
        usd = one.saves_usd_per_hour
        role = "quiet" if one.refused or not usd else "ok"
        return ((fmt.rate_cell(usd), f"{role} bold" if one is best and role == "ok" else role),)

    def when(one: Remedy) -> Sequence[Span]:
        moment = moment_of(one)
        return ((moment or MISSING, "quiet" if one.refused or not moment else "text"),)

    def risk(one: Remedy) -> Sequence[Span]:
        if one.refused:
            return ((one.slo_risk.value, "quiet"),)
        fine = one.slo_risk in (Risk.NONE, Risk.LOW)
        mark, role = (OK, "ok") if fine else (TICKET, "ticket")
        return ((f"{mark} {one.slo_risk.value}", role),)

    def loses(one: Remedy) -> Sequence[Span]:
        return ((one.loses or MISSING, "quiet" if one.refused or not one.loses else "text"),)

    def undo(one: Remedy) -> Sequence[Span]:
        return (("yes" if one.reversible else "no", "quiet" if one.refused or not one.reversible else "text"),)

    return (
        Column(id="key", title="KEY", cell=key, width=3),
        Column(id="move", title="MOVE", cell=move, width=22, grow=2, max_width=60, gap=2),
        Column(id="saves", title="SAVES ≈$/h", cell=saves, width=10, align="right", gap=2, priority=2, figure=True),
        Column(id="when", title="WHEN", cell=when, width=6, gap=3, priority=3),
        Column(id="risk", title="SLO RISK", cell=risk, width=9, gap=2, priority=4),
        Column(id="loses", title="LOSES", cell=loses, width=14, grow=3, max_width=60, gap=2, priority=6),
        Column(id="reverts", title="REVERTED BY", cell=_reverted_by, width=11, gap=2, priority=7),
        Column(id="undo", title="UNDO", cell=undo, width=4, align="right", gap=2, priority=5),
    )


def _reverted_by(remedy: Remedy) -> Sequence[Span]:
    """Write who would set a move back: `● argocd`, of several the first."""
    who = tuple(dict.fromkeys(each.who for each in remedy.reverts))
    if not who:
        return ((MISSING, "quiet"),)
    more = f" +{len(who) - 1}" if len(who) > 1 else ""
    return ((f"{TICKET} {who[0]}{more}", "quiet" if remedy.refused else "ticket"),)
