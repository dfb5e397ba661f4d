from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ledger.units import largest, to_units
from finops_tui.retry_after import LONGEST_ASKED_SECONDS
from finops_tui.sources.billing.calls import LONGEST_WAIT_SECONDS, CallError, Calls, Service
from finops_tui.sources.billing.values import amount, currency, midnight, moment, month, stamp
from tests.servers.scripted import Reply, Scripted, scripted

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


class Noted:
    """A clock that only notes how long somebody wished to wait."""

    speed = 1.0

    def __init__(self) -> None:
        self.waited: list[float] = []

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


async def _nobody() -> Mapping[str, str]:
    return {}


SERVICE = Service(open=httpx.AsyncClient, headers=_nobody, hints={}, timeout_seconds=5)


@asynccontextmanager
async def asking(*answers: Reply, **more: Any) -> AsyncIterator[tuple[Calls, Scripted, list[float]]]:
    left, clock = list(answers), Noted()
    with scripted(lambda _: left.pop(0) if len(left) > 1 else left[0]) as server:
        calls = Calls(replace(SERVICE, **more), clock)
        try:
            yield calls, server, clock.waited
        finally:
            await calls.close()


async def test_numbers_are_exact_and_what_is_no_number_is_unknown() -> None:
    body = b'{"a": 0.1, "b": 1e-9, "c": NaN, "d": 12345678901234567890.123456789, "e": 7}'
    async with asking(Reply(body=body)) as (calls, server, _):
        told = await calls.get(server.url)
    assert (told["a"], told["b"], told["c"]) == (Decimal("0.1"), Decimal("1e-9"), None)
    assert (told["d"], told["e"]) == (Decimal("12345678901234567890.123456789"), 7)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (format_datetime(NOW + timedelta(seconds=50), usegmt=True), 50), ("soon", 0), ("-5", 0)],
)
async def test_who_asks_to_be_left_alone_is(header: str, seconds: float) -> None:
    busy = Reply(429, headers={"Retry-After": header})
    async with asking(busy, Reply(body=b"{}")) as (calls, server, waited):
        assert await calls.get(server.url) == {}
    (slept,) = waited
    assert slept == seconds if seconds else 1 <= slept <= 2


async def test_the_longest_of_several_waits_counts() -> None:
    headers = {"X-Limit-a-retry-after": "3", "X-Limit-b-retry-after": "9", "Retry-After": "2", "X-Limit-b-left": "99"}
    waits = ("x-limit-", "-retry-after")
    async with asking(Reply(429, headers=headers), Reply(body=b"{}"), waits=waits) as (calls, server, waited):
        await calls.get(server.url)
    assert waited == [9]


