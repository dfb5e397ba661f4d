"""A question to the ledger, and what its answer is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Grain(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostQuery:
    since: datetime
    until: datetime
    """Exclusive. A charge counts where its charge period starts."""
    by: tuple[str, ...] = ()
    """Names of dimensions, see `dimensions.names`."""
    grain: Grain | None = None
    """None: one figure for the whole span."""
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Dimension -> the values that count."""
    sources: frozenset[str] | None = None
    """Those that count where `where` names none; None: all. What a source without a config said stays in the ledger."""


class CostRow(Struct, frozen=True, kw_only=True):
    """Billed cost by category, and the whole as amortised, list and contracted cost; an answer has thousands."""

    key: tuple[str, ...]
    """One value for each dimension asked for; empty where the charges carry none."""
    start: datetime | None
    """Of the hour, day or month; None without a grain."""
    currency: str
    usage: Decimal
    purchases: Decimal
    """What was paid in advance or for a commitment."""
    credits: Decimal
    taxes: Decimal
    adjustments: Decimal
    effective_usage: Decimal
    """Of usage alone, commitments spread over what uses them: the figure for trends and for estimates."""
    effective: Decimal
    """All categories, commitments spread over what uses them."""
    list: Decimal | None
    """At public prices; None where a charge in it does not say."""
    contracted: Decimal | None
    final: bool
    """Whether every charge in it belongs to a closed billing period."""

    @property
    def billed(self) -> Decimal:
        """Return what is on the invoice: every category."""
        return self.usage + self.purchases + self.credits + self.taxes + self.adjustments


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where an answer comes from: one source's part in it."""

    source: str
    first: datetime
    """The day of its earliest charge in the span."""
    through: datetime
    """End of its latest charge of usage in the span, but no later than it was read: billed to date as of then."""
    retrieved_at: datetime
    missing: tuple[str, ...] = ()
    """What of the question it does not tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    rows: tuple[CostRow, ...]
    told: tuple[Told, ...]
