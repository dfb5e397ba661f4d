"""Work beside the screen's own: it waits for the engine, the screen does not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, cast

from textual.dom import DOMNode


def in_background(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False
) -> None:
    """Begin it; it ends with the node. `exclusive` ends what the group did before."""
    # given as a function: a coroutine that is made here and never begun would be complained about
    node.run_worker(cast("Any", work), group=group, exclusive=exclusive)
