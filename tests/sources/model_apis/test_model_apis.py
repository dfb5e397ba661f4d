from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth
from finops_tui.sources.model_apis.anthropic import ANTHROPIC
from finops_tui.sources.model_apis.openai import OPENAI
from finops_tui.sources.model_apis.settings import AnthropicSettings, OpenAISettings
from finops_tui.sources.model_apis.source import ModelApi
from tests.servers.scripted import Reply, Request, Scripted, scripted
from tests.sources.billing.following import NOW, Following, billed, charged, following, hurried, ledger_at
from tests.sources.model_apis.answers import (
    anthropic_bucket,
    anthropic_cost,
    day,
    openai_bucket,
    openai_cost,
    page,
)

KEY = "sk-admin-open-sesame"
Script = Callable[[Request], Reply] | Reply
Made = type[OpenAISettings] | type[AnthropicSettings]


@asynccontextmanager
async def asking(
    folder: Path, script: Script, made: Made = OpenAISettings, **more: Any
) -> AsyncIterator[tuple[Following, Scripted]]:
    with scripted(script if callable(script) else lambda _: script) as server:
        facts = {"url": server.url, "name": "acme", "every_hours": 24}
        settings = made(**{**facts, **({"admin_key": KEY} if "admin_key_file" not in more else {}), **more})
        async with following(ModelApi(settings, ledger_at(folder), hurried())) as one:
            yield one, server


async def test_budgets_for_a_model_are_held_against_its_bill(tmp_path: Path) -> None:
    bill = page(openai_bucket(18, openai_cost(0.06), openai_cost(9, "o3, input")), openai_bucket(19, openai_cost(2)))
    with scripted(lambda _: bill) as server:
        settings = OpenAISettings(url=server.url, name="acme", admin_key=SecretStr(KEY))
        scopes = (("model", "gpt-4o-2024-08-06"),)
        async with following(ModelApi(settings, ledger_at(tmp_path), hurried(), scopes=scopes)) as one:
            await one.answered()
            assert one.bills is not None
            told = [(each.scope, each.account, each.day.day, each.effective) for each in one.bills.scoped]
    assert told == [("model", "proj_abc", 18, Decimal("0.06")), ("model", "proj_abc", 19, Decimal(2))]


async def test_two_vendors_without_a_name_are_two_accounts(tmp_path: Path) -> None:
    answers: tuple[tuple[Made, Reply], ...] = (
        (OpenAISettings, page(openai_bucket(18, openai_cost(1, project_id=None)))),
        (AnthropicSettings, page(anthropic_bucket(18, anthropic_cost("200", workspace_id=None)))),
    )
    for made, reply in answers:
        async with asking(tmp_path, reply, made, name="") as (one, _):
            await one.answered()
    assert billed(tmp_path, "account") == {("anthropic",): Decimal(2), ("openai",): Decimal(1)}


async def test_openai_is_billed_by_project_line_and_model(tmp_path: Path) -> None:
    bill = page(
        openai_bucket(18, openai_cost(0.06), openai_cost(1e-9, "web search, tool calls", project_id=None)),
        openai_bucket(19, openai_cost("2.5"), openai_cost(-1, "refund")),
        openai_bucket(20),
    )
    async with asking(tmp_path, bill) as (one, server):
        await one.answered()
        assert one.state is HealthState.POLLED
        assert billed(tmp_path, "account", "model") == {
            ("acme", ""): Decimal("0.000000001"),
            ("proj_abc", ""): Decimal(-1),
            ("proj_abc", "gpt-4o-2024-08-06"): Decimal("2.56"),
        }
        (whole,) = charged(tmp_path, "provider", "service").items()
        assert whole[0] == ("OpenAI", "OpenAI API")
        assert (whole[1].credits, whole[1].currency) == (Decimal(-1), "USD")
        request = server.requests[0]
        assert request.path == "/v1/organization/costs"
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        told = request.params
        assert (int(told["start_time"]), int(told["end_time"])) == (
            int(datetime(2026, 10, 17, tzinfo=day(1).tzinfo).timestamp()), int(day(21).timestamp()),
        )  # fmt: skip
        assert (told["bucket_width"], told["limit"]) == ("1d", "180")


