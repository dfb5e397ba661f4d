"""End to end: AWS over HTTP, the ledger on disk, what the engine is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from finops_tui.ledger.costs import costs as billed
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow
from finops_tui.model.bill import Statement
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, PricesSeen, SourceHealth
from finops_tui.sources.aws import visit
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.record_types import NOT_USAGE
from finops_tui.sources.aws.source import WAITING_OBSERVATIONS, AwsSource, _side_by_side
from finops_tui.sources.base import Diagnosable
from tests.sources.aws.double import Answer, Asked, Double, Fault
from tests.sources.aws.world import (
    ACCOUNT,
    NOW,
    HandClock,
    bucket,
    costs,
    group,
    health,
    ledger,
    of,
    one_round,
    settings,
    source,
    until,
)

if TYPE_CHECKING:
    from finops_tui.sources.aws.visit import Visit

BILLS = {"bills": True, "forecast": False, "anomalies": False}
SAGEMAKER = "Amazon SageMaker"
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


def whole(*buckets: Mapping[str, Any]) -> Any:
    """Return a script that answers by service, and nothing by anything else."""

    def script(asked: Asked) -> Answer:
        keys = [by["Key"] for by in asked.params["GroupBy"]]
        return costs(*buckets) if keys == ["SERVICE", "RECORD_TYPE"] else costs()

    return script


def asked_ledger(folder: Path, *by: str) -> tuple[CostRow, ...]:
    query = CostQuery(since=NOVEMBER, until=NOVEMBER + timedelta(days=30), by=by)
    return billed(ledger(folder), query).rows


async def test_a_bill_comes_into_the_ledger_and_is_told_by_day(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = whole(
        bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="12.5"), estimated=False),
        bucket("2026-11-19", group(SAGEMAKER, "Usage", billed="20"), group("Tax", "Tax", billed="3")),
        bucket("2026-11-20"),
    )
    watched = source(tmp_path, **BILLS)
    seen = await one_round(watched)
    (told,) = of(seen, BillsSeen)
    assert [(day.day, day.service, day.usage, day.taxes, day.final) for day in told.days] == [
        (date(2026, 11, 18), SAGEMAKER, Decimal("12.5"), Decimal(0), True),
        (date(2026, 11, 19), SAGEMAKER, Decimal(20), Decimal(0), False),
        (date(2026, 11, 19), "Tax", Decimal(0), Decimal(3), False),
    ]
    assert {(day.account, day.account_name, day.provider) for day in told.days} == {(ACCOUNT, ACCOUNT, "AWS")}
    assert told.through == datetime(2026, 11, 20, tzinfo=UTC)
    said = health(seen)
    assert (said.state, said.answered_at, said.primed, said.short) == (HealthState.POLLED, NOW, True, "aws")
    assert watched.request_cost == "$0.03 of $4 this month"


async def test_a_restated_bill_replaces_what_it_said_before(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = whole(
        bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="100"), group("Gone", "Usage", billed="7"))
    )
    watched = source(tmp_path, clock, **BILLS)

    def enough(seen: list[Any]) -> bool:
        told = of(seen, BillsSeen)
        if len(told) == 1:
            again = bucket(
                "2026-11-18", group(SAGEMAKER, "Usage", billed="90"), group(SAGEMAKER, "Credit", billed="-40")
            )
            aws.answers["GetCostAndUsage"] = whole(again)
        return len(told) == 2

    first, second = of(await until(watched, enough), BillsSeen)
    assert {(day.service, day.usage) for day in first.days} == {(SAGEMAKER, Decimal(100)), ("Gone", Decimal(7))}
    (day,) = second.days
    assert (day.usage, day.credits) == (Decimal(90), Decimal(-40))
    assert second.at - first.at >= timedelta(hours=6)
    (row,) = asked_ledger(tmp_path)
    assert (row.usage, row.credits) == (Decimal(90), Decimal(-40))


async def test_an_answer_without_charges_takes_nothing_back_and_is_said(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="100")))
    watched = source(tmp_path, clock, **BILLS)

    def enough(seen: list[Any]) -> bool:
        if of(seen, BillsSeen):
            aws.answers["GetCostAndUsage"] = costs(bucket("2026-11-18"))
        return bool(health(seen).warnings) and clock.now() > NOW + timedelta(hours=6)

    said = health(await until(watched, enough))
    assert said.warnings[0] == "cost by service: AWS answered no charges at all, which is not the same as $0"
    (row,) = asked_ledger(tmp_path)
    assert row.usage == 100


async def test_a_page_that_fails_leaves_the_ledger_as_it_was(aws: Double, tmp_path: Path) -> None:
    def script(asked: Asked) -> Answer:
        if asked.params.get("NextPageToken"):
            return Fault("InternalServerException", status=500)
        return costs(bucket("2026-11-18", group(SAGEMAKER, "Usage")), token="2")

    aws.answers["GetCostAndUsage"] = script
    seen = await one_round(source(tmp_path, **BILLS))
    assert of(seen, BillsSeen) == []
    assert asked_ledger(tmp_path) == ()
    assert health(seen).missing[0] == "cost by service: InternalServerException"


async def test_views_of_the_same_money_are_never_added_up(aws: Double, tmp_path: Path) -> None:
    def script(asked: Asked) -> Answer:
        keys = [by["Key"] for by in asked.params["GroupBy"]]
        first = {"SERVICE": SAGEMAKER, "INSTANCE_TYPE": "ml.p5.48xlarge", "team": "team$research"}[keys[0]]
        return costs(bucket("2026-11-18", group(first, "Usage", billed="100")))

    aws.answers["GetCostAndUsage"] = script
    await one_round(source(tmp_path, tags=["team"], **BILLS))
    assert [row.usage for row in asked_ledger(tmp_path)] == [100]
    assert [(row.key, row.usage) for row in asked_ledger(tmp_path, "team")] == [(("research",), Decimal(100))]
    assert [(row.key, row.usage) for row in asked_ledger(tmp_path, "instance")] == [(("ml.p5.48xlarge",), Decimal(100))]


async def test_a_tag_that_no_charge_carries_is_said(aws: Double, tmp_path: Path) -> None:
    def script(asked: Asked) -> Answer:
        first = "team$" if asked.params["GroupBy"][0]["Type"] == "TAG" else SAGEMAKER
        return costs(bucket("2026-11-18", group(first, "Usage")))

    aws.answers["GetCostAndUsage"] = script
    said = health(await one_round(source(tmp_path, tags=["team"], **BILLS)))
    assert said.warnings == ("cost by tag team: no charge has it; is it activated as a cost allocation tag?",)


async def test_in_china_it_asks_china(aws: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage", unit="CNY")))
    (told,) = of(await one_round(source(tmp_path, **BILLS)), BillsSeen)
    assert told.days[0].currency == "CNY"
    assert all("/cn-northwest-1/" in asked.headers["Authorization"] for asked in aws.asked)


async def test_a_part_of_the_money_is_never_taken_for_all_of_it(aws: Double, tmp_path: Path) -> None:
    """Cost by service fails, cost by instance type does not: totals are unknown, not small."""

    def script(asked: Asked) -> Answer:
        if asked.params["GroupBy"][0]["Key"] == "INSTANCE_TYPE":
            return costs(bucket("2026-11-18", group("p5.48xlarge", "Spot Instances", billed="100")))
        return Fault("InternalServerException", status=500)

    aws.answers["GetCostAndUsage"] = script
    await one_round(source(tmp_path, **BILLS))
    assert asked_ledger(tmp_path) == ()
    assert [row.usage for row in asked_ledger(tmp_path, "instance")] == [100]


async def test_turning_payer_off_again_counts_nothing_twice(aws: Double, tmp_path: Path) -> None:
    def script(asked: Asked) -> Answer:
        keys = [by["Key"] for by in asked.params["GroupBy"]]
        if keys == ["LINKED_ACCOUNT", "RECORD_TYPE"]:
            assert asked.params["Filter"] == {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(NOT_USAGE)}}
            return costs(bucket("2026-11-18", group("222222222222", "Tax", billed="10")))
        if keys == ["LINKED_ACCOUNT", "SERVICE"]:
            return costs(bucket("2026-11-18", group("222222222222", SAGEMAKER, billed="100")))
        if keys == ["SERVICE", "RECORD_TYPE"]:
            taxed = group(SAGEMAKER, "Tax", billed="10")
            return costs(bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="100"), taxed))
        return costs()

    aws.answers["GetCostAndUsage"] = script
    await one_round(source(tmp_path, payer=True, **BILLS))
    (row,) = asked_ledger(tmp_path)
    assert (row.usage, row.taxes) == (Decimal(100), Decimal(10))
    assert [row.key for row in asked_ledger(tmp_path, "account")] == [("222222222222",)]
    await one_round(source(tmp_path, payer=False, **BILLS))
    (row,) = asked_ledger(tmp_path)
    assert (row.usage, row.taxes) == (Decimal(100), Decimal(10))


async def test_a_ledger_that_cannot_be_written_costs_no_second_request(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage")))
    (tmp_path / "ledger.sqlite").write_text("no ledger " * 999, encoding="utf-8")
    clock = HandClock()
    watched = source(tmp_path, clock, **BILLS)
    seen = await until(watched, lambda _: clock.now() > NOW + timedelta(hours=1))
    assert health(seen).missing[0] == "cost by service: The ledger of bills is damaged."
    assert health(seen).hint.startswith("Move the file away")
    assert len(aws.of("GetCostAndUsage")) == 3


async def test_an_amount_that_cannot_be_kept_is_said(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage", billed="9" * 30)))
    assert health(await one_round(source(tmp_path, **BILLS))).missing == (
        "cost by service: AWS states an amount that cannot be kept",
    )


async def test_after_a_restart_the_bill_is_there_without_asking(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage")))
    await one_round(source(tmp_path, **BILLS))
    clock = HandClock(NOW + timedelta(hours=5))
    seen = await one_round(source(tmp_path, clock, **BILLS))
    assert len(aws.of("GetCostAndUsage")) == 3
    assert len(of(seen, BillsSeen)) == 1
    assert health(seen).answered_at == NOW, "it is as old as the answer, not as the program"


async def test_the_first_look_reads_the_past_and_later_ones_what_may_change(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage")))
    await until(source(tmp_path, clock, **BILLS), lambda seen: len(of(seen, BillsSeen)) == 2)
    starts = [
        asked.params["TimePeriod"]["Start"]
        for asked in aws.of("GetCostAndUsage")
        if asked.params["GroupBy"][1]["Key"] == "RECORD_TYPE"
    ]
    assert starts == ["2026-09-21", "2026-11-01"]


async def test_an_account_that_hangs_holds_up_no_other(aws: Double, tmp_path: Path) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(_: Asked) -> Answer:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(30)
        return Fault("AccessDenied", "too late", 403)

    aws.answers["AssumeRole"] = hang
    aws.answers["GetCostAndUsage"] = whole(bucket("2026-11-18", group(SAGEMAKER, "Usage")))
    accounts = [{"name": "slow", "role_arn": "arn:aws:iam::222222222222:role/x"}, {"name": "main"}]
    seen = await until(source(tmp_path, accounts=accounts, **BILLS), lambda seen: bool(of(seen, BillsSeen)))
    assert of(seen, BillsSeen)[0].days[0].account_name == "main"
    release.set()


async def test_it_ends_at_once_while_a_request_hangs(aws: Double, tmp_path: Path) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(_: Asked) -> Answer:
        loop.call_soon_threadsafe(asked.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(30)
        return {"Budgets": []}

    aws.answers["DescribeBudgets"] = hang
    asked = asyncio.Event()

    async def watch() -> None:
        async for _ in source(tmp_path, budgets=True).observe():
            pass

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(asked.wait(), 30)
    watching.cancel()
    await asyncio.wait({watching}, timeout=2)
    assert watching.cancelled()
    release.set()


async def test_the_doctor_asks_nothing_that_costs(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = Fault("AccessDeniedException", "")
    watched = source(tmp_path, budgets=True, **BILLS)
    assert isinstance(watched, Diagnosable)
    credentials, budgets, bills = await watched.diagnose()
    assert (credentials.state, credentials.detail) == ("ok", f"{ACCOUNT}: signed in to {ACCOUNT}")
    assert (budgets.subject, budgets.state) == ("budgets", "fail")
    assert budgets.detail == f"{ACCOUNT}: no permission for budgets:ViewBudget; without: budgets"
    assert bills.detail == (
        f"{ACCOUNT}: 0 paid requests, $0.00 of $4 this month; not asked here, as it costs: cost by service, cost by "
        "instance type, cost by usage type"
    )
    assert aws.of("GetCostAndUsage") == []


async def test_the_doctor_tells_of_an_account_that_lets_nobody_in(aws: Double, tmp_path: Path) -> None:
    aws.answers["GetCallerIdentity"] = Fault("ExpiredToken", "expired")
    (check,) = await source(tmp_path, budgets=True).diagnose()
    assert (check.subject, check.state) == ("credentials", "fail")
    assert check.detail == "default credentials: AWS session has expired; without: everything of this account"
    assert check.hint.startswith("Sign in again: `aws sso login`")


@pytest.mark.usefixtures("aws")
async def test_who_wants_it_asked_again_while_it_is_asked_does_not_wait_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is being asked may have been answered before what the person wants to see."""
    clock = HandClock()
    watched = source(tmp_path, clock, budgets=True)
    looks: list[datetime] = []

    async def wanted_again(_part: Part, asking: Asking) -> Outcome:
        looks.append(asking.now)
        if len(looks) == 1:
            await watched.refresh()
        return Outcome(at=asking.now)

    monkeypatch.setattr(visit, "look", wanted_again)
    await until(watched, lambda _: len(looks) == 2)
    assert looks[1] - looks[0] < visit.SOONEST
    await until(watched, lambda _: len(looks) == 4)
    assert looks[3] - looks[2] > visit.SOONEST, "nobody wanted that"


