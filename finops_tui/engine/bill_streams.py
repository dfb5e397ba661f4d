"""Bills and estimates of each day brought together: whose word counts, what each dollar is known by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import fsum
from typing import NamedTuple

from finops_tui.analysis.bill_links import BillLink, Group, Linked, believed, link, relabelled
from finops_tui.analysis.known_days import Stream, Watched
from finops_tui.analysis.reconcile import EstimatedDay, Reconciliation, reconcile
from finops_tui.detectors.budget import Budget
from finops_tui.engine.bill_rows import check_of
from finops_tui.engine.tally import Tally
from finops_tui.model.billing import BillCheck
from finops_tui.model.fleet import Fleet
from finops_tui.model.money import USD
from finops_tui.model.scope import ScopeKind


class Settled(NamedTuple):
    """What stays until bills, days or clusters change."""

    whose: Mapping[str, str]
    """Source that counts, by account."""
    billed: Mapping[tuple[str, str], Mapping[date, float]]
    """Effective cost of usage in US dollars by account and service; what no cluster is on stands as one ('')."""
    foreign: tuple[tuple[str, date, float], ...]
    """Effective cost of usage in other currencies, by currency and day."""
    through: Mapping[str, date]
    """First day that is not whole, by account."""
    since: Mapping[str, date]
    """First day that is told of, by account."""
    linked: Linked
    compared: Reconciliation
    check: BillCheck


def settle(fleet: Fleet, tally: Tally, clusters: Sequence[str], links: Sequence[BillLink], now: datetime) -> Settled:
    """Hold the estimates against the bills."""
    whose = believed(fleet.bills)
    days = [day for seen in fleet.bills.values() for day in seen.days if whose[day.account] == seen.source]
    linked = link(clusters, days, links)
    told = relabelled(days, linked.groups)
    compared = reconcile(told, [each for group in linked.groups for each in _estimated(group, tally, now)], now)
    newest = max((seen.at for seen in fleet.bills.values()), default=None)
    first_of = {name: min(each.day for each in seen.days) for name, seen in fleet.bills.items() if seen.days}
    last: dict[str, date] = {}
    for day in days:
        last[day.account] = max(last.get(day.account, day.day), day.day)
    since = {account: first_of[source] for account, source in whose.items()}
    through = {}
    for account, source in whose.items():
        reach = fleet.bills[source].through
        whole = reach.astimezone(UTC).date() if reach is not None else since[account]
        through[account] = min(last[account] + timedelta(days=1), whole)
    groups = {(group.account, group.service) for group in linked.groups}
    billed: defaultdict[tuple[str, str], defaultdict[date, float]] = defaultdict(lambda: defaultdict(float))
    for each in told:
        if each.currency == USD:
            place = (each.account, each.service)
            billed[place if place in groups else (each.account, "")][each.day] += float(each.effective)
    return Settled(
        whose=whose,
        billed=billed,
        foreign=tuple((day.currency, day.day, float(day.effective)) for day in days if day.currency != USD),
        through=through,
        since=since,
        linked=linked,
        compared=compared,
        check=check_of(compared, linked, told, newest),
    )


def streams_of_all(settled: Settled, tally: Tally, clusters: Sequence[str], now: datetime) -> list[Stream]:
    """Return everything that is spent, each dollar in one stream."""
    groups = {(group.account, group.service): group for group in settled.linked.groups}
    streams = []
    for place, days in settled.billed.items():
        group = groups.get(place)
        accounts = {account for account, _ in group.pairs} if group is not None else {place[0]}
        factor = settled.compared.factor(*place)
        streams.append(
            Stream(
                billed=days,
                since=max(settled.since[account] for account in accounts),
                through=min(settled.through[account] for account in accounts),
                estimated=_watched(group.clusters, tally, now, factor) if group is not None else None,
            )
        )
    linked = {name for group in settled.linked.groups for name in group.clusters}
    factor = settled.compared.factor("", "")
    streams += [Stream(estimated=_watched((name,), tally, now, factor)) for name in clusters if name not in linked]
    return streams


def stream_of_budget(
    budget: Budget, where: set[str], settled: Settled, fleet: Fleet, estimated: Mapping[date, Watched]
) -> Stream:
    """Return what a budget is for: by its tag, where bills carry it and reach every cluster in `where`, else estimated.

    `where` are the clusters in which it was seen.
    """
    factor = settled.compared.factor("", "")
    estimated = {day: Watched(seen.usd * factor, seen.covered) for day, seen in estimated.items()}
    groups = {name: group for group in settled.linked.groups for name in group.clusters}
    billed: defaultdict[date, float] = defaultdict(float)
    accounts = set()
    for seen in fleet.bills.values():
        for day in seen.scoped:
            mine = (day.scope, day.name) == (budget.label or str(budget.scope.kind), budget.scope.name)
            if mine and day.currency == USD and settled.whose.get(day.account) == seen.source:
                billed[day.day] += float(day.effective)
                accounts.add(day.account)
    if not accounts or not where <= groups.keys():
        return Stream(estimated=estimated)
    accounts |= {account for name in where for account, _ in groups[name].pairs}
    return Stream(
        billed=billed,
        since=max(settled.since[account] for account in accounts),
        through=min(settled.through[account] for account in accounts),
        estimated=estimated if where or estimated else None,
    )


def _estimated(group: Group, tally: Tally, now: datetime) -> list[EstimatedDay]:
    return [
        EstimatedDay(account=group.account, service=group.service, day=day, usd=seen.usd, covered=seen.covered)
        for day, seen in _watched(group.clusters, tally, now).items()
    ]


def _watched(clusters: Sequence[str], tally: Tally, now: datetime, factor: float = 1.0) -> dict[date, Watched]:
    """Return the days on which all of these clusters were watched, in sum."""
    parts = [tally.days(f"{ScopeKind.CLUSTER}/{name}", now.timestamp()) for name in clusters]
    found = {}
    for day in set.intersection(*(set(part) for part in parts)):
        seen = [part[day] for part in parts]
        covered = min(each.covered for each in seen)
        if covered > 0:
            found[day] = Watched(factor * covered * fsum(each.usd / each.covered for each in seen), covered)
    return found
