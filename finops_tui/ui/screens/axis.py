"""What the spend strip shows: the rate, what is normal, and what changed on its axis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from finops_tui.ui.format import short_time
from finops_tui.ui.panes.finding_facts import is_open
from finops_tui.ui.panes.largest import is_calm
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.strip import Marker, StripData

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.snapshot import Snapshot

SPAN = timedelta(hours=3)
MARKERS = 3
TIME = re.compile(r"\d\d:\d\dZ")
SAME_MOMENT = timedelta(minutes=1)
"""A change this close to a cause that is told already is taken for the same."""


def strip(snapshot: Snapshot | None) -> StripData:
    if snapshot is None:
        return StripData()
    headline = snapshot.headline
    return StripData(
        values=headline.strip,
        normal=headline.strip_normal,
        end=snapshot.at,
        seconds=SPAN.total_seconds(),
        markers=tuple(islice(_markers(snapshot), MARKERS)),
    )


def _markers(snapshot: Snapshot) -> Iterator[Marker]:
    """Yield what changed: first what is behind the open findings, then the newest of all that happened.

    On a calm day nothing that happened matters.
    """
    if is_calm(snapshot):
        return
    told: list[datetime] = []
    for finding in filter(is_open, snapshot.findings):
        at = _began(finding)
        if at is not None and _lately(at, snapshot.at):
            role = "page" if not told and finding.severity == "page" else "text"
            what, time = clean(finding.causes[0].what), short_time(at)
            yield Marker(at, f"{_about(finding, what)}, {time}", role, f"{what}, {time}")
            told.append(at)
    happened = [row for row in snapshot.activity if row.kind in ("spot", "change") and _lately(row.at, snapshot.at)]
    for row in sorted(happened, key=lambda row: (row.bad, row.at), reverse=True):
        if all(abs(row.at - at) > SAME_MOMENT for at in told):
            yield Marker(row.at, f"{clean(row.what)}, {short_time(row.at)}", "spot" if row.kind == "spot" else "text")


def _began(finding: Finding) -> datetime | None:
    """Return when the likely cause happened. What is no change began with the finding, unless its words say when."""
    if not finding.causes or finding.causes[0].at is not None:
        return finding.causes[0].at if finding.causes else None
    return None if TIME.search(finding.causes[0].what) else finding.since


def _about(finding: Finding, what: str) -> str:
    """Write `nlp-train workers 1→9`: a cause does not name what it is about, unless it is something else."""
    about = clean(finding.namespace or finding.name.rpartition("/")[2])
    return what if about in what else f"{about} {what}"


def _lately(at: datetime, now: datetime) -> bool:
    return timedelta() <= now - at <= SPAN
