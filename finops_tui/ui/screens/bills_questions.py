"""What a row of the bills page asks an export, and by what it may be told apart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from finops_tui.ledger.drill import BY, Drill
from finops_tui.ui.glyphs import SEPARATOR
from finops_tui.ui.screens.bills_clouds import ANOMALIES
from finops_tui.ui.screens.bills_tables import BILLS, CHECKED

if TYPE_CHECKING:
    from finops_tui.model.billing import BillRow, CheckedService
    from finops_tui.model.cloud import Anomaly
    from finops_tui.ui.panes.base import PaneSpec

CHECKED_DAYS = 7
SHOWN = 50
"""Rows: no person reads more, and what is left is summed."""
ORDER = ("resource", "sku", "instance", "hour", "day", "region", "operation", "service", "account")
"""In which one thing after the other is looked at."""
TITLES: Mapping[str, str] = {"sku": "usage type"}
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def question_of(part: PaneSpec[Any], row: Any, now: datetime) -> Drill:
    """Return what is asked of a row of the parts whose rows are money of an account."""
    ask: Mapping[str, Callable[[Any, datetime], Drill]] = {
        BILLS.id: _bill,
        CHECKED.id: _checked,
        ANOMALIES.id: _anomaly,
    }
    return ask[part.id](row, _next_hour(now))


def _bill(row: BillRow, until: datetime) -> Drill:
    where = {"source": frozenset({row.source}), "account": frozenset({row.account})}
    return Drill(since=_midnight(row.month), until=until, by=ORDER[:1], where=where, top=SHOWN)


def _checked(row: CheckedService, until: datetime) -> Drill:
    where = {"account": frozenset({row.account}), "service": frozenset({row.service})}
    return Drill(since=until.replace(hour=0) - CHECKED_DAYS * _DAY, until=until, by=ORDER[:1], where=where, top=SHOWN)


def _anomaly(row: Anomaly, until: datetime) -> Drill:
    services = {cause.service for cause in row.causes if cause.service} or {row.subject}
    where = {"account": frozenset({row.account}), "service": frozenset(services)}
    since = _midnight(row.start)
    end = until if row.end is None else min(until, _midnight(row.end) + _DAY)
    return Drill(since=since, until=max(end, since + _HOUR), by=ORDER[:1], where=where, top=SHOWN)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _next_hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR


def next_by(question: Drill, tells: tuple[str, ...]) -> str:
    """Return what comes after that by which it is asked, of what the export tells and the question leaves open."""
    every = [name for name in ORDER if name in tells and len(question.where.get(name, ())) != 1]
    here = question.by[0]
    at = every.index(here) if here in every else -1
    return every[(at + 1) % len(every)] if every else here


def first_by(question: Drill, tells: tuple[str, ...]) -> str:
    """Return by what it is asked at first: the finest that the export tells."""
    return question.by[0] if question.by[0] in tells else next_by(question, tells)


def title_of(name: str) -> str:
    """Return what a thing to ask by is called on the screen."""
    return TITLES.get(name, name)


def words_of(question: Drill) -> str:
    """Say what is asked about: `account 111111111111 · service AmazonEC2`."""
    assert set(ORDER) == set(BY), "everything that may be asked by can be reached"
    chosen = (f"{name} {', '.join(values)}" for name, values in question.filters.items())
    return f" {SEPARATOR} ".join(chosen) or "everything"


def span_of(question: Drill) -> str:
    """Say of which time: `2026-03-01 00:00Z to 2026-03-13 15:00Z`."""
    return f"{question.since:%Y-%m-%d %H:%M}Z to {question.until:%Y-%m-%d %H:%M}Z"
