from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.model.change import ChangeKind
from finops_tui.model.health import HealthState
from finops_tui.model.observations import ChangeSeen
from finops_tui.sources.annotations import answer, grafana
from finops_tui.sources.annotations.grafana import Grafana
from finops_tui.sources.annotations.grafana_client import GrafanaClient, GrafanaError
from finops_tui.sources.annotations.settings import GrafanaSettings
from tests.servers.process import free_port
from tests.servers.scripted import Reply, Request, Scripted, scripted
from tests.sources.annotations.reading import Reading, reading

TOKEN = "glsa_open-sesame"
AT = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def annotation(number: int, text: str = "deployed", **more: Any) -> dict[str, Any]:
    at = int((AT + timedelta(minutes=number)).timestamp() * 1000)
    return {"id": number, "time": at, "timeEnd": at, "text": text, "tags": ["deploy"], "login": "ana"} | more


def reply(*items: Any) -> Reply:
    return Reply(body=json.dumps(items).encode())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grafana, "FIRST_PAUSE_SECONDS", 0.02)


@asynccontextmanager
async def asking(script: Callable[[Request], Reply] | Reply, **more: Any) -> AsyncIterator[tuple[Reading, Scripted]]:
    with scripted(script if callable(script) else lambda _: script) as server:
        settings = GrafanaSettings(url=server.url, name="main", interval_seconds=1, **more)
        async with reading(Grafana(settings, WallClock())) as one:
            yield one, server


async def test_annotations_are_changes() -> None:
    end = int((AT + timedelta(hours=1)).timestamp() * 1000)
    region = annotation(
        2, "<b>maintenance</b> of\nh100", timeEnd=end, tags=["ops", "subject:prod/h100-train"], login=""
    )
    async with asking(reply(region, annotation(1)), auth={"bearer_token": TOKEN}, tags=("a", "b")) as (one, server):
        await one.until(lambda: len(one.notes) == 2 and one.state is HealthState.POLLED)
        first, second = one.told
        assert (first.change.what, first.change.who, first.change.kind) == ("deployed", "ana", ChangeKind.NOTE)
        assert (first.at, first.change.details) == (AT + timedelta(minutes=1), ("tagged deploy",))
        assert (second.change.what, second.change.who) == ("maintenance of h100", "grafana")
        assert (second.change.subject, second.cluster) == ("prod/h100-train", "prod")
        assert second.change.details == ("until 2026-09-01T13:00:00Z", "tagged ops")
        (request, *_) = server.requests
        assert request.path == "/api/annotations"
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert (request.params["type"], request.params["limit"]) == ("annotation", str(answer.LIMIT))
        asked = [int(request.params[name]) / 1000 for name in ("from", "to")]
        assert asked[1] - asked[0] == pytest.approx(24 * 3_600 + 300, abs=1)


async def test_each_note_is_told_once_and_new_ones_follow() -> None:
    items = [annotation(1)]
    async with asking(lambda _: reply(*items)) as (one, _):
        await one.until(lambda: one.notes)
        items.insert(0, annotation(2))
        await one.source.refresh()
        await one.until(lambda: len(one.notes) == 2)
        assert sum(isinstance(seen, ChangeSeen) for seen in one.seen) == 2


@pytest.mark.parametrize(
    ("bad", "reason", "hint"),
    [
        (Reply(401, b'{"message":"Invalid API key"}'), "401", "token"),
        (Reply(403, b'{"message":"needs annotations:read"}'), "403", "annotations:read"),
        (Reply(404, b"<html>"), "404", "/api"),
        (Reply(429), "429", "interval_seconds"),
        (Reply(503, b"<html>busy"), "503", "log"),
        (Reply(302, headers={"Location": "https://login.example.com/?state=x"}), "302", "sign-in"),
        (Reply(body=b"<html>hello"), "something other", "url"),
        (Reply(body=b'{"not":"a list"}'), "something other", "url"),
        (Reply(body=b"[]", content_length=100), "cut off", "proxy"),
    ],
)
async def test_every_failure_is_told_with_a_way_out_and_ends_when_it_is_mended(
    bad: Reply, reason: str, hint: str
) -> None:
    answers = [bad]
    async with asking(lambda _: answers[-1], auth={"bearer_token": TOKEN}) as (one, _):
        await one.until(lambda: one.state is HealthState.DOWN)
        assert reason in one.health.reason
        assert hint in one.health.hint
        assert one.health.hint.endswith(".")
        answers.append(reply(annotation(1)))
        await one.until(lambda: one.state is HealthState.POLLED and one.notes)
        assert one.health.reason == ""


async def test_no_secret_is_in_what_it_says() -> None:
    echo = Reply(401, json.dumps({"message": f"bad token {TOKEN}"}).encode())
    async with asking(echo, auth={"bearer_token": TOKEN}) as (one, _):
        await one.until(lambda: one.state is HealthState.DOWN)
        assert TOKEN not in repr(one.seen)
        assert "***" in one.health.reason


