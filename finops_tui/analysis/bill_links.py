"""Which bill is for which cluster: as the config says, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.model.money import USD
from finops_tui.model.observations import BillsSeen

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first figures can wait
    from finops_tui.model.bill import BilledDay

MACHINES = (
    "Amazon Elastic Compute Cloud*", "AmazonEC2", "Compute Engine", "Virtual Machines*", "CoreWeave*", "Lambda*Cloud*",
)  # fmt: skip
"""Services under which clouds charge for machines, as their bills call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLink:
    """Globs, without case."""

    cluster: str
    account: str
    """Over ids and names of sub-accounts, or of billing accounts where there are none."""
    services: tuple[str, ...] = MACHINES


class Group(NamedTuple):
    """Clusters whose machines are charged together."""

    clusters: tuple[str, ...]
    account: str
    """As shown; several with commas."""
    service: str
    pairs: frozenset[tuple[str, str]]
    """Accounts and services on the bill."""


class Linked(NamedTuple):
    groups: tuple[Group, ...]
    unmatched: tuple[str, ...]
    """Clusters without a bill, each with the reason."""


def believed(bills: Mapping[str, BillsSeen]) -> dict[str, str]:
    """Return whose word counts for each account: that of the source that reaches furthest; no dollar counts twice."""
    found: dict[str, str] = {}
    furthest = sorted(bills.values(), key=lambda seen: (seen.through is None, _back(seen), seen.source))
    for seen in furthest:
        for day in seen.days:
            found.setdefault(day.account, seen.source)
    return found


def link(clusters: Iterable[str], days: Sequence[BilledDay], links: Sequence[BillLink]) -> Linked:
    """Say which services of which accounts are charged for each cluster."""
    there = {(each.account, each.service): each.account_name for each in days if each.currency == USD}
    foreign = {each.account for each in days if each.currency != USD}
    groups: list[Group] = []
    unmatched = []
    for cluster in sorted(clusters):
        rule = next((each for each in links if _fits(each.cluster, cluster)), None)
        if rule is None:
            unmatched.append(f"{cluster}: the config names no account for it under bills")
            continue
        accounts = {key for key, name in there.items() if _fits(rule.account, key[0]) or _fits(rule.account, name)}
        pairs = frozenset(key for key in accounts if any(_fits(glob, key[1]) for glob in rule.services))
        if pairs:
            groups = _joined(groups, cluster, pairs)
        elif accounts:
            unmatched.append(f"{cluster}: the account {rule.account} is billed for none of its services")
        elif any(_fits(rule.account, account) for account in foreign):
            unmatched.append(f"{cluster}: the account {rule.account} is not billed in US dollars")
        else:
            unmatched.append(f"{cluster}: the account {rule.account} is on no bill")
    return Linked(tuple(groups), tuple(unmatched))


def relabelled(days: Iterable[BilledDay], groups: Iterable[Group]) -> list[BilledDay]:
    """Return the days, those of a group under its account and service."""
    places = {pair: group for group in groups for pair in group.pairs}
    found = []
    for each in days:
        group = places.get((each.account, each.service))
        found.append(each if group is None else replace(each, account=group.account, service=group.service))
    return found


def _joined(groups: Iterable[Group], cluster: str, pairs: frozenset[tuple[str, str]]) -> list[Group]:
    """Add a cluster; groups that share a service of an account are one, or it would count for both."""
    apart = [group for group in groups if not group.pairs & pairs]
    clusters = {cluster}
    for group in groups:
        if group.pairs & pairs:
            clusters.update(group.clusters)
            pairs |= group.pairs
    account = ", ".join(sorted({account for account, _ in pairs}))
    service = " + ".join(sorted({service for _, service in pairs}))
    return [*apart, Group(tuple(sorted(clusters)), account, service, pairs)]


def _fits(glob: str, name: str) -> bool:
    return bool(name) and fnmatchcase(name.casefold(), glob.casefold())


def _back(seen: BillsSeen) -> float:
    return -seen.through.timestamp() if seen.through is not None else 0.0
