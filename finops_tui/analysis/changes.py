"""Which changes may have brought a trouble about, best first.

How well a change explains it is a product of three ratios 0-1: what the change is about (scope), how shortly before the
onset it happened (time), and whether it asks for as many GPUs as are too many (size). Of changes that belong to one
chain, a rollout and the scaling that follows it, the root comes first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.analysis.cause_words import kind_of, short_what, size_words, time_words
from finops_tui.analysis.ownership import Owners
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Cause
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.scope import Scope, ScopeKind

BEFORE = timedelta(hours=2)
"""What happened longer before the onset explains nothing."""
AFTER = timedelta(minutes=5)
"""What is reported late may seem to follow what it caused."""
SAME = timedelta(minutes=2)
"""Reports of one change by two systems lie closer together than this."""
CHAIN = timedelta(minutes=20)
"""A scaling this long after a rollout, or nodes this long after a job, may be its consequence."""
LEAST_FIT = 0.02
"""Below it is noise."""
CONSIDERED = 60
"""Of so many that fit best the chains are looked at."""
CAUSES = 5
GROWS = timedelta(hours=12)
"""How far back the steps of something slow are looked for."""
GROWN_FIT = 0.55
UNKNOWN_SIZE = 0.7
NO_SIZE = 0.5
WRONG_WAY = 0.1
AUTOSCALERS = frozenset({"hpa", "keda"})
"""Who scales because of something else. Whoever else scales began it."""
OTHER_SHARE = 0.9
"""What nodes that follow explain counts so much for a workload beside it that may have asked for them."""
ROOT_SHARE = 0.25
"""A root must explain at least this share of what its consequence explains by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is to be explained."""

    scope: Scope
    onset: datetime
    workloads: frozenset[str] = frozenset()
    """Keys of the workloads that it is about or that contribute to it: `cluster/Kind/namespace/name`."""
    pools: frozenset[str] = frozenset()
    """`cluster/pool`, as are the namespaces: `cluster/namespace`."""
    namespaces: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    excess_gpus: float | None = None
    """How many GPUs are too many (negative: too few); None where that cannot be said."""


class Place(NamedTuple):
    """Where the subject of a change belongs."""

    team: str = ""
    model: str = ""
    pools: frozenset[str] = frozenset()
    """`cluster/pool`."""


NOWHERE = Place()
NO_PLACES: Mapping[str, Place] = {}


class _Judged(NamedTuple):
    seen: ChangeSeen
    fit: float
    related: str
    """How its subject is related to the trouble; `{}` stands for what the subject is."""


def rank(
    changes: Iterable[ChangeSeen], trouble: Trouble, *, now: datetime, places: Mapping[str, Place] = NO_PLACES
) -> tuple[Cause, ...]:
    """Return the changes that may have caused a trouble, best first, at most `CAUSES`.

    `places` says where the workloads that changes are about belong; one that is missing is known by its key alone. What
    lies after `now` is passed over.
    """
    first, last = trouble.onset - BEFORE, min(trouble.onset + AFTER, now)
    near = [seen for seen in changes if first <= seen.at <= last]
    near.sort(key=_when)
    judged = (_judge(seen, trouble, places.get(seen.change.subject, NOWHERE)) for seen in _once(near))
    likely = heapq.nsmallest(CONSIDERED, (each for each in judged if each.fit >= LEAST_FIT), key=_order)
    likely.sort(key=lambda each: _when(each.seen))
    best = heapq.nsmallest(CAUSES, _roots_first(likely, trouble, places), key=_order)
    return tuple(_cause(each, trouble) for each in best)


def _when(seen: ChangeSeen) -> tuple[datetime, str]:
    return seen.at, seen.change.id


def _order(judged: _Judged) -> tuple[float, int, float, str]:
    seen = judged.seen
    return -judged.fit, _rank_in_chain(seen.change), -seen.at.timestamp(), seen.change.id


def grown(changes: Iterable[ChangeSeen], trouble: Trouble, *, now: datetime) -> Cause | None:
    """Return what made a trouble grow little by little: the last step of whatever in it asked for most.

    None when, over the last `GROWS` before the onset and since, nothing in it asked for more than it gave back.
    """
    own = trouble.workloads | {trouble.scope.name}
    first = trouble.onset - GROWS
    steps: dict[str, dict[str, ChangeSeen]] = {}
    for seen in changes:
        if first <= seen.at <= now and seen.change.subject in own and seen.change.gpus:
            steps.setdefault(seen.change.subject, {})[seen.change.id] = seen
    nets = {subject: sum(seen.change.gpus or 0.0 for seen in of.values()) for subject, of in steps.items()}
    grower = max(nets, key=lambda subject: (nets[subject], subject), default="")
    more = nets.get(grower, 0.0)
    if more <= 0:
        return None
    up = [seen for seen in steps[grower].values() if (seen.change.gpus or 0.0) > 0]
    last = max(up, key=lambda seen: (seen.at, seen.change.id))
    what = short_what(last.change, alone=last.change.subject == trouble.scope.name)
    steps_words = "the only step" if len(up) == 1 else f"the last of {len(up)} steps"
    why = f"{steps_words} up in {_hours(now - first)} h; together they ask for {more:.3g} GPUs more"
    return Cause(what=what, at=last.at, who=last.change.who, fit=GROWN_FIT, why=why, change_id=last.change.id)


def _hours(span: timedelta) -> int:
    return round(span / timedelta(hours=1))


def places_of(subjects: Iterable[str], fleet: Fleet, owners: Owners) -> dict[str, Place]:
    """Return where workloads belong, by key; those that no longer exist are left out."""
    places: dict[str, Place] = {}
    for subject in dict.fromkeys(subjects):
        cluster = fleet.clusters.get(subject.partition("/")[0])
        workload = cluster.workloads.get(subject) if cluster is not None else None
        if cluster is None or workload is None:
            continue
        owner = owners.of(workload, cluster.namespaces.get(workload.namespace))
        nodes = (cluster.nodes.get(placement.node) for placement in workload.placements)
        pools = frozenset(node.pool_key for node in nodes if node is not None)
        places[subject] = Place(owner.team, owner.model, pools)
    return places


def _once(ordered: list[ChangeSeen]) -> list[ChangeSeen]:
    """Drop later reports of what was reported already, by whichever system."""
    ids: set[str] = set()
    kept: dict[tuple[str, ChangeKind, str], ChangeSeen] = {}
    told: list[ChangeSeen] = []
    for seen in ordered:
        change = seen.change
        told_as = (change.subject, change.kind, change.what)
        before = kept.get(told_as)
        again = before is not None and seen.at - before.at <= SAME
        if change.id not in ids and not again:
            ids.add(change.id)
            kept[told_as] = seen
            told.append(seen)
    return told


def _judge(seen: ChangeSeen, trouble: Trouble, place: Place) -> _Judged:
    scope, related = _scope_fit(seen, trouble, place)
    fit = scope * _time_fit(seen.at, trouble.onset) * _size_fit(seen.change.gpus, trouble.excess_gpus)
    return _Judged(seen, fit, related)


def _cause(judged: _Judged, trouble: Trouble) -> Cause:
    seen, change = judged.seen, judged.seen.change
    related = judged.related.format(kind_of(change.subject))
    return Cause(
        what=short_what(change, alone=_is_itself(change.subject, trouble.scope)),
        at=seen.at,
        who=change.who,
        fit=judged.fit,
        why=", ".join(filter(None, (related, time_words(seen.at, trouble.onset), size_words(change)))),
        change_id=change.id,
    )


def _scope_fit(seen: ChangeSeen, trouble: Trouble, place: Place) -> tuple[float, str]:
    """Return how near the subject of a change is to the trouble, and in words."""
    subject = seen.change.subject
    cluster, _, rest = subject.partition("/")
    path = rest.partition("/")[2]
    model = trouble.scope.kind is ScopeKind.MODEL
    nearness = (
        (1.0, "same {}", _is_itself(subject, trouble.scope)),
        (0.9, "a {} in it", subject in trouble.workloads),
        (0.85, "the pool it runs on", subject in trouble.pools),
        (0.85 if model else 0.75, "same model", place.model != "" and place.model in trouble.models),
        (0.65, "same namespace", path != "" and f"{cluster}/{path.partition('/')[0]}" in trouble.namespaces),
        (0.6, "runs on the same pool", not place.pools.isdisjoint(trouble.pools)),
        (0.55, "same team", place.team != "" and place.team in trouble.teams),
        (0.3, "about no one thing", not subject and (not seen.cluster or seen.cluster in trouble.clusters)),
        (0.2, "same cluster", (seen.cluster or cluster) in trouble.clusters),
    )
    return next(((fit, words) for fit, words, so in nearness if so), (0.05, "elsewhere"))


def _is_itself(subject: str, scope: Scope) -> bool:
    return subject == scope.name and scope.kind in {ScopeKind.WORKLOAD, ScopeKind.POOL}


def _time_fit(at: datetime, onset: datetime) -> float:
    """Return 1 at the onset, less the longer before it, 0 from two hours before or five minutes after on."""
    before = onset - at
    if before >= timedelta():
        return max(0.0, 1.0 - before / BEFORE) ** 2
    return 0.9 * max(0.0, 1.0 + before / AFTER)


def _size_fit(gpus: float | None, excess: float | None) -> float:
    """Return how well the GPUs that a change asks for match those that are too many; 1 when they are the same."""
    if gpus is None or excess is None or excess == 0:
        return UNKNOWN_SIZE
    if gpus == 0:
        return NO_SIZE
    if (gpus > 0) != (excess > 0):
        return WRONG_WAY
    small, large = sorted((abs(gpus), abs(excess)))
    return NO_SIZE + (1 - NO_SIZE) * small / large


def _roots_first(judged: list[_Judged], trouble: Trouble, places: Mapping[str, Place]) -> list[_Judged]:
    """Give what began a chain the fit of the best that followed from it. `judged` are in the order of time."""
    own = trouble.workloads | {trouble.scope.name}
    told = []
    for position, root in enumerate(judged):
        followed = max(
            (
                each.fit * (1.0 if root.seen.change.subject in own else OTHER_SHARE)
                for each in judged[position + 1 :]
                if _follows(each.seen, root.seen, places)
            ),
            default=0,
        )
        is_root = ROOT_SHARE * followed <= root.fit < followed
        told.append(root._replace(fit=followed) if is_root else root)
    return told


def _follows(later: ChangeSeen, root: ChangeSeen, places: Mapping[str, Place]) -> bool:
    """Tell whether one change may be the consequence of another."""
    began, followed = root.change, later.change
    if followed.kind is ChangeKind.SCALE and followed.who not in AUTOSCALERS:
        return False
    if _rank_in_chain(followed) <= _rank_in_chain(began) or later.at - root.at > CHAIN:
        return False
    if began.gpus is not None and began.gpus < 0 <= (followed.gpus or 0.0):
        return False
    return followed.subject == began.subject or followed.subject in places.get(began.subject, NOWHERE).pools


def _rank_in_chain(change: Change) -> int:
    """Return 0 for what somebody did, 1 for scalings that may follow from it, 2 for nodes that follow from those."""
    return _CHAIN_RANKS.get(change.kind, 0)


_CHAIN_RANKS = {ChangeKind.SCALE: 1, ChangeKind.NODE: 2}
