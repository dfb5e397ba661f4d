"""What the C library does with memory that is free again."""

from __future__ import annotations

from contextlib import suppress

KEPT_BYTES = 16 << 20
M_TRIM_THRESHOLD = -1  # <malloc.h> of glibc


def keep_what_is_free() -> None:
    """Let glibc hand back the free end of its heap only where that is longer than `KEPT_BYTES`, not than 128 KiB.

    SQLite needs a MiB for a moment whenever bills are restated. Given back each time, the end of the heap is soon built
    over by something that stays, and the next time needs a longer heap: one more step up. Other C libraries keep
    theirs as they do.
    """
    import ctypes  # after the first frame: it takes 3 ms

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
