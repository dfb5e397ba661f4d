"""The demo's bills: in the snapshot, right within one percent of the simulation's truth, and cleaned up."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import inf
from pathlib import Path

import pytest
from msgspec.structs import replace

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.ledger.ledger import Ledger, Restated
from finops_tui.model.bill import BillRow, ChargeCategory, Statement
from finops_tui.model.observations import BillsSeen, Observation
from finops_tui.model.snapshot import Snapshot
from finops_tui.simulation.billing import ACCOUNTS, EVERY_HOURS, SimulatedBilling
from finops_tui.simulation.bills import CONTRACTS, SimulatedBills
from finops_tui.simulation.other_bills import OtherBills
from finops_tui.wiring import headless

SEED = 7
Truth = dict[date, dict[tuple[str, str, str], float]]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return headless.demo_snapshot(seed=SEED, seconds=1_800, speed=inf)


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Effective cost of usage by day, provider, account and service, once everything of these days is billed."""
    first, last = date(2026, 3, 1), headless.DEMO_START.date()
    later = headless.DEMO_START + timedelta(days=3)
    found: Truth = {}
    bills, others = SimulatedBills(SEED), OtherBills(SEED)
    for row in (*bills.rows(first, later, "truth", last), *others.rows(first, later, "truth", last)):
        if row.charge_category is ChargeCategory.USAGE:
            day = found.setdefault(row.charge_period_start.date(), {})
            place = (row.provider_name, row.sub_account_id, row.service_name)
            day[place] = day.get(place, 0.0) + float(row.effective_cost)
    return found


def test_every_cluster_is_on_the_bill_of_its_contract() -> None:
    assert {contract.cluster: contract.account for contract in CONTRACTS} == ACCOUNTS


def test_the_demo_shows_the_bills_of_all_its_providers(snapshot: Snapshot) -> None:
    assert {row.provider for row in snapshot.bills} == {"AWS", "Google Cloud", "Microsoft", "OpenAI", "Anthropic"}
    assert all(row.counted and not row.stale and row.last_month for row in snapshot.bills)


@pytest.mark.parametrize("provider", ["AWS", "Google Cloud", "Microsoft", "OpenAI", "Anthropic"])
def test_what_each_provider_has_billed_is_the_truth_within_one_percent(
    snapshot: Snapshot, truth: Truth, provider: str
) -> None:
    """Of today the share of the hours that are billed."""
    rows = [row for row in snapshot.bills if row.provider == provider]
    (through,) = {row.through for row in rows}
    assert through is not None
    assert through.date() == snapshot.at.date()
    true = 0.0
    for day, places in truth.items():
        share = through.hour / 24 if day == through.date() else 1.0
        true += share * sum(usd for (whose, _, _), usd in places.items() if whose == provider)
    assert sum(row.effective for row in rows) == pytest.approx(true, rel=0.01)


def test_corrected_estimates_are_the_bill_within_one_percent(snapshot: Snapshot, truth: Truth) -> None:
    """What engine and history estimate, not what the simulation says that they should."""
    check = snapshot.reconciliation
    assert check is not None
    assert (check.days, check.missing, check.unmatched) == (7, "", ())
    machines = {(contract.provider, contract.account, contract.machines) for contract in CONTRACTS}
    days = {row.day for row in check.rows}
    billed = sum(usd for day in days for place, usd in truth[day].items() if place in machines)
    assert check.billed_usd == pytest.approx(billed, rel=1e-6)
    assert check.corrected_usd == pytest.approx(billed, rel=0.01)
    assert check.difference is not None
    assert check.difference > 0.04, "there is something to be learned"


def test_the_month_so_far_is_the_truth_within_one_percent(snapshot: Snapshot, truth: Truth) -> None:
    assert snapshot.month is not None
    seen = snapshot.month.outlook
    whole = sum(usd for day, services in truth.items() if day < snapshot.at.date() for usd in services.values())
    today = sum(truth[snapshot.at.date()].values())
    over = (snapshot.at - snapshot.at.replace(hour=0, minute=0, second=0)).total_seconds() / 86_400
    assert seen.usd == pytest.approx(whole + over * today, rel=0.01)
    assert seen.billed_usd == pytest.approx(whole, rel=1e-6)


def test_the_month_has_an_end_with_an_interval_a_budget_and_the_month_before(snapshot: Snapshot) -> None:
    month = snapshot.month
    assert month is not None
    seen = month.outlook
    assert seen.low_usd is not None
    assert seen.expected_usd is not None
    assert seen.high_usd is not None
    assert seen.low_usd < seen.expected_usd < seen.high_usd
    assert month.last_month_usd is not None
    assert month.week_change is not None
    assert month.month_change is not None
    assert snapshot.headline.month_end_usd.value == seen.expected_usd
    (budget,) = snapshot.budgets
    assert snapshot.headline.month_budget_usd == budget.limit_usd
    assert not [finding for finding in snapshot.findings if finding.kind == "budget"]


