"""What is billed beside machines of clusters: models of others, what is rented alone; and what OpenCost says."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops_tui.ledger.costs import billed_days, costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow
from finops_tui.model.bill import ALLOCATION, BillRow, ChargeCategory, Statement
from finops_tui.simulation.billing import ACCOUNTS
from finops_tui.simulation.bills import HOURS_LATE, SimulatedBills
from finops_tui.simulation.managed import BOX_ACCOUNT, BOXES, SAGEMAKER, WARM_SECONDS, Managed
from finops_tui.simulation.metered import Metered
from finops_tui.simulation.model_apis import CALLS, RETRIES_TIMES, ModelApis
from finops_tui.simulation.other_bills import OtherBills
from finops_tui.simulation.traffic import DAY, HOUR

SEED = 7
SOURCE = "simulated bills"
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 2, 10, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def rows() -> list[BillRow]:
    return list(OtherBills(SEED).rows(FIRST, AT, SOURCE, LAST))


@pytest.fixture(scope="module")
def machines() -> list[BillRow]:
    """A week is enough of what takes longest to work out."""
    return list(SimulatedBills(SEED).rows(date(2026, 2, 2), AT, SOURCE, date(2026, 2, 8)))


@pytest.fixture
def ledger(tmp_path: Path, rows: list[BillRow], machines: list[BillRow]) -> Ledger:
    ledger = Ledger(tmp_path / "bills.sqlite", {"team": ("team",), "model": ("model",)})
    metered = Metered()
    ledger.restate(Statement(source=SOURCE, rows=metered.passing([*rows, *machines])))
    ledger.restate(*metered.statements(date(2026, 2, 2), date(2026, 2, 8)))
    return ledger


def billed(ledger: Ledger, *by: str, **where: str) -> dict[tuple[str, ...], CostRow]:
    chosen = {name: frozenset({value}) for name, value in where.items()}
    query = CostQuery(
        since=datetime(2026, 2, 2, tzinfo=UTC), until=datetime(2026, 2, 9, tzinfo=UTC), by=by, where=chosen
    )
    return {row.key: row for row in costs(ledger, query).rows}


def test_the_same_seed_gives_the_same_bill_and_no_charge_twice(rows: list[BillRow]) -> None:
    assert list(OtherBills(SEED).rows(FIRST, AT, SOURCE, LAST)) == rows
    assert len({row.identity for row in rows}) == len(rows)
    assert list(OtherBills(SEED + 1).rows(FIRST, AT, SOURCE, LAST)) != rows


def test_it_reaches_as_far_as_the_clouds_bills() -> None:
    rows = list(OtherBills(SEED).rows(date(2026, 3, 1), AT, SOURCE, AT.date()))
    assert max(row.charge_period_end for row in rows) == AT - timedelta(hours=HOURS_LATE)


def test_each_provider_stands_by_its_name_with_models_and_teams(ledger: Ledger) -> None:
    assert {key for (key,) in billed(ledger, "provider")} == {"AWS", "Google Cloud", "Microsoft", "OpenAI", "Anthropic"}
    models = {key[0] for key in billed(ledger, "model", service="Amazon Bedrock")}
    assert models == {calls.model for calls in CALLS if calls.provider == "AWS"}
    assert {key[0] for key in billed(ledger, "team", provider="Anthropic")} == {"assist", "media"}


def test_a_bill_is_the_tokens_that_were_used_times_their_price(rows: list[BillRow]) -> None:
    of_day: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.charge_period_start.date() == date(2026, 2, 10) and "model" in row.tags:
            of_day[row.sku_id] += row.effective_cost
    for used in ModelApis(SEED).used(MIDNIGHT, 24):
        price = used.calls.usd_in if used.kind == "input" else used.calls.usd_out
        assert used.usd == pytest.approx(used.millions * price)
        assert float(of_day[f"{used.calls.model}, {used.kind}"]) == pytest.approx(used.usd)


def test_calls_follow_the_traffic_of_a_service_but_where_somebody_retries() -> None:
    apis = ModelApis(SEED)
    days = [apis.used(MIDNIGHT + day * DAY, 24) for day in range(60)]
    for calls in CALLS:
        mine = [next(used.millions for used in day if used.calls is calls) for day in days]
        usual = sorted(mine)[len(mine) // 2]
        assert sum(0.5 < each / usual < 1.3 for each in mine) > 48, calls.model
        assert max(mine) < usual * (1 + RETRIES_TIMES[1]), calls.model


def test_some_day_in_a_month_somebody_retries_without_end() -> None:
    apis = ModelApis(SEED)
    totals = [sum(used.usd for used in apis.used(MIDNIGHT + day * DAY, 24)) for day in range(30)]
    assert max(totals) > 1.2 * sorted(totals)[15]
    usual = [sum(used.usd for used in apis.used(MIDNIGHT + day * DAY, 24, usually=True)) for day in range(30)]
    assert max(usual) < 1.2 * sorted(usual)[15]


def test_what_is_rented_now_is_what_is_charged_for_the_day(rows: list[BillRow]) -> None:
    managed = Managed(SEED)
    told = sum(each.usd_per_hour for hour in range(24) for each in managed.rented(MIDNIGHT + (hour + 0.5) * HOUR))
    charged = sum(
        row.effective_cost
        for row in rows
        if row.charge_period_start.date() == date(2026, 2, 10) and "model" not in row.tags
    )
    assert float(charged) == pytest.approx(told)
    assert {row.service_name for row in rows if row.resource_id} >= {SAGEMAKER, "Amazon Elastic Container Service"}


def test_machines_of_a_training_job_are_kept_warm_for_a_while_and_then_go() -> None:
    managed = Managed(SEED)
    moments = [MIDNIGHT + step * 600 for step in range(6 * 24 * 6)]
    waits = []
    for moment in moments:
        for run, _, trains in managed.training(moment):
            assert trains == (run.start <= moment < run.end)
            if not trains:
                waits.append(moment - run.end)
    assert waits
    assert max(waits) < WARM_SECONDS


def test_machines_without_a_cluster_are_on_a_bill_of_their_own(rows: list[BillRow]) -> None:
    """Else they would be held against the estimate of a cluster's machines."""
    mine = {row.resource_id for row in rows if row.sub_account_id == BOX_ACCOUNT}
    assert mine == {box.id for box in BOXES}
    assert BOX_ACCOUNT not in ACCOUNTS.values()


