"""When garbage is collected: not during the start, and all of it only while nobody types."""

from __future__ import annotations

import gc
from functools import partial

from finops_tui.wiring import heap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.ui.app import FinopsApp

AFTER_START_SECONDS = 3.0
"""From so long after the first frame on: until then nearly all that is made stays."""
EVERY_SECONDS = 300.0
STILL_SECONDS = 5.0
"""So long nobody must have typed: in the largest fleets it takes 80 ms, in which no key is answered."""


def collect_from_now_on(app: FinopsApp) -> None:
    """Collect what is made from now on, but never look again at what the start has made."""
    heap.keep_what_is_free()
    gc.freeze()
    gc.enable()
    app.set_timer(EVERY_SECONDS, partial(collect_all, app))


def collect_all(app: FinopsApp) -> None:
    """Collect everything now, or once nobody types any more; and again after `EVERY_SECONDS`.

    Python does so by itself only where much garbage is made, and only then lets go of the freed tuples that it keeps
    (up to 2,000 of each size, `PyTuple_MAXFREELIST`): in half an hour of tables made anew they would take a MiB.
    """
    still = app.still_seconds() >= STILL_SECONDS
    if still:
        gc.collect()
    app.set_timer(EVERY_SECONDS if still else STILL_SECONDS, partial(collect_all, app))