@pytest.mark.parametrize("long", [str(LONGEST_WAIT_SECONDS + 1), "inf", "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_who_asks_for_long_is_not_waited_for_here(long: str) -> None:
    async with asking(Reply(429, headers={"Retry-After": long})) as (calls, server, waited):
        with pytest.raises(CallError) as caught:
            await calls.get(server.url)
        assert len(server.requests) == 1
    assert caught.value.passing
    assert LONGEST_WAIT_SECONDS < caught.value.retry_after_seconds <= LONGEST_ASKED_SECONDS
    assert waited == []


async def test_trouble_that_passes_is_tried_again_and_other_trouble_is_not() -> None:
    async with asking(Reply(503), Reply(502), Reply(body=b"[1]")) as (calls, server, waited):
        assert await calls.get(server.url) == [1]
        assert len(waited) == 2
    async with asking(Reply(503)) as (calls, server, _):
        with pytest.raises(CallError):
            await calls.get(server.url)
        assert len(server.requests) == SERVICE.attempts
    async with asking(Reply(403), hints={403: "Ask for it."}) as (calls, server, _):
        with pytest.raises(CallError, match="403 Forbidden") as caught:
            await calls.get(server.url)
        assert (len(server.requests), caught.value.hint) == (1, "Ask for it.")


@pytest.mark.parametrize(("refusals", "asked", "forgotten"), [(1, 2, 1), (2, 2, 1)])
async def test_a_token_that_is_refused_is_made_anew_once(refusals: int, asked: int, forgotten: int) -> None:
    let_go: list[int] = []
    answers = (*[Reply(401)] * refusals, Reply(body=b"[1]"))
    async with asking(*answers, forget=lambda: let_go.append(1), hints={401: "Log in."}) as (calls, server, waited):
        if refusals == 1:
            assert await calls.get(server.url) == [1]
        else:
            with pytest.raises(CallError, match="401 Unauthorized") as caught:
                await calls.get(server.url)
            assert caught.value.hint == "Log in."
        assert (len(server.requests), len(let_go), waited) == (asked, forgotten, [])
    async with asking(Reply(401), Reply(body=b"[1]")) as (calls, server, _):
        with pytest.raises(CallError, match="401"):
            await calls.get(server.url)
        assert len(server.requests) == 1, "a key in the config is not another one a moment later"


async def test_no_part_of_a_secret_is_left_where_words_are_cut_off() -> None:
    told = Reply(401, b'{"message": "' + b"x" * 195 + b'open-sesame"}')
    async with asking(told, secrets=("open-sesame",)) as (calls, server, _):
        with pytest.raises(CallError) as caught:
            await calls.get(server.url)
    assert "open" not in caught.value.title


async def test_a_refusal_may_say_in_words_that_it_is_one_of_a_busy_service() -> None:
    busy = Reply(403, b'{"error":{"errors":[{"reason":"rateLimitExceeded"}],"message":"Exceeded rate limits"}}')
    hints = {403: "Ask for it.", 429: "Wait."}
    async with asking(busy, Reply(body=b"1"), busy_words=("rateLimitExceeded",), hints=hints) as (calls, server, _):
        assert await calls.get(server.url) == 1
    async with asking(busy, busy_words=("rateLimitExceeded",), hints=hints) as (calls, server, _):
        with pytest.raises(CallError) as caught:
            await calls.get(server.url)
    assert caught.value.hint == "Wait."


async def test_an_answer_that_never_ends_is_given_up() -> None:
    slow = Reply(body=b"[" + b" " * 1_000, drip_seconds=0.05)
    async with asking(slow, timeout_seconds=0.1, attempts=1) as (calls, server, _):
        with pytest.raises(CallError, match="no answer within"):
            await calls.get(server.url)


async def test_an_answer_without_end_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops_tui.sources.billing.calls.BODY_LIMIT", 1_000)
    async with asking(Reply(body=b" " * 5_000)) as (calls, server, _):
        with pytest.raises(CallError, match="larger than"):
            await calls.get(server.url)


@given(st.decimals() | st.text() | st.none() | st.booleans() | st.integers() | st.lists(st.integers()))
def test_an_amount_is_one_that_the_ledger_keeps_or_none(value: object) -> None:
    told = amount(value, "USD")
    assert told is None or abs(told) <= largest("USD")
    if told is not None:
        to_units(told, "USD")


@given(st.text())
def test_a_currency_is_three_letters_or_none(text: str) -> None:
    code = currency(text)
    assert code == "" or (len(code) == 3 and code.isupper() and code == text.strip().upper())
    assert currency(" eur ") == "EUR"


FIRST, LAST = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis wants them so


@given(st.datetimes(FIRST, LAST, timezones=st.timezones()))
def test_days_and_months_are_those_of_utc(at: datetime) -> None:
    day = midnight(at)
    assert day <= at < day + timedelta(days=1)
    assert month(at).day == 1
    assert month(at) <= day
    assert moment(stamp(at)) == at.astimezone(UTC).replace(microsecond=0)


def test_a_time_without_a_zone_is_none() -> None:
    assert moment("2026-11-20T00:00:00") is None
    assert moment("2026-11-20T02:00:00+02:00") == datetime(2026, 11, 20, tzinfo=UTC)
    assert moment("yesterday") is None
    assert moment(7) is None
