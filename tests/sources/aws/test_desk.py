"""Asking, paging and remembering; what is on disk is shared and what costs is never asked twice."""

from __future__ import annotations

import asyncio
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.sources.aws.allowance import MICRO, again_at, allowed, month, so_far
from finops_tui.sources.aws.calls import ANOMALIES, BUDGETS, COST
from finops_tui.sources.aws.desk import PAGES, Desk, Question
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.store import FILE, Answer, Store
from tests.sources.aws.double import Answer as Told
from tests.sources.aws.double import Asked, Double, Fault
from tests.sources.aws.world import ACCOUNT, NOW, HandClock, bucket, costs, desk, group

ASKED = {
    "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-21"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost"],
}
SIX_HOURS = timedelta(hours=6)
QUESTION = Question(id="cost", call=COST, params=ASKED, good_for=SIX_HOURS, foremost=True)


async def signed_in(folder: Path, clock: HandClock | None = None, /, **more: object) -> Desk:
    one = desk(folder, clock, **more)
    await one.sign_in()
    return one


def paged(*answers: Told) -> Any:
    """Return a script that gives one page after the other, each leading to the next by its number."""

    def script(asked: Asked) -> Told:
        at = int(asked.params.get("NextPageToken", 0))
        answer = answers[at]
        if isinstance(answer, Fault) or at == len(answers) - 1:
            return answer
        return {**answer, "NextPageToken": str(at + 1)}

    return script


def page(number: int) -> Told:
    return costs(bucket("2026-11-18", group(f"service {number}")))