async def test_it_starts_without_a_word_to_aws(tmp_path: Path) -> None:
    """The ledger is opened and AWS asked only when somebody listens."""

    def never() -> Ledger:
        raise AssertionError("nobody needs the ledger yet")

    made = AwsSource(settings(profile="x"), HandClock(), never, tmp_path / "state")
    assert (made.name, made.cluster, made.request_cost) == ("aws prod", "", "")
    assert not (tmp_path / "state").exists()


async def test_parts_that_are_switched_off_are_not_asked(aws: Double, tmp_path: Path) -> None:
    seen = await one_round(source(tmp_path))
    assert {asked.operation for asked in aws.asked} == {"GetCallerIdentity"}
    assert of(seen, PricesSeen) == []
    assert [said.state for said in of(seen, SourceHealth)] == [HealthState.CONNECTING, HealthState.POLLED]


def test_a_statement_without_rows_is_how_a_view_is_announced(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    assert book.restate(Statement(source="s", rows=())).rows == 0


async def test_whoever_stops_listening_waits_for_no_account() -> None:
    class Talkative:
        async def round(self) -> AsyncIterator[Observation]:
            for _ in range(3 * WAITING_OBSERVATIONS):
                yield health_word

    health_word = SourceHealth(
        at=NOW, source="aws", cluster="", short="aws", state=HealthState.POLLED, since=NOW, stale_after_seconds=1.0
    )
    told = _side_by_side(cast("list[Visit]", [Talkative(), Talkative()]))
    await anext(told)
    await asyncio.sleep(0)
    await asyncio.wait_for(told.aclose(), 5.0)
