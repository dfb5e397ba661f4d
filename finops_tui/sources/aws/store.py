"""What was answered and what it cost, on disk: a bill changes a few times a day and every look at it is paid.

One SQLite file, shared by all that run with the same folder: what one has asked, the others need not ask again, and
what all of them ask counts together. Blocking: called in threads.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from finops_tui.sources.aws.faults import AwsError

FILE = "aws.sqlite"
KEPT_FOR = timedelta(days=40)
"""An answer that nobody replaced in so long is forgotten."""
BUSY_SECONDS = 5.0
"""How long to wait for another process that writes."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at TEXT NOT NULL, pages TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS paid (
        account TEXT, month TEXT, operation TEXT, requests INTEGER NOT NULL, micro_usd INTEGER NOT NULL,
        PRIMARY KEY (account, month, operation)
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, until TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Answer:
    at: datetime
    """When AWS gave it."""
    pages: tuple[Mapping[str, Any], ...]


class Store:
    """Raises AwsError where the file cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def answer(self, key: str) -> Answer | None:
        """Return what was answered last, however old it is."""
        with self._open() as database:
            row = database.execute("SELECT at, pages FROM answers WHERE key = ?", (key,)).fetchone()
        return Answer(datetime.fromisoformat(row[0]), tuple(json.loads(row[1]))) if row else None

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer, in place of the one before, and forget those of long ago."""
        with self._open() as database:
            database.execute("DELETE FROM answers WHERE at < ?", (_moment(answer.at - KEPT_FOR),))
            database.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, _moment(answer.at), json.dumps(answer.pages))
            )

    def forget(self, key: str) -> None:
        with self._open() as database:
            database.execute("DELETE FROM answers WHERE key = ?", (key,))

    def claim(self, key: str, now: datetime, until: datetime) -> bool:
        """Take the right to ask; False while another has it."""
        with self._open() as database:
            held = database.execute("SELECT until FROM claims WHERE key = ?", (key,)).fetchone()
            if held and held[0] > _moment(now):
                return False
            database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", (key, _moment(until)))
        return True

    def release(self, key: str) -> None:
        with self._open() as database:
            database.execute("DELETE FROM claims WHERE key = ?", (key,))

    def pay(self, account: str, operation: str, micro_usd: int, now: datetime, limit: int | None = None) -> bool:
        """Count one request before it leaves; False, and nothing is counted, where that would go over `limit`."""
        month = _month(now)
        with self._open() as database:
            if limit is not None and _spent(database, account, month)[1] + micro_usd > limit:
                return False
            database.execute(
                "INSERT INTO paid VALUES (?, ?, ?, 1, ?) ON CONFLICT (account, month, operation) DO UPDATE"
                " SET requests = requests + 1, micro_usd = micro_usd + excluded.micro_usd",
                (account, month, operation, micro_usd),
            )
        return True

    def spent(self, account: str, now: datetime) -> tuple[int, int]:
        """Return this UTC month's paid requests of an account, and millionths of a US dollar."""
        with self._open() as database:
            return _spent(database, account, _month(now))

    def close(self) -> None:
        """Close the file, unless somebody is using it."""
        if self._lock.acquire(blocking=False):
            try:
                if self._database is not None:
                    self._database.close()
                    self._database = None
            finally:
                self._lock.release()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction of its own, in which nobody else writes."""
        with self._lock:
            try:
                if self._database is None:
                    self._database = self._connect()
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield self._database
                except BaseException:
                    self._database.execute("ROLLBACK")
                    raise
                self._database.execute("COMMIT")
            except (OSError, sqlite3.Error) as error:
                raise AwsError(
                    "paid requests cannot be counted",
                    f"{self._path}: {error}",
                    f"Check disk and permissions of {self._path}: what costs is not asked until it can be counted.",
                ) from error

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        database = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last counts, a crash none
            database.execute("BEGIN IMMEDIATE")  # two programs that start at once wait for each other
            for statement in SCHEMA:
                database.execute(statement)
            database.execute("COMMIT")
        except sqlite3.Error:
            database.close()
            raise
        return database


def _spent(database: sqlite3.Connection, account: str, month: str) -> tuple[int, int]:
    requests, micro_usd = database.execute(
        "SELECT coalesce(sum(requests), 0), coalesce(sum(micro_usd), 0) FROM paid WHERE account = ? AND month = ?",
        (account, month),
    ).fetchone()
    return int(requests), int(micro_usd)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")
