"""Somebody who answers drill-downs as a test tells them to, and remembers what they were asked."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from finops_tui.ledger.drill import Drill, Drilled, DrillRow, Expected, Planned
from tests.ui.samples import NOW

TELLS = ("resource", "sku", "hour")
GIB = 2**30


def row(name: str, effective: str, billed: str | None = None, *, currency: str = "USD", parts: int = 1) -> DrillRow:
    return DrillRow(
        key=(name,), currency=currency, billed=Decimal(billed or effective), effective=Decimal(effective), parts=parts
    )


ROWS = (
    row("arn:aws:ec2:us-east-1:111111111111:instance/i-0f3a9c21d4b8e7a61", "81204.5", "96230"),
    row("arn:aws:ec2:us-east-1:111111111111:instance/i-0b77c5e0a91d2f348", "40110.25", "40110.25"),
    row("", "12000"),
    row("arn:aws:s3:::ml-prod-checkpoints", "9120.75"),
)
REST = (row("", "52340.5", "50000", parts=1_204),)


class AnswersDouble:
    """Wants a yes unless it is told that it is cheap."""

    def __init__(self) -> None:
        self.expected = Expected(bytes_read=31 * GIB, usd=Decimal("0.17"), how="as the last one did")
        self.wants_yes = True
        self.free = False
        self.told: tuple[str, ...] = TELLS
        self.rows: tuple[DrillRow, ...] = ROWS
        self.rest: tuple[DrillRow, ...] = REST
        self.given: dict[str, object] = {}
        """Further fields of every answer."""
        self.export = "billing.cur2 in Athena (us-east-1)"
        self.trouble: Exception | None = None
        self.plan_trouble: Exception | None = None
        self.holds: asyncio.Event | None = None
        """What it waits for before it answers."""
        self.planned: list[Drill] = []
        self.asked: list[Drill] = []

    async def tells(self, question: Drill) -> tuple[str, ...]:
        del question
        return self.told

    async def plan(self, question: Drill) -> Planned:
        self.planned.append(question)
        if self.plan_trouble is not None:
            raise self.plan_trouble
        return Planned(
            source="aws prod", export=self.export, tells=self.told, expected=self.expected, free=self.free,
            wants_yes=self.wants_yes,
        )  # fmt: skip

    async def ask(self, question: Drill) -> Drilled:
        self.asked.append(question)
        if self.holds is not None:
            await self.holds.wait()
        if self.trouble is not None:
            raise self.trouble
        facts: dict[str, object] = {"bytes_read": 33 * GIB, "usd": Decimal("0.18"), **self.given}
        return Drilled(
            by=question.by, rows=self.rows, others=self.rest, source="aws prod", export=self.export, at=NOW, **facts,  # type: ignore[arg-type]  # test data by name
        )  # fmt: skip
