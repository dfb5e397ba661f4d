"""What stands around the panes, made from a snapshot: identity, money, strip, banner, tabs, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from finops_tui.model.health import HealthState
from finops_tui.model.money import Provenance
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import BILLED, ESTIMATED, STALE, TICKET, TIMES
from finops_tui.ui.issues import Issue, Rank, waiting, why_silent
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.finding_facts import is_loud, is_open
from finops_tui.ui.panes.largest import WOBBLE_RATIO, is_calm
from finops_tui.ui.panes.sources import WORST_FIRST, lost, troubled
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.text import clean
from finops_tui.ui.widgets.banner import Notice
from finops_tui.ui.widgets.identity import Identity
from finops_tui.ui.widgets.money import Chip, ChipState, Money, Part

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding
    from finops_tui.model.money import Figure
    from finops_tui.model.snapshot import Headline, Snapshot, SourceRow

READ_ONLY = "READ-ONLY"
OFTEN_SECONDS = 60.0
"""What was heard of longer ago than that, and is not late, is asked seldom: bills, say."""
_LOST, _INCOMPLETE = 0, 1


def mode_word(snapshot: Snapshot | None, settings: UiSettings) -> str:
    """Return the word before the clock: `DEMO 60×`, nothing when live."""
    if settings.mode or snapshot is None or snapshot.mode == "live":
        return settings.mode
    speed = f" {snapshot.speed:g}{TIMES}" if snapshot.speed != 1 else ""
    return f"{snapshot.mode.value.upper()}{speed}"


def corner(
    about: Identity, frozen_at: datetime | None, snapshot: Snapshot | None, settings: UiSettings
) -> tuple[Part, ...]:
    """Return what stands at the end of the money line where the identity has no line: armed, mode and clock stay."""
    words, role = about.badge
    parts = [Part((about.badge,), 4, ((words.strip(), role),), stays=words != READ_ONLY)]
    if frozen_at is not None:
        parts.append(Part((("FROZEN", "text bold"),), 1, stays=True))
    word = mode_word(snapshot, settings)
    if word:
        parts.append(Part(((word, "text bold"),), 3, ((word.partition(" ")[0], "text bold"),), stays=True))
    short = f"{about.clock[:5]}Z"
    return (*parts, Part(((about.clock, "text"),), 2, ((short, "text"),), stays=True))


def badge(snapshot: Snapshot | None, now: datetime) -> Span:
    """Return whether something may be changed from here, and for how much longer in real time."""
    until = snapshot.armed.until if snapshot is not None and snapshot.armed.possible else None
    if snapshot is None or until is None or until <= now:
        return READ_ONLY, "quiet"
    left = (until - now).total_seconds() / snapshot.speed
    return f" ARMED {fmt.duration(left)} ", "armed"


def identity(snapshot: Snapshot | None, settings: UiSettings, now: datetime, frozen_at: datetime | None) -> Identity:
    frozen = f"FROZEN since {fmt.clock_time(frozen_at)}" if frozen_at is not None else ""
    return Identity(
        scope=tuple(map(clean, snapshot.clusters)) if snapshot is not None else (),
        badge=badge(snapshot, now),
        mode="  ".join(word for word in (frozen, mode_word(snapshot, settings)) if word),
        clock=fmt.clock_time(now),
    )


def money(snapshot: Snapshot | None, now: datetime, tail: Sequence[Part] = ()) -> Money:
    if snapshot is None:
        return Money(tail=tuple(tail))
    headline = snapshot.headline
    rate, normal = headline.usd_per_hour.value, headline.normal_usd_per_hour.value
    deviation = rate / normal - 1 if rate is not None and normal else None
    open_ = list(filter(is_open, snapshot.findings))
    pages = [row for row in open_ if row.severity == "page"]
    chip = Chip(
        usd_per_hour=rate,
        deviation=deviation,
        state=_state(snapshot, open_),
        acknowledged=bool(pages) and not any(map(is_loud, pages)),
        stale_seconds=_stale_seconds(snapshot, now),
    )
    return Money(chip=chip, left=_left(headline, deviation, chip.state), right=_right(snapshot), tail=tuple(tail))


def _state(snapshot: Snapshot, open_: Sequence[Finding]) -> ChipState:
    """Judge by what is open. Calm is said only where the whole costs what it usually does."""
    severities = {row.severity.value for row in open_}
    if "page" in severities:
        return ChipState.PAGE
    if "ticket" in severities:
        return ChipState.TICKET
    return ChipState.CALM if is_calm(snapshot) else ChipState.PLAIN


def _left(headline: Headline, deviation: float | None, state: ChipState) -> tuple[Part, ...]:
    parts = [_against_normal(headline.normal_usd_per_hour.value, deviation, state)]
    if headline.burned_usd:
        parts.append(Part((("burned ", "quiet"), (fmt.dollars(headline.burned_usd), "text bold")), 2))
    return tuple(parts)


def _against_normal(normal: float | None, deviation: float | None, state: ChipState) -> Part:
    if normal is None:
        return Part((("normal is not known yet", "quiet"),), 3)
    bare: tuple[Span, ...] = (("normal ", "quiet"), (fmt.rate_bare(normal), "text"))
    if deviation is None:
        return Part(bare, 1)
    if state in (ChipState.CALM, ChipState.PLAIN):  # the chip itself does not tell the deviation
        words = ((fmt.signed_percent(deviation), "text"), (f" of normal {fmt.rate_bare(normal)}", "quiet"))
        return Part(words, 1, bare)
    if deviation > WOBBLE_RATIO:
        return Part((("over normal ", "text"), (fmt.rate_bare(normal), "text")), 1, bare)
    return Part(bare, 1)


def _right(snapshot: Snapshot) -> tuple[Part, ...]:
    headline = snapshot.headline
    parts = []
    if headline.unpriced:
        nodes = sum(one.nodes for one in headline.unpriced)
        parts.append(
            Part(
                ((f"{TICKET} {counted(nodes, 'node')} without a price", "ticket"),),
                3,
                ((f"{TICKET} {nodes} unpriced", "ticket"),),
            )
        )
    spare = headline.month_end_usd.value is not None  # where the month ends comes before what two panes tell
    if headline.idle_usd_per_hour.value is not None:
        idle = f"{ESTIMATED}{fmt.rate(headline.idle_usd_per_hour.value)}"
        old = any(row.stale and row.idle_usd_per_hour is not None for row in snapshot.pools)
        said = (f"{STALE} {idle}", "stale") if old else (idle, "idle")
        parts.append(Part((("idle ", "quiet"), said), 6, spare=spare))
    if headline.gpus:
        gpus = f"{fmt.count(headline.gpus_allocated)} of {fmt.count(headline.gpus)}"
        parts.append(Part((("GPUs ", "quiet"), (gpus, "text")), 7, spare=spare))
    if headline.today_usd.value is not None:
        parts.append(_so_far("today", headline.today_usd, headline.today_budget_usd, 5))
    if headline.month_end_usd.value is not None:
        parts.append(_so_far("month-end", headline.month_end_usd, headline.month_budget_usd, 4, share=True))
    return tuple(parts)


def _so_far(word: str, figure: Figure, budget: float | None, rank: int, *, share: bool = False) -> Part:
    """Tell dollars against their budget, where there is one: `month-end ≈$612k of $600k 102%`."""
    usd = figure.value
    assert usd is not None, "only then it is told"
    ratio = usd / budget if budget else None
    role = "ticket" if ratio is not None and ratio > 1 else "text"
    sign = BILLED if figure.provenance is Provenance.BILLED else ESTIMATED
    bare: tuple[Span, ...] = ((f"{word} ", "quiet"), (f"{sign}{fmt.dollars(usd)}", role))
    if ratio is None:
        return Part(bare, rank)
    end = (f" {fmt.percent(ratio)}", role)
    whole = (*bare, (f" of {fmt.dollars(budget)}", "quiet"), *((end,) if share else ()))
    return Part(whole, rank, (*bare, end) if share else bare)


def _stale_seconds(snapshot: Snapshot, now: datetime) -> float | None:
    """Return how old the spend rate is when some source behind it is overdue, or some cluster's figures are."""
    at = snapshot.headline.usd_per_hour.at
    total = next(iter(snapshot.spend.get(ScopeKind.TOTAL, ())), None)
    if at is not None and total is not None and total.stale:
        return (now - at).total_seconds()
    late = any(source.stale for source in snapshot.sources)
    if at is None or not late or snapshot.headline.usd_per_hour.value is None:
        return None
    overdue = min(
        (source.answered_at for source in snapshot.sources if source.stale and source.answered_at), default=at
    )
    return (now - at).total_seconds() if at <= overdue + timedelta(seconds=60) else None


