"""The rows of one file, a few at a time, whatever its format."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from finops_tui.errors import SourceError

FORMATS = (".csv", ".csv.gz", ".parquet")
_BATCH_ROWS = 4_096
_FIELD_LIMIT = 1 << 20
"""Characters in one field: tags may be long, a quote that nobody closed must not take the whole file."""

Row = tuple[int, dict[str, Any] | str]
"""Number as an editor or a query shows it, and the values by column, or what is wrong with the whole row."""


class NotNowError(SourceError):
    """It is not the file that is wrong: the same file may be read as soon as this machine lets it."""


def is_bill(path: Path) -> bool:
    return path.name.lower().endswith(FORMATS) and not path.name.startswith((".", "_"))


@contextmanager
def opened(path: Path) -> Iterator[tuple[Sequence[str], Iterator[Row]]]:
    """Yield the names of the columns, and the rows.

    Raises SourceError where the file cannot be read (further), NotNowError where that is not its own fault.
    """
    try:
        if path.name.lower().endswith(".parquet"):
            with _parquet(path) as (header, rows):
                yield header, rows
            return
        with _text(path) as file:
            header, rows = _csv(file, path)
            yield header, rows
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{path.name} is cut off or damaged.", f"{error}.", "It is read again as soon as it changes; copy it anew."
        ) from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path.name} is not UTF-8.", f"Byte {error.start} makes no sense.", "Export it as UTF-8."
        ) from error
    except csv.Error as error:
        raise SourceError(f"{path.name} is no CSV.", f"{error}.", "Look for a quote that is not closed.") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise NotNowError(f"{path.name} cannot be read: {reason}.", hint="Check who may read it.") from error


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    if path.name.lower().endswith(".gz"):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            assert isinstance(file, io.TextIOWrapper), "it was opened as text"
            yield file
    else:
        with path.open(encoding="utf-8-sig", newline="") as plain:
            yield plain


def _csv(file: TextIO, path: Path) -> tuple[Sequence[str], Iterator[Row]]:
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(file)
    header = next(reader, None)
    if header is None:
        raise SourceError(f"{path.name} is empty.", hint="It is read again as soon as it changes.")
    return header, _csv_rows(reader, header)


def _csv_rows(reader: Any, header: Sequence[str]) -> Iterator[Row]:
    width = len(header)
    for values in reader:
        if len(values) == width:
            yield reader.line_num, dict(zip(header, values, strict=True))
        elif values:
            yield reader.line_num, f"it has {len(values)} fields, the first line {width}"


@contextmanager
def _parquet(path: Path) -> Iterator[tuple[Sequence[str], Iterator[Row]]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise NotNowError(
            f"{path.name} needs a library that reads Parquet.",
            "It is not installed.",
            "Install it with: pip install 'finops-tui[parquet]'. CSV files need nothing.",
        ) from error
    try:
        with ParquetFile(path) as file:
            yield file.schema_arrow.names, _parquet_rows(file)
    except ArrowException as error:
        words = f"{str(error).rstrip('.')}."
        raise SourceError(
            f"{path.name} is no Parquet file, or damaged.", words, "It is read again as soon as it changes."
        ) from error


def _parquet_rows(file: Any) -> Iterator[Row]:
    number = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        for values in batch.to_pylist():
            number += 1
            yield number, values
