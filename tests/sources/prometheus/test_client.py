from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import WallClock
from finops_tui.sources.prometheus.answer import Answer, AnswerError, parse_answer
from finops_tui.sources.prometheus.client import BODY_LIMIT, PrometheusClient
from finops_tui.sources.prometheus.faults import PrometheusError
from tests.servers.process import free_port
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import settings

TOKEN = "sesame-open-hidden"


async def ask(url: str, query: str = "up", **more: Any) -> Answer:
    client = PrometheusClient(settings(url, **more), WallClock())
    try:
        return await client.query(query)
    finally:
        client.close()


async def failure(script: Callable[[Request], Reply] | Reply, **more: Any) -> PrometheusError:
    """Return the error that a reply leads to."""
    with scripted(script if callable(script) else lambda _: script) as server:
        with pytest.raises(PrometheusError) as caught:
            await ask(server.url, **more)
        return caught.value


@pytest.mark.parametrize(
    ("reply", "title", "hint", "doubtful"),
    [
        (error(400, "parse error"), "400 Bad Request: parse error", "`queries`", False),
        (error(422, "many-to-many"), "422 Unprocessable Content: many-to-many", "`matchers`", False),
        (error(401, "Unauthorized"), "401 Unauthorized", "`auth`", True),
        (Reply(401, b"401 unauthorized.\n"), "401 Unauthorized", "`auth`", True),
        (error(401, "token expired"), "401 Unauthorized: token expired", "`auth`", True),
        (error(403, "no"), "403 Forbidden: no", "tenant", True),
        (Reply(404, b"404 page not found\n"), "404 Not Found: 404 page not found", "`url`", True),
        (error(429, "slow down"), "429 Too Many Requests: slow down", "`interval_seconds`", True),
        (error(503, "query timed out"), "503 Service Unavailable: query timed out", "overloaded", True),
        (error(503, "starting", Retry_After="7"), "503 Service Unavailable: starting", "overloaded", True),
        (Reply(502, b"<html><body>Bad gateway"), "502 Bad Gateway: a web page", "log", True),
        (error(500, "boom"), "500 Internal Server Error: boom", "log", True),
        (
            Reply(302, headers={"Location": "https://login.example.com/authorize?state=secret"}),
            "302 Found to https://login.example.com/authorize",
            "sign-in",
            True,
        ),
        (Reply(200, b"<!DOCTYPE html><title>Sign in</title>"), "a web page, not an answer", "something else", True),
        (Reply(200, b"\xef\xbb\xbf\n<!-- SSO --><HTML>"), "a web page, not an answer", "something else", True),
        (Reply(200, b'{"version":"11.1.0"}'), "no answer of a Prometheus", "something else", True),
    ],
)
async def test_refusals(reply: Reply, title: str, hint: str, doubtful: bool) -> None:
    told = await failure(reply)
    assert told.title == title
    assert hint in told.hint
    assert told.doubtful is doubtful
    assert not told.whole, "it may be this one query"


async def test_retry_after() -> None:
    assert (await failure(error(429, "x", Retry_After="17"))).retry_after_seconds == 17
    assert (await failure(error(429, "x", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"))).retry_after_seconds == 86_400
    assert (await failure(error(429, "x", Retry_After="soon"))).retry_after_seconds == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"status":"success","data":{"resultType":"vector","result":[{"metric"',
        b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[]}]}}',
        b'{"status":"success","data":{"resultType":"vector","result":{}}}',
        b"[1,2,3]",
        b'{"status":"success","data":null}',
        b"\xff\xfe\x00",
    ],
)
async def test_broken_answers(body: bytes) -> None:
    told = await failure(Reply(200, body))
    assert "answer" in told.title
    assert "proxy" in told.hint
    assert not told.whole


async def test_an_error_in_a_good_status() -> None:
    told = await failure(Reply(200, b'{"status":"error","error":"too\\u001b[31m many"}'))
    assert told.title == "too many"


