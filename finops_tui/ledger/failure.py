"""What SQLite says when a file cannot be used, in words with a way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finops_tui.errors import FinopsError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
"""The lower byte of a result code is the kind of failure; https://sqlite.org/rescode.html."""


class LedgerError(FinopsError):
    """The ledger of bills cannot be read or written. Nothing was half written."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the file at `path` into a LedgerError."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(error, path) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise LedgerError(
            "The ledger of bills cannot be opened.",
            f"{error.filename or path}: {reason}.",
            "Check that this account may write there, or name another state_folder in config.yaml.",
        ) from error


def _explain(error: sqlite3.Error, path: Path) -> LedgerError:
    kind = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if kind in _DAMAGED:
        return LedgerError(
            "The ledger of bills is damaged.",
            f"{path}: {error}.",
            "Move the file away; the next run reads the bills again from their sources.",
        )
    if kind in _BUSY:
        return LedgerError(
            "The ledger of bills is in use.",
            f"{path}: another finops-tui is writing to it.",
            "Try again when it is done; it reads bills for a minute at most as a rule.",
        )
    if kind == sqlite3.SQLITE_FULL:
        return LedgerError(
            "The disk is full: the ledger of bills cannot grow.",
            f"{path}: {error}.",
            "Make room there, or name another state_folder in config.yaml. What was in it is still there.",
        )
    if kind in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return LedgerError(
            "The ledger of bills cannot be written.",
            f"{path}: {error}.",
            "Check that this account may write to it and its folder, or name another state_folder in config.yaml.",
        )
    return LedgerError("The ledger of bills failed.", f"{path}: {error}.", "Try again; look at the disk if it goes on.")
