"""What a person is told right after a change was confirmed. What comes of it later stands in Activity. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from finops_tui.engine.journal_entry import EFFECTIVE
from finops_tui.engine.proposal import Carried
from finops_tui.errors import FinopsError
from finops_tui.model.plan import Outcome
from finops_tui.phrases import counted
from finops_tui.ui.screens.plan_standing import sentences

Severity = Literal["information", "warning", "error"]


def report(carried: Carried | FinopsError, undo_key: str) -> tuple[str, Severity]:
    """Return the words, and how loud they are; `undo_key` takes it back."""
    if not isinstance(carried, Carried):
        return sentences(carried), "error"
    total = len(carried.entries) + len(carried.refused) + len(carried.left)
    return _one(carried, undo_key) if total == 1 else _several(carried, total, undo_key)


def _one(carried: Carried, undo_key: str) -> tuple[str, Severity]:
    if not carried.entries:
        return f"Nothing was sent. {sentences(carried.refused[0].trouble)}", "error"
    entry = carried.entries[0]
    title, words = entry.plan.title, entry.words.rstrip(".")
    if entry.outcome is Outcome.UNKNOWN:
        return f"Unknown whether it took effect: {title} ({words}). Checking; do not repeat.", "warning"
    if entry.outcome is Outcome.FAILED:
        return f"{title} failed: {words}.", "error"
    back = f" {undo_key} takes it back." if entry.undoable and not entry.undoes else ""
    return f"{title}: {words or entry.outcome}.{back}", "information"


def _several(carried: Carried, total: int, undo_key: str) -> tuple[str, Severity]:
    """Say what became of how many, and why the first that did not work did not."""
    outcomes = Counter(entry.outcome for entry in carried.entries)
    begun = outcomes[Outcome.APPLIED] + outcomes[Outcome.DONE]
    parts = [f"{begun} of {counted(total, 'change')} begun"]
    for number, what in (
        (outcomes[Outcome.FAILED], "failed"),
        (outcomes[Outcome.UNKNOWN], "unknown: do not repeat"),
        (len(carried.refused), "refused"),
        (len(carried.left), "not begun"),
    ):
        if number:
            parts.append(f"{number} {what}")
    words = f"{', '.join(parts)}."
    failed = next((entry for entry in carried.entries if entry.outcome is Outcome.FAILED), None)
    if failed is not None:
        words += f" {failed.plan.target.name}: {failed.words.rstrip('.')}."
    elif carried.refused:
        words += f" {carried.refused[0].target.name}: {sentences(carried.refused[0].trouble)}"
    if begun and all(entry.undoable and not entry.undoes for entry in carried.entries if entry.outcome in EFFECTIVE):
        words += f" {undo_key} takes {'it' if begun == 1 else 'them'} back."
    return words, "information" if begun == total else "warning"
