"""`costs --drill`: what some money is made of, asked of the export where it lies. That may cost money: it says so."""

from __future__ import annotations

import argparse
import asyncio
import sys
from functools import partial

from finops_tui.clock import Clock
from finops_tui.config.models import Config
from finops_tui.errors import FinopsError, Refused, UsageError
from finops_tui.ledger.drill import Drill, Drilled
from finops_tui.ledger.drilling import Drilling
from finops_tui.ledger.query import CostQuery
from finops_tui.output.drill import expected_words, write
from finops_tui.output.plain import one_line
from finops_tui.wiring import live

ANSWERS = frozenset({"y", "yes"})


def run(asked: argparse.Namespace, query: CostQuery, config: Config, clock: Clock) -> int:
    """Print the answer; before it, on standard error, what it is expected to cost. Raises FinopsError."""
    from finops_tui.wiring.bills import drilling

    question = question_of(asked, query)
    answers = drilling(config, clock, partial(live.ledger, config, clock))
    found = asyncio.run(_ask(answers, question, yes=asked.yes))
    if not found.rows:
        raise FinopsError("Nothing that was billed matches.", found.export, "Widen --since, or leave out a --where.")
    sys.stdout.write(write(question, found, asked.format))
    return 0


def question_of(asked: argparse.Namespace, query: CostQuery) -> Drill:
    """Return the question that the command line asks. Raises UsageError."""
    if asked.compare or asked.grain:
        raise UsageError("--drill has rows of its own.", hint="Write --by day or --by hour; leave --compare out.")
    return Drill(since=query.since, until=query.until, by=query.by or ("resource",), where=query.where, top=asked.top)


async def _ask(answers: Drilling, question: Drill, *, yes: bool) -> Drilled:
    plan = await answers.plan(question)
    sys.stderr.write(one_line(f"{plan.export}: {expected_words(plan.expected)}") + "\n")
    if plan.wants_yes and not yes:
        _confirm()
    return await answers.ask(question)


def _confirm() -> None:
    """Ask somebody at the terminal. Raises Refused where there is nobody, or they do not want to."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("Nothing was asked: it may cost money.", hint="Say --yes to ask all the same.")
    sys.stderr.write("Ask? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in ANSWERS:
        raise Refused("Nothing was asked.")
