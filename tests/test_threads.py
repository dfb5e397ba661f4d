from __future__ import annotations

import asyncio
import threading

import pytest

from finops_tui.threads import DaemonThreads


async def test_result_and_exception_come_back() -> None:
    threads = DaemonThreads(2, "test")
    assert await threads.call(max, 3, 5) == 5
    with pytest.raises(ZeroDivisionError):
        await threads.call(lambda: 1 / 0)


async def test_no_more_than_the_limit_at_once() -> None:
    threads = DaemonThreads(3, "test")
    lock, running, most = threading.Lock(), 0, 0
    gate = threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 3:
                gate.set()
        gate.wait(5)
        with lock:
            running -= 1

    await asyncio.gather(*(threads.call(work) for _ in range(12)))
    assert most == 3


async def test_a_cancelled_call_is_abandoned_and_gives_its_place_back() -> None:
    threads = DaemonThreads(1, "test")
    gate = threading.Event()
    hung = asyncio.create_task(threads.call(gate.wait, 5))
    await asyncio.sleep(0.01)
    hung.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hung
    assert await threads.call(lambda: "next") == "next"
    gate.set()


async def test_threads_are_daemons() -> None:
    assert await DaemonThreads(1, "test").call(lambda: threading.current_thread().daemon)
