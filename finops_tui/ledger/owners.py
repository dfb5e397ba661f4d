"""Who pays for what a cloud's tool recommends to change: by its own tags, else by those of its charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from finops_tui.ledger.costs import costs
from finops_tui.ledger.dimensions import scoped
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from finops_tui.model.cloud import Recommendation

OWNER = "team"
DAYS = 14
"""So far back the charges of a resource say whose it is."""

Tags = Mapping[str, Mapping[str, str]]
"""By id of a recommendation, what its resource is tagged with."""


def owned(ledger: Ledger, found: Iterable[Recommendation], tags: Tags, today: date) -> tuple[Recommendation, ...]:
    """Return recommendations with their owners; those that nobody can be named for as they are. Raises LedgerError."""
    told = [replace(each, owner=_tagged(ledger, tags.get(each.id, {})) or each.owner) for each in found]
    payers = _payers(ledger, {name for each in told if not each.owner for name in _names(each)}, today)
    return tuple(each if each.owner else replace(each, owner=_payer(payers, each)) for each in told)


def _tagged(ledger: Ledger, tags: Mapping[str, str]) -> str:
    return scoped(tags, ledger.scopes).get(OWNER, "")


def _names(row: Recommendation) -> tuple[str, ...]:
    """Return how a bill may call the resource: as the tool does, or by the last part of its path."""
    return tuple(dict.fromkeys(filter(None, (row.resource, row.resource.rpartition("/")[2]))))


def _payer(payers: Mapping[tuple[str, str], str], row: Recommendation) -> str:
    return next((payers[row.account, name] for name in _names(row) if (row.account, name) in payers), "")


def _payers(ledger: Ledger, resources: Iterable[str], today: date) -> Mapping[tuple[str, str], str]:
    """Return by account and resource who pays most for it."""
    wanted = frozenset(resources)
    if not wanted or OWNER not in ledger.scopes:
        return {}
    until = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
    by = ("account", "resource", OWNER)
    query = CostQuery(since=until - timedelta(days=DAYS), until=until, by=by, where={"resource": wanted})
    most: dict[tuple[str, str], tuple[Decimal, str]] = {}
    for row in costs(ledger, query).rows:
        account, resource, owner = row.key
        paid = (abs(row.effective), owner)
        if owner and resource in wanted and paid > most.get((account, resource), (Decimal(-1), "")):
            most[account, resource] = paid
    return {place: owner for place, (_, owner) in most.items()}
