"""The files of a journal: one that grows, and the full ones beside it, named by the number of their first line.

Several processes may write at once: each takes the lock, reads what the others have added, then adds its own.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finops_tui.engine.journal_chain import BrokenChainError, Chain, Line, first_number

NAME, LOCK = "journal.jsonl", "journal.lock"
LARGEST_BYTES = 8 * 1024 * 1024
_FULL = re.compile(r"journal-([1-9]\d*)\.jsonl")
_NEVER_READ = -1
_TRIES, _PAUSE_SECONDS = 50, 0.1


class JournalFile:
    """Every method but `held` wants the lock to be held. Raises OSError as the system does."""

    def __init__(self, folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self.path = folder / NAME
        self.chain = Chain()
        self._folder = folder
        self._largest_bytes = largest_bytes
        self._inode: int | None = _NEVER_READ
        self._offset = 0
        self._first = 0
        """Number of the first line in the growing file; 0 while it has none."""

    @contextmanager
    def held(self, *, writing: bool) -> Iterator[None]:
        """Hold the lock. Raises BlockingIOError when somebody else holds it for five seconds."""
        if writing:
            self._make_folder()
        try:
            flags = os.O_RDWR | os.O_CREAT if writing else os.O_RDONLY
            lock = os.open(self._folder / LOCK, flags, 0o600)
        except FileNotFoundError:
            if writing:
                raise
            yield  # nothing was ever written here
            return
        try:
            _take(lock, fcntl.LOCK_EX if writing else fcntl.LOCK_SH)
            yield
        finally:
            os.close(lock)

    def changed(self) -> bool:
        """Tell whether everything has to be read anew: the growing file is another one, or shorter."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return self._inode is not None
        return now.st_ino != self._inode or now.st_size < self._offset

    def news(self) -> Iterator[Line]:
        """Yield the lines that were added; all lines where `changed` says so. Raises BrokenChainError."""
        if self.changed():
            self.chain = Chain()
            self._inode, self._offset, self._first = None, 0, 0
            yield from self._full_ones()
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            self._inode = os.fstat(file.fileno()).st_ino
            file.seek(self._offset)
            data = file.read()
        if not self.chain.number:
            self.chain.expect(first_number(data))
        self._offset += len(data)
        for line in self._proven(self.path, data):
            self._first = self._first or line.number
            yield line

    def append(self, record: bytes) -> None:
        """Add one line and see it safely on disk. What is written is read back by `news`, as others' lines are."""
        if self._first and self._offset >= self._largest_bytes:
            self.path.rename(self._folder / f"journal-{self._first}.jsonl")
            self._inode, self._offset, self._first = None, 0, 0
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.fchmod(file, 0o600)
            fresh, self._inode = self._inode is None, os.fstat(file).st_ino
            left = memoryview(self.chain.next_line(record))
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)
        if fresh:
            _sync_folder(self._folder)

    def _full_ones(self) -> Iterator[Line]:
        files = sorted(
            (int(named[1]), path)
            for path in self._folder.glob("journal-*.jsonl")
            if (named := _FULL.fullmatch(path.name))
        )
        if files:
            self.chain.expect(files[0][0])
        for number, path in files:
            if number != self.chain.number + 1:
                raise BrokenChainError(f"{path.name} does not follow line {self.chain.number}")
            yield from self._proven(path, path.read_bytes())

    def _proven(self, path: Path, data: bytes) -> Iterator[Line]:
        try:
            yield from self.chain.feed(data)
        except BrokenChainError as error:
            self._inode = _NEVER_READ
            raise BrokenChainError(f"{path.name}: {error}") from None

    def _make_folder(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync_folder(self._folder.parent)


def _take(lock: int, how: int) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    raise BlockingIOError("another finops-tui holds it")


def _sync_folder(folder: Path) -> None:
    """Let a new name in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
