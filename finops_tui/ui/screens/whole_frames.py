"""The base of screens that answer a key with one frame."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.screen import Screen

MOST_TURNS = 24
"""Of the event loop. What a key sets off takes some ten; who is busy for longer waits for something else."""


class WholeFrames(Screen[Any]):
    """Paints once nobody on the screen has anything left to do.

    Textual paints as soon as one widget has changed, the row under the cursor for instance. What hears of it by
    message, as the footer does, then comes in a second frame, which is the one that a person waits for.
    """

    _turns = 0

    def _on_timer_update(self) -> None:
        if self._turns < MOST_TURNS and self._somebody_works():
            self._turns += 1
            asyncio.get_running_loop().call_soon(self._after_a_turn)
            return
        self._turns = 0
        super()._on_timer_update()

    def _somebody_works(self) -> bool:
        return any(node.message_queue_size for node in self.walk_children(with_self=True))

    def _after_a_turn(self) -> None:
        try:
            self._on_timer_update()
        except Exception as bug:  # noqa: BLE001  Textual's timer, which else calls it, hands every bug on as well
            self.app._handle_exception(bug)  # noqa: SLF001  in this way
