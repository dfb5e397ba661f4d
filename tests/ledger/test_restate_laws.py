"""Any sequence of statements leaves the ledger as a plain model of what "restated" means would have it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.ledger.costs import costs
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.model.bill import BillRow, Statement
from tests.ledger.charges import NOVEMBER, SCOPES, charge

FIRST, LAST = NOVEMBER - timedelta(days=60), NOVEMBER + timedelta(days=92)
SOURCE = "focus bills"


@dataclass
class Said:
    cost: Decimal
    day: int
    part: str
    account: str
    delivery: int
    row: BillRow


class Model:
    """The charges that hold, each with who said so."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, ...], Said] = {}
        self._deliveries = 0

    def restate(self, told: Statement, rows: list[BillRow]) -> None:
        self._deliveries += 1
        spanned = told.start is not None
        accounts = {("" if spanned else row.billing_account_id, day_of(row)) for row in rows}

        def replaced(said: Said) -> bool:
            if said.part != told.part:
                return False
            if told.start is None or told.end is None:
                return (said.account, said.day) in accounts
            return said.account == "" and told.start <= said.row.charge_period_start < told.end

        self.held = {identity: said for identity, said in self.held.items() if not replaced(said)}
        for row in rows:
            account = "" if spanned else row.billing_account_id
            before = self.held.get(row.identity)
            same = before is not None and before.delivery == self._deliveries
            cost = row.billed_cost + (before.cost if before is not None and same else 0)
            self.held[row.identity] = Said(cost, day_of(row), told.part, account, self._deliveries, row)

    def sums(self, *fields: str) -> dict[tuple[object, ...], Decimal]:
        found: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        for said in self.held.values():
            told = {"resource": said.row.resource_id, "team": said.row.tags["team"], "account": said.row.sub_account_id}
            found[tuple(told[field] for field in fields)] += said.cost
        return dict(found)


def day_of(row: BillRow) -> int:
    return (row.charge_period_start - NOVEMBER).days


rows = st.lists(
    st.builds(
        lambda cost, day, resource, team, payer: charge(
            Decimal(cost).scaleb(-2), day=day, resource_id=resource, tags={"team": team}, billing_account_id=payer
        ),
        st.integers(-10_000, 10_000),
        st.integers(-1, 33),
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.sampled_from(["p", "q"]),
    ),
    max_size=8,
)
spans = st.none() | st.tuples(st.integers(-2, 20), st.integers(1, 20))
statements = st.lists(st.tuples(rows, st.sampled_from(["", "one", "two"]), spans), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(statements)
def test_any_sequence_of_statements_leaves_what_was_said_last(
    told: list[tuple[list[BillRow], str, tuple[int, int] | None]],
) -> None:
    model = Model()
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder, "bills.sqlite"), SCOPES)
        for given_rows, part, span in told:
            start = None if span is None else NOVEMBER + timedelta(days=span[0])
            end = None if span is None or start is None else start + timedelta(days=span[1])
            kept = [row for row in given_rows if start is None or end is None or start <= row.charge_period_start < end]
            statement = Statement(source=SOURCE, part=part, start=start, end=end, rows=kept)
            ledger.restate(statement)
            model.restate(statement, kept)
        for fields in ((), ("team",), ("resource",), ("team", "account"), ("team", "resource")):
            for grain in (None, Grain.DAY, Grain.MONTH):
                found: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)
                for row in costs(ledger, CostQuery(since=FIRST, until=LAST, by=fields, grain=grain)).rows:
                    found[row.key] += row.billed
                assert found == model.sums(*fields), (fields, grain)
