from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.errors import UsageError
from finops_tui.ledger import cubes
from finops_tui.ledger.costs import billed_days, costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, CostRow, Grain
from finops_tui.ledger.units import largest
from finops_tui.model.bill import ALLOCATION, BillRow, ChargeCategory, PricingCategory
from tests.ledger.charges import NOVEMBER, SCOPES, charge, statement

END = NOVEMBER + timedelta(days=30)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "bills.sqlite", SCOPES)


def dollars(*amounts: int) -> list[Decimal]:
    return list(map(Decimal, amounts))


def ask(ledger: Ledger, *by: str, **more: Any) -> list[CostRow]:
    facts: dict[str, Any] = {"since": NOVEMBER, "until": END, "by": by}
    return list(costs(ledger, CostQuery(**{**facts, **more})).rows)


def test_categories_stand_apart_and_billed_is_their_sum(ledger: Ledger) -> None:
    ledger.restate(
        statement(
            charge("100", effective_cost=Decimal(130)),
            charge("-20", charge_category=ChargeCategory.CREDIT),
            charge("9", charge_category=ChargeCategory.TAX),
            charge("500", charge_category=ChargeCategory.PURCHASE, effective_cost=Decimal(0)),
            charge("-3", charge_category=ChargeCategory.ADJUSTMENT),
        )
    )
    (row,) = ask(ledger)
    assert [row.usage, row.credits, row.taxes, row.purchases, row.adjustments] == dollars(100, -20, 9, 500, -3)
    assert [row.billed, row.effective, row.effective_usage] == dollars(586, 116, 130)


