"""A failure that nobody foresaw: one line for the person, the rest in a file for whoever mends it."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from finops_tui import __version__
from finops_tui.clock import WallClock
from finops_tui.config.find import platform_state
from finops_tui.config.redaction import redact
from finops_tui.output.plain import one_line

LONGEST_REASON = 200


def report(error: BaseException, words: Sequence[str], folder: Path | None = None) -> str:
    """Write the report, secrets masked, and return what to tell the person: what happened and where the file is."""
    reason = one_line(redact(f"{type(error).__name__}: {error}"), LONGEST_REASON)
    said = f"finops-tui: this is a bug in finops-tui ({reason}).\n"
    try:
        path = _write(error, words, folder or reports_folder())
    except OSError as trouble:
        return said + f"The report could not be written ({trouble.strerror or trouble}).\n"
    return said + f"The report is in {path}. Secrets are masked; read it before you send it.\n"


def reports_folder() -> Path:
    """Return where reports go: beside the state, whatever the config says, for it may be what failed."""
    return platform_state()


def _write(error: BaseException, words: Sequence[str], folder: Path) -> Path:
    now = WallClock().now()
    head = (
        f"finops-tui {__version__}",
        f"Python {platform.python_version()}, {platform.platform()}",
        f"command: finops-tui {' '.join(words)}",
        f"at: {now.isoformat(timespec='seconds')}",
        f"terminal: {sys.stdout.encoding}",
    )
    body = "".join(traceback.format_exception(error))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"crash-{now:%Y%m%dT%H%M%S.%fZ}.txt"
    path.write_text(redact("\n".join((*head, "", body))), encoding="utf-8")
    path.chmod(0o600)
    return path
