"""Which files belong together. An exporter cuts one bill into parts, and writes the same bill anew as it is restated.

Files of one folder whose names differ in nothing but a part's number are one delivery. Deliveries whose names differ
in nothing but digits are one series: the one written last says what holds for the accounts and days in it. The twelve
digits of an account at AWS or of a project at Google are no such digits: each account has bills of its own.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from finops_tui.sources.bills.files import is_bill

_PART = re.compile(r"[-_. ]?(?:part[-_. ]?\d+([-_]\d+)*|(?<!\d)0\d{2,})(?=\.(?:csv|csv\.gz|parquet)$)", re.IGNORECASE)
"""`part_0_0001`, `-00001`, `000000000012`; neither `2026-11-20` nor `20261120`."""
_TIME = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d"
"""`202611200630` has twelve digits too."""
_DIGITS = re.compile(rf"(?<!\d)(?:(?!\d{{12}}(?!\d))\d+|{_TIME}(?!\d))")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One bill as it was written at one time."""

    name: str
    """Relative to the folder, without the numbers of parts."""
    paths: tuple[Path, ...]
    written_at: datetime
    """When its newest file was written."""
    mark: str
    """Changes whenever one of its files does."""

    @property
    def series(self) -> str:
        return _DIGITS.sub("#", self.name)


def deliveries(folder: Path) -> list[Delivery]:
    """Return what lies in the folder, the oldest first. Raises OSError where it cannot be listed."""
    found: defaultdict[str, list[tuple[Path, os.stat_result]]] = defaultdict(list)
    for path in _files(folder):
        try:
            state = path.stat()
        except FileNotFoundError:  # it was there a moment ago
            continue
        found[_PART.sub("", path.relative_to(folder).as_posix())].append((path, state))
    made = [_delivery(name, files) for name, files in found.items()]
    return sorted(made, key=lambda delivery: (delivery.written_at, delivery.name))


def _files(folder: Path) -> Iterable[Path]:
    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (path for name in sorted(names) if is_bill(path := Path(place, name)))


def _delivery(name: str, files: list[tuple[Path, os.stat_result]]) -> Delivery:
    return Delivery(
        name=name,
        paths=tuple(path for path, _ in files),
        written_at=datetime.fromtimestamp(max(state.st_mtime for _, state in files), UTC),
        mark=" ".join(f"{state.st_mtime_ns}:{state.st_size}" for _, state in files),
    )
