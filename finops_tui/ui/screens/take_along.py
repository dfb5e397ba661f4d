"""What a person takes along from the main screen: a row as text or JSON, the whole snapshot as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import App

from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.model.snapshot import Snapshot


def copy_row(app: App[Any], spec: PaneSpec[Any], row: Any, snapshot: Snapshot, now: datetime) -> None:
    app.copy_to_clipboard(as_text(spec.name(row), spec.facts(row, snapshot, now)))


def copy_json(app: App[Any], row: Any) -> None:
    import msgspec

    app.copy_to_clipboard(msgspec.json.format(msgspec.json.encode(row), indent=2).decode())


def write_snapshot(app: App[Any], snapshot: Snapshot | None, folder: Path) -> None:
    from finops_tui.ui.export import export

    if snapshot is None:
        app.notify("There is nothing to export yet.", markup=False, severity="warning")
        return
    words, failed = export(snapshot, folder)
    app.notify(words, markup=False, severity="error" if failed else "information")


def as_text(name: str, facts: Sequence[Fact]) -> str:
    """Write a row as lines of text."""
    lines = [clean(name)]
    lines += [
        f"{clean(fact.label)}: {clean(fact.value)}" + (f" ({clean(fact.note)})" if fact.note else "") for fact in facts
    ]
    return "\n".join(lines)
