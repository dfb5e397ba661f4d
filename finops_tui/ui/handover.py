"""What was done, as a note for whoever takes over: Markdown, the open ones first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.markdown import code
from finops_tui.ui.panes.journal import undo_state
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.action import ActionRow

HEADS = ("When", "Who", "Where", "What", "Why", "Outcome", "Promised $/h", "Measured $/h", "Undo")
FIGURES = frozenset({"Promised $/h", "Measured $/h"})


def note(rows: Sequence[ActionRow], now: datetime, broken: str = "") -> str:
    """Return the note; rows are newest first, as a snapshot has them. `broken` says what is wrong with the record."""
    open_ones = [row for row in rows if row.in_flight or row.until is not None]
    closed = [row for row in rows if row not in open_ones]
    undoable = sum(row.undoable for row in rows)
    summary = f"{counted(len(rows), 'change')}, {len(open_ones)} still open, {undoable} can be undone."
    nothing = "No change is known." if broken else "Nothing was changed."
    lines = [f"# Handover {_moment(now)}", "", *([f"**{clean(broken)}**", ""] if broken else [])]
    lines.append(summary if rows else nothing)
    for title, some in (("Still open", open_ones), ("Closed", closed)):
        if some:
            lines += ["", f"## {title}", "", *_table(some, now)]
    changes = [(row, change) for row in rows for change in row.changes]
    if changes:
        lines += ["", "## Changes", ""]
        lines += [
            f"- {code(row.cluster)} {code(change.object)} {code(change.path)}: {code(change.before)} → "
            f"{code(change.after)} ({code(row.title)}, {_moment(row.at)})"
            for row, change in changes
        ]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[ActionRow], now: datetime) -> list[str]:
    rules = "|".join("---:" if head in FIGURES else "---" for head in HEADS)
    return [f"| {' | '.join(HEADS)} |", f"|{rules}|", *(f"| {' | '.join(_cells(row, now))} |" for row in rows)]


def _cells(row: ActionRow, now: datetime) -> tuple[str, ...]:
    outcome = f"{row.outcome.value}: {row.words}" if row.words else row.outcome.value
    words = (row.who, f"{row.cluster} {row.name}".strip(), row.title, row.reason, outcome)
    figures = (fmt.rate_cell(row.promised_usd_per_hour), fmt.rate_cell(row.saved_usd_per_hour))
    return _moment(row.at), *map(code, words), *figures, code(undo_state(row, now))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