async def test_a_body_that_ends_early() -> None:
    told = await failure(Reply(200, b'{"status":"succ', content_length=1000))
    assert told.title == "answer was cut off"
    assert "proxy" in told.hint


async def test_slow_answers() -> None:
    silent = await failure(Reply(200, b"{}", delay_seconds=30), timeout_seconds=0.3)
    assert silent.title == "no answer within 0.3s"
    dripping = await failure(Reply(200, b"{}" * 1000, drip_seconds=0.1), timeout_seconds=0.5)
    assert dripping.title == "no whole answer within 0.5s"
    assert not silent.whole
    assert not dripping.whole
    assert silent.doubtful
    assert dripping.doubtful


async def test_an_answer_without_end() -> None:
    bomb = gzip.compress(b" " * (BODY_LIMIT + 2**20))
    told = await failure(Reply(200, bomb, {"Content-Encoding": "gzip"}))
    assert told.title == "answer is larger than 64 MiB"


async def test_nobody_there() -> None:
    with pytest.raises(PrometheusError, match="connection refused") as caught:
        await ask(f"http://127.0.0.1:{free_port()}")
    assert caught.value.whole
    with pytest.raises(PrometheusError, match="host name not found"):
        await ask("http://nobody.invalid")


async def test_tls_that_is_not(tmp_path: Path) -> None:
    with scripted(lambda _: vector()) as server, pytest.raises(PrometheusError, match="TLS failed"):
        await ask(server.url.replace("http:", "https:"))
    with pytest.raises(PrometheusError, match=r"tls.ca_file: no such file: .*missing.pem"):
        await ask("https://127.0.0.1:1", tls={"ca_file": str(tmp_path / "missing.pem")})


async def test_a_connection_that_is_dropped() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def slam() -> None:
        connection, _ = listener.accept()
        connection.close()

    thread = threading.Thread(target=slam, daemon=True)
    thread.start()
    with pytest.raises(PrometheusError, match="connection lost"):
        await ask(f"http://127.0.0.1:{listener.getsockname()[1]}")
    thread.join()
    listener.close()


async def seen_by_server(**more: Any) -> Request:
    with scripted(lambda _: vector()) as server:
        await ask(server.url, **more)
        return server.requests[0]


async def test_what_is_sent() -> None:
    plain = await seen_by_server(headers={"X-Scope-OrgID": "team-a"}, params={"dedup": "true"})
    assert (plain.method, plain.path) == ("GET", "/api/v1/query")
    assert plain.params == {"query": "up", "dedup": "true", "timeout": "10s"}
    assert plain.headers["X-Scope-Orgid"] == "team-a"
    assert "Authorization" not in plain.headers
    bearer = await seen_by_server(auth={"bearer_token": TOKEN})
    assert bearer.headers["Authorization"] == f"Bearer {TOKEN}"
    basic = await seen_by_server(auth={"username": "ana", "password": "ünlock"})
    assert basic.headers["Authorization"] == "Basic YW5hOsO8bmxvY2s="


