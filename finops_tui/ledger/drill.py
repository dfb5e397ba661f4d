"""A drill-down: what some money is made of, asked of the export where it lies; only sums travel back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from finops_tui.errors import UsageError
from finops_tui.ledger.dimensions import TAG, Scopes

HOUR, DAY = "hour", "day"
BY = ("resource", "sku", "operation", "instance", "service", "account", "region", DAY, HOUR)
"""What money can be told apart by, beside scopes and tags; `sku` is a usage type at AWS, a SKU or meter elsewhere."""
CHOOSING = ("source", "provider")
"""What a filter chooses the export by; no export is asked for it."""
WHERE = (*CHOOSING, "billing_account", *(name for name in BY if name not in {DAY, HOUR}))
MOST_BY, MOST_VALUES, MOST_CHARACTERS, MOST_ROWS = 4, 100, 512, 1_000
LONGEST = timedelta(days=400)
ASK_FROM_USD = Decimal("0.05")
"""A question that is expected to cost so much, or of which that is not known, wants a yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A question. Charges of every kind count: usage, fees, credits and taxes."""

    since: datetime
    until: datetime
    """Exclusive. Both are full hours; a charge counts where its charge period starts."""
    by: tuple[str, ...]
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Name -> the values that count; the empty one is that of charges that carry none."""
    top: int = 20
    """So many of the dearest rows are told for each currency; what the others are is summed."""

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """What an export is asked for, in an order that is always the same."""
        return {name: tuple(sorted(self.where[name])) for name in sorted(self.where) if name not in CHOOSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    key: tuple[str, ...]
    """One value for each thing asked by; empty where the charges carry none."""
    currency: str
    billed: Decimal
    effective: Decimal
    """With commitments spread over what uses them: the order of rows."""
    parts: int = 1
    """How many rows it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """An answer; its rows and others together are all that was asked for."""

    by: tuple[str, ...]
    rows: tuple[DrillRow, ...]
    """The dearest first, one currency after the other."""
    others: tuple[DrillRow, ...]
    """What is left of each currency, without a key."""
    source: str
    export: str
    """What answered, in words: `billing.cur2 in Athena`."""
    at: datetime
    """When it answered."""
    bytes_read: int | None = None
    """By the query; None where that is not what is paid for."""
    usd: Decimal = Decimal(0)
    """What the answer cost when it was given."""
    kept: bool = False
    """Whether it is an answer from before, for which nothing was paid now."""
    late: str = ""
    """Why an answer from before stands here though it is old."""
    remarks: tuple[str, ...] = ()

    @property
    def totals(self) -> Mapping[str, DrillRow]:
        """What all of it comes to, by currency."""
        found: defaultdict[str, list[DrillRow]] = defaultdict(list)
        for row in (*self.rows, *self.others):
            found[row.currency].append(row)
        return {currency: summed(found[currency]) for currency in sorted(found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a question will read and cost, as far as that is known before it is asked."""

    bytes_read: int | None = None
    usd: Decimal | None = None
    """None where nobody can tell."""
    how: str = ""
    """How that is known: `as the last query`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What will be asked."""

    source: str
    export: str
    tells: tuple[str, ...]
    """What it can tell apart, beside scopes and tags."""
    expected: Expected
    free: bool
    """Whether no cloud is asked."""
    wants_yes: bool


class Answers(Protocol):
    """Whoever answers drill-downs. Every method raises FinopsError."""

    async def tells(self, question: Drill) -> tuple[str, ...]:
        """Return those of `BY` that whoever would answer tells apart."""
        ...

    async def plan(self, question: Drill) -> Planned:
        """Say who would answer and for how much; free."""
        ...

    async def ask(self, question: Drill) -> Drilled: ...


class Export(Protocol):
    """Who answers for one source; raises FinopsError and nothing else. Made anew for each question."""

    @property
    def source(self) -> str: ...

    @property
    def provider(self) -> str: ...

    @property
    def words(self) -> str:
        """Return what is asked: `billing.cur2 in Athena`."""
        ...

    @property
    def tells(self) -> tuple[str, ...]:
        """Return those of `BY` that it tells apart."""
        ...

    @property
    def hint(self) -> str:
        """Return how to let it tell more."""
        ...

    async def expect(self, question: Drill) -> Expected:
        """Find out what it will cost, free of charge."""
        ...

    async def ask(self, question: Drill) -> Drilled: ...


def check(question: Drill, scopes: Scopes) -> None:
    """Raise UsageError where nobody could answer it."""
    for name in question.by:
        _known(name, BY, scopes)
    for name in question.where:
        _known(name, WHERE, scopes)
    if not 1 <= len(question.by) <= MOST_BY:
        raise UsageError(f"A drill-down is by one to {MOST_BY} things.", hint=f"There are: {_named(BY, scopes)}.")
    if question.since >= question.until or question.until - question.since > LONGEST:
        raise UsageError("The span of time is empty or too long.", hint=f"{LONGEST.days} days are the most.")
    if not 1 <= question.top <= MOST_ROWS:
        raise UsageError(f"A drill-down has 1 to {MOST_ROWS:,} rows.")
    values = [value for values in question.where.values() for value in values]
    if len(values) > MOST_VALUES:
        raise UsageError(f"A filter has {MOST_VALUES} values at most.")
    for text in (*values, *question.by, *question.where):
        if len(text) > MOST_CHARACTERS or not text.isprintable():
            raise UsageError("A filter has a value that no bill has.", hint="One line of printable text, not longer.")


def _known(name: str, names: Sequence[str], scopes: Scopes) -> None:
    if not (name in names or name in scopes or (name.startswith(TAG) and len(name) > len(TAG))):
        raise UsageError(f"{name!r} is nothing to drill down by.", hint=f"There are: {_named(names, scopes)}.")


def _named(names: Sequence[str], scopes: Scopes) -> str:
    return ", ".join((*names, *scopes, f"{TAG}KEY"))


def tag_keys(name: str, scopes: Scopes) -> tuple[str, ...]:
    """Return the tag keys behind a scope or a tag, the first that a charge carries wins; none for anything else."""
    if name in BY or name in WHERE:
        return ()
    return tuple(scopes[name]) if name in scopes else (name.removeprefix(TAG),)


def lacking(question: Drill, tells: Sequence[str]) -> tuple[str, ...]:
    """Return what a question is about that an export with these columns does not tell."""
    asked = dict.fromkeys((*question.by, *question.where))
    return tuple(name for name in asked if name in BY and name not in tells)


def dearest(rows: Sequence[DrillRow], top: int) -> tuple[tuple[DrillRow, ...], tuple[DrillRow, ...]]:
    """Return the dearest rows of each currency, and the sum of its others."""
    shown: list[DrillRow] = []
    others: list[DrillRow] = []
    for currency in sorted({row.currency for row in rows}):
        ours = [row for row in rows if row.currency == currency]
        ours.sort(key=lambda row: (-abs(row.effective), -abs(row.billed), row.key))
        shown += ours[:top]
        if ours[top:]:
            others.append(summed(ours[top:]))
    return tuple(shown), tuple(others)


def summed(rows: Sequence[DrillRow]) -> DrillRow:
    """Return what rows of one currency, at least one, come to."""
    return DrillRow(
        key=("",) * len(rows[0].key),
        currency=rows[0].currency,
        billed=sum((row.billed for row in rows), Decimal(0)),
        effective=sum((row.effective for row in rows), Decimal(0)),
        parts=sum(row.parts for row in rows),
    )
