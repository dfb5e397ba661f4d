"""How far the commitments of an account cover what they could, and are used, by its bill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from finops_tui.ledger.query import CostRow
from finops_tui.model.bill import PricingCategory
from finops_tui.model.cloud import Commitment
from finops_tui.simulation.bills import CONTRACTS

KIND = "Savings Plans"


def commitments(pricings: Iterable[CostRow], first: date, last: date) -> Iterator[Commitment]:
    """Yield how the commitment of each account that made one fared from `first` to `last`.

    `pricings` are usage by account, service and pricing. What is bought is what is used: nothing of it is unused.
    """
    rows = list(pricings)
    for contract in CONTRACTS:
        mine = [row for row in rows if row.key[:2] == (contract.account, contract.machines)]
        within = [row for row in mine if row.key[2] == PricingCategory.COMMITTED]
        covered = sum((row.contracted or Decimal(0) for row in within), Decimal(0))
        if covered:
            paid = sum((row.effective_usage for row in within), Decimal(0))
            beside = (row.effective_usage for row in mine if row.key[2] == PricingCategory.STANDARD)
            not_covered = sum(beside, Decimal(0))
            yield Commitment(
                account=contract.account,
                kind=KIND,
                first=first,
                last=last,
                covered=covered,
                not_covered=not_covered,
                coverage=float(covered / (covered + not_covered)),
                committed=paid,
                unused=Decimal(0),
                utilization=1.0,
                saved=covered - paid,
            )
