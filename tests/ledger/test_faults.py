from __future__ import annotations

import errno
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from finops_tui.ledger import ledger as ledger_module
from finops_tui.ledger import schema
from finops_tui.ledger.costs import costs
from finops_tui.ledger.failure import LedgerError
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from tests.ledger.charges import NOVEMBER, SCOPES, charge, statement

MONTH = CostQuery(since=NOVEMBER, until=NOVEMBER + timedelta(days=30))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "bills.sqlite"


def test_only_its_owner_may_read_it(path: Path) -> None:
    ledger = Ledger(path, SCOPES)
    ledger.restate(statement(charge()))
    with ledger.reading():
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "rubbish", [b"not a database, but long enough to be looked at " * 40, b"SQLite format 3\0" * 90]
)
def test_a_damaged_file_says_what_to_do(path: Path, rubbish: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(rubbish)
    with pytest.raises(LedgerError, match="damaged") as raised:
        Ledger(path, SCOPES)
    assert str(path) in raised.value.detail
    assert "Move the file away" in raised.value.hint


def test_damage_that_shows_later_is_told_too(path: Path) -> None:
    ledger = Ledger(path, SCOPES)
    ledger.restate(statement(*(charge(resource_id=f"i-{number}") for number in range(500))))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(LedgerError, match="damaged"):
        costs(ledger, CostQuery(since=MONTH.since, until=MONTH.until, by=("resource",)))


def test_another_writer_is_waited_for_and_then_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(path, SCOPES)
    monkeypatch.setattr(schema, "PATIENCE_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerError, match="in use") as raised:
            ledger.restate(statement(charge()))
        assert "another finops-tui" in raised.value.detail
        assert costs(ledger, MONTH).rows == (), "whoever reads is not held up"
    finally:
        other.execute("ROLLBACK")
        other.close()
    ledger.restate(statement(charge()))
    assert len(costs(ledger, MONTH).rows) == 1


def opened_with(pragma: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection begin with a pragma that stands for a fault of the disk."""

    @contextmanager
    def opened(path: Path) -> Iterator[sqlite3.Connection]:
        with schema.opened(path) as connection:
            connection.execute(pragma)
            yield connection

    monkeypatch.setattr(ledger_module, "opened", opened)


def test_a_full_disk_loses_nothing_that_was_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(path, SCOPES)
    ledger.restate(statement(charge("5")))
    with monkeypatch.context() as fault:
        opened_with("PRAGMA max_page_count = 60", fault)
        bill = statement(*(charge(resource_id=f"i-{number}", charge_description="x" * 500) for number in range(2_000)))
        with pytest.raises(LedgerError, match="full") as raised:
            ledger.restate(bill)
    assert "Make room" in raised.value.hint
    assert [row.billed for row in costs(ledger, MONTH).rows] == [5]


def test_a_disk_that_has_become_read_only_is_explained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(path, SCOPES)
    opened_with("PRAGMA query_only = ON", monkeypatch)
    with pytest.raises(LedgerError, match="cannot be written") as raised:
        ledger.restate(statement(charge("5")))
    assert "state_folder" in raised.value.hint


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "mkdir", refuse)  # root, as CI may be, is let in anywhere
    with pytest.raises(LedgerError, match="cannot be opened") as raised:
        Ledger(tmp_path / "state" / "bills.sqlite", SCOPES)
    assert "permission denied" in raised.value.detail
    assert "state_folder" in raised.value.hint


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(LedgerError, match="cannot be opened") as raised:
        Ledger(tmp_path / "state" / "bills.sqlite", SCOPES)
    assert str(tmp_path / "state") in raised.value.detail


def test_a_ledger_of_a_newer_program_is_left_alone(path: Path) -> None:
    Ledger(path, SCOPES)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LedgerError, match="newer finops-tui") as raised:
        Ledger(path, SCOPES)
    assert "version 99" in raised.value.detail


def test_a_step_that_fails_leaves_the_version_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(path, SCOPES).restate(statement(charge("5")))
    steps = (*schema.MIGRATIONS, "CREATE TABLE more (x); INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    with pytest.raises(LedgerError, match="failed"):
        Ledger(path, SCOPES)
    monkeypatch.setattr(schema, "MIGRATIONS", (*steps[:-1], "CREATE TABLE more (x);"))
    assert [row.billed for row in costs(Ledger(path, SCOPES), MONTH).rows] == [5]


def test_readers_see_a_whole_bill_or_none_while_it_is_written(path: Path) -> None:
    ledger = Ledger(path, SCOPES)
    ledger.restate(statement(*(charge("1", resource_id=f"i-{number}") for number in range(200))))
    seen: set[object] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.update(row.billed for row in costs(Ledger(path, SCOPES), MONTH).rows)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for cost in ("2", "3"):
        ledger.restate(statement(*(charge(cost, resource_id=f"i-{number}") for number in range(200))))
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {200, 400, 600}
    assert [row.billed for row in costs(ledger, MONTH).rows] == [600]


def test_programs_that_make_the_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    for attempt in range(20):
        together = threading.Barrier(4)

        def restate(cost: str, path: Path, together: threading.Barrier = together) -> None:
            together.wait()
            Ledger(path, SCOPES).restate(statement(charge(cost)))

        path = tmp_path / str(attempt) / "bills.sqlite"
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(restate, "1234", [path] * 4))
        (row,) = costs(Ledger(path, SCOPES), MONTH).rows
        assert row.billed in {1, 2, 3, 4}
