"""What every part of the source is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from finops_tui.ledger.owners import Tags
from finops_tui.model.cloud import Recommendation
from finops_tui.model.observations import BillsSeen, Observation
from finops_tui.sources.aws.desk import Desk
from finops_tui.sources.aws.faults import AwsError, masked
from finops_tui.sources.aws.settings import AwsSettings


class Origin(TypedDict):
    """What every observation says of itself."""

    at: datetime
    source: str
    cluster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One look at one account."""

    desk: Desk
    settings: AwsSettings
    source: str
    now: datetime
    record: Callable[..., Awaitable[None]]
    """Writes statements into the ledger, all of them in one step. Raises LedgerError."""
    billed: Callable[[datetime], Awaitable[BillsSeen]]
    """Reads back what the ledger holds of the source's last weeks. Raises LedgerError."""
    owned: Callable[[Iterable[Recommendation], Tags, datetime], Awaitable[tuple[Recommendation, ...]]]
    """Says of recommendations whose they are, by tags and charges. Raises LedgerError."""
    sleep: Callable[[float], Awaitable[None]]
    """Waits so many seconds of the source's clock."""

    def origin(self, at: datetime) -> Origin:
        return Origin(at=at, source=self.source, cluster=self.settings.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a look brought."""

    observations: tuple[Observation, ...] = ()
    at: datetime
    """When AWS gave the oldest of it."""
    late: str = ""
    """Why that is longer ago than it should be."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something to ask an account again and again."""

    title: str
    """What is lost without it: `cost by service`; with the region where it has one."""
    every: timedelta
    ask: Callable[[Asking], Awaitable[Outcome]]
    """Raises AwsError or LedgerError."""
    bills: bool = False
    """Whether its age is the age of the bill."""
    paid: bool = False


async def look(part: Part, asking: Asking) -> Outcome:
    """Ask; an answer of a shape that AWS does not document costs its own part alone. Raises AwsError, LedgerError."""
    try:
        return await part.ask(asking)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        title = f"the answer makes no sense ({type(error).__name__})"
        raise AwsError(title, masked(error), "Is something else listening at AWS_ENDPOINT_URL?") from error
