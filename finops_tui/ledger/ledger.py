"""Writing bills down: a restated bill replaces what was said before, in one step that is done wholly or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from finops_tui.ledger.cubes import cubes
from finops_tui.ledger.dimensions import Scopes
from finops_tui.ledger.failure import explained
from finops_tui.ledger.intake import Intake
from finops_tui.ledger.schema import opened, prepare, written
from finops_tui.ledger.totals import month_of, total
from finops_tui.model.bill import Statement

FILE = "bills.sqlite"
_PAGES_A_TIME = 2_000
"""How many free pages one clean-up hands back to the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """What one statement did."""

    rows: int
    """Rows that it had."""
    gone: int
    """Rows that it replaced or took back."""
    first: datetime | None
    """Start of its earliest charge; None when it had none."""
    last: datetime | None
    """End of its latest charge."""


class Ledger:
    """Bills in one file. Each call has a connection of its own: calls may come from several threads and programs."""

    def __init__(self, path: Path, scopes: Scopes) -> None:
        """Open or make the file. `scopes` names what tags are asked for. Raises LedgerError."""
        self.path = path
        self.scopes = scopes
        with explained(path):
            prepare(path)
            self._keep_scopes()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the ledger. Raises LedgerError."""
        with explained(self.path), opened(self.path) as connection:
            connection.execute("BEGIN")
            yield connection

    def restate(self, *statements: Statement) -> Restated:
        """Write down what a source says, all of it in one step. Raises LedgerError; what rows raise, as it is."""
        with explained(self.path), opened(self.path) as connection, written(connection):
            intake = Intake(connection, self.scopes)
            for statement in statements:
                intake.take(statement)
            intake.finish()
            for view, days in intake.days.items():
                total(connection, view, days)
        return Restated(rows=intake.rows, gone=intake.gone, first=_moment(intake.first), last=_moment(intake.last))

    def forget(self, before: datetime) -> int:
        """Drop charges that began before the month (UTC) of `before`; return how many. Raises LedgerError."""
        month = month_of(int(before.timestamp()))
        with explained(self.path), opened(self.path) as connection:
            if connection.execute("SELECT 1 FROM days WHERE day < ? LIMIT 1", (month,)).fetchone() is None:
                return 0
            with written(connection):
                gone = connection.execute("DELETE FROM charges WHERE start < ?", (month,)).rowcount
                connection.execute("DELETE FROM days WHERE day < ?", (month,))
                connection.execute("DELETE FROM months WHERE month < ?", (month,))
                connection.execute("DELETE FROM lines WHERE id NOT IN (SELECT line_id FROM charges)")
                connection.execute("DELETE FROM cell_days WHERE day < ?", (month,))
                _sweep(connection)
                connection.execute("DELETE FROM deliveries WHERE id NOT IN (SELECT delivery_id FROM charges)")
            connection.execute(f"PRAGMA incremental_vacuum({_PAGES_A_TIME})").fetchall()
        return gone

    def note(self, name: str, value: str) -> None:
        """Keep a word about how far a source has got. Raises LedgerError."""
        with explained(self.path), opened(self.path) as connection, written(connection):
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str:
        """Return what was noted under this name, else nothing. Raises LedgerError."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def _keep_scopes(self) -> None:
        """Sort what is there anew when other tags are asked for than last time."""
        wanted = json.dumps([{name: list(keys) for name, keys in self.scopes.items()}, cubes(self.scopes)])
        with opened(self.path) as connection:
            asked = "SELECT value FROM facts WHERE name = 'scopes'"
            if connection.execute(asked).fetchone() == (wanted,):
                return
            with written(connection):
                if connection.execute(asked).fetchone() == (wanted,):  # another program was faster
                    return
                Intake(connection, self.scopes).regroup()
                days = {day for (day,) in connection.execute("SELECT DISTINCT day FROM days")}
                for (view,) in connection.execute("SELECT id FROM views").fetchall():
                    total(connection, view, days)
                _sweep(connection)
                connection.execute("INSERT OR REPLACE INTO facts VALUES ('scopes', ?)", (wanted,))


def _sweep(connection: sqlite3.Connection) -> None:
    """Drop what no line belongs to any more."""
    connection.execute("DELETE FROM groups WHERE id NOT IN (SELECT group_id FROM lines)")
    connection.execute("DELETE FROM days WHERE group_id NOT IN (SELECT id FROM groups)")
    connection.execute("DELETE FROM cells_of_groups WHERE group_id NOT IN (SELECT id FROM groups)")
    connection.execute("DELETE FROM cells WHERE id NOT IN (SELECT cell_id FROM cells_of_groups)")
    connection.execute("DELETE FROM cell_days WHERE cell_id NOT IN (SELECT id FROM cells)")


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
