"""The file: its tables, how it grows from version to version, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finops_tui.ledger.failure import LedgerError

PATIENCE_SECONDS = 60.0
"""How long to wait for another writer: a million rows take it less than that as a rule. Readers never wait."""
_WAL = "PRAGMA journal_mode = WAL"
_CACHE_KIB = 65_536

MIGRATIONS = (
    """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE views (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, view TEXT NOT NULL, dimensions TEXT NOT NULL,
        UNIQUE (source, view)
    );
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY, view_id INTEGER NOT NULL, part TEXT NOT NULL, account TEXT NOT NULL,
        retrieved_at INTEGER NOT NULL
    );
    CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;

    -- What charges have in common but for resource, SKU and the like: few, so that totals by them are small.
    CREATE TABLE groups (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, view_id INTEGER NOT NULL,
        provider_name TEXT NOT NULL, publisher_name TEXT NOT NULL, billing_account_id TEXT NOT NULL,
        sub_account_id TEXT NOT NULL, service_name TEXT NOT NULL, service_category TEXT NOT NULL,
        region_id TEXT NOT NULL, instance_type TEXT NOT NULL, charge_category TEXT NOT NULL,
        pricing_category TEXT NOT NULL, billing_currency TEXT NOT NULL, scopes TEXT NOT NULL
    );
    CREATE TABLE lines (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, group_id INTEGER NOT NULL,
        charge_class TEXT NOT NULL, charge_description TEXT NOT NULL, resource_id TEXT NOT NULL,
        resource_name TEXT NOT NULL, resource_type TEXT NOT NULL, sku_id TEXT NOT NULL, pricing_unit TEXT NOT NULL,
        consumed_unit TEXT NOT NULL, commitment_discount_id TEXT NOT NULL, commitment_discount_name TEXT NOT NULL,
        commitment_discount_type TEXT NOT NULL, commitment_discount_category TEXT NOT NULL,
        commitment_discount_status TEXT NOT NULL, tags TEXT NOT NULL
    );
    CREATE INDEX lines_group ON lines (group_id);

    CREATE TABLE cells (
        id INTEGER PRIMARY KEY, view_id INTEGER NOT NULL, cube TEXT NOT NULL, told TEXT NOT NULL,
        billing_currency TEXT NOT NULL, charge_category TEXT NOT NULL,
        UNIQUE (view_id, cube, told, billing_currency, charge_category)
    );
    CREATE TABLE cells_of_groups (
        group_id INTEGER NOT NULL, cell_id INTEGER NOT NULL, PRIMARY KEY (group_id, cell_id)
    ) WITHOUT ROWID;

    -- Times are unix seconds; money is in the units of units.py.
    CREATE TABLE charges (
        start INTEGER NOT NULL, line_id INTEGER NOT NULL, until INTEGER NOT NULL, billing_period INTEGER NOT NULL,
        delivery_id INTEGER NOT NULL, final INTEGER NOT NULL, billed INTEGER NOT NULL, effective INTEGER NOT NULL,
        list INTEGER, contracted INTEGER, quantity REAL,
        PRIMARY KEY (start, line_id, until, billing_period)
    ) WITHOUT ROWID;

    CREATE TABLE days (
        day INTEGER NOT NULL, group_id INTEGER NOT NULL, until INTEGER NOT NULL, final INTEGER NOT NULL,
        billed INTEGER NOT NULL, effective INTEGER NOT NULL, list INTEGER, contracted INTEGER,
        PRIMARY KEY (day, group_id)
    ) WITHOUT ROWID;
    CREATE TABLE cell_days (
        cell_id INTEGER NOT NULL, day INTEGER NOT NULL, until INTEGER NOT NULL, final INTEGER NOT NULL,
        billed INTEGER NOT NULL, effective INTEGER NOT NULL, list INTEGER, contracted INTEGER,
        PRIMARY KEY (cell_id, day)
    ) WITHOUT ROWID;
    CREATE TABLE months (
        month INTEGER NOT NULL, line_id INTEGER NOT NULL, until INTEGER NOT NULL, final INTEGER NOT NULL,
        billed INTEGER NOT NULL, effective INTEGER NOT NULL, list INTEGER, contracted INTEGER,
        PRIMARY KEY (month, line_id)
    ) WITHOUT ROWID;
    """,
)
"""One step a version; a released step is never changed."""


def prepare(path: Path) -> None:
    """Make the file if it is not there, and bring it up to date. Raises LedgerError, sqlite3.Error or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with opened(path) as connection:
        if _version(connection) == len(MIGRATIONS):
            return
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _write_ahead(connection)
        with written(connection):
            version = _version(connection)
            if version > len(MIGRATIONS):
                raise LedgerError(
                    "The ledger of bills was written by a newer finops-tui.",
                    f"{path}: version {version}; this program knows {len(MIGRATIONS)}.",
                    "Use the newer program, or move the file away: bills are then read again from their sources.",
                )
            for step in MIGRATIONS[version:]:
                for statement in _statements(step):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection of one's own; transactions are begun and ended by `written` alone."""
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")
        yield connection
    finally:
        connection.close()


@contextmanager
def written(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing; readers see what was there before until it is done."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on: of two programs that do so at once SQLite refuses one, without waiting."""
    try:
        connection.execute(_WAL)
    except sqlite3.OperationalError as error:
        if not _busy(error):
            raise
        from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

        stop, wait = stop_after_delay(PATIENCE_SECONDS), wait_random(0.01, 0.05)
        retry(retry=retry_if_exception(_busy), stop=stop, wait=wait, reraise=True)(connection.execute)(_WAL)


def _busy(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> Iterator[str]:
    """Split a script: `executescript` would end the transaction that holds all steps together."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
