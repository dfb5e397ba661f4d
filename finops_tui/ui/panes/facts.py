"""What is known of one row, in words: the details screen, the explain screen, the copy and the detail rows."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from finops_tui.ui.format import duration, short_time
from finops_tui.ui.glyphs import MISSING, STALE


class Fact(NamedTuple):
    """One labelled value. Outside text in it is cleaned where it is drawn."""

    label: str
    value: str
    note: str = ""
    """What stands beside it: its provenance, its reason when missing, its limit."""
    role: str = ""
    """Role of the value's colour; empty for plain text."""
    column: str = ""
    """The column that says the same; the detail rows leave it out while that column is shown."""


class Origin(NamedTuple):
    """How one figure came to be."""

    figure: str
    value: str
    how: str


def age(at: datetime | None, now: datetime, *, stale: bool) -> Fact:
    """Tell how old a row's figures are."""
    if at is None:
        return Fact("Age", MISSING, "no source has answered for it yet")
    seconds = (now - at).total_seconds()
    if stale:
        return Fact("Age", f"{STALE} {duration(seconds)} old", "its source should have answered since", "stale")
    return Fact("Age", f"{duration(seconds)} old", "")


def moment(label: str, at: datetime | None, now: datetime, missing: str = "") -> Fact:
    """Tell when something happened and how long ago."""
    if at is None:
        return Fact(label, MISSING, missing)
    return Fact(label, short_time(at, now), f"{duration((now - at).total_seconds())} ago")


def priced_by(words: str) -> tuple[Fact, ...]:
    """Tell where the prices behind $/h are from, where that is known."""
    return (Fact("Priced by", words),) if words else ()


def priced_how(words: str) -> tuple[Origin, ...]:
    """Tell the same beside the formula of $/h."""
    return (Origin("Priced by", words, "The prices of its nodes, where they are from."),) if words else ()


def why_missing(reason: str, value: object) -> str:
    """Return the reason for a figure that is not there."""
    return "" if value is not None else (reason or "not reported")
