"""Estimated days in the ledger: only of clusters without a bill, only whole ones, and nothing of them is billed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from finops_tui.analysis.known_days import Watched
from finops_tui.clock import SimulatedClock
from finops_tui.engine.unbilled import Unbilled, UnbilledDays
from finops_tui.ledger.costs import costs
from finops_tui.ledger.failure import LedgerError
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow
from finops_tui.model.bill import ESTIMATE
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.output.costs import write
from tests.engine.test_billing import NOW as MARCH
from tests.engine.test_billing import biller as primed
from tests.engine.test_billing import figures, fleet
from tests.ledger.charges import SCOPES, charge, statement
from tests.samples import empty_snapshot

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOUDS = (Unbilled(cluster="coreweave-*", provider="CoreWeave"), Unbilled(cluster="*", provider="Lambda"))


@dataclass
class Known:
    """What is estimated, by cluster and day of November."""

    days: dict[str, dict[int, Watched]] = field(default_factory=dict)

    def __call__(self, cluster: str, now: datetime) -> Mapping[date, Watched]:
        assert now == NOW
        return {date(2026, 11, day): seen for day, seen in self.days.get(cluster, {}).items()}


@asynccontextmanager
async def writing(
    ledger: Callable[[], Ledger], known: Known, *clusters: str, billed: tuple[str, ...] = ()
) -> AsyncIterator[list[Observation]]:
    told: list[Observation] = []
    clock = SimulatedClock(NOW, 0.0)
    days = UnbilledDays(known, clusters=CLOUDS, billed=billed, ledger=ledger, clock=clock, every_seconds=0.001)
    days.see(replace(empty_snapshot(), clusters=clusters))
    task = asyncio.create_task(days.run(told.append))
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - a file on disk tells nobody
            await asyncio.sleep(0.005)


def at(folder: Path) -> Callable[[], Ledger]:
    return lambda: Ledger(folder / "bills.sqlite", SCOPES)


def rows(folder: Path, *by: str) -> dict[tuple[str, ...], CostRow]:
    query = CostQuery(since=NOW - timedelta(days=40), until=NOW + timedelta(days=1), by=by)
    return {row.key: row for row in costs(at(folder)(), query).rows}


async def test_whole_days_of_clusters_without_a_bill_stand_in_the_ledger(tmp_path: Path) -> None:
    at(tmp_path)().restate(statement(charge("7", day=18)))
    watched = {17: Watched(240.0, 1.0), 18: Watched(235.2, 0.98), 19: Watched(100.0, 0.5), 20: Watched(120.0, 1.0)}
    known = Known({"coreweave-a": watched, "eks": {17: Watched(99.0, 1.0)}, "lambda": {17: Watched(0.0, 1.0)}})
    async with writing(at(tmp_path), known, "coreweave-a", "eks", "lambda", billed=("eks*",)) as told:
        await until(lambda: ("CoreWeave",) in rows(tmp_path, "provider"))
    found = rows(tmp_path, "provider", "account", "service")
    assert set(found) == {("AWS", "111", "Amazon EC2"), ("CoreWeave", "coreweave-a", "Price sheet × inventory")}
    ours = found["CoreWeave", "coreweave-a", "Price sheet × inventory"]
    assert (ours.billed, ours.effective, ours.final) == (Decimal(0), Decimal(480), False), "two whole days of $240"
    assert sum(row.effective for row in found.values()) == 487
    assert told == []


async def test_an_estimate_that_changes_is_written_again_and_one_that_is_known_less_well_is_not(tmp_path: Path) -> None:
    known = Known({"a": {17: Watched(240.0, 1.0)}})
    async with writing(at(tmp_path), known, "a"):
        await until(lambda: rows(tmp_path))
        known.days["a"][17] = Watched(250.0, 1.0)
        await until(lambda: rows(tmp_path)[()].effective == 250)
        known.days["a"] = {17: Watched(10.0, 0.1), 18: Watched(1.0, 1.0)}
        await until(lambda: rows(tmp_path)[()].effective == 251)


async def test_a_ledger_that_cannot_be_used_is_told_until_it_can(tmp_path: Path) -> None:
    broken = [LedgerError("The ledger of bills is damaged.", "bills.sqlite", "Move the file away.")]

    def opened() -> Ledger:
        if broken:
            raise broken[0]
        return at(tmp_path)()

    async with writing(opened, Known({"a": {17: Watched(1.0, 1.0)}}), "a") as told:
        await until(lambda: told)
        broken.clear()
        await until(lambda: len(told) == 2)
    trouble, well = told
    assert isinstance(trouble, SourceHealth)
    assert isinstance(well, SourceHealth)
    assert (trouble.state, trouble.reason, trouble.hint) == (
        HealthState.PARTIAL, "The ledger of bills is damaged.", "Move the file away.",
    )  # fmt: skip
    assert (well.state, well.reason) == (HealthState.LIVE, "")
    assert rows(tmp_path)[()].effective == 1


def test_days_come_from_the_same_count_as_the_month() -> None:
    made = primed()
    made.look(figures(), fleet(), MARCH)
    days = made.days("prod", MARCH)
    assert days[date(2026, 3, 19)] == Watched(240.0, 1.0)
    assert days[date(2026, 3, 20)].covered < 0.6, "today is not over"
    assert made.days("nosuch", MARCH) == {}


def test_what_is_estimated_is_not_called_billed(tmp_path: Path) -> None:
    day = charge("0", day=18, source=ESTIMATE, provider_name="CoreWeave", effective_cost=Decimal(240))
    at(tmp_path)().restate(statement(day), statement(charge("7", day=18)))
    query = CostQuery(since=NOW - timedelta(days=7), until=NOW, by=("provider",))
    lines = write(query, costs(at(tmp_path)(), query), "table").splitlines()
    assert lines[1].split() == ["AWS", "7.00", "7.00", "7.00", "20.00", "USD"]
    assert lines[2].split()[:4] == ["CoreWeave", "0.00", "0.00", "240.00"]
    assert any(line.startswith("estimate: estimated through 2026-11-19T00:00:00Z") for line in lines)
    assert any(line.startswith("focus bills: billed through") for line in lines)
