"""What is spent of a cloud's budget where the cloud itself does not say, as the bills that are read do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.billing import BillRow
    from finops_tui.model.cloud import Budget

GOOGLE = "Google"
"""Begins the names of the one provider whose API of budgets tells no spend."""
PROJECT = "projects/"
MONTH = frozenset({"month", "monthly"})
WHOSE = "Its cloud does not say what is spent of it"


def spent(row: Budget, budgets: Sequence[Budget], bills: Sequence[BillRow]) -> tuple[float | None, str]:
    """Return what is billed of a month's budget for one project or all that one billing account pays, or why nothing.

    It is usage with credits and adjustments and without tax, in the budget's own currency.
    """
    if row.period.casefold() not in MONTH:
        return None, f"{WHOSE}, and bills are held against budgets of a month alone."
    counted = [bill for bill in bills if bill.counted and bill.currency == row.unit]
    if row.about.startswith(PROJECT) and "; " not in row.about:
        project = row.about.removeprefix(PROJECT)
        mine = [bill for bill in counted if project in (bill.account, bill.name)]
        if not mine:
            return None, f"{WHOSE}, and no bill that is read is of {row.about}."
    elif row.about:
        return None, f"{WHOSE}, and bills are not told apart by what it counts."
    else:
        mine = [bill for bill in counted if bill.provider.startswith(GOOGLE)]
        if not mine:
            return None, f"{WHOSE}, and no bill of its account is read."
        if len({bill.source for bill in mine}) > 1 or len({each.account for each in budgets if not each.about}) > 1:
            return None, f"{WHOSE}, and more than one account's bills are read."
    return sum(bill.usage + bill.credits + bill.adjustments for bill in mine), ""
