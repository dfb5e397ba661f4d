"""Bills in the fleet: bounded, and no sum is lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.model.bill import OTHERS, BilledDay, folded
from finops_tui.model.fleet import BILLED_ROWS_KEPT, Fleet
from finops_tui.model.observations import BillsSeen

FIRST = date(2026, 3, 1)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

billed = st.builds(
    BilledDay, provider=st.just("AWS"), account=st.sampled_from("ab"), service=st.sampled_from("stuvwxyz"),
    day=st.integers(0, 3).map(lambda day: FIRST + timedelta(days=day)), currency=st.sampled_from(["USD", "EUR"]),
    usage=st.integers(-5, 90).map(Decimal), effective=st.integers(-5, 90).map(Decimal),
    credits=st.integers(-9, 0).map(Decimal), final=st.booleans(),
)  # fmt: skip


@given(st.lists(billed, max_size=80, unique_by=lambda day: (day.account, day.service, day.day, day.currency)))
def test_law_what_is_told_together_adds_up_by_account_day_and_currency(days: list[BilledDay]) -> None:
    def sums(of: tuple[BilledDay, ...]) -> dict[tuple[str, date, str], tuple[Decimal, ...]]:
        found: defaultdict[tuple[str, date, str], list[BilledDay]] = defaultdict(list)
        for day in of:
            found[day.account, day.day, day.currency].append(day)
        return {
            key: (
                sum((day.usage for day in parts), Decimal(0)),
                sum((day.effective for day in parts), Decimal(0)),
                sum((day.credits for day in parts), Decimal(0)),
            )
            for key, parts in found.items()
        }

    few = folded(days, 20)
    assert sums(few) == sums(tuple(days))
    assert len(few) <= max(20, 10 + 2 * 4 * 2)
    assert len({(day.account, day.service, day.day, day.currency) for day in few}) == len(few)


def test_what_fits_stays_as_it_is_and_what_is_large_keeps_its_name() -> None:
    days = [
        BilledDay(
            provider="AWS", account="a", service=f"s{number}", day=FIRST, currency="USD", effective=Decimal(number)
        )
        for number in range(10)
    ]
    assert folded(days, 10) == tuple(days)
    few = folded(days, 4)
    assert {day.service: day.effective for day in few} == {
        "s9": Decimal(9), "s8": Decimal(8), OTHERS: Decimal(28)
    }  # fmt: skip


def test_the_fleet_keeps_the_newest_word_of_each_source_and_no_more_than_it_can_hold() -> None:
    fleet = Fleet()
    many = tuple(
        BilledDay(provider="AWS", account="a", service=f"s{number}", day=FIRST, currency="USD", effective=Decimal(1))
        for number in range(BILLED_ROWS_KEPT + 1)
    )
    seen = BillsSeen(at=NOON, source="aws", cluster="", days=many, through=NOON)
    fleet.fold(seen)
    kept = fleet.bills["aws"]
    assert len(kept.days) <= BILLED_ROWS_KEPT
    assert sum(day.effective for day in kept.days) == len(many)
    fleet.fold(BillsSeen(at=NOON - timedelta(hours=1), source="aws", cluster="", days=()))
    assert fleet.bills["aws"] == kept
    fleet.fold(BillsSeen(at=NOON, source="focus", cluster="", days=()))
    fleet.fold(BillsSeen(at=NOON + timedelta(hours=1), source="aws", cluster="", days=()))
    assert {name: len(told.days) for name, told in fleet.bills.items()} == {"aws": 0, "focus": 0}
