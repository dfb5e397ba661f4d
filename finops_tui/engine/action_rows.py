"""A line of the journal as the screen shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from finops_tui.engine.journal_entry import Entry
from finops_tui.model.action import ActionRow
from finops_tui.model.plan import Outcome

UNTIL = "until"
"""Parameter of a plan: when it should be taken back (RFC 3339)."""


def action_row(entry: Entry, *, words: str = "", bad: bool = False, pools: Iterable[str] = ()) -> ActionRow:
    """Return the row of an entry; `words` and the rest are what has been seen since it was last written down."""
    plan = entry.plan
    return ActionRow(
        key=entry.id,
        at=entry.at,
        action=plan.action,
        title=plan.title,
        target=plan.target.key,
        target_kind=plan.target.kind,
        name=plan.target.name,
        cluster=plan.target.cluster,
        who=str(entry.who),
        reason=entry.reason,
        outcome=entry.outcome,
        outcome_at=entry.outcome_at,
        words=words or entry.words,
        bad=bad or entry.outcome is Outcome.FAILED,
        touches=plan.touches,
        pools=tuple(sorted(pools)),
        changes=plan.changes,
        dry_run=plan.dry_run,
        promised_usd_per_hour=plan.saves_usd_per_hour,
        saved_usd_per_hour=entry.saved_usd_per_hour,
        saves_at=plan.saves_at,
        until=until_of(plan.parameters.get(UNTIL, "")),
        undo=plan.undo,
        undoable=entry.undoable,
        undone_by=entry.undone_by,
        undoes=entry.undoes,
        bulk=entry.bulk,
    )


def until_of(written: str) -> datetime | None:
    """Return the moment that a plan names; None for none, or for one that cannot be read."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
