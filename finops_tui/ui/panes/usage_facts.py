"""What is told of a namespace's traffic and volumes, beside its $/h."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui import phrases
from finops_tui.detectors.sizes import size
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING, STALE
from finops_tui.ui.panes.facts import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot, SpendRow, UsageRow


def usage_facts(row: SpendRow, snapshot: Snapshot) -> Iterator[Fact]:
    """Yield nothing for other scopes, and where no source tells of it."""
    if row.kind != ScopeKind.NAMESPACE:
        return
    usage = next((one for one in snapshot.usage if one.key == row.key), None)
    if usage is None:
        return
    role = "stale" if usage.stale else ""
    mark = f"{STALE} " if usage.stale else ""
    if usage.egress_bytes_per_second is not None:
        yield Fact("Egress", f"{mark}{_usd(usage.egress_usd_per_hour)}", _egress(usage), role)
    if usage.storage_bytes is not None:
        yield Fact("Volumes", f"{mark}{_usd(usage.storage_usd_per_hour)}", _storage(usage), role)


def _usd(usd: float | None) -> str:
    return phrases.estimated(fmt.rate(usd)) if usd is not None else MISSING


def _egress(usage: UsageRow) -> str:
    sent = f"{size(usage.egress_bytes_per_second)}/s"
    if not usage.egress_told_apart:
        return f"at most: {sent} wherever it goes; not in $/h"
    largest = f", most from {usage.senders[0][0]}" if usage.senders else ""
    return f"{sent} out of its zone{largest}; not in $/h"


def _storage(usage: UsageRow) -> str:
    used = usage.storage_used_bytes
    filled = f", {size(used)} used" if used is not None else ""
    return f"{size(usage.storage_bytes)} provisioned{filled}; not in $/h"
