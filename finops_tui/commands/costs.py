"""`costs`: what was billed, from the ledger here after a look at files of bills. Only --drill asks a cloud."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from finops_tui.commands import costs_drill
from finops_tui.commands.arguments import SINCE_SECONDS, TOP
from finops_tui.commands.settings import choose
from finops_tui.config.models import Config, source_name
from finops_tui.errors import FinopsError, UsageError
from finops_tui.ledger.compare import Span, compare
from finops_tui.ledger.costs import costs, left_out
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery, Grain
from finops_tui.model.bill import ESTIMATE
from finops_tui.output import cost_changes
from finops_tui.output.costs import write
from finops_tui.output.plain import one_line
from finops_tui.wiring import live

CONFIGURE = (
    "Bills come from sources of the config: docs/bills.md shows how. What clouds bill is read while the screen runs."
)


def run(asked: argparse.Namespace) -> int:
    config, clock = choose(asked.config).config, live.wall_clock()
    query = replace(query_of(asked, clock.now()), sources=_sources(config))
    for source in live.bill_files(config, clock):
        try:
            warnings = source.read(clock.now()).warnings()
        except FinopsError as error:
            warnings = (str(error).replace("\n", " "),)
        for warning in warnings:
            sys.stderr.write(one_line(f"{source.name}: {warning}") + "\n")
    if asked.drill:
        return costs_drill.run(asked, query, config, clock)
    if asked.yes or asked.top != TOP:
        raise UsageError("--yes and --top belong to --drill.", hint="Add --drill, or leave them out.")
    ledger = live.ledger(config, clock)
    if others := left_out(ledger, query):
        sys.stderr.write(one_line(f"{', '.join(others)}: in the ledger, but not in this config, so in no sum") + "\n")
    if asked.compare:
        sys.stdout.write(_compared(ledger, query, asked, clock.now()))
        return 0
    found = costs(ledger, query)
    if not found.told:
        span = f"from {query.since:%Y-%m-%d %H:%MZ} to {query.until:%Y-%m-%d %H:%MZ}"
        raise FinopsError("No bill is known of these days.", f"Looked for charges {span}.", CONFIGURE)
    if not found.rows:
        raise FinopsError("Nothing that was billed matches.", hint="Widen --since, or leave out a --where.")
    sys.stdout.write(write(query, found, asked.format))
    return 0


def _sources(config: Config) -> frozenset[str]:
    """Return which sources count: one that was renamed would count twice, and one of another config too."""
    return frozenset({ESTIMATE, *map(source_name, config.sources)})


def _compared(ledger: Ledger, query: CostQuery, asked: argparse.Namespace, now: datetime) -> str:
    """Return two spans beside each other. Raises FinopsError."""
    if query.grain is not None or asked.since != SINCE_SECONDS:
        raise UsageError("--compare is of whole spans.", hint="Leave out --since and --grain.")
    found = compare(ledger, Span(asked.compare), now, by=query.by, where=query.where, sources=query.sources)
    if found is None:
        raise FinopsError("No bill is known of the last weeks.", hint=CONFIGURE)
    if not found.changes:
        raise FinopsError("Nothing that was billed matches.", hint="Leave out a --where.")
    return cost_changes.write(found, asked.format)


def query_of(asked: argparse.Namespace, now: datetime) -> CostQuery:
    """Return the question: of the last so many days, whole ones unless hours are asked for. Raises UsageError."""
    grain = Grain(asked.grain) if asked.grain else None
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    since, until = hour - timedelta(seconds=asked.since), hour + timedelta(hours=1)
    if grain is Grain.HOUR or asked.drill:
        since = since.replace(minute=0, second=0)
    else:
        since, until = since.replace(hour=0, minute=0, second=0), hour.replace(hour=0) + timedelta(days=1)
    where: dict[str, set[str]] = {}
    for word in asked.where:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"{word!r} is no filter.", hint="Write it as team=nlp; with nothing after = for none.")
        where.setdefault(name.strip(), set()).add(value)
    by = tuple(dict.fromkeys(name for word in asked.by for name in word.replace(",", " ").split()))
    return CostQuery(
        since=since, until=until, by=by, grain=grain, where={name: frozenset(values) for name, values in where.items()}
    )
