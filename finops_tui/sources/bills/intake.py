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
from finops_tui.sources.bills.files import opened
from finops_tui.sources.bills.rows import RowError, RowReader

COMPLAINTS = 5
"""Told of one delivery; the rest is counted."""
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
    failed: str = ""
    """Why nothing could be read, or not to the end; then nothing of it counts."""
    hint: str = ""

    def complain(self, where: str, problem: str) -> None:
        if len(self.complaints) < COMPLAINTS:
            self.complaints.append(f"{where}: {problem}")


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
            reading.failed = " ".join(filter(None, (error.title, error.detail)))
            reading.hint = error.hint
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

        def complain(problem: str) -> None:
            reading.complain(place, problem)

        with opened(path) as (header, rows):
            found = columns.find(header, path.name)
            reader = RowReader(self._source, found, self._zone, delivery.written_at, complain)
            for number, values in rows:
                place = f"{path.name}:{number}"
                if isinstance(values, str):
                    reading.wrong += 1
                    complain(values)
                    continue
                try:
                    row = reader.read(values)
                except RowError as error:
                    reading.wrong += 1
                    complain(str(error))
                else:
                    reading.rows += 1
                    yield row
