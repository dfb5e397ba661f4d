"""How much of a month's money for requests may be spent by now, so that it lasts the month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

AHEAD = 0.1
"""This part of what is left of the month's money may be spent before its time: a first look, pages, tries again."""
KEPT_BACK = 0.03
"""This part of the month's money is kept back for the questions that matter most."""
MICRO = 1_000_000


def allowed(now: datetime, cap_micro_usd: int, *, foremost: bool) -> int:
    """Return what may have been spent by now, in millionths of a US dollar: the month's part so far and some more.

    Only the `foremost` questions may spend all of it.
    """
    begin, end = month(now)
    passed = (now - begin) / (end - begin)
    share = passed + AHEAD * (1 - passed) - (0 if foremost else KEPT_BACK)
    return int(cap_micro_usd * max(0.0, share))


def again_at(now: datetime, cap_micro_usd: int, wanted_micro_usd: int, *, foremost: bool) -> datetime:
    """Return when so much may have been spent: now, later this month, or when the next one begins."""
    begin, end = month(now)
    kept_back = 0 if foremost else KEPT_BACK
    if wanted_micro_usd > cap_micro_usd * (1 - kept_back):
        return end
    passed = (wanted_micro_usd / cap_micro_usd + kept_back - AHEAD) / (1 - AHEAD)
    return max(now, begin + (end - begin) * passed)


def month(now: datetime) -> tuple[datetime, datetime]:
    """Return the UTC month around a moment: when it begins, and when the next one does."""
    begin = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return begin, (begin + timedelta(days=32)).replace(day=1)


def so_far(spent_micro_usd: int, cap_micro_usd: int) -> str:
    """Say what requests have cost: `$1.20 of $4 this month`."""
    cap = cap_micro_usd / MICRO
    return f"${spent_micro_usd / MICRO:.2f} of ${cap:.2f} this month".replace(".00 this", " this")