def notice(found: Sequence[Issue], retry_key: str, undo_key: str = "") -> Notice | None:
    """Return the worst issue for the banner; the others are counted.

    `undo_key` is the key that takes back what is overdue; empty where it would take back something else.
    """
    found = [issue for issue in found if issue.rank is not Rank.NOTED]
    if not found:
        return None
    worst = found[0]
    lead, cause = worst.words, ""
    if worst.rank is Rank.LOST:  # what happened is loud, the system's own words are not
        lead, _, cause = worst.words.removesuffix(worst.rest).rstrip().partition(" (")
        cause = f"({cause}" if cause else ""
    elif worst.rank is Rank.UNKNOWN:
        lead, _, cause = worst.words.removesuffix(worst.rest).rstrip().partition(": ")
        lead = f"{lead}:"
    key, verb = (retry_key, "retry now") if worst.retry else (undo_key, worst.undo) if worst.undo else ("", "")
    return Notice(
        mark=worst.mark,
        lead=lead,
        cause=cause,
        rest=worst.rest,
        brief=worst.brief,
        keeps_brief=worst.rank is Rank.UNKNOWN,
        role=worst.role,
        others=len(found) - 1,
        key=key,
        verb=verb if key else "",
    )


def source_spans(snapshot: Snapshot | None, now: datetime) -> tuple[Span, ...]:
    """Return one word per kind of source: `~ prom down 6m`, `k8s live`.

    The lost ones come first, each by itself; then what is incomplete, and last what is told least often.
    """
    if snapshot is None:
        return ()
    spans = []
    by_short = sorted(snapshot.sources, key=lambda row: row.short)
    for short, group in groupby(by_short, key=lambda row: row.short):
        rows = list(group)
        wrong = [row for row in rows if lost(row)]
        for row in wrong:
            name = clean(short if len(rows) == 1 else f"{short} {row.cluster}")
            state = "down" if row.state is HealthState.DOWN else "late"
            spans.append((_LOST, f"{STALE} {name} {state} {_since(row, now)}", "stale bold"))
        good = [row for row in rows if not lost(row)]
        if good:
            incomplete = any(map(troubled, good))
            worst = min(good, key=lambda row: WORST_FIRST.index(row.state))
            mark = f"{TICKET} " if incomplete else ""
            spans.append(
                (
                    _INCOMPLETE if incomplete else _INCOMPLETE + 1 + _rarity(good, now),
                    f"{mark}{clean(short)} {_fares(worst, good, now)}",
                    "ticket" if incomplete else "quiet",
                )
            )
    return tuple((text, role) for _, text, role in sorted(spans, key=lambda span: span[0]))


