"""Calling for attention when a page opens: the terminal's bell, or a notification of the desktop (OSC 9 and 777)."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.ui.format import signed_rate
from finops_tui.ui.panes.finding_facts import is_loud
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui import settings

RING = "\a"
TEXT_LIMIT = 120
OSC_777_TERMINALS = ("rxvt", "foot")
"""How `TERM` begins where OSC 777 is the one that is known; the others know OSC 9, or neither."""


class Bell:
    """Rings once for each page that opens while the program runs, never for one that is acknowledged or planned."""

    def __init__(self, how: settings.Bell, environment: Mapping[str, str]) -> None:
        self._how = how
        self._environment = environment
        self._known: frozenset[tuple[str, object]] | None = None

    def ring(self, snapshot: Snapshot | None) -> str:
        """Return what to write to the terminal for a snapshot: nothing unless it has a page that the last had not."""
        if snapshot is None or self._how == "silent":
            return ""
        pages = {(row.key, row.opened_at): row for row in snapshot.findings if row.severity == "page"}
        before, self._known = self._known, frozenset(pages)
        if before is None:  # whoever opens the program looks at it
            return ""
        new = [row for page, row in pages.items() if page not in before and is_loud(row)]
        if not new:
            return ""
        return RING if self._how == "bell" else self._notification(new)

    def _notification(self, new: list[Finding]) -> str:
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        excess = f" {signed_rate(new[0].excess_usd_per_hour)}" if new[0].excess_usd_per_hour is not None else ""
        text = f"PAGE {clean(new[0].name, TEXT_LIMIT)}{excess}{more}".replace(";", ",")
        known = self._environment.get("TERM", "").startswith(OSC_777_TERMINALS) or "VTE_VERSION" in self._environment
        return self._through(f"\x1b]777;notify;finops-tui;{text}\a" if known else f"\x1b]9;{text}\a")

    def _through(self, sequence: str) -> str:
        """Wrap it so that tmux (with `allow-passthrough on`) and screen pass it to the terminal outside."""
        if self._environment.get("TMUX"):
            return f"\x1bPtmux;{sequence.replace(chr(0x1B), chr(0x1B) * 2)}\x1b\\"
        return f"\x1bP{sequence}\x1b\\" if self._environment.get("STY") else sequence
