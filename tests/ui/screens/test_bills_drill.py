"""A drill-down from the bills page: what it asks, that it costs money after a yes only, and each of its keys."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops_tui.errors import FinopsError
from finops_tui.ledger.drill import BY, Expected
from finops_tui.model.cloud import Anomaly, RootCause
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.bills import BillsScreen
from finops_tui.ui.screens.bills_clouds import ANOMALIES
from finops_tui.ui.screens.bills_drill import DrillScreen
from finops_tui.ui.screens.bills_lines import columns_of, lines_of
from finops_tui.ui.screens.bills_questions import ORDER, question_of
from finops_tui.ui.screens.bills_tables import BILLS, CHECKED
from tests.ui.answers import REST, ROWS, TELLS, AnswersDouble, row
from tests.ui.bill_samples import BILLED, CHECK
from tests.ui.bill_samples import BILLS as BILL_ROWS
from tests.ui.samples import HOSTILE_TEXTS, NOW
from tests.ui.screen import Screen, shown
from tests.ui.screens.test_bills import cursor_row, on_top, row_of, written

SIZE = (120, 40)
HOUR = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def drilled(
    answers: AnswersDouble, size: tuple[int, int] = SIZE, snapshot: Snapshot = BILLED, **settings: object
) -> AbstractAsyncContextManager[Screen]:
    return shown(snapshot, size, answers=lambda: answers, **settings)


async def opened(screen: Screen, *keys: str) -> None:
    """Open the drill-down of the dearest account, and press further keys there."""
    await screen.press("m", "3", "i", *keys)
    await screen.pilot.app.workers.wait_for_complete()
    await screen.pilot.pause()


def only(answers: AnswersDouble) -> dict[str, Sequence[str]]:
    """Return what the last question is narrowed to."""
    return {name: sorted(values) for name, values in answers.planned[-1].where.items()}


# What is asked


async def test_a_plan_is_told_and_nothing_asked_before_a_yes() -> None:
    answers = AnswersDouble()
    async with drilled(answers) as screen:
        await opened(screen)
        assert on_top(screen, DrillScreen)
        assert "What it is made of  by resource" in screen.text
        assert row_of(screen, "Of ").split("  ")[-1] == "account 111111111111"
        assert row_of(screen, "Time").strip().endswith("2026-03-01 00:00Z to 2026-03-13 15:00Z")
        assert "billing.cur2 in Athena (us-east-1)  aws prod" in row_of(screen, "Asked")
        assert "31.0 GiB, $0.17, as the last one did" in row_of(screen, "Will cost")
        assert "It costs money: y asks, esc does not." in screen.text
        assert answers.asked == []
        assert only(answers) == {"account": ["111111111111"], "source": ["aws prod"]}
        assert (answers.planned[0].since, answers.planned[0].until) == (datetime(2026, 3, 1, tzinfo=UTC), HOUR)


async def test_y_asks_and_the_dearest_stand_first_with_what_is_left() -> None:
    answers = AnswersDouble()
    async with drilled(answers) as screen:
        await opened(screen, "y")
        assert len(answers.asked) == 1
        assert row_of(screen, "Answer").strip().endswith("asked 2026-03-13T14:02:31Z, 33.0 GiB, $0.18")
        first = row_of(screen, "i-0f3a9c21d4b8e7a61")
        assert first.split()[-4:] == ["$81.2k", "━━━━━━━━", "42%", "$96.2k"]
        assert row_of(screen, "1,204 others").split()[2:] == ["$52.3k", "━━━━━───", "27%", "$50.0k"]
        assert "no resource" in screen.text, "what belongs to none is not what is unknown"
        assert "enter" not in screen.lines[-1]
        places = [screen.text.index(words) for words in ("i-0f3a", "i-0b77", "ml-prod-checkpoints", "1,204 others")]
        assert places == sorted(places)
        await screen.press("y")
        assert len(answers.asked) == 1, "what is answered is not paid for again"


async def test_what_is_cheap_is_asked_at_once() -> None:
    answers = AnswersDouble()
    answers.wants_yes = False
    async with drilled(answers) as screen:
        await opened(screen)
        assert len(answers.asked) == 1
        assert "i-0f3a9c21d4b8e7a61" in screen.text


async def test_while_it_is_asked_the_page_says_since_when_and_esc_leaves() -> None:
    answers = AnswersDouble()
    answers.holds = asyncio.Event()
    now = [NOW]
    async with drilled(answers, now=lambda: now[0]) as screen:
        await screen.press("m", "3", "i", "y")
        assert "Asking since 0s. esc leaves it to itself." in screen.text
        now[0] += timedelta(seconds=12)
        screen.app.paint()
        await screen.pilot.pause()
        assert "Asking since 12s" in screen.text
        await screen.press("y", "b")
        assert (len(answers.asked), len(answers.planned)) == (1, 1), "one question at a time"
        await screen.press("escape")
        assert on_top(screen, BillsScreen)


async def test_a_price_that_nobody_knows_is_said() -> None:
    answers = AnswersDouble()
    answers.expected = Expected(how="Athena tells only afterwards")
    async with drilled(answers) as screen:
        await opened(screen)
        assert "nobody knows at what price, Athena tells only afterwards" in row_of(screen, "Will cost")


async def test_an_answer_from_before_says_so() -> None:
    answers = AnswersDouble()
    answers.wants_yes = False
    answers.given = {"kept": True, "late": "throttled", "remarks": ("focus clouds: billed through 2026-03-11 00:00Z",)}
    async with drilled(answers, (160, 40)) as screen:
        await opened(screen)
        assert "kept from then, nothing is paid now, not asked again: throttled" in screen.text
        assert "focus clouds: billed through 2026-03-11 00:00Z" in screen.text


async def test_where_no_export_can_be_asked_the_ledger_answers_and_the_page_says_so() -> None:
    answers = AnswersDouble()
    answers.wants_yes, answers.free, answers.export = False, True, "the ledger here"
    async with drilled(answers) as screen:
        await opened(screen)
        assert "No export of it can be asked: this is what the ledger knows." in screen.text
        assert "i-0f3a9c21d4b8e7a61" in screen.text
        await screen.press("escape")
        answers.trouble = FinopsError("Neither an export nor the ledger tells this apart: resource.", "", "Configure.")
        await screen.press("i")
        await screen.pilot.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert "Neither an export nor the ledger tells this apart: resource." in screen.text
        assert "Configure." in screen.text


async def test_an_export_without_resources_is_asked_by_the_next_thing() -> None:
    answers = AnswersDouble()
    answers.told = ("sku", "day")
    async with drilled(answers) as screen:
        await opened(screen)
        assert answers.planned[0].by == ("sku",)
        assert "by usage type" in screen.text


# What goes wrong


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (FinopsError("AWS session has expired", "profile prod", "Sign in again."), "AWS session has expired"),
        (RuntimeError("a bug"), "The program failed at it."),
    ],
)
async def test_trouble_is_told_with_a_way_out_and_y_tries_again(trouble: Exception, words: str) -> None:
    answers = AnswersDouble()
    answers.trouble = trouble
    async with drilled(answers) as screen:
        await opened(screen, "y")
        assert words in screen.text
        assert "again." in screen.text
        answers.trouble = None
        await screen.press("y")
        await screen.pilot.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert "i-0f3a9c21d4b8e7a61" in screen.text
        assert words not in screen.text


async def test_a_plan_that_fails_costs_nothing_and_can_be_made_again() -> None:
    answers = AnswersDouble()
    answers.plan_trouble = FinopsError("Several exports could answer.", "a, b", "Choose one: source=NAME.")
    async with drilled(answers) as screen:
        await opened(screen)
        assert "Several exports could answer." in screen.text
        assert answers.asked == []
        answers.plan_trouble = None
        await screen.press("y")
        await screen.pilot.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert "It costs money: y asks, esc does not." in screen.text
        assert answers.asked == [], "the yes was to planning again"


async def test_nothing_billed_is_said_not_shown_as_zero() -> None:
    answers = AnswersDouble()
    answers.rows, answers.rest = (), ()
    async with drilled(answers) as screen:
        await opened(screen, "y")
        assert "Nothing is billed there in this time, or the export is late." in screen.text


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
async def test_names_from_outside_are_only_text(text: str) -> None:
    answers = AnswersDouble()
    answers.rows = (row(text, "10"), row("vm-2", "5"))
    answers.trouble = None
    async with drilled(answers) as screen:
        await opened(screen, "y")
        assert "\x1b" not in screen.text
        assert "vm-2" in screen.text


# Keys


async def test_b_goes_through_what_the_export_tells_and_plans_anew() -> None:
    answers = AnswersDouble()
    async with drilled(answers) as screen:
        await opened(screen, "y")
        assert "b by usage type" in screen.lines[-1]
        for expected in ("sku", "hour", "resource"):
            await screen.press("b")
            await screen.pilot.app.workers.wait_for_complete()
            await screen.pilot.pause()
            assert answers.planned[-1].by == (expected,)
        assert len(answers.asked) == 1, "each of them wants a yes of its own"


async def test_s_and_i_order_the_rows_and_what_is_left_stays_last() -> None:
    answers = AnswersDouble()
    async with drilled(answers) as screen:
        await opened(screen, "y", "I")
        assert screen.text.index("ml-prod-checkpoints") < screen.text.index("i-0f3a9c21d4b8e7a61")
        assert screen.text.index("i-0f3a9c21d4b8e7a61") < screen.text.index("1,204 others")
        await screen.press("S")
        assert screen.text.index("i-0f3a9c21d4b8e7a61") < screen.text.index("ml-prod-checkpoints")
        await screen.press("S")
        assert screen.text.index("i-0b77") < screen.text.index("i-0f3a"), "by name"
        assert screen.text.index("ml-prod-checkpoints") < screen.text.index("1,204 others")


async def test_the_row_under_the_cursor_is_told_in_full() -> None:
    answers = AnswersDouble()
    async with drilled(answers, (80, 24)) as screen:
        await opened(screen, "y")
        assert "arn:aws:ec2:us-east-1:111111111111:instance/i-0f3a9c21d4b8e7a61" in screen.text
        await screen.press("j")
        assert "i-0b77c5e0a91d2f348" in cursor_row(screen) or "i-0b77c5e0a91d2f348" in screen.text


async def test_e_writes_every_row_and_c_copies_the_table(tmp_path: Path) -> None:
    answers = AnswersDouble()
    async with drilled(answers, export_folder=tmp_path) as screen:
        await opened(screen)
        await screen.press("E")
        assert not written(tmp_path), "there is nothing yet"
        await screen.press("y")
        await screen.pilot.app.workers.wait_for_complete()
        await screen.press("E", "c")
        ((name, text),) = written(tmp_path).items()
        assert name.startswith("finops-tui-drill-2026")
        lines = list(csv.DictReader(text.splitlines()))
        assert [line["effective"] for line in lines] == ["81204.5", "40110.25", "12000", "9120.75", "52340.5"]
        assert "account 111111111111" in screen.app.clipboard
        assert "1,204 others" in screen.app.clipboard


async def test_the_key_is_there_only_on_money_of_an_account_with_somebody_to_answer() -> None:
    async with drilled(AnswersDouble()) as screen:
        await screen.press("m", "3")
        assert "drill down" in screen.lines[-1]
        await screen.press("4", "i")
        assert on_top(screen, BillsScreen)
        assert "drill down" not in screen.lines[-1]
    async with shown(BILLED, SIZE) as screen:
        await screen.press("m", "3", "i")
        assert on_top(screen, BillsScreen)


# The questions of rows


def anomaly(end: date | None, *services: str) -> Anomaly:
    causes = tuple(RootCause(service=service) for service in services)
    return Anomaly(
        id="1", account="111111111111", start=date(2026, 3, 9), end=end, subject="EC2", impact=Decimal(1), actual=None,
        expected=None, causes=causes,
    )  # fmt: skip


def test_a_service_is_asked_over_the_last_days_and_an_anomaly_over_its_own() -> None:
    checked = question_of(CHECKED, CHECK.services[0], NOW)
    assert {name: sorted(values) for name, values in checked.where.items()} == {
        "account": [CHECK.services[0].account], "service": [CHECK.services[0].service],
    }  # fmt: skip
    assert checked.since == HOUR.replace(hour=0) - timedelta(days=7)
    asked = question_of(ANOMALIES, anomaly(date(2026, 3, 10), "Amazon EC2"), NOW)
    assert sorted(asked.where["service"]) == ["Amazon EC2"]
    assert (asked.since, asked.until) == (datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC))
    still = question_of(ANOMALIES, anomaly(None), NOW)
    assert (still.until, sorted(still.where["service"])) == (HOUR, ["EC2"])


@pytest.mark.parametrize("at", [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, tzinfo=UTC), NOW])
def test_the_span_of_a_question_is_of_full_hours_and_never_empty(at: datetime) -> None:
    for one in BILL_ROWS:
        question = question_of(BILLS, one, at)
        assert question.since < question.until
        assert (question.since.minute, question.until.minute) == (0, 0)


def test_everything_that_may_be_asked_by_can_be_reached() -> None:
    assert sorted(ORDER) == sorted(BY)
    assert set(TELLS) < set(ORDER)


def test_dollars_stand_before_other_currencies_and_each_has_its_own_whole() -> None:
    from finops_tui.ledger.drill import Drilled

    found = Drilled(
        by=("resource",), rows=(*ROWS, row("x", "900000", currency="EUR")), others=REST, source="s", export="e", at=NOW
    )
    lines = lines_of(found)
    assert {line.share for line in lines if line.currency == "EUR"} == {1.0}
    assert sum(line.share or 0 for line in lines if line.currency == "USD") == pytest.approx(1.0)
    money = next(column for column in columns_of(("resource",)) if column.id == "effective")
    assert money.sort is not None
    assert max(lines[:-1], key=money.sort).name.endswith("i-0f3a9c21d4b8e7a61")
    assert money.sort(lines[-1]) is None
    assert len({line.key for line in lines}) == len(lines)
