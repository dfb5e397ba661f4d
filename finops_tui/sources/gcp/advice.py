"""Recommendations for some projects: asked once a day and kept between, over restarts too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.model.cloud import Recommendation, RecommendationsSeen
from finops_tui.sources.billing.book import Book
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.gcp.access import recommender_service
from finops_tui.sources.gcp.recommender import BY, recommendations
from finops_tui.sources.gcp.settings import GcpSettings
from finops_tui.sources.gcp.tokens import Token

EVERY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is open for one project, as of a moment."""

    at: datetime
    found: tuple[Recommendation, ...]


async def advice(
    book: Book, settings: GcpSettings, token: Token, clock: Clock, faults: dict[str, SourceError]
) -> tuple[RecommendationsSeen, ...]:
    """Return what is open for each project; what could not be asked goes into `faults`. Raises LedgerError."""
    told = []
    for project in settings.recommendations:
        name = f"recommendations of {project}"
        kept = _kept(await book.noted(name))
        if kept is None or clock.now() - kept.at >= EVERY:
            try:
                kept = await _asked(book, settings, token, clock, project)
            except SourceError as error:
                faults[name] = error
            else:
                await book.note(name, msgspec.json.encode(kept).decode())
        if kept is not None:
            told.append(
                RecommendationsSeen(
                    at=kept.at, source=book.source, cluster="", account=project, by=BY, recommendations=kept.found
                )
            )
    return tuple(told)


async def _asked(book: Book, settings: GcpSettings, token: Token, clock: Clock, project: str) -> Advice:
    calls = Calls(recommender_service(settings, token, project), clock)
    try:
        found = await checked(recommendations(calls, settings, project))
    finally:
        await calls.close()
    now = clock.now()
    return Advice(at=now, found=await book.owned(found, {}, now))


def _kept(noted: str) -> Advice | None:
    """Return what was noted; None where there is nothing, or another version wrote it."""
    try:
        return msgspec.json.decode(noted, type=Advice) if noted else None
    except msgspec.DecodeError:
        return None
