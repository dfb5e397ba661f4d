"""What a pane is: which rows of the snapshot it shows, in which columns, and how a row is told in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from finops_tui.model.scope import ScopeKind
from finops_tui.ui.filter import Field
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.facts import Fact, Origin
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot

R = TypeVar("R")
Moment = Callable[[], datetime]
"""Returns the moment whose figures are on display: ages in cells count from it."""


class PaneSpec(NamedTuple, Generic[R]):
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
    """The scope is what spend is counted by; only panes that are `scoped` look at it."""
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
    mark: Callable[[R, Snapshot], Span | None] | None = None
    """A sign in the gutter."""
    mark_instead_of: str = ""
    """The column that says the same as the mark: while it is shown, the gutter stays empty."""
    scoped: bool = False
    """Whether its rows are what is spent, counted by the scope that a person chooses."""
    markable: bool = False
    """Whether several rows can be marked, to be changed or decided upon together."""
    decidable: bool = False
    """Whether its rows are findings, about which a person decides."""
    listed: Callable[[R], bool] | None = None
    """Tells the rows that stand in the list. The others show only to a filter that asks for their `state`."""
    otherwise: PaneSpec[Any] | None = None
    """What it shows while no row is listed."""
    lead: Callable[[Snapshot, datetime], Sequence[Sequence[Span]]] | None = None
    """Sentences above the head of the table; the last ones go first where there is little room."""
    gone: Callable[[str, str, Snapshot], str] | None = None
    """Says what became of a row that was selected, from its key and name; empty when it just ended."""


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


def named(
    id: str,  # noqa: A002  the column's own word
    title: str,
    value: Callable[[R], str],
    width: int,
    *,
    priority: int = 1,
    role: str = "quiet",
    grow: int = 1,
    max_width: int = 24,
    gap: int = 2,
    cut: Callable[[str, int, str], str] = cut_middle,
) -> Column[R]:
    """Make a column of names; an empty one is not known."""
    return Column(
        id=id,
        title=title,
        cell=lambda row: value(row) or MISSING,
        width=width,
        max_width=max_width,
        grow=grow,
        gap=gap,
        role=role,
        priority=priority,
        cut=cut,
        sort=lambda row: value(row).casefold() or None,
    )


def figure(
    id: str,  # noqa: A002  the column's own word
    title: str,
    value: Callable[[R], float | None],
    form: Callable[[float | None], str],
    width: int,
    *,
    priority: int,
    role: str = "text",
    gap: int = 1,
    paint: Callable[[R], str] | None = None,
    descending_first: bool = True,
) -> Column[R]:
    """Make a column of figures, written by `form`. `paint` gives each one its role, otherwise all have `role`."""

    def cell(row: R) -> Cell:
        text = form(value(row))
        return text if paint is None else ((text, paint(row)),)

    return Column(
        id=id,
        title=title,
        cell=cell,
        width=width,
        gap=gap,
        align="right",
        role=role,
        priority=priority,
        figure=True,
        sort=value,
        descending_first=descending_first,
    )