def test_boxes_run_in_their_hours_and_stand_still_at_the_weekend() -> None:
    tuesday, sunday = (
        datetime(2026, 3, 10, 15, tzinfo=UTC).timestamp(),
        datetime(2026, 3, 8, 15, tzinfo=UTC).timestamp(),
    )
    for box in BOXES:
        assert box.running(tuesday), box.name
        assert box.running(sunday) is not box.used, box.name
        since = box.since(tuesday)
        assert since is not None
        assert not box.used or box.running(since)
        assert not box.used or not box.running(since - 60)


def test_opencost_says_what_machines_cost_at_list_prices_and_whose_they_are(
    ledger: Ledger, machines: list[BillRow]
) -> None:
    usage = [
        row for row in machines if row.charge_category is ChargeCategory.USAGE and row.service_category == "Compute"
    ]
    (told,) = billed(ledger, provider="OpenCost").values()
    assert told.billed == 0
    assert told.effective == sum(row.list_cost or 0 for row in usage)
    chat = billed(ledger, "tag:namespace", provider="OpenCost")["chat",]
    assert chat.effective == sum(row.list_cost or 0 for row in usage if row.tags.get("namespace") == "chat")
    assert ("Idle",) in billed(ledger, "description", provider="OpenCost")


def test_what_opencost_says_is_in_no_sum_beside_the_bills(
    ledger: Ledger, rows: list[BillRow], machines: list[BillRow]
) -> None:
    week = [row for row in rows if date(2026, 2, 2) <= row.charge_period_start.date() <= date(2026, 2, 8)]
    (told,) = billed(ledger).values()
    assert told.effective == sum((row.effective_cost for row in (*week, *machines)), Decimal(0))
    metered = Metered()
    assert list(metered.passing(machines)) == machines
    assert {row.view for each in metered.statements(FIRST, LAST) for row in each.rows} == {ALLOCATION}
    days, _ = billed_days(ledger, SOURCE, FIRST, LAST)
    assert "OpenCost" not in {day.provider for day in days}