async def test_a_rotated_token_is_picked_up(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")

    def script(request: Request) -> Reply:
        return vector() if request.headers["Authorization"] == "Bearer second" else error(401, "token expired")

    with scripted(script) as server:
        client = PrometheusClient(settings(server.url, auth={"bearer_token_file": str(file)}), WallClock())
        with pytest.raises(PrometheusError, match="token expired"):
            await client.query("up")
        file.write_text("second\n")
        await client.query("up")
        client.close()
    with pytest.raises(PrometheusError, match="No such file"):
        await ask("http://127.0.0.1:1", auth={"bearer_token_file": str(tmp_path / "gone")})


async def test_netrc_is_not_consulted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert "Authorization" not in (await seen_by_server()).headers


async def test_long_queries_go_by_post() -> None:
    with scripted(lambda _: vector()) as server:
        await ask(server.url, query="up + " * 2000 + "up")
        assert server.requests[0].method == "POST"
        assert server.requests[0].query.endswith("+ up")


async def test_requests_are_signed_for_amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    signed = await seen_by_server(auth={"sigv4": {"region": "eu-west-1"}}, query="sum (up) + 1")
    assert "/eu-west-1/aps/aws4_request" in signed.headers["Authorization"]
    assert signed.headers["X-Amz-Security-Token"] == "session"
    assert signed.query == "sum (up) + 1"


async def test_no_secret_in_any_message() -> None:
    echo = error(401, f"token {TOKEN} is bad")
    told = await failure(echo, auth={"bearer_token": TOKEN})
    assert TOKEN not in f"{told} {told!r} {told.detail} {told.hint}"
    assert "***" in told.title
    with pytest.raises(PrometheusError) as caught:
        await ask("http://127.0.0.1:1", auth={"bearer_token": f"{TOKEN}\nX: y"})
    assert TOKEN not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"


async def test_no_connection_is_used_twice_at_once() -> None:
    running = threading.Lock()
    most = [0, 0]

    def script(_: Request) -> Reply:
        with running:
            most[0] += 1
            most[1] = max(most)
        threading.Event().wait(0.05)
        with running:
            most[0] -= 1
        return vector()

    with scripted(script) as server:
        client = PrometheusClient(settings(server.url, threads=3), WallClock())
        await asyncio.gather(*(client.query("up") for _ in range(12)))
        assert most[1] <= 3
        assert len(client._idle) <= 3
        client.close()


def test_numbers_that_are_none() -> None:
    rows = [({"a": "1"}, "NaN"), ({"a": "2"}, "+Inf"), ({"a": "3"}, "-Inf"), ({"a": "4"}, "1e3"), ({"a": "5"}, "x")]
    rows += [({"a": "6"}, "1e308"), ({"a": "7"}, "-1e308")]
    answer = parse_answer(vector(*rows).body)
    assert [sample.value for sample in answer.samples] == [None, None, None, 1000.0, None, None, None]


@pytest.mark.parametrize(
    ("value", "count"), [("8", 8), ("0", 0), ("100000", 100_000), ("100001", None), ("-1", None), ("NaN", None)]
)
def test_counts_that_can_be(value: str, count: int | None) -> None:
    assert parse_answer(vector(({}, value)).body).samples[0].count == count


def test_native_histograms_are_passed_over() -> None:
    body = (
        b'{"status":"success","data":{"resultType":"vector","result":['
        b'{"metric":{"m":"h"},"histogram":[1,{"count":"5","sum":"2","buckets":[[0,"1","2","3"]]}]},'
        b'{"metric":{"m":"v"},"value":[1,"2"]}]}}'
    )
    assert [dict(sample.labels) for sample in parse_answer(body).samples] == [{"m": "v"}]


def test_scalars_and_ranges() -> None:
    scalar = parse_answer(b'{"status":"success","data":{"resultType":"scalar","result":[1,"4.5"]}}')
    assert scalar.samples[0].value == 4.5
    matrix = parse_answer(
        b'{"status":"success","data":{"resultType":"matrix","result":'
        b'[{"metric":{},"values":[[1,"1"],[2,"NaN"],[3,"3"]]},{"metric":{},"values":[[1,"NaN"]]}]}}'
    )
    assert [series.points for series in matrix.series] == [((1.0, 1.0), (3.0, 3.0))]


def test_warnings_and_partial_responses() -> None:
    answer = parse_answer(vector(warnings=["store-1\x07 is\ngone"], isPartial=True).body)
    assert answer.warnings == ("partial response: some stores did not answer", "store-1 is gone")


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_no_label_moves_the_cursor(labels: dict[str, str], value: str) -> None:
    (sample,) = parse_answer(vector((labels, value)).body).samples
    assert all(text.isprintable() for text in sample.labels.values())


@given(st.binary())
def test_nonsense_is_an_error_of_its_own_kind(body: bytes) -> None:
    with pytest.raises(AnswerError):
        parse_answer(body)