async def test_all_pages_are_read_and_each_is_counted(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = paged(page(0), page(1), page(2))
    one = await signed_in(tmp_path)
    kept = await one.ask(QUESTION)
    assert [answer["ResultsByTime"][0]["Groups"][0]["Keys"] for answer in kept.pages] == [
        ["service 0"],
        ["service 1"],
        ["service 2"],
    ]
    assert await one.spent() == (3, "$0.03 of $4 this month")
    assert [asked.params.get("NextPageToken") for asked in aws.of("GetCostAndUsage")] == [None, "1", "2"]
    one.close()


async def test_after_a_failure_on_the_way_it_goes_on_where_it_stopped(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = paged(page(0), page(1), Fault("InternalServerException", status=500))
    one = await signed_in(tmp_path)
    with pytest.raises(AwsError):
        await one.ask(QUESTION)
    aws.answers["GetCostAndUsage"] = paged(page(0), page(1), page(2))
    assert len((await one.ask(QUESTION)).pages) == 3
    assert [asked.params.get("NextPageToken") for asked in aws.of("GetCostAndUsage")] == [None, "1", "2", "2"]
    one.close()


async def test_pages_that_changed_while_they_were_read_are_read_from_the_first(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = paged(page(0), Fault("RequestChangedException"))
    one = await signed_in(tmp_path)
    with pytest.raises(AwsError, match="pages changed"):
        await one.ask(QUESTION)
    aws.answers["GetCostAndUsage"] = paged(page(0), page(1))
    assert len((await one.ask(QUESTION)).pages) == 2
    assert [asked.params.get("NextPageToken") for asked in aws.of("GetCostAndUsage")] == [None, "1", None, "1"]
    one.close()


async def test_an_old_half_answer_is_not_gone_on_with(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = paged(page(0), Fault("InternalServerException", status=500))
    one = await signed_in(tmp_path, clock)
    with pytest.raises(AwsError):
        await one.ask(QUESTION)
    clock.advance(hours=2)
    aws.answers["GetCostAndUsage"] = paged(page(0), page(1))
    assert len((await one.ask(QUESTION)).pages) == 2
    assert aws.of("GetCostAndUsage")[2].params.get("NextPageToken") is None
    one.close()


async def test_pages_without_end_are_a_mistake(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = {"Budgets": [], "NextToken": "again"}
    one = await signed_in(tmp_path)
    with pytest.raises(AwsError, match=f"more than {PAGES} pages"):
        await one.ask(Question(id="budgets", call=BUDGETS, params={"AccountId": ACCOUNT}))
    one.close()


async def test_an_answer_is_good_for_a_while_whatever_span_it_is_asked_about(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = page(0)
    one = await signed_in(tmp_path, clock)
    await one.ask(QUESTION)
    clock.advance(hours=5)
    later = {**ASKED, "TimePeriod": {"Start": "2026-11-02", "End": "2026-11-22"}}
    assert (await one.ask(QUESTION.about(later))).at == NOW
    clock.advance(hours=1)
    assert (await one.ask(QUESTION.about(later))).at == NOW + SIX_HOURS
    assert len(aws.of("GetCostAndUsage")) == 2
    one.close()


async def test_other_settings_are_another_question(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = page(0)
    one = await signed_in(tmp_path)
    await one.ask(QUESTION)
    await one.ask(Question(id="cost", call=COST, params=ASKED, good_for=SIX_HOURS, apart="by tag"))
    assert len(aws.of("GetCostAndUsage")) == 2
    one.close()


async def test_when_asking_again_fails_the_old_answer_stands_and_says_so(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = page(0)
    one = await signed_in(tmp_path, clock)
    await one.ask(QUESTION)
    clock.advance(hours=7)
    aws.answers["GetCostAndUsage"] = Fault("LimitExceededException")
    kept = await one.ask(QUESTION)
    assert (kept.at, kept.late) == (NOW, "throttled (LimitExceededException)")
    one.close()


async def test_what_failed_and_costs_is_not_paid_again_by_each_program_that_begins(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = Fault("AccessDeniedException", "not allowed")
    for minutes, words in ((0, ""), (4, ", 4m ago"), (4, ", 8m ago")):
        clock.advance(minutes=minutes)
        with pytest.raises(AwsError) as caught:
            await (await signed_in(tmp_path, clock)).ask(QUESTION)
        assert caught.value.title.endswith(words)
        assert caught.value.hint
    assert aws.counts["GetCostAndUsage"] == 1
    clock.advance(minutes=8)
    aws.answers["GetCostAndUsage"] = page(0)
    assert (await (await signed_in(tmp_path, clock)).ask(QUESTION)).pages


async def test_who_looked_just_before_another_had_its_answer_does_not_pay_for_it_again(
    aws: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers["GetCostAndUsage"] = page(0)
    first, second = await signed_in(tmp_path), await signed_in(tmp_path)

    async def meanwhile(*_: object) -> None:
        await first.ask(QUESTION)

    monkeypatch.setattr(second, "_begin", meanwhile)
    assert (await second.ask(QUESTION)).at == NOW
    assert len(aws.of("GetCostAndUsage")) == 1


async def test_one_program_asks_and_the_other_waits(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = page(0)
    first, second = await signed_in(tmp_path), await signed_in(tmp_path)
    answers = await asyncio.gather(first.ask(QUESTION), second.ask(QUESTION), return_exceptions=True)
    late = [answer for answer in answers if isinstance(answer, AwsError)]
    assert len(aws.of("GetCostAndUsage")) == 1
    assert all(error.soon for error in late)
    assert (await second.ask(QUESTION)).at == NOW
    first.close()
    second.close()


async def test_what_cannot_be_counted_is_not_asked(aws: Double, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, but long enough to be taken for one" * 40, encoding="utf-8")
    one = await signed_in(tmp_path)
    with pytest.raises(AwsError, match="paid requests cannot be counted"):
        await one.ask(QUESTION)
    assert aws.of("GetCostAndUsage") == []
    one.close()


async def test_the_last_cent_is_spent_once(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = aws.answers["GetAnomalies"] = {"NextPageToken": "for ever"}
    clock = HandClock(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    one = await signed_in(tmp_path, clock, requests_usd_per_month=0.05)
    anomalies = Question(
        id="anomalies", call=ANOMALIES, params={"DateInterval": {"StartDate": "2026-11-01"}}, good_for=SIX_HOURS
    )
    for question in (QUESTION, anomalies):
        with pytest.raises(
            AwsError, match=r"request budget: \$0.0[45] of \$0.05 this month, next request 01 Dec 00:00Z"
        ):
            await one.ask(question)
    assert len(aws.asked) - 1 == await paid(one) <= 5
    one.close()


async def test_the_cap_holds_also_where_two_programs_look_at_once(
    aws: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw money enough; the request that comes second is kept here as it leaves."""

    async def plenty(*_: object, **__: object) -> None:
        """See money enough."""

    monkeypatch.setattr(Desk, "afford", plenty)
    aws.answers["GetCostAndUsage"] = {"NextPageToken": "for ever"}
    one = await signed_in(tmp_path, requests_usd_per_month=0.03)
    with pytest.raises(AwsError, match=r"request budget: \$0.02 of \$0.03"):
        await one.ask(QUESTION)
    assert len(aws.of("GetCostAndUsage")) == 2
    one.close()


async def paid(one: Desk) -> int:
    requests, _ = await one.spent()
    return requests


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    store.keep("key", Answer(NOW, ({"a": 1},)))
    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert store.answer("key") == Answer(NOW, ({"a": 1},))
    store.close()


def test_answers_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep("old", Answer(NOW - timedelta(days=41), ()))
    store.keep("new", Answer(NOW, ()))
    assert store.answer("old") is None
    assert store.answer("new") is not None
    store.close()


def test_many_programs_never_spend_more_than_the_limit(tmp_path: Path) -> None:
    stores = [Store(tmp_path) for _ in range(3)]
    paid = [store.pay(ACCOUNT, "GetCostAndUsage", 10_000, NOW, 50_000) for _ in range(4) for store in stores]
    assert paid == [True] * 5 + [False] * 7
    assert stores[0].spent(ACCOUNT, NOW) == (5, 50_000)
    assert stores[0].spent("another", NOW) == (0, 0)
    assert stores[0].spent(ACCOUNT, NOW + timedelta(days=20)) == (0, 0)
    for store in stores:
        store.close()


def test_programs_that_make_the_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    for attempt in range(20):
        stores = [Store(tmp_path / str(attempt)) for _ in range(4)]
        together = threading.Barrier(len(stores))

        def pay(store: Store, together: threading.Barrier = together) -> bool:
            together.wait()
            return store.pay(ACCOUNT, "GetCostAndUsage", 10_000, NOW, 20_000)

        with ThreadPoolExecutor(len(stores)) as threads:
            assert sorted(threads.map(pay, stores)) == [False, False, True, True]
        for store in stores:
            store.close()


moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(moments, st.integers(0, 10_000_000), st.booleans())
def test_the_allowance_grows_to_the_cap_and_never_beyond(now: datetime, cap: int, foremost: bool) -> None:
    begin, end = month(now)
    assert begin <= now < end
    assert 0 <= allowed(now, cap, foremost=foremost) <= cap
    assert allowed(now, cap, foremost=foremost) <= allowed(max(now, end - timedelta(seconds=1)), cap, foremost=foremost)
    assert allowed(now, cap, foremost=False) <= allowed(now, cap, foremost=True)


@given(moments, st.integers(100_000, 10_000_000), st.floats(0, 1.2), st.booleans())
def test_it_says_rightly_when_so_much_may_be_spent(now: datetime, cap: int, share: float, foremost: bool) -> None:
    wanted = int(cap * share)
    again = again_at(now, cap, wanted, foremost=foremost)
    assert again >= now
    if again < month(now)[1] - timedelta(seconds=1):
        assert allowed(again + timedelta(seconds=1), cap, foremost=foremost) >= wanted - 1
    if again > now + timedelta(seconds=1):
        assert allowed(now, cap, foremost=foremost) <= wanted


@pytest.mark.parametrize(
    ("spent", "cap", "words"),
    [
        (1_200_000, 4 * MICRO, "$1.20 of $4 this month"),
        (0, 4_500_000, "$0.00 of $4.50 this month"),
        (4 * MICRO, 10 * MICRO, "$4.00 of $10 this month"),
    ],
)
def test_the_cost_of_requests_in_words(spent: int, cap: int, words: str) -> None:
    assert so_far(spent, cap) == words
