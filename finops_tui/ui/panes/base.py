"""What a pane is: which rows of the snapshot it shows, in which columns, and how a row is told in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.filter import Field
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.facts import Fact, Origin
from finops_tui.ui.widgets.columns import Column

R = TypeVar("R")
Moment = Callable[[], datetime]
"""Returns the moment whose figures are on display: ages in cells count from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneSpec(Generic[R]):
    """One pane. Everything here is pure; the widget that shows it is `panes.pane.Pane`."""

    id: str
    number: int
    """Its key, and the number on its line."""
    title: str
    tab: str
    """Its title where it is a tab."""
    columns: Callable[[Moment], tuple[Column[R], ...]]
    order: str
    """Column to sort by at first."""
    rows: Callable[[Snapshot, ScopeKind], Sequence[R]]
    """The scope is what pane 1 counts by; other panes do not look at it."""
    key: Callable[[R], str]
    name: Callable[[R], str]
    fields: tuple[Field[R], ...]
    summary: Callable[[Snapshot, ScopeKind], Sequence[Span]]
    """What stands after the title, in a few words."""
    worst: Callable[[Snapshot], Sequence[Span]]
    """What stands after the title of the tab: nothing when all is well."""
    empty: str
    """The sentence where rows would stand when there are none."""
    facts: Callable[[R, Snapshot, datetime], Sequence[Fact]]
    origins: Callable[[R, Snapshot], Sequence[Origin]]
    stale: Callable[[R], bool]
    at: Callable[[R], datetime | None]
    mark: Callable[[R], Span | None] | None = None


class Aged(Protocol):
    @property
    def stale(self) -> bool: ...

    @property
    def at(self) -> datetime | None: ...


def is_stale(row: Aged) -> bool:
    return row.stale


def answered_at(row: Aged) -> datetime | None:
    return row.at


def nothing_wrong(_snapshot: Snapshot) -> Sequence[Span]:
    return ()


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
