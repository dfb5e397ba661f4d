"""Answers that were paid for or are rationed, kept in the ledger for an hour: asking again brings nothing newer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from finops_tui.ledger.drill import Drilled, DrillRow
from finops_tui.sources.billing.book import Book
from finops_tui.sources.billing.values import moment

GOOD_FOR = timedelta(hours=1)
SLOTS = 32
"""So many answers are kept for a source; one more takes the place of another."""


async def held(book: Book, question: str, now: datetime) -> Drilled | None:
    """Return the answer to a question that was asked within the hour. Raises LedgerError."""
    mark = _mark(question)
    noted = await book.noted(_slot(mark))
    if not noted:
        return None
    told = json.loads(noted)
    at = moment(told["at"])
    if told["mark"] != mark or at is None or not timedelta(0) <= now - at < GOOD_FOR:
        return None
    return Drilled(
        by=tuple(told["by"]), rows=_rows(told["rows"]), others=_rows(told["others"]), source=told["source"],
        export=told["export"], at=at, bytes_read=told["bytes"], usd=Decimal(told["usd"]), kept=True,
        remarks=tuple(told["remarks"]),
    )  # fmt: skip


async def hold(book: Book, question: str, answer: Drilled) -> None:
    """Keep an answer. Raises LedgerError."""
    mark = _mark(question)
    told = {
        "mark": mark, "at": answer.at.isoformat(), "by": answer.by, "rows": _plain(answer.rows),
        "others": _plain(answer.others), "source": answer.source, "export": answer.export,
        "bytes": answer.bytes_read, "usd": str(answer.usd), "remarks": answer.remarks,
    }  # fmt: skip
    await book.note(_slot(mark), json.dumps(told))


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()


def _slot(mark: str) -> str:
    return f"drill-down {int(mark, 16) % SLOTS}"


def _plain(rows: Sequence[DrillRow]) -> list[list[Any]]:
    return [[row.key, row.currency, str(row.billed), str(row.effective), row.parts] for row in rows]


def _rows(told: Sequence[Sequence[Any]]) -> tuple[DrillRow, ...]:
    empty = DrillRow(key=(), currency="", billed=Decimal(0), effective=Decimal(0))
    return tuple(
        replace(
            empty, key=tuple(key), currency=currency, billed=Decimal(billed), effective=Decimal(effective), parts=parts
        )
        for key, currency, billed, effective, parts in told
    )