def follow(begin: datetime, hours: float, folder: Path) -> tuple[list[BillsSeen], list[int]]:
    """Return what is told of bills in so many hours, and how many things lay in the folder each time."""
    found: list[BillsSeen] = []
    there: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = SimulatedClock(begin, 1.0, loop.time)
        source = SimulatedBilling(SEED, clock, (("team", "nlp"),))

        async def listen() -> None:
            async for observation in source.observe():
                take(observation)

        def take(observation: Observation) -> None:
            if isinstance(observation, BillsSeen):
                found.append(observation)
                there.append(len(list(folder.iterdir())))

        task = asyncio.create_task(listen())
        await clock.sleep(hours * 3_600)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return found, there


@pytest.mark.parametrize("begin", [datetime(2026, 3, 8, 1, tzinfo=UTC), datetime(2026, 3, 1, 1, tzinfo=UTC)])
def test_a_day_that_was_billed_in_part_is_billed_wholly_once_its_hours_are_over(
    begin: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is the last of a batch, or of a month: at one in the morning nine hours of it are not billed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found, _ = follow(begin, 13, tmp_path)
    yesterday = begin.date() - timedelta(days=1)
    asked = (yesterday, begin + timedelta(days=3), "truth", yesterday)
    rows = (*SimulatedBills(SEED).rows(*asked), *OtherBills(SEED).rows(*asked))
    true = sum(row.effective_cost for row in rows if row.charge_category is ChargeCategory.USAGE)
    told = [sum(day.effective for day in seen.days if day.day == yesterday) for seen in (found[1], found[-1])]
    assert 0 < told[0] < true
    assert told[1] == true


def test_bills_are_restated_a_few_times_a_day_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found, there = follow(datetime(2026, 3, 4, 14, tzinfo=UTC), 13, tmp_path)
    recent, first, second, third = found
    assert min(day.day for day in recent.days) == date(2026, 3, 1), "this month stands before the one before it"
    assert recent.through == first.through
    assert (first.through, third.through) == (
        datetime(2026, 3, 4, 3, tzinfo=UTC),
        datetime(2026, 3, 4, 15, tzinfo=UTC),
    )
    assert second.at - first.at < timedelta(hours=EVERY_HOURS)
    assert min(day.day for day in third.days) == date(2026, 2, 1)
    assert {day.name for day in third.scoped} == {"nlp"}
    before = {(day.account, day.service, day.day): day.effective for day in first.days if day.day < date(2026, 3, 4)}
    after = {(day.account, day.service, day.day): day.effective for day in third.days if day.day < date(2026, 3, 4)}
    assert before == after, "what was whole stays as it was"
    assert there == [1, 1, 1, 1]
    assert list(tmp_path.iterdir()) == []


def test_the_month_before_is_told_within_three_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of real time, with two long months to write: a demo at 60 times real time lacks its last month until then."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    begin = datetime(2026, 8, 31, 14, tzinfo=UTC)
    found, _ = follow(begin, 0.05, tmp_path)
    recent, both = found
    assert (recent.back_to, both.back_to) == (date(2026, 7, 1), None)
    assert {day.day.month for day in both.days} == {7, 8}
    assert both.at - begin < timedelta(minutes=3)


def test_what_is_told_bit_by_bit_is_what_the_ledger_says_of_the_whole_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across a midnight: each time only the days that were restated are asked for."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked: list[tuple[BillsSeen, BillsSeen]] = []
    seen = SimulatedBilling._seen

    def whole(
        source: SimulatedBilling,
        ledger: Ledger,
        written: tuple[date, date],
        at: datetime,
        back_to: date | None = None,
    ) -> BillsSeen:
        found = seen(source, ledger, written, at, back_to)
        first = min(day.day for day in found.days)
        alone = SimulatedBilling(SEED, source._clock, source._scopes)
        asked.append((found, seen(alone, ledger, (first, at.date()), at, back_to)))
        return found

    monkeypatch.setattr(SimulatedBilling, "_seen", whole)
    follow(datetime(2026, 3, 4, 14, tzinfo=UTC), 31, tmp_path)
    assert len(asked) > 5
    for found, alone in asked:
        assert (found.days, found.scoped, found.through) == (alone.days, alone.scoped, alone.through)


OURS = 2
"""References to a row that only a test remembers: its memory, and the question how many there are."""


def test_a_week_of_bills_is_never_in_memory_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is restated four times a day: what one takes more than the last, the program keeps for ever."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    restate, passed, kept = Ledger.restate, 0, 0
    recent: deque[BillRow] = deque(maxlen=100)

    def counted(rows: Iterable[BillRow]) -> Iterator[BillRow]:
        nonlocal passed, kept
        for row in rows:
            passed += 1
            if len(recent) == recent.maxlen:
                kept += sys.getrefcount(recent[0]) > OURS
            recent.append(row)
            yield row

    def counting(ledger: Ledger, *statements: Statement) -> Restated:
        return restate(ledger, *[replace(each, rows=counted(each.rows)) for each in statements])

    monkeypatch.setattr(Ledger, "restate", counting)
    follow(datetime(2026, 3, 8, 1, tzinfo=UTC), 0.01, tmp_path)
    assert passed > 1_000
    assert kept == 0, "a hundred rows later nobody else holds one"
