from __future__ import annotations

import asyncio
import threading

from finops_tui.sources.kubernetes import reader
from finops_tui.sources.kubernetes.reader import Handover


async def test_a_writer_waits_while_the_loop_is_behind() -> None:
    woken = asyncio.Event()
    handover = Handover(asyncio.get_running_loop(), woken.set)
    written: list[int] = []

    def write() -> None:
        for number in range(reader.HANDED_OVER + 10):
            handover.put(number)
            written.append(number)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    await asyncio.sleep(0.3)
    assert len(written) == reader.HANDED_OVER
    assert woken.is_set()
    taken: list[int] = []
    while len(taken) < reader.HANDED_OVER + 10:
        message = handover.take()
        if message is None:
            await asyncio.sleep(0.01)
        else:
            taken.append(message)
    assert taken == list(range(reader.HANDED_OVER + 10))
    await asyncio.to_thread(writer.join, 2.0)
    assert not writer.is_alive()


async def test_nobody_waits_for_a_loop_that_stopped_listening() -> None:
    handover = Handover(asyncio.get_running_loop(), lambda: None)
    for number in range(reader.HANDED_OVER):
        handover.put(number)
    writer = threading.Thread(target=handover.put, args=("one too many",), daemon=True)
    writer.start()
    handover.stop()
    await asyncio.to_thread(writer.join, 2.0)
    assert not writer.is_alive()
