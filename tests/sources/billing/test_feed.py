from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.errors import SourceError
from finops_tui.ledger.failure import LedgerError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import Statement
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, SourceHealth
from finops_tui.sources.billing.book import Book
from finops_tui.sources.billing.feed import Feed, Look, Outcome, checked
from tests.ledger.charges import charge
from tests.sources.billing.following import NOW, Following, following, ledger_at

EVERY = timedelta(hours=12)


class Asked:
    """A source that answers what a test tells it to."""

    name, cluster = "vendor acme", ""

    def __init__(self, look: Look, ledger: Callable[[], Ledger], soonest: timedelta = timedelta(0)) -> None:
        self._look = look
        clock = SimulatedClock(NOW, 2_000.0)
        self.feed = Feed(self.name, clock, ledger, short="vendor", every=EVERY, soonest=soonest)

    def observe(self) -> AsyncIterator[Observation]:
        return self.feed.observe(self._look)

    async def refresh(self) -> None:
        self.feed.wake()


async def _write(book: Book, cost: str = "5") -> None:
    await book.record(Statement(source=Asked.name, rows=(charge(cost, source=Asked.name),)))


async def _nothing(book: Book, now: datetime) -> Outcome:
    del book, now
    raise SourceError("nobody is there", "", "Look for somebody.")


def kinds(one: Following) -> list[str]:
    return [f"{each.state}" if isinstance(each, SourceHealth) else type(each).__name__ for each in one.seen]


async def test_what_is_known_from_earlier_is_told_though_nobody_answers(tmp_path: Path) -> None:
    ledger_at(tmp_path)().restate(Statement(source=Asked.name, rows=(charge("5", source=Asked.name),)))
    async with following(Asked(_nothing, ledger_at(tmp_path))) as one:
        health = await one.answered()
        assert kinds(one)[:3] == ["connecting", "BillsSeen", "down"]
        assert (health.reason, health.hint, health.answered_at) == ("nobody is there", "Look for somebody.", None)


async def test_a_bill_is_told_before_the_word_that_all_is_told_and_once(tmp_path: Path) -> None:
    async def look(book: Book, now: datetime) -> Outcome:
        del now
        await _write(book)
        return Outcome(missing=("budgets: not allowed",), hint="Ask.", warnings=tuple(map(str, range(20))))

    async with following(Asked(look, ledger_at(tmp_path))) as one:
        health = await one.answered()
        assert kinds(one) == ["connecting", "BillsSeen", "partial"]
        assert [each.primed for each in one.seen if isinstance(each, SourceHealth)] == [False, True]
        assert (len(health.warnings), health.warnings[-1]) == (9, "and 12 more")
        assert health.stale_after_seconds == 36 * 3_600
        await one.source.refresh()
        await one.until(lambda: kinds(one).count("partial") == 2)
        assert kinds(one).count("BillsSeen") == 1, "what has not changed is no news"
        assert one.health.since == health.since


async def test_a_ledger_that_cannot_be_used_is_told_until_it_can(tmp_path: Path) -> None:
    broken = [LedgerError("The ledger of bills is damaged.", "bills.sqlite", "Move the file away.")]

    def opened() -> Ledger:
        if broken:
            raise broken[0]
        return ledger_at(tmp_path)()

    async def look(book: Book, now: datetime) -> Outcome:
        del now
        await _write(book)
        return Outcome()

    async with following(Asked(look, opened)) as one:
        health = await one.answered()
        assert (health.state, health.hint) == (HealthState.DOWN, "Move the file away.")
        broken.clear()
        await one.until(lambda: one.state is HealthState.POLLED)
        assert isinstance(one.bills, BillsSeen)
        assert one.bills.through == datetime(2026, 11, 2, tzinfo=UTC)


async def test_failures_are_asked_again_later_each_time(tmp_path: Path) -> None:
    async with following(Asked(_nothing, ledger_at(tmp_path))) as one:
        await one.until(lambda: kinds(one).count("down") == 5)
        told = [each.at for each in one.seen if isinstance(each, SourceHealth) and each.state is HealthState.DOWN]
        pauses = [(after - before).total_seconds() for before, after in pairwise(told)]
        assert pauses[0] >= 22
        assert pauses[3] >= 180


async def test_an_answer_is_followed_by_the_least_pause_whoever_wishes(tmp_path: Path) -> None:
    asked: list[datetime] = []

    async def look(book: Book, now: datetime) -> Outcome:
        del book
        asked.append(now)
        return Outcome(retry_after_seconds=120.0 if len(asked) == 1 else 0.0)

    async with following(Asked(look, ledger_at(tmp_path), soonest=timedelta(minutes=1))) as one:
        await one.answered()
        await one.source.refresh()
        await one.until(lambda: len(asked) == 2)
        await one.source.refresh()
        await one.until(lambda: len(asked) == 3)
        assert asked[1] - asked[0] >= timedelta(minutes=2), "the service asked for that"
        assert timedelta(minutes=1) <= asked[2] - asked[1] < EVERY


@pytest.mark.parametrize("error", [KeyError("x"), TypeError(), ValueError(), ZeroDivisionError(), AttributeError()])
async def test_an_answer_of_another_shape_is_trouble_with_the_service(error: Exception) -> None:
    async def answer() -> int:
        raise error

    with pytest.raises(SourceError, match="makes no sense"):
        await checked(answer())