def test_currencies_are_never_added_together(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5"), charge("7", billing_currency="EUR"), charge("1000", billing_currency="JPY")))
    assert {row.currency: row.billed for row in ask(ledger)} == {"EUR": 7, "JPY": 1000, "USD": 5}


def test_list_cost_is_missing_where_one_charge_does_not_state_it(ledger: Ledger) -> None:
    ledger.restate(statement(charge("5"), charge("7", day=2, list_cost=None, service_name="Bedrock")))
    assert {row.key: row.list for row in ask(ledger, "service")} == {("Amazon EC2",): 20, ("Bedrock",): None}
    assert [row.list for row in ask(ledger)] == [None]
    assert [row.list for row in ask(ledger, "resource")] == [None]


def test_tags_are_found_under_any_spelling_and_the_first_key_wins(ledger: Ledger) -> None:
    ledger.restate(
        statement(
            charge("1", tags={"user:Team": "nlp", "owner": "x"}, resource_id="a"),
            charge("2", tags={"OWNER": "vision"}, resource_id="b"),
            charge("4", tags={"team": ""}, resource_id="c"),
        )
    )
    assert {row.key: row.billed for row in ask(ledger, "team")} == {("",): 4, ("nlp",): 1, ("vision",): 2}
    assert {row.key: row.billed for row in ask(ledger, "tag:OWNER")} == {("",): 5, ("vision",): 2}


def test_filters_narrow_by_groups_lines_and_tags(ledger: Ledger) -> None:
    rows = [
        charge("1", resource_id="a", tags={"team": "nlp", "job": "x'; DROP TABLE charges; --"}),
        charge("2", resource_id="b", tags={"team": "nlp"}, pricing_category=PricingCategory.DYNAMIC),
        charge("4", resource_id="a", tags={"team": "ads"}, sub_account_id="222"),
    ]
    ledger.restate(statement(*rows))

    def total(**where: str) -> Decimal:
        chosen = {name.replace("tag_", "tag:"): frozenset({value}) for name, value in where.items()}
        return sum((row.billed for row in ask(ledger, where=chosen)), Decimal(0))

    assert total(team="nlp") == 3
    assert total(team="nlp", resource="a") == 1
    assert total(resource="a") == 5
    assert total(pricing="Dynamic") == 2
    assert total(account="222", team="nlp") == 0
    assert total(tag_job="x'; DROP TABLE charges; --") == 1
    assert total() == 7


def test_hours_are_told_as_they_were_charged(ledger: Ledger) -> None:
    ledger.restate(statement(*(charge(str(hour), hour=hour) for hour in range(24))))
    since, until = NOVEMBER + timedelta(hours=5), NOVEMBER + timedelta(hours=8)
    told = ask(ledger, "service", grain=Grain.HOUR, since=since, until=until)
    assert [row.start for row in told] == [since + timedelta(hours=each) for each in range(3)]
    assert [row.billed for row in told] == dollars(5, 6, 7)
    assert sum(row.billed for row in ask(ledger, since=since, until=until)) == 5 + 6 + 7


def test_days_are_utc_whatever_the_clock_on_the_wall_does(ledger: Ledger) -> None:
    """Through the night in which Europe turns its clocks back a local day has 25 hours; a UTC day has 24."""
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight in Berlin
    hours = [start + timedelta(hours=hour) for hour in range(25)]
    ledger.restate(
        statement(
            *(charge("1", charge_period_start=at, charge_period_end=at + timedelta(hours=1)) for at in hours),
        )
    )
    told = ask(ledger, grain=Grain.DAY, since=datetime(2026, 10, 24, tzinfo=UTC))
    assert [row.start.day for row in told if row.start is not None] == [24, 25]
    assert [row.billed for row in told] == dollars(2, 23)


def test_views_of_one_source_are_never_added_up(ledger: Ledger) -> None:
    daily = charge("30", source="aws", tags={}, resource_id="")
    by_team = [
        charge(cost, source="aws", view="by team", tags={"team": team}) for cost, team in (("10", "a"), ("20", "b"))
    ]
    by_hour = [charge("1.25", source="aws", view="hourly", hour=hour, instance_type="p5") for hour in range(24)]
    ledger.restate(
        statement(daily, dimensions=frozenset({"sub_account_id", "service_name"})),
        statement(*by_team, dimensions=frozenset({"tag:user:Team", "service_name"})),
        statement(*by_hour, dimensions=frozenset({"instance_type", "hour"})),
    )
    assert [row.billed for row in ask(ledger, "service")] == [30]
    assert {row.key: row.billed for row in ask(ledger, "team")} == {("a",): 10, ("b",): 20}
    assert {row.key: row.billed for row in ask(ledger, "instance")} == {("p5",): 30}
    assert len(ask(ledger, grain=Grain.HOUR)) == 24
    assert [told.missing for told in costs(ledger, CostQuery(since=NOVEMBER, until=END, by=("resource",))).told] == [
        ("resource",)
    ]


def test_what_shares_out_the_money_of_others_is_in_no_sum_unless_it_is_asked_for(ledger: Ledger) -> None:
    shared = charge("0", source="opencost", view=ALLOCATION, provider_name="OpenCost", effective_cost=Decimal(30))
    ledger.restate(statement(charge("30", source="aws", provider_name="AWS")))
    ledger.restate(statement(shared, dimensions=frozenset({"service_name", "tag:team"})))
    assert [row.effective for row in ask(ledger)] == [30]
    assert [row.key for row in ask(ledger, "provider")] == [("AWS",)]
    for named in ({}, {"provider": frozenset({"AWS"})}):
        assert [told.source for told in costs(ledger, CostQuery(since=NOVEMBER, until=END, where=named)).told] == [
            "aws"
        ]
    for where in ({"provider": frozenset({"OpenCost"})}, {"source": frozenset({"opencost"})}):
        (row,) = ask(ledger, where=where)
        assert [row.billed, row.effective] == dollars(0, 30)


def test_billed_days_hold_what_reconciliation_needs(ledger: Ledger) -> None:
    ledger.restate(
        statement(
            charge("10", day=2, final=True),
            charge("2", day=2, final=True, charge_category=ChargeCategory.TAX),
            charge("30", day=3, service_name="Bedrock"),
            charge("1", day=9),
        )
    )
    days, through = billed_days(ledger, "focus bills", date(2026, 11, 2), date(2026, 11, 3))
    assert [(each.service, each.day.day, each.final) for each in days] == [
        ("Amazon EC2", 2, True),
        ("Bedrock", 3, False),
    ]
    assert [(each.usage, each.taxes) for each in days] == [(Decimal(10), Decimal(2)), (Decimal(30), Decimal(0))]
    assert {(each.provider, each.account, each.account_name) for each in days} == {("AWS", "111", "ml-prod")}
    assert through == NOVEMBER + timedelta(days=3)
    assert billed_days(ledger, "nobody", date(2026, 11, 2), date(2026, 11, 3)) == ((), None)


def test_sums_may_be_larger_than_any_charge(ledger: Ledger) -> None:
    most = largest("USD")
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 7)]
    ledger.restate(
        statement(*(charge(most, charge_period_start=at, charge_period_end=at + timedelta(days=1)) for at in months))
    )
    (row,) = ask(ledger, since=months[0])
    assert row.billed == 6 * most


