"""Totals by day and cell or group, and by month and line, so that a year is asked for as fast as a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

DAY = 86_400


_SUMS = """MAX(c.until), MIN(c.final), SUM(c.billed), SUM(c.effective),
    CASE WHEN COUNT(c.list) = COUNT(*) THEN SUM(c.list) END,
    CASE WHEN COUNT(c.contracted) = COUNT(*) THEN SUM(c.contracted) END"""


def total(connection: sqlite3.Connection, view: int, days: Iterable[int]) -> None:
    """Add up anew these days (unix seconds of their midnights, UTC) of one view, and the months that they lie in."""
    days = set(days)
    months = {month_of(day) for day in days}
    of_view, cells = (f"(SELECT id FROM {table} WHERE view_id = ?)" for table in ("groups", "cells"))  # noqa: S608 - constants
    lines = f"(SELECT id FROM lines WHERE group_id IN {of_view})"  # noqa: S608 - constants
    for first, last in _spans(days):
        connection.execute(
            f"DELETE FROM days WHERE day >= ? AND day < ? AND group_id IN {of_view}",  # noqa: S608 - constants
            (first, last, view),
        )
        connection.execute(
            f"""
            INSERT INTO days
            SELECT c.start / {DAY} * {DAY}, l.group_id, {_SUMS}
            FROM charges c CROSS JOIN lines l ON l.id = c.line_id
            WHERE c.start >= ? AND c.start < ? AND l.group_id IN {of_view}
            GROUP BY 1, 2
            """,  # noqa: S608 - constants
            (first, last, view),
        )
        connection.execute(
            f"DELETE FROM cell_days WHERE day >= ? AND day < ? AND cell_id IN {cells}",  # noqa: S608 - constants
            (first, last, view),
        )
        connection.execute(
            f"""
            INSERT INTO cell_days
            SELECT g.cell_id, c.day, {_SUMS}
            FROM days c CROSS JOIN cells_of_groups g ON g.group_id = c.group_id
            WHERE c.day >= ? AND c.day < ? AND c.group_id IN {of_view}
            GROUP BY 1, 2
            """,  # noqa: S608 - constants
            (first, last, view),
        )
    for month in months:
        span = (month, next_month(month), view)
        connection.execute(f"DELETE FROM months WHERE month = ? AND line_id IN {lines}", span[::2])  # noqa: S608 - constants
        connection.execute(
            f"""
            INSERT INTO months
            SELECT {month}, c.line_id, {_SUMS}
            FROM charges c WHERE c.start >= ? AND c.start < ? AND c.line_id IN {lines}
            GROUP BY c.line_id
            """,  # noqa: S608 - constants
            span,
        )


def month_of(at: int) -> int:
    """Return the first second of the month (UTC) that `at` lies in."""
    return int(datetime.fromtimestamp(at, UTC).replace(day=1, hour=0, minute=0, second=0).timestamp())


def next_month(month: int) -> int:
    """Return the first second of the month after the one that begins at `month`."""
    return month_of(month + 31 * DAY)


def _spans(days: Iterable[int]) -> list[tuple[int, int]]:
    """Put neighbouring days together: from the first midnight to the one after the last."""
    spans: list[tuple[int, int]] = []
    for day in sorted(days):
        if spans and spans[-1][1] == day:
            spans[-1] = spans[-1][0], day + DAY
        else:
            spans.append((day, day + DAY))
    return spans
