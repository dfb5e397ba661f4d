"""Which scopes are watched, and what the learner of each has seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import inf

from finops_tui.detectors.attribution import SPECIFIC
from finops_tui.detectors.base import Scene
from finops_tui.detectors.spend.detector import SpendDetector, Verdict
from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.verdict import QUIET
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

Past = Mapping[Scope, tuple[Sequence[tuple[float, float]], float]]
"""By scope, (unix seconds, $/h) in time order, and the step in seconds."""

FED_EVERY_SECONDS = 60
"""Between two samples of a learner: what lasts ten minutes must not wait for the next rough sample."""
PRIMED_DAYS = 9
"""Days of the past that are taken in: every kind of day once, and some more."""
PRIMED_AT_ONCE = 2
"""So few scopes take in the past as soon as they are watched; where more of them are new, they wait their turn."""
SPREAD_SECONDS = 900
"""A mean of the last days stands for its whole span: it is told so often, up to an hour on, as it would have been then.
Of what is only known roughly the learner wants more evidence."""
HOUR, DAY = 3_600.0, 86_400.0
YOUNG = timedelta(days=1)
"""A workload that began less than a day ago has no normal of its own; its namespace's and team's are looked at."""


@dataclass(slots=True)
class _Learner:
    """What watches one scope, and the time that it has seen (unix seconds)."""

    detector: SpendDetector
    first: float
    last: float
    verdict: Verdict = QUIET

    def update(self, at: float, usd: float) -> Verdict:
        self.last = at
        self.verdict = self.detector.update(at, usd)
        return self.verdict


class Learners:
    """One for each scope that is watched; those that are new begin with what is told of the past."""

    def __init__(self, rules: SpendRules, *, most: int, workload_usd_per_hour: float) -> None:
        """Watch at `most` so many scopes, and single workloads from this rate on."""
        self._rules = rules
        self._most = most
        self._workload_usd_per_hour = workload_usd_per_hour
        self._learners: dict[Scope, _Learner] = {}
        self._past: Past = {}
        self._unprimed: set[Scope] = set()
        """Of which more is told than their learners have seen. Most are never watched, and never take it in."""
        self._waiting: list[Scope] = []
        """Those of them that are watched, the widest first."""

    def prime(self, past: Past) -> None:
        """Let learners that know nothing yet begin with what is told of the past, as soon as they are needed."""
        self._past = past
        begun = {scope: learner.first for scope, learner in self._learners.items()}
        self._unprimed = {
            scope for scope in past if past[scope][0] and past[scope][0][0][0] < begun.get(scope, inf) - DAY
        }
        self._take_in(TOTAL)  # at once: without it nothing is known
        waiting = [scope for scope in self._learners if scope in self._unprimed]
        self._waiting = sorted(waiting, key=lambda scope: -SPECIFIC.index(scope.kind))

    @property
    def learning(self) -> str:
        """Why anomalies of the whole cannot be told yet, in words; empty when they can."""
        total = self._learners.get(TOTAL)
        days = int((total.last - total.first) // DAY) if total is not None else 0
        needed = self._rules.days_needed
        if days >= needed:
            return ""
        return f"Normal is not known yet: {days} of {needed} days seen. Limits from config apply."

    def state(self) -> dict[str, object]:
        """Return what was learned, as JSON can hold it."""
        return {
            f"{scope.kind.value} {scope.name}": {
                "first": learner.first,
                "last": learner.last,
                "learned": learner.detector.state(),
            }
            for scope, learner in self._learners.items()
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from an earlier `state`; what of it cannot be read is learned anew."""
        for name, kept in state.items():
            kind, _, rest = name.partition(" ")
            try:
                match kept:
                    case {"first": float(first), "last": float(last), "learned": dict(learned)}:
                        detector = SpendDetector.restore(learned, rules=self._rules)
                        self._learners[Scope(ScopeKind(kind), rest)] = _Learner(detector, first, last)
            except ValueError:
                continue

    def catch_up(self, learners: int) -> bool:
        """Let so many more of the watched scopes take in the past, the widest first, and tell whether others wait.

        Each takes some 15 ms.
        """
        for scope in self._waiting[:learners]:
            self._take_in(scope)
        del self._waiting[:learners]
        return bool(self._waiting)

    def normal(self, scope: Scope, at: float) -> float | None:
        """Return $/h that a scope has normally at a time (unix seconds); None where that is not known."""
        self._take_in(scope)
        learner = self._learners.get(scope)
        return learner.detector.normal(at) if learner is not None else None

    def verdict(self, scope: Scope) -> Verdict:
        """Return what was said of a scope last."""
        learner = self._learners.get(scope)
        return learner.verdict if learner is not None else QUIET

    def feed(self, scene: Scene) -> Iterator[tuple[Scope, Verdict]]:
        """Give every learner its sample; return what is abnormal."""
        at = scene.now.timestamp()
        watched = list(self._watched(scene))
        self._waiting = [scope for scope, _ in watched if scope in self._unprimed]
        if len(self._waiting) <= PRIMED_AT_ONCE:
            self.catch_up(PRIMED_AT_ONCE)
        kept: dict[Scope, _Learner] = {}
        for scope, row in watched:
            if scope in self._unprimed:
                continue
            learner = self._learners.get(scope)
            if learner is None:
                learner = _Learner(SpendDetector(interval_seconds=FED_EVERY_SECONDS, rules=self._rules), at, at)
            kept[scope] = learner
            if row.usd_per_hour is not None and not row.stale:
                verdict = learner.update(at, row.usd_per_hour)
                if verdict.page:
                    yield scope, verdict
        for scope, learner in self._learners.items():
            if scope not in kept and at - learner.last < self._rules.days_compared * DAY:
                kept[scope] = learner  # it may come back, as nightly jobs do
        self._learners = dict(list(kept.items())[: self._most])

    def _take_in(self, scope: Scope) -> None:
        """Let a scope's learner begin with the past, if it has not yet."""
        if scope not in self._unprimed:
            return
        self._unprimed.remove(scope)
        points, step = self._past[scope]
        spacing = min(step, SPREAD_SECONDS)
        learner = _Learner(SpendDetector(interval_seconds=spacing, rules=self._rules), points[0][0], 0.0)
        for at, usd in _spread(points, self._rules.days_needed * DAY + HOUR):
            learner.update(at, usd)
        self._learners[scope] = learner

    def _watched(self, scene: Scene) -> Iterator[tuple[Scope, SpendRow]]:
        tables, left = scene.snapshot.spend, self._most
        for kind in reversed(SPECIFIC):
            for row in tables.get(kind, ()):
                if row.name.startswith("(") or left <= 0:
                    continue
                if kind is ScopeKind.WORKLOAD:
                    if (row.usd_per_hour or 0.0) < self._workload_usd_per_hour:
                        break  # the most expensive come first
                    if row.since is not None and scene.now - row.since < YOUNG:
                        continue
                left -= 1
                yield Scope(kind, row.key), row


def _spread(points: Sequence[tuple[float, float]], lately: float) -> Iterator[tuple[float, float]]:
    """Tell each point of the last so many seconds again until the next one, for an hour at most."""
    begins, oldest = points[-1][0] - lately, points[-1][0] - PRIMED_DAYS * DAY
    for (at, usd), (following, _) in pairwise((*points, points[-1])):
        if at < oldest:
            continue
        until = min(following, at + HOUR)
        yield at, usd
        later = at + SPREAD_SECONDS
        while at >= begins and later < until:
            yield later, usd
            later += SPREAD_SECONDS
