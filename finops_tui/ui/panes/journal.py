"""What was done with this program: rows of the journal, as its screen and its notes tell them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.filter import Field, Kind
from finops_tui.ui.glyphs import ARROW, INFO, MISSING, OK, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, figure, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, moment
from finops_tui.ui.text import cut_bracket
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.action import ActionRow
    from finops_tui.model.snapshot import Snapshot

BACK = {"pause": "resume"}
"""By action, what its way back is called; `undo` for all others."""
OUTCOMES: dict[str, Span] = {
    "planned": (f"{INFO} no answer yet", "info"),
    "applied": (f"{INFO} applied", "info"),
    "done": (f"{OK} done", "ok"),
    "failed": (f"{TICKET} failed", "ticket"),
    "unknown": (f"{TICKET} unknown", "ticket"),
    "undone": (f"{OK} undone", "quiet"),
}
OUTCOME_CELLS = max(len(words) for words, _ in OUTCOMES.values())
UNDO_CELLS = len("resume in 2h05m")


def outcome(row: ActionRow) -> Span:
    """Return what became of it; what somebody should look at says so."""
    words, role = OUTCOMES[row.outcome]
    return (f"{TICKET} {row.outcome.value}", "ticket") if row.bad else (words, role)


def is_due(row: ActionRow, now: datetime) -> bool:
    """Tell whether it should have been taken back by now, and was not."""
    return row.until is not None and row.until <= now and row.undoable


def undo_state(row: ActionRow, now: datetime) -> str:
    """Say whether it can be taken back, and when it should be: `resume in 12m`, `overdue 4m`."""
    if row.undone_by or row.outcome == "undone":
        return "undone"
    if row.outcome == "failed":
        return "nothing to undo"
    if row.undoes:
        return MISSING
    if not row.undoable:
        return "no"
    if row.until is None:
        return "yes"
    left = (row.until - now).total_seconds()
    return f"{BACK.get(row.action, 'undo')} in {fmt.duration(left)}" if left > 0 else f"overdue {fmt.duration(-left)}"


def _columns(now: Moment) -> tuple[Column[ActionRow], ...]:
    def undo(row: ActionRow) -> Cell:
        words = undo_state(row, now())
        role = "ticket" if is_due(row, now()) else "text" if row.undoable else "quiet"
        return ((words, role),)

    def measured(row: ActionRow) -> str:
        return "ok" if (row.saved_usd_per_hour or 0.0) > 0 else "text"

    return (
        Column(
            id="time",
            title="TIME",
            cell=lambda row: fmt.time_cell(row.at, now()),
            width=fmt.TIME_CELLS,
            role="quiet",
            sort=lambda row: row.at,
            descending_first=True,
        ),
        Column(id="what", title="WHAT", cell=lambda row: row.title, width=18, grow=3, max_width=60, gap=2),
        named("cluster", "CLUSTER", lambda row: row.cluster, 9, priority=7, max_width=20),
        named("who", "WHO", lambda row: row.who, 11, priority=5, max_width=24, cut=cut_bracket),
        Column(id="outcome", title="OUTCOME", cell=lambda row: (outcome(row),), width=OUTCOME_CELLS, gap=2, priority=2),
        figure(
            "promised",
            "PROMISED",
            lambda row: row.promised_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=6,
            gap=2,
        ),
        figure(
            "measured",
            "SAVES ≈$/h",
            lambda row: row.saved_usd_per_hour,
            fmt.rate_cell,
            fmt.RATE_CELLS,
            priority=4,
            gap=2,
            paint=measured,
        ),
        Column(id="undo", title="UNDO", cell=undo, width=UNDO_CELLS, gap=2, priority=3),
    )


def _facts(row: ActionRow, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    words, role = outcome(row)
    beside = sum(bool(row.bulk) and other.bulk == row.bulk for other in snapshot.actions) - 1
    return (
        Fact("Target", row.name, f"in {row.cluster}" if row.cluster else "", column="what"),
        Fact("Outcome", words, fmt.prose(row.words, now), role, column="outcome"),
        moment("When", row.at, now),
        *((moment("Outcome at", row.outcome_at, now),) if row.outcome_at is not None else ()),
        Fact("Who", row.who or MISSING, column="who"),
        Fact("Why", row.reason or MISSING, "" if row.reason else "no reason was given"),
        *((Fact("Beside", counted(beside, "other"), "confirmed with the same key"),) if beside > 0 else ()),
        Fact("Touched", row.touches or MISSING),
        *_diff(row),
        Fact("Dry run", row.dry_run or MISSING, "" if row.dry_run else "nothing was tried"),
        Fact("Promised", phrases.estimated(fmt.rate(row.promised_usd_per_hour)), _when(row, now), column="promised"),
        Fact("Measured", phrases.estimated(fmt.rate(row.saved_usd_per_hour)), _measured(row), column="measured"),
        Fact("Undo", undo_state(row, now), row.undo, column="undo"),
        *((Fact("Due back", fmt.short_time(row.until, now)),) if row.until is not None else ()),
        *(Fact(label, key) for label, key in (("Undone by", row.undone_by), ("Undoes", row.undoes)) if key),
    )


def _diff(row: ActionRow) -> Iterator[Fact]:
    """Tell every field that changed: old → new."""
    about = ""
    for change in row.changes:
        label = "Changed" if not about else ""
        yield Fact(
            label, f"{change.path}: {change.before} {ARROW} {change.after}", change.object * (change.object != about)
        )
        about = change.object


def _when(row: ActionRow, now: datetime) -> str:
    return f"from {fmt.short_time(row.saves_at, now)}" if row.saves_at is not None else ""


def _measured(row: ActionRow) -> str:
    return "on the pools it ran on" if row.saved_usd_per_hour is not None else "not yet, or not to be told apart"


def _origins(row: ActionRow, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin("Promised", fmt.rate(row.promised_usd_per_hour), "What the plan said would leave the bill."),
        Origin(
            "Measured",
            fmt.rate(row.saved_usd_per_hour),
            "$/h of the pools that it ran on before it was sent, less what they cost once the nodes should be gone.",
        ),
    )


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    open_ones = sum(row.in_flight for row in snapshot.actions)
    bad = sum(row.bad for row in snapshot.actions)
    words: list[Span] = [(f"{len(snapshot.actions):,}, newest first", "quiet")] if snapshot.actions else []
    if open_ones:
        words.append((f" · {open_ones} not finished", "text"))
    if bad:
        words.append((f" · {TICKET} {bad} to look at", "ticket"))
    return words


FIELDS: tuple[Field[ActionRow], ...] = (
    Field(("what",), Kind.TEXT, lambda row: row.title),
    Field(("who",), Kind.TEXT, lambda row: row.who),
    Field(("cluster",), Kind.TEXT, lambda row: row.cluster),
    Field(("outcome",), Kind.TEXT, lambda row: row.outcome.value),
)

JOURNAL: PaneSpec[ActionRow] = PaneSpec(
    id="journal",
    number=0,
    title="Journal",
    tab="Journal",
    columns=_columns,
    order="time",
    rows=lambda snapshot, _scope: snapshot.actions,
    key=lambda row: row.key,
    name=lambda row: row.title,
    fields=FIELDS,
    summary=_summary,
    worst=nothing_wrong,
    empty="Nothing was done with this program.",
    facts=_facts,
    origins=_origins,
    stale=lambda _row: False,
    at=lambda _row: None,
)
