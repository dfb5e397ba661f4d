"""What the clouds' own detection finds odd on the bill: days that cost far more than any of those before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from statistics import fmean

from finops_tui.ledger.query import CostRow
from finops_tui.model.bill import BilledDay
from finops_tui.model.cloud import Anomaly, RootCause
from finops_tui.simulation.clouds_money import cents
from finops_tui.simulation.randomness import identity

BY = ("region", "instance", "sku")
"""By what it looks for the causes on the bill of a service."""
LEAST_USD = 100.0
"""Below that above the expected, nobody is told."""
ABOVE = 1.4
"""How many times the mean of the days before a day must cost."""
HIGHEST = 1.1
"""And how many times the highest of them."""
PRIOR_DAYS = (5, 14)
"""How many days before must be known, and how many are looked at."""
MOST_CAUSES, LEAST_CAUSE = 3, 0.1
"""How many causes are told, and the share of the largest that the least of them has."""
Days = Mapping[date, float]
Lines = Mapping[tuple[str, ...], Days]


def anomalies(
    days: Iterable[BilledDay], lines_of: Callable[[str, str], Iterable[CostRow]], seed: int, names: Mapping[str, str]
) -> Iterator[Anomaly]:
    """Yield what is odd with the accounts that have a name in `names`, by service.

    `days` are wholly billed. `lines_of` an account and a service is their usage of these days by `BY` and day.
    """
    services: defaultdict[tuple[str, str], defaultdict[date, float]] = defaultdict(lambda: defaultdict(float))
    for each in days:
        if each.account in names:
            services[each.account, each.service][each.day] += float(each.effective)
    for (account, service), whole in services.items():
        lines: Lines = {}
        for odd, expected in _odd(whole):
            actual = sum(whole[day] for day in odd)
            above = actual - expected * len(odd)
            if above >= LEAST_USD:
                lines = lines or _by_line(lines_of(account, service))
                yield Anomaly(
                    id=identity(seed, "anomaly", account, service, odd[0]),
                    account=account,
                    start=odd[0],
                    end=odd[-1] if odd[-1] < max(whole) else None,
                    subject=service,
                    impact=cents(above),
                    actual=cents(actual),
                    expected=cents(expected * len(odd)),
                    causes=_causes(service, names[account], lines, odd),
                )


def _by_line(rows: Iterable[CostRow]) -> Lines:
    lines: defaultdict[tuple[str, ...], dict[date, float]] = defaultdict(dict)
    for row in rows:
        assert row.start is not None, "it was asked by day"
        lines[row.key][row.start.date()] = float(row.effective_usage)
    return lines


def _odd(whole: Days) -> Iterator[tuple[list[date], float]]:
    """Yield days in a row that stand out, with what each of them was expected to cost."""
    fewest, most = PRIOR_DAYS
    usual: list[float] = []
    found: list[tuple[date, float]] = []
    """Each with the number of usual days before it: days in a row have the same."""
    for day in sorted(whole):
        prior = usual[-most:]
        if len(prior) >= fewest and whole[day] > max(ABOVE * fmean(prior), HIGHEST * max(prior)):
            found.append((day, len(usual)))
        else:
            usual.append(whole[day])
    for known, days in groupby(found, key=lambda each: each[1]):
        yield [day for day, _ in days], fmean(usual[max(0, known - most) : known])


def _causes(service: str, account: str, lines: Lines, odd: Sequence[date]) -> tuple[RootCause, ...]:
    """Return which lines of the bill grew most, against their own mean on other days."""
    more = {}
    for line, days in lines.items():
        others = [usd for day, usd in days.items() if day not in odd]
        more[line] = sum(days.get(day, 0.0) for day in odd) - (fmean(others) if others else 0.0) * len(odd)
    worst = sorted(more, key=lambda line: (-more[line], line))[:MOST_CAUSES]
    return tuple(
        RootCause(
            service=service, region=line[0], account=account, usage_type=line[2] or line[1],
            contribution=cents(more[line]),
        )
        for line in worst
        if more[line] > LEAST_CAUSE * more[worst[0]]
    )  # fmt: skip