def _rarity(rows: Sequence[SourceRow], now: datetime) -> int:
    """Return 0 for what is live, then what is asked all the time, what is told now and then, what never grows old."""
    if all(row.state is HealthState.LIVE for row in rows):
        return 0
    if not any(row.ages for row in rows):
        return 3
    ages = [(now - row.answered_at).total_seconds() for row in rows if row.answered_at is not None]
    return 2 if max(ages, default=0.0) > OFTEN_SECONDS else 1


def _since(row: SourceRow, now: datetime) -> str:
    return fmt.duration((now - (row.answered_at or row.since)).total_seconds())


def _fares(worst: SourceRow, rows: Sequence[SourceRow], now: datetime) -> str:
    if worst.state is HealthState.LIVE:
        return "live"
    if worst.state is HealthState.CONNECTING:
        return "waiting"
    if not any(row.ages for row in rows):
        return "ready"
    oldest = min((row.answered_at for row in rows if row.answered_at is not None), default=None)
    age = fmt.duration((now - oldest).total_seconds()) if oldest is not None else "waiting"
    return " · ".join((age, *(clean(row.note) for row in rows if row.note)))


def why_nothing(
    spec: PaneSpec[Any], snapshot: Snapshot | None, settings: UiSettings, now: datetime, started: datetime
) -> str:
    """Say why a pane has no rows: it waits, what tells of it fails, nobody set that up, or there is just nothing."""
    if spec.id in settings.absent:
        return settings.absent[spec.id]
    if snapshot is None:
        return waiting(settings.waiting_for, (now - started).total_seconds())
    tellers = settings.tellers.get(spec.id, settings.tellers.get(""))
    sources = [source for source in snapshot.sources if tellers is None or source.name in tellers]
    connecting = [source for source in sources if source.state is HealthState.CONNECTING]
    if connecting:
        since = min(source.since for source in connecting)
        return waiting(tuple(source.name for source in connecting), (now - since).total_seconds())
    silent = next((source for source in sources if lost(source) and source.answered_at is None), None)
    return why_silent(silent) if silent is not None else spec.empty
