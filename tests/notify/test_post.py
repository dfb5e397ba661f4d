from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.notify.notice import Request
from finops_tui.notify.post import ATTEMPTS, LONGEST_WAIT_SECONDS, Post, PostError
from tests.samples import NOON

SECRET = "hooks-secret"
REQUEST = Request(url=f"https://chat.example/{SECRET}", body={"text": "PAGE"}, headers=(("X-Key", "k"),))


class Server:
    """Answers in turn; the last answer stays."""

    def __init__(self, *answers: int | Exception, headers: dict[str, str] | None = None) -> None:
        self.answers = list(answers)
        self.headers = headers or {}
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, headers=self.headers)


def send(handler: Callable[[httpx.Request], httpx.Response], request: Request = REQUEST) -> float:
    """Send and return how long it took."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with Post(SimulatedClock(NOON, monotonic=loop.time), httpx.MockTransport(handler)) as post:
            await post.send(request)
        return loop.time() - began

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


def test_it_posts_json_with_the_headers() -> None:
    server = Server(200)
    send(server)
    (seen,) = server.seen
    assert (seen.method, seen.headers["X-Key"], seen.read()) == ("POST", "k", b'{"text":"PAGE"}')


@pytest.mark.parametrize("trouble", [500, 503, 429, httpx.ConnectError("x"), httpx.ReadTimeout("x")])
def test_what_may_pass_is_tried_again(trouble: int | Exception) -> None:
    server = Server(trouble, trouble, 202)
    send(server)
    assert len(server.seen) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
def test_a_refusal_is_not_repeated(status: int) -> None:
    server = Server(status)
    with pytest.raises(PostError, match=str(status)):
        send(server)
    assert len(server.seen) == 1


def test_a_key_that_no_header_can_hold_is_refused_without_its_words() -> None:
    server = Server(200)
    with pytest.raises(PostError, match=r"cannot be sent \(UnicodeEncodeError\)") as refused:
        send(server, replace(REQUEST, headers=(("X-Key", f"{SECRET}…"),)))
    assert SECRET not in f"{refused.value.title} {refused.value.hint}"
    assert not server.seen


def test_a_proxy_of_no_known_kind_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with Post(SimulatedClock(NOON)) as post:
            await post.send(REQUEST)

    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:9")
    with pytest.raises(PostError, match=r"cannot be sent \(ValueError\)"):
        asyncio.run(main())


def test_it_gives_up_after_some_attempts() -> None:
    server = Server(503)
    with pytest.raises(PostError):
        send(server)
    assert len(server.seen) == ATTEMPTS


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    assert send(Server(429, 200, headers={"Retry-After": "17"})) >= 17.0


def test_it_waits_until_the_date_that_it_is_told() -> None:
    date = format_datetime(NOON + timedelta(seconds=17), usegmt=True)
    assert 16.0 <= send(Server(429, 200, headers={"Retry-After": date})) <= 18.0


@pytest.mark.parametrize("asked", ["99999999", "-5", "soon", "1e9", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_is_not_obeyed(asked: str) -> None:
    assert send(Server(429, 200, headers={"Retry-After": asked})) <= LONGEST_WAIT_SECONDS


@pytest.mark.parametrize("trouble", [500, 404, httpx.ConnectError(SECRET), httpx.ReadTimeout(SECRET)])
def test_no_error_holds_the_address(trouble: int | Exception) -> None:
    with pytest.raises(PostError) as caught:
        send(Server(trouble))
    assert SECRET not in f"{caught.value} {caught.value.title} {caught.value.hint}"
