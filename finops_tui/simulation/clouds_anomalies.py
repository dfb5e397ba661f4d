"""What the clouds' own detection finds odd on the bill: days that cost far more than any of those before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from statistics import fmean

from finops_tui.ledger.query import CostRow
from finops_tui.model.cloud import Anomaly, RootCause
from finops_tui.simulation.clouds_money import cents
from finops_tui.simulation.randomness import identity

BY = ("account", "service", "region", "instance", "sku")
"""By what it looks at the bill."""
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


def anomalies(rows: Iterable[CostRow], seed: int, names: Mapping[str, str]) -> Iterator[Anomaly]:
    """Yield what is odd with the accounts that have a name in `names`, by service.

    `rows` are usage by `BY` and day, of days that are wholly billed.
    """
    parts: defaultdict[tuple[str, str], defaultdict[tuple[str, ...], dict[date, float]]]
    parts = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        account, service, *rest = row.key
        assert row.start is not None, "it was asked by day"
        if account in names:
            parts[account, service][tuple(rest)][row.start.date()] = float(row.effective_usage)
    for (account, service), lines in parts.items():
        whole: defaultdict[date, float] = defaultdict(float)
        for days in lines.values():
            for day, usd in days.items():
                whole[day] += usd
        for odd, expected in _odd(whole):
            actual = sum(whole[day] for day in odd)
            above = actual - expected * len(odd)
            if above >= LEAST_USD:
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


def _causes(
    service: str, account: str, lines: Mapping[tuple[str, ...], Days], odd: Sequence[date]
) -> tuple[RootCause, ...]:
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
