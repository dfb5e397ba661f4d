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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.write(snapshot), "utf-8")
    except OSError as error:
        return f"The snapshot was not written to {path}: {error.strerror or error}.", True
    return f"The snapshot was written to {path.resolve()}.", False
