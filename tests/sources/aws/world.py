"""An account as tests see it: what it answers, and a source that asks it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from finops_tui.clock import Clock
from finops_tui.ledger.ledger import Ledger
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.aws.desk import Desk
from finops_tui.sources.aws.settings import AwsAccount, AwsSettings
from finops_tui.sources.aws.source import AwsSource
from finops_tui.sources.aws.store import Store
from finops_tui.threads import DaemonThreads

ACCOUNT = "123456789012"
KEY, SECRET = "AKIAQQQQQQQQQQQQQQQQ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
NOTHING = {
    "bills": False,
    "budgets": False,
    "prices": False,
    "groups": False,
    "machine_learning": False,
    "recommendations": False,
    "savings_plans": False,
}
PATIENCE_SECONDS = 300.0
"""A guard against waiting for ever; a month of questions takes long where others are at work."""

T = TypeVar("T", bound=Observation)


class HandClock:
    """Stands still until somebody waits; then the time that they wait for has passed at once."""

    speed = 1.0

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self._now += timedelta(seconds=seconds)

    def advance(self, **passed: float) -> None:
        self._now += timedelta(**passed)


def settings(**more: object) -> AwsSettings:
    """Return settings that ask for nothing but what is named."""
    return AwsSettings.model_validate({**NOTHING, "attempts": 1, "name": "prod", **more})


def source(folder: Path, clock: Clock | None = None, /, **more: object) -> AwsSource:
    clock = clock or HandClock()
    return AwsSource(settings(**more), clock, lambda: ledger(folder), folder, jitter=random.Random(7))


def ledger(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.sqlite", {"team": ("team",)})


def desk(folder: Path, clock: Clock | None = None, /, **more: object) -> Desk:
    clock = clock or HandClock()
    return Desk(settings(**more), AwsAccount(), clock, Store(folder), DaemonThreads(4, "aws"))


async def until(watched: AwsSource, enough: Callable[[list[Observation]], bool]) -> list[Observation]:
    """Return what the source says until there is enough of it."""
    seen: list[Observation] = []
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(cast("Any", watched.observe())) as stream:
        async for observation in stream:
            seen.append(observation)
            if enough(seen):
                break
    return seen


async def one_round(watched: AwsSource) -> list[Observation]:
    """Return what the source says in its first round, which ends with its second word about its health."""
    return await until(watched, lambda seen: len(of(seen, SourceHealth)) == 2)


def of(seen: Sequence[Observation], kind: type[T]) -> list[T]:
    return [observation for observation in seen if isinstance(observation, kind)]


def health(seen: Sequence[Observation]) -> SourceHealth:
    """Return the last word on its health."""
    return of(seen, SourceHealth)[-1]


def group(*keys: str, billed: str = "1", effective: str | None = None, unit: str = "USD") -> Mapping[str, Any]:
    amounts = {"UnblendedCost": billed, "AmortizedCost": billed if effective is None else effective}
    return {
        "Keys": list(keys),
        "Metrics": {metric: {"Amount": amount, "Unit": unit} for metric, amount in amounts.items()},
    }


def bucket(day: str, *groups: Mapping[str, Any], estimated: bool = True, end: str = "") -> Mapping[str, Any]:
    if not end:
        end = (datetime.fromisoformat(day) + timedelta(days=1)).strftime("%Y-%m-%d")
    return {
        "TimePeriod": {"Start": day, "End": end},
        "Total": {},
        "Groups": list(groups),
        "Estimated": estimated,
    }


def costs(*buckets: Mapping[str, Any], token: str = "") -> Mapping[str, Any]:
    answer: dict[str, Any] = {"ResultsByTime": list(buckets), "GroupDefinitions": [], "DimensionValueAttributes": []}
    return {**answer, "NextPageToken": token} if token else answer