async def test_anthropic_counts_in_cents_and_by_workspace(tmp_path: Path) -> None:
    bill = page(
        anthropic_bucket(19, anthropic_cost("123.78912"), anthropic_cost("50", workspace_id=None, model=None)),
        anthropic_bucket(20, anthropic_cost("1", currency="EUR")),
    )
    async with asking(tmp_path, bill, AnthropicSettings) as (one, server):
        health = await one.answered()
        assert billed(tmp_path, "account", "model") == {
            ("acme", ""): Decimal("0.5"),
            ("wrkspc_01", "claude-sonnet-4-20250514"): Decimal("1.2378912"),
        }
        assert health.warnings == ("1 amount left out: no usable figure",), "how many cents a euro has is not known"
        request = server.requests[0]
        assert (request.headers["X-Api-Key"], request.headers["Anthropic-Version"]) == (KEY, "2023-06-01")
        assert request.params["group_by[]"] == "workspace_id"
        assert request.params["ending_at"] == "2026-11-21T00:00:00Z"


async def test_all_pages_are_read(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        if request.params.get("page") == "two":
            return page(anthropic_bucket(19, anthropic_cost("100")))
        return page(anthropic_bucket(18, anthropic_cost("200")), after="two")

    async with asking(tmp_path, script, AnthropicSettings) as (one, server):
        await one.answered()
        assert billed(tmp_path) == {(): Decimal(3)}
        assert len(server.requests) == 2


async def test_a_bill_that_breaks_off_counts_for_nothing(tmp_path: Path) -> None:
    broken = page(openai_bucket(19, openai_cost(1)), has_more=True)
    async with asking(tmp_path, broken) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert health.reason.startswith("the bill is incomplete")
        assert not billed(tmp_path)


async def test_a_restated_day_replaces_what_was_said_and_old_days_are_not_asked_again(tmp_path: Path) -> None:
    async with asking(tmp_path, page(openai_bucket(1, openai_cost(5)), openai_bucket(19, openai_cost(1)))) as (
        one,
        server,
    ):
        await one.answered()
        server.requests.clear()
        server.script = lambda _: page(openai_bucket(19, openai_cost(2)), openai_bucket(20))
        await one.source.refresh()
        await one.until(lambda: billed(tmp_path) == {(): Decimal(7)})
        assert int(server.requests[0].params["start_time"]) == int(day(14).timestamp())


async def test_days_while_nobody_looked_are_asked_for_later(tmp_path: Path) -> None:
    with scripted(lambda _: page(openai_bucket(19, openai_cost(5)))) as server:
        settings = OpenAISettings(url=server.url, admin_key=KEY, history_days=60)
        for start in (NOW, NOW + timedelta(days=20), NOW + timedelta(days=200)):
            async with following(ModelApi(settings, ledger_at(tmp_path), hurried(start))) as one:
                await one.answered()
        asked = [NOW.replace(hour=0) - timedelta(days=59), day(14), NOW.replace(hour=0) + timedelta(days=141)]
        assert [int(request.params["start_time"]) for request in server.requests] == [
            int(each.timestamp()) for each in asked
        ]


async def test_nothing_told_is_not_nothing_to_pay(tmp_path: Path) -> None:
    async with asking(tmp_path, page(openai_bucket(19, openai_cost(5)))) as (one, server):
        await one.answered()
        server.script = lambda _: page()
        await one.source.refresh()
        await one.until(lambda: one.health.warnings)
        assert one.health.warnings == ("OpenAI tells nothing since 2026-11-14",)
        assert billed(tmp_path) == {(): Decimal(5)}


@pytest.mark.parametrize(
    ("made", "bad", "reason", "hint"),
    [
        (OpenAISettings, Reply(401, b'{"error":{"message":"Incorrect API key"}}'), "Incorrect API key", "sk-admin-"),
        (OpenAISettings, Reply(403, b'{"error":{"message":"Missing scopes"}}'), "Missing scopes", "api.usage.read"),
        (AnthropicSettings, Reply(401, b'{"type":"error","error":{"message":"bad"}}'), "401", "sk-ant-admin"),
        (AnthropicSettings, Reply(403), "403", "admin key"),
        (AnthropicSettings, Reply(529), "529", "log"),
        (OpenAISettings, Reply(body=b"{}"), "makes no sense", "right service"),
        (OpenAISettings, Reply(body=b'{"data": [], "next_page": null}'), "makes no sense", "right service"),
        (OpenAISettings, Reply(body=b'{"data": [', content_length=99), "cut off", "proxy"),
    ],
)
async def test_every_failure_is_told_with_a_way_out(
    tmp_path: Path, made: Made, bad: Reply, reason: str, hint: str
) -> None:
    async with asking(tmp_path, bad, made) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert reason in health.reason
        assert hint in health.hint
        assert one.bills is None


async def test_who_asks_to_be_left_alone_is(tmp_path: Path) -> None:
    busy = [Reply(429, headers={"Retry-After": "30"})]
    async with asking(tmp_path, lambda _: busy.pop() if busy else page(openai_bucket(19, openai_cost(5)))) as (
        one,
        server,
    ):
        await one.until(lambda: one.state is HealthState.POLLED)
        assert one.health.at - one.seen[0].at >= timedelta(seconds=30)
        assert len(server.requests) == 2


async def test_after_the_first_refusal_it_says_why_and_when_it_is_asked_again(tmp_path: Path) -> None:
    words = json.dumps({"error": {"message": "Rate limit reached."}}).encode()
    busy = [Reply(429, words, headers={"Retry-After": "30"})]
    async with asking(tmp_path, lambda _: busy.pop() if busy else page(openai_bucket(19, openai_cost(5)))) as (one, _):
        await one.until(lambda: one.state is HealthState.POLLED)
        told = [each for each in one.seen if isinstance(each, SourceHealth)]
        assert [each.state for each in told] == [HealthState.CONNECTING, HealthState.DOWN, HealthState.POLLED]
        assert "429" in told[1].reason
        assert "Rate limit reached." in told[1].reason
        again = told[1].at + timedelta(seconds=30)
        assert told[1].hint in {f"It is asked again at {again - timedelta(seconds=each):%H:%M:%SZ}." for each in (0, 1)}
        assert told[2].reason == ""


async def test_a_wait_that_is_over_soon_is_not_told(tmp_path: Path) -> None:
    busy = [Reply(429, headers={"Retry-After": "1"})]
    async with asking(tmp_path, lambda _: busy.pop() if busy else page(openai_bucket(19, openai_cost(5)))) as (one, _):
        await one.answered()
        assert one.state is HealthState.POLLED


@pytest.mark.parametrize("made", [OpenAISettings, AnthropicSettings])
@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_told_by_the_config_and_not_first_by_the_source(made: Made, key: str) -> None:
    with pytest.raises(ValidationError, match="admin_key is empty"):
        made(admin_key=SecretStr(key))


async def test_the_key_may_be_in_a_file_and_is_in_no_message(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    echo = Reply(401, json.dumps({"error": {"message": f"Incorrect API key: {KEY}"}}).encode())
    async with asking(tmp_path, echo, admin_key_file=path) as (one, server):
        health = await one.answered()
        assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(one.seen)
        assert "***" in health.reason


@pytest.mark.parametrize("content", [None, "", "two\nlines", "schlüssel", b"\xff\xfe"])
async def test_a_key_that_cannot_be_used_is_told_before_anybody_is_asked(
    tmp_path: Path, content: str | bytes | None
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    async with asking(tmp_path, Reply(500), admin_key_file=path) as (one, server):
        health = await one.answered()
        assert "admin key" in health.reason
        assert "`admin_key_file`" in health.hint
        assert not server.requests


async def test_the_doctor_asks_for_two_days_and_writes_nothing(tmp_path: Path) -> None:
    with scripted(lambda _: page(openai_bucket(19, openai_cost(5)))) as server:
        settings = OpenAISettings(url=server.url, admin_key=KEY)
        source = ModelApi(settings, ledger_at(tmp_path), hurried())
        assert [(check.state, check.detail) for check in await source.diagnose()] == [
            ("ok", "1 charge yesterday and today")
        ]
        server.script = lambda _: Reply(403)
        (check,) = await source.diagnose()
        assert (check.state, check.hint) == ("fail", OPENAI.hints[403])
        assert not billed(tmp_path)


words = st.none() | st.text() | st.decimals() | st.integers() | st.dictionaries(st.text(), st.integers())


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("currency", "amount", "workspace_id", "description"), words)))
def test_whatever_anthropic_says_is_an_amount_or_left_out(result: dict[str, Any]) -> None:
    cost = ANTHROPIC.cost(result)
    assert cost is None or (cost.currency == "USD" and cost.amount.is_finite() and cost.line.isprintable())


@given(st.none() | st.fixed_dictionaries({}, optional={"value": words, "currency": words}), words)
def test_whatever_openai_says_is_an_amount_or_left_out(money: dict[str, Any] | None, line: object) -> None:
    cost = OPENAI.cost({"amount": money, "line_item": line})
    assert cost is None or (len(cost.currency) == 3 and cost.amount.is_finite() and cost.line.isprintable())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"admin_key": KEY, "admin_key_file": "/key"},
        {"admin_key": KEY, "url": "api.openai.com"},
        {"admin_key": KEY, "url": "https://user@x"},
        {"admin_key": KEY, "every_hours": 0.01},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenAISettings(**wrong)


def test_the_address_may_be_written_with_the_version() -> None:
    assert AnthropicSettings(admin_key=KEY, url="https://proxy/v1/").url == "https://proxy"
