"""Values as AWS writes them. What makes no sense is None, never zero."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation


def amount(value: object) -> Decimal | None:
    """Return an amount, written as text or as a number."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def number(value: object) -> int | None:
    """Return a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def day(value: object) -> date | None:
    """Return the day at the beginning of a text."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """Return a day or a moment, aware; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