async def test_it_waits_as_long_as_it_is_asked_to() -> None:
    async with asking(Reply(429, headers={"Retry-After": "600"})) as (one, server):
        await one.until(lambda: one.state is HealthState.DOWN)
        await asyncio.sleep(0.3)
        assert len(server.requests) == 1


async def test_it_waits_until_the_date_that_it_is_told() -> None:
    date = format_datetime(AT + timedelta(seconds=90), usegmt=True)
    with scripted(lambda _: Reply(503, headers={"Retry-After": date})) as server:
        clock = SimulatedClock(AT, monotonic=lambda: 0.0)
        async with GrafanaClient(GrafanaSettings(url=server.url), clock) as client:
            with pytest.raises(GrafanaError) as caught:
                await client.get("/api/annotations", [])
    assert caught.value.retry_after_seconds == 90


async def test_it_waits_on_the_clock_that_it_is_given() -> None:
    with scripted(lambda _: reply()) as server:
        settings = GrafanaSettings(url=server.url, name="main", interval_seconds=3_600)
        async with reading(Grafana(settings, SimulatedClock(AT, speed=36_000.0))) as one:
            await one.until(lambda: len(server.requests) > 1)


async def test_a_slow_answer_ends() -> None:
    async with asking(Reply(body=b"[" * 1_000, drip_seconds=0.02), timeout_seconds=0.2) as (one, _):
        await one.until(lambda: one.state is HealthState.DOWN)
        assert one.health.reason == "no answer within 0.2 s"


async def test_nobody_is_there() -> None:
    source = Grafana(GrafanaSettings(url=f"http://127.0.0.1:{free_port()}"), WallClock())
    (check,) = await source.diagnose()
    assert (check.state, check.detail) == ("fail", "no connection; without: what people wrote down")


async def test_the_token_is_read_again_for_each_request(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    async with asking(reply(), auth={"bearer_token_file": file}) as (one, server):
        await one.until(lambda: one.state is HealthState.POLLED)
        file.write_text("two\n")
        await one.source.refresh()
        await one.until(lambda: server.requests[-1].headers["Authorization"] == "Bearer two")
        file.unlink()
        await one.source.refresh()
        await one.until(lambda: one.state is HealthState.DOWN)
        assert one.health.reason == "cannot read what `auth` or `ca_file` name: no such file or directory"


async def test_a_password_is_sent_as_basic() -> None:
    async with asking(reply(), auth={"username": "finops", "password": "hidden-word"}) as (one, server):
        await one.until(lambda: one.state is HealthState.POLLED)
        assert server.requests[0].headers["Authorization"] == "Basic Zmlub3BzOmhpZGRlbi13b3Jk"


async def test_odd_annotations_cost_themselves_alone() -> None:
    odd = [annotation(1), {"id": "x"}, 7, annotation(2, time=-5), annotation(3, time=1e300), annotation(4, text="")]
    async with asking(reply(*odd)) as (one, _):
        await one.until(lambda: one.state is HealthState.POLLED)
        whats = one.notes
        assert sorted(whats) == ["annotation without text", "deployed"]
        assert one.health.warnings == ("4 annotations make no sense",)


async def test_the_doctor_asks_once() -> None:
    with scripted(lambda _: reply(annotation(1))) as server:
        (check,) = await Grafana(GrafanaSettings(url=server.url), WallClock()).diagnose()
        assert (check.state, check.detail) == ("ok", f"{server.url} has 1 note of the last 24 h")
        assert len(server.requests) == 1


def test_more_than_is_asked_for_at_once_is_said() -> None:
    body = json.dumps([annotation(number) for number in range(answer.LIMIT)]).encode()
    found, warnings = answer.notes(body, source="s", cluster="", hours="24")
    assert len(found) == answer.LIMIT
    assert warnings == ("only the newest 500 annotations of the last 24 h are read; narrow them with `tags`",)


@given(st.binary(max_size=300))
def test_whatever_it_answers_only_trouble_with_a_way_out_is_raised(body: bytes) -> None:
    hint = "none is needed"
    try:
        answer.notes(body, source="s", cluster="", hours="1")
    except GrafanaError as error:
        hint = error.hint
    assert hint


@pytest.mark.parametrize("url", ["grafana", "ftp://x", "https://ana:secret@grafana.test", "https://g.test/?x=1"])
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GrafanaSettings(url=url)
    assert "secret" not in str(caught.value.errors()[0]["msg"])


def test_the_address_ends_before_api() -> None:
    assert GrafanaSettings(url="https://g.test/grafana/api/").url == "https://g.test/grafana"
    assert GrafanaSettings(url="https://g.test/").title == "g.test"
