"""What happened, newest first, in one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from finops_tui.analysis.finding_rows import finding_rows
from finops_tui.analysis.ownership import short_kind
from finops_tui.model.action import ActionRow
from finops_tui.model.change import ChangeKind
from finops_tui.model.finding import Finding
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState, is_silent
from finops_tui.model.observations import Observation, PodEvicted, SourceHealth, SpotInterrupted
from finops_tui.model.snapshot import ActivityRow
from finops_tui.phrases import counted, rate, span

SHOWN_FOR = timedelta(days=1)
"""Back from the newest line: a shift's worth, and the shift's before it."""
ROWS = 500
EVENTS = 2_000
"""How many of the newest events of each kind are looked at."""
TOGETHER = timedelta(minutes=1)
FLAPPING = timedelta(minutes=10)
"""What a source comes to again after so short a time is told in the line of the first time."""

Event = TypeVar("Event", bound=Observation)


@dataclass(slots=True)
class _Group:
    at: datetime
    key: str
    count: int


@dataclass(slots=True)
class _Turns:
    """How often a source came into one state in a row of short turns."""

    first: SourceHealth
    last: SourceHealth
    words: str
    count: int


def activity(
    fleet: Fleet, findings: Iterable[Finding] = (), said: Mapping[str, ActivityRow] = MappingProxyType({})
) -> tuple[ActivityRow, ...]:
    """Return the newest things that happened; what hit one pool or workload within a minute is one line.

    `findings` are those that are told of, open and resolved ones alike; `said` is, by key, what was told of them at
    its time: the past is not rewritten.
    """
    rows = [
        *_changes(fleet), *_actions(fleet), *_spot(fleet), *_evictions(fleet), *_sources(fleet),
        *(said.get(row.key, row) for row in finding_rows(findings)),
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.at, row.key), reverse=True)
    return tuple(row for row in rows[:ROWS] if rows[0].at - row.at <= SHOWN_FOR)


def _changes(fleet: Fleet) -> Iterable[ActivityRow]:
    done_here = {row.target for row in fleet.actions.values()}
    for seen in newest(fleet.changes):
        change = seen.change
        if change.kind is ChangeKind.ACTION and change.subject in done_here:
            continue  # it stands there as the action that it was
        yield ActivityRow(
            key=f"change/{change.id}",
            at=seen.at,
            who=change.who,
            what=change.what,
            cluster=seen.cluster,
            kind="action" if change.kind is ChangeKind.ACTION else "change",
        )


def _actions(fleet: Fleet) -> Iterable[ActivityRow]:
    """Tell each action twice: when it was begun, and what became of it."""
    for row in fleet.actions.values():
        why = f" ({row.reason})" if row.reason else ""
        yield ActivityRow(
            key=f"action/{row.key}",
            at=row.at,
            who=row.who,
            what=f"{row.title}{why}",
            cluster=row.cluster,
            kind="action",
        )
        if row.outcome_at is not None:
            yield ActivityRow(
                key=f"action/{row.key}/{row.outcome}",
                at=row.outcome_at,
                who=row.who,
                what=f"{row.title}: {_outcome(row)}",
                cluster=row.cluster,
                kind="action",
                bad=row.bad,
            )


def _outcome(row: ActionRow) -> str:
    saved = row.saved_usd_per_hour
    measured = f", saves {rate(saved)}" if saved is not None and saved > 0 else ""
    said = f"{row.outcome}{measured}"
    return f"{said}: {row.words}" if row.bad and row.words else said


def _spot(fleet: Fleet) -> Iterable[ActivityRow]:
    def subject(seen: SpotInterrupted) -> tuple[str, str]:
        return seen.cluster, seen.interruption.pool

    for (cluster, pool), group in _grouped(newest(fleet.interruptions), subject, lambda seen: seen.interruption.id):
        yield ActivityRow(
            key=f"spot/{group.key}",
            at=group.at,
            who="cloud",
            what=f"{counted(group.count, f'{pool} node')} reclaimed",
            cluster=cluster,
            kind="spot",
            bad=True,
        )


def _evictions(fleet: Fleet) -> Iterable[ActivityRow]:
    def subject(seen: PodEvicted) -> tuple[str, str, str]:
        eviction = seen.eviction
        kind, _, name = eviction.workload.partition("/")
        owner = f"{eviction.namespace}/{short_kind(kind)}/{name}" if name else f"{eviction.namespace}/{eviction.pod}"
        return seen.cluster, owner, eviction.reason

    for (cluster, owner, reason), group in _grouped(newest(fleet.evictions), subject, lambda seen: seen.eviction.id):
        why = f": {reason}" if reason else ""
        yield ActivityRow(
            key=f"eviction/{group.key}",
            at=group.at,
            who="k8s",
            what=f"{counted(group.count, 'pod')} of {owner} evicted{why}",
            cluster=cluster,
            kind="eviction",
            bad=True,
        )


def _sources(fleet: Fleet) -> Iterable[ActivityRow]:
    before: dict[str, HealthState] = {}
    turns: list[_Turns] = []
    open_turns: dict[tuple[str, HealthState], _Turns] = {}
    for seen in fleet.health_log:
        words = _health_words(seen, before.get(seen.source))
        before[seen.source] = seen.state
        if not words:
            continue
        known = open_turns.get((seen.source, seen.state))
        if known is not None and seen.since - known.last.since <= FLAPPING:
            known.last, known.words, known.count = seen, words, known.count + 1
            continue
        known = open_turns[seen.source, seen.state] = _Turns(seen, seen, words, 1)
        turns.append(known)
    for each in turns:
        first, last = each.first, each.last
        again = f" ({each.count} times in {span(last.since - first.since)})" if each.count > 1 else ""
        yield ActivityRow(
            key=f"source/{first.source}/{first.since.isoformat()}/{first.state}",
            at=last.since,
            who=last.short,
            what=each.words + again,
            cluster=last.cluster,
            kind="source",
            bad=last.state in {HealthState.DOWN, HealthState.PARTIAL},
        )


def _health_words(seen: SourceHealth, before: HealthState | None) -> str:
    why = f": {seen.reason}" if seen.reason else ""
    if seen.state is HealthState.DOWN:
        return f"{seen.source} {'does not answer' if is_silent(seen.reason) else 'tells nothing'}{why}"
    if seen.state is HealthState.PARTIAL:
        return f"{seen.source} answers only in part{why}"
    if seen.state in {HealthState.LIVE, HealthState.POLLED} and before in {HealthState.DOWN, HealthState.PARTIAL}:
        return f"{seen.source} answers again"
    return ""


def newest(events: dict[str, Event]) -> list[Event]:
    """Return the last events that were reported, in the order of their happening."""
    return sorted(islice(reversed(events.values()), EVENTS), key=lambda seen: seen.at)


def _grouped(
    events: Iterable[Event], subject: Callable[[Event], Any], key: Callable[[Event], str]
) -> list[tuple[Any, _Group]]:
    groups: list[tuple[Any, _Group]] = []
    open_groups: dict[Any, _Group] = {}
    for seen in events:
        about = subject(seen)
        group = open_groups.get(about)
        if group is not None and seen.at - group.at <= TOGETHER:
            group.count += 1
            continue
        group = open_groups[about] = _Group(seen.at, key(seen), 1)
        groups.append((about, group))
    return groups