@pytest.mark.parametrize("word", ["teams", "tag:", ""])
def test_an_unknown_dimension_is_named_with_what_there_is(ledger: Ledger, word: str) -> None:
    with pytest.raises(UsageError, match="nothing to count by") as raised:
        ask(ledger, word)
    assert "team" in raised.value.hint


def test_an_empty_span_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="empty"):
        ask(ledger, until=NOVEMBER)


names = st.sampled_from(["a", "b"])
charges = st.builds(
    lambda cost, day, hour, service, account, team, resource, category, currency: charge(
        Decimal(cost).scaleb(-10),
        day=1,
        charge_period_start=NOVEMBER + timedelta(days=day, hours=hour),
        charge_period_end=NOVEMBER + timedelta(days=day, hours=hour + 1),
        service_name=service,
        sub_account_id=account,
        tags={"team": team},
        resource_id=resource,
        charge_category=category,
        billing_currency=currency,
    ),
    st.integers(-(10**14), 10**14),
    st.integers(-40, 70),
    st.integers(0, 23),
    names,
    names,
    names,
    names,
    st.sampled_from(ChargeCategory),
    st.sampled_from(["USD", "EUR"]),
)
questions = st.builds(
    lambda by, grain, since, length: CostQuery(
        since=NOVEMBER + timedelta(days=since), until=NOVEMBER + timedelta(days=since + length), by=by, grain=grain
    ),
    st.lists(st.sampled_from(["service", "account", "team", "resource", "category"]), unique=True).map(tuple),
    st.sampled_from([None, Grain.DAY, Grain.MONTH, Grain.HOUR]),
    st.integers(-40, 60),
    st.integers(1, 120),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(charges, max_size=30), st.lists(questions, min_size=1, max_size=6))
def test_every_answer_is_the_exact_sum_of_the_charges_that_it_is_about(
    rows: list[BillRow], asked: list[CostQuery]
) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder, "bills.sqlite"), SCOPES)
        ledger.restate(statement(*rows, source="focus bills"))
        for query in asked:
            told = {(row.key, row.start, row.currency): row.billed for row in costs(ledger, query).rows}
            assert told == expected(rows, query)


def expected(rows: Iterable[BillRow], query: CostQuery) -> dict[tuple[Any, ...], Decimal]:
    """Add up in Decimal what the ledger adds up in its tables."""
    found: defaultdict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        start = row.charge_period_start
        if not query.since <= start < query.until:
            continue
        told = {
            "service": row.service_name,
            "account": row.sub_account_id,
            "team": row.tags["team"],
            "resource": row.resource_id,
            "category": str(row.charge_category),
        }
        begun = {
            None: None,
            Grain.HOUR: start.replace(minute=0),
            Grain.DAY: start.replace(hour=0),
            Grain.MONTH: start.replace(day=1, hour=0),
        }[query.grain]
        found[tuple(told[name] for name in query.by), begun, row.billing_currency] += row.billed_cost
    return dict(found)


def test_a_cube_is_never_larger_than_the_question() -> None:
    assert cubes.smallest(("service",), SCOPES) == ("service",)
    assert cubes.smallest(("account", "service", "category"), SCOPES) == ("provider", "account", "service")
    assert cubes.smallest(("team", "service"), SCOPES) is None
    assert cubes.smallest((), SCOPES) == ()
