"""What outside figures mean: amounts, currencies and days, or None where they make no sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from finops_tui.ledger.units import largest

DAY = timedelta(days=1)
_LETTERS = 3


def number(value: object) -> Decimal | None:
    """Return a finite number, told as one or as text."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        told = Decimal(value)
    except InvalidOperation:
        return None
    return told if told.is_finite() else None


def amount(value: object, currency: str) -> Decimal | None:
    """Return money as the ledger can keep it."""
    told = number(value)
    return told if told is not None and abs(told) <= largest(currency) else None


def currency(value: object) -> str:
    """Return the ISO 4217 code; empty where it is none."""
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if len(code) == _LETTERS and code.isascii() and code.isalpha() else ""


def midnight(at: datetime) -> datetime:
    """Return when the UTC day around a moment began."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month(at: datetime) -> datetime:
    """Return when the UTC month around a moment began."""
    return midnight(at).replace(day=1)


def moment(value: object) -> datetime | None:
    """Return a time in UTC; None for one that does not say its zone, or is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def stamp(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
