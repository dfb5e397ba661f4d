"""From files into the ledger: what is new or has changed, one delivery in one step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from finops_tui.errors import SourceError
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.bill import BillRow, Statement
from finops_tui.sources.bills import columns
from finops_tui.sources.bills.deliveries import Delivery
from finops_tui.sources.bills.files import NotNowError, opened
from finops_tui.sources.bills.rows import RowError, RowReader

COMPLAINTS, REMARKS = 5, 2
"""Told of the rows of one delivery that are left out, and of those that count; the rest of the former is counted."""
READER = 1
"""Raised when a newer program reads more out of the same files: they are all read again."""


@dataclass(slots=True)
class Reading:
    """What came of one delivery."""

    mark: str
    rows: int = 0
    wrong: int = 0
    """Rows that were left out."""
    complaints: list[str] = field(default_factory=list)
    """Why rows were left out."""
    remarks: list[str] = field(default_factory=list)
    """What is wrong with rows that count."""
    failed: str = ""
    """Why nothing could be read, or not to the end, and what to do; then nothing of it counts."""

    def leave_out(self, where: str, problem: str) -> None:
        """Count a row that makes no sense."""
        self.wrong += 1
        if len(self.complaints) < COMPLAINTS:
            self.complaints.append(f"{where}: {problem}")

    def remark(self, where: str, problem: str) -> None:
        """Tell what is wrong with a row that counts all the same."""
        if len(self.remarks) < REMARKS:
            self.remarks.append(f"{where}: {problem}")


class Intake:
    """Reads deliveries of one source into the ledger, and remembers there which it has read."""

    def __init__(self, source: str, ledger: Ledger, zone: str) -> None:
        self._source = source
        self._ledger = ledger
        self._zone = ZoneInfo(zone)

    def take(self, delivery: Delivery) -> Reading:
        """Return what came of this delivery, read now or before. Raises LedgerError."""
        known = self._known(delivery)
        if known is not None and known.mark == self._mark(delivery):
            return known
        reading = Reading(mark=self._mark(delivery))
        statement = Statement(source=self._source, part=delivery.series, rows=self._rows(delivery, reading))
        try:
            self._ledger.restate(statement)
        except SourceError as error:
            reading.failed = " ".join(filter(None, (error.title, error.detail, error.hint)))
            if isinstance(error, NotNowError):
                return reading
        self._ledger.note(self._fact(delivery), json.dumps(asdict(reading)))
        return reading

    def _known(self, delivery: Delivery) -> Reading | None:
        noted = self._ledger.noted(self._fact(delivery))
        with suppress(ValueError, TypeError):
            return Reading(**json.loads(noted))
        return None

    def _fact(self, delivery: Delivery) -> str:
        return f"file {self._source} {delivery.name}"

    def _mark(self, delivery: Delivery) -> str:
        return f"{READER} {self._zone.key} {delivery.mark}"

    def _rows(self, delivery: Delivery, reading: Reading) -> Iterator[BillRow]:
        for path in delivery.paths:
            yield from self._of_file(path, delivery, reading)

    def _of_file(self, path: Path, delivery: Delivery, reading: Reading) -> Iterator[BillRow]:
        place = path.name

        def remark(problem: str) -> None:
            reading.remark(place, problem)

        with opened(path) as (header, rows):
            found = columns.find(header, path.name)
            reader = RowReader(self._source, found, self._zone, delivery.written_at, remark)
            for number, values in rows:
                place = f"{path.name}:{number}"
                if isinstance(values, str):
                    reading.leave_out(place, values)
                    continue
                try:
                    row = reader.read(values)
                except RowError as error:
                    reading.leave_out(place, str(error))
                else:
                    reading.rows += 1
                    yield row
