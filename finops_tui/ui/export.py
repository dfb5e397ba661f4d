"""Writing what is on display to a file."""

from __future__ import annotations

from pathlib import Path

from finops_tui.output import json

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot


def export(snapshot: Snapshot, folder: Path) -> tuple[str, bool]:
    """Write `snapshot` as `finops-tui snapshot` would print it as JSON; say what came of it, and whether it failed."""
    path = folder / f"finops-tui-{snapshot.at:%Y%m%dT%H%M%SZ}.json"
    return write_text("The snapshot", json.write(snapshot), path)


def write_text(what: str, text: str, path: Path) -> tuple[str, bool]:
    """Write a text to a file; say what came of it, and whether it failed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        return f"{what} was not written to {path}: {error.strerror or error}.", True
    return f"{what} was written to {path.resolve()}.", False
