"""A file that others append to, read as it grows. It may be rotated, truncated, deleted and made again."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK = 2**20
"""Bytes read at a time."""
LINE_LIMIT = 2**16
"""Bytes of a line; nobody writes a longer note."""
PIECES = 64
"""Read in one go, however fast others write."""
TAIL = 16 * CHUNK
"""Of a file that is larger when it is opened, only so much of its end is read."""


class Line(NamedTuple):
    number: int
    """From 1."""
    text: bytes | None
    """Without its end; None for one that is too long."""


class Follower:
    """Reads what is new since the last call. All of this blocks: it is called in threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._pending = b""
        self._too_long = False
        self._number = 0

    def read(self) -> Iterator[Line]:
        """Yield the lines that were completed since the last call, to the end of the file. Raises OSError."""
        if self._file is None:
            self._open()
        for _ in range(PIECES):
            assert self._file is not None, "it is left open until the loop ends"
            piece = self._file.read(CHUNK)
            yield from self._lines(piece)
            if len(piece) == CHUNK:
                continue
            match self._fate():
                case "stays":
                    return
                case "truncated":
                    self._begin(0, 0)
                case "gone":
                    yield from self._last_line()
                    self.close()
                    return
                case "replaced":
                    yield from self._last_line()
                    self._open()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> None:
        if not stat.S_ISREG(self._path.stat().st_mode):  # a pipe would never end, a folder has no lines
            raise OSError(errno.EINVAL, "Not a regular file", str(self._path))
        self.close()
        self._file = self._path.open("rb", buffering=0)
        skipped = self._skip(os.fstat(self._file.fileno()).st_size - TAIL)
        self._begin(self._file.tell(), skipped)

    def _skip(self, size: int) -> int:
        """Pass over so many bytes and the line that they end in; return how many lines those were."""
        assert self._file is not None
        lines, left = 0, size
        while left > 0 and (piece := self._file.read(min(CHUNK, left))):
            lines += piece.count(b"\n")
            left -= len(piece)
        if size <= 0:
            return 0
        position = self._file.tell()
        end = self._file.read(LINE_LIMIT).find(b"\n")
        self._file.seek(position + end + 1)
        return lines + (end >= 0)

    def _begin(self, position: int, number: int) -> None:
        assert self._file is not None
        self._file.seek(position)
        self._pending, self._too_long, self._number = b"", False, number

    def _fate(self) -> str:
        """Say what became of the file that is being read, now that its end is reached."""
        assert self._file is not None
        mine = os.fstat(self._file.fileno())
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return "gone"
        if (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino):
            return "replaced"
        return "truncated" if mine.st_size < self._file.tell() else "stays"

    def _lines(self, piece: bytes) -> Iterator[Line]:
        *lines, self._pending = (self._pending + piece).split(b"\n")
        for line in lines:
            yield self._line(line)
        if len(self._pending) > LINE_LIMIT:
            self._pending, self._too_long = b"", True

    def _last_line(self) -> Iterator[Line]:
        """Yield what nobody will complete any more."""
        if self._pending or self._too_long:
            yield self._line(self._pending)
            self._pending = b""

    def _line(self, text: bytes) -> Line:
        self._number += 1
        too_long, self._too_long = self._too_long or len(text) > LINE_LIMIT, False
        return Line(self._number, None if too_long else text)
