"""Money as whole numbers, so that sums are exact and fast."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

_DIGITS = 10
_FEW_DIGITS = 6
_SMALL_MONEY = frozenset({"CLP", "COP", "HUF", "IDR", "IRR", "JPY", "KRW", "LBP", "PYG", "UZS", "VND"})
"""Worth about a US cent or less: fewer decimals matter, and larger numbers occur."""
_INT64 = (1 << 63) - 1


@cache
def digits(currency: str) -> int:
    """Return how many decimals the ledger keeps of amounts in `currency`."""
    return _FEW_DIGITS if currency in _SMALL_MONEY else _DIGITS


@cache
def largest(currency: str) -> Decimal:
    """Return the largest amount that one charge may have."""
    return Decimal(_INT64 // 2).scaleb(-digits(currency))


def to_units(amount: Decimal, currency: str) -> int:
    """Return the amount in its smallest unit, rounded half to even. Raises ValueError where it is no usable amount."""
    if not amount.is_finite() or abs(amount) > largest(currency):
        raise ValueError(f"{amount} {currency} is not an amount that can be kept")
    return int(amount.scaleb(digits(currency)).to_integral_value(ROUND_HALF_EVEN))


def from_units(units: int, currency: str) -> Decimal:
    """Return the amount that `units` stand for, exactly."""
    return Decimal(units).scaleb(-digits(currency))
