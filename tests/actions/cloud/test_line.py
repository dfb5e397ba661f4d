"""Over a real socket: the client that is made by default waits only so long, and follows nobody elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from finops_tui.actions.cloud.faults import CloudCallError
from finops_tui.actions.cloud.places import GCP, Place
from finops_tui.actions.cloud.rest import Ask, Door, default_client
from tests.actions.cloud.rest import TOKEN, token
from tests.actions.make import Watch
from tests.samples import NOON

PLACE = Place("ml-prod", "us-central1", GCP)


@asynccontextmanager
async def listening(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request alike, or not at all; yield the address, and what was asked."""
    heard: list[bytes] = []
    served: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        else:
            await reader.read()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"http://{host}:{port}", heard
        await asyncio.gather(*filter(None, served))


def door(**more: object) -> Door:
    return Door(token=token, urls={}, policy="finops-tui permissions --gcp", **more)  # type: ignore[arg-type]


async def test_a_yes_over_the_line() -> None:
    yes = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\nEtag: e7\r\n\r\n{"count": 41}'
    async with listening(yes) as (address, heard):
        answer = await door().ask(PLACE, Ask(method="GET", url=f"{address}/v1/x", permission="container.clusters.get"))
    assert (answer.body, answer.headers["etag"]) == ({"count": 41}, "e7")
    assert heard[0].startswith(b"GET /v1/x HTTP/1.1")
    assert f"authorization: bearer {TOKEN}".encode() in heard[0].lower()


async def test_a_date_until_when_to_wait_is_told_in_seconds() -> None:
    date = format_datetime(NOON + timedelta(seconds=17), usegmt=True)
    busy = f"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: {date}\r\n\r\n".encode()
    async with listening(busy) as (address, _):
        with pytest.raises(CloudCallError) as caught:
            await door(clock=Watch()).ask(PLACE, Ask(method="GET", url=address, permission="container.clusters.get"))
    assert caught.value.hint == "Try again in 17 s."


async def test_the_token_follows_nobody_elsewhere() -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as (elsewhere, heard):
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with listening(moved) as (address, _):
            with pytest.raises(CloudCallError, match="refused") as error:
                await door().ask(PLACE, Ask(method="POST", url=address, permission="p", body={"nodeCount": 1}))
    assert (error.value.done, heard) == (False, [])


async def test_silence_over_the_line_leaves_a_change_open_and_a_question_unanswered() -> None:
    def impatient() -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=0.2)

    async with listening(None) as (address, _):
        for method, done in (("POST", None), ("GET", False)):
            with pytest.raises(CloudCallError, match="did not answer") as error:
                await door(connect=impatient).ask(PLACE, Ask(method=method, url=address, permission="p"))
            assert error.value.done is done


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with listening(None) as (address, _):
        pass
    with pytest.raises(CloudCallError, match="cannot be asked") as error:
        await door().ask(PLACE, Ask(method="POST", url=address, permission="p"))
    assert error.value.done is False
    assert "nothing was sent" in error.value.detail


async def test_the_default_client_waits_twenty_seconds_and_no_longer() -> None:
    async with default_client() as client:
        assert (client.timeout, client.follow_redirects) == (httpx.Timeout(20.0), False)
