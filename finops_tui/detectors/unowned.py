"""Spend that nobody answers for, and label mappings that fit nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from finops_tui.detectors.base import Scene
from finops_tui.detectors.kept import Kept
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import positive
from finops_tui.model.finding import Cause, Evidence, Severity, Signal
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Coverage, SpendRow
from finops_tui.phrases import clock, counted, listed, percent, rate

UNOWNED = "(unowned)"
"""As the spend tables name it."""
EXAMPLES = 5
LABELS_FIT, NEW_FIT = 0.9, 0.5
"""That labels are missing is the cause itself; no change is a better one. What is new says where to begin."""
NEW = timedelta(days=1)
"""What is older was there before and is no news."""
NAMED = 8
"""Label keys that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnownedRules:
    least_usd_per_hour: float = 5.0
    """$120 a day; less is not worth asking around for."""
    ticket_ratio: float = 0.25
    """Part of the spend on workloads from which showback is no longer believed."""
    minutes: float = 10.0
    """Labels may arrive after the workload."""
    facts: tuple[str, ...] = ("team", "model")
    """Of these it is said when none of their label keys was ever seen."""


class Unowned:
    """Not about waste: it says nothing of dollars that should not be spent, only of dollars without a name."""

    id: ClassVar[str] = "unowned"
    title: ClassVar[str] = "Unowned spend"
    about: ClassVar[str] = "Spend that no ownership label covers, or a label mapping that fits no workload."

    def __init__(self, rules: UnownedRules | None = None) -> None:
        self._rules = rules or UnownedRules()
        self._lasting = Lasting()
        self._keys: Kept[Counter[str]] = Kept()

    def judge(self, scene: Scene) -> list[Signal]:
        rows = [row for row in scene.snapshot.spend.get(ScopeKind.WORKLOAD, ()) if row.namespace]
        if not rows:
            return []
        unmapped = {
            coverage.fact: coverage
            for coverage in scene.snapshot.coverage
            if coverage.fact in self._rules.facts and not coverage.covered_workloads and positive(coverage.usd_per_hour)
        }
        unowned = [] if "team" in unmapped else [row for row in rows if not row.owner]
        usd = sum(positive(row.usd_per_hour) for row in unowned)
        now_so = [*unmapped, *([UNOWNED] if usd > 0 and usd >= self._rules.least_usd_per_hour else [])]
        since = dict(self._lasting.update(now_so, scene.now))
        shortest = timedelta(minutes=self._rules.minutes)
        old = {key for key in now_so if scene.now - since[key] >= shortest}
        signals = [self._unmapped(coverage, since[fact], scene) for fact, coverage in unmapped.items() if fact in old]
        if UNOWNED in old:
            whole = sum(positive(row.usd_per_hour) for row in rows)
            signals.append(self._unowned(unowned, usd, whole, since[UNOWNED], scene))
        return signals

    def _unowned(self, rows: Sequence[SpendRow], usd: float, whole: float, since: datetime, scene: Scene) -> Signal:
        largest = sorted(rows, key=lambda row: (-positive(row.usd_per_hour), row.key))[:EXAMPLES]
        namespaces: defaultdict[str, float] = defaultdict(float)
        for row in rows:
            namespaces[f"{row.cluster}/{row.namespace}"] += positive(row.usd_per_hour)
        first = sorted(namespaces, key=lambda name: (-namespaces[name], name))
        return Signal(
            kind=self.id,
            severity=Severity.TICKET if usd > self._rules.ticket_ratio * whole else Severity.INFO,
            scope=Scope(ScopeKind.TEAM, UNOWNED),
            name=UNOWNED,
            since=since,
            why=f"{rate(usd)} of {rate(whole)} has no owner, {percent(1 - usd / whole)} has: "
            f"{counted(len(rows), 'workload')} in {counted(len(namespaces), 'namespace')}.",
            usd_per_hour=usd,
            evidence=(
                *(_example(row) for row in largest),
                Evidence(label="What to label", words=f"namespaces {listed(first)}: one label there covers all in it."),
            ),
            causes=(
                Cause(
                    what=f"no team label on {counted(len(rows), 'workload')}",
                    at=None,
                    fit=LABELS_FIT,
                    why="Neither they nor their namespaces carry one.",
                ),
                *_new(largest, scene),
            ),
            related=tuple(row.key for row in largest),
        )

    def _unmapped(self, coverage: Coverage, since: datetime, scene: Scene) -> Signal:
        carried = self._keys.of("", scene.now, lambda: _carried(scene))
        keys = [key for key, _ in sorted(carried.items(), key=lambda entry: (-entry[1], entry[0]))]
        has = f"they carry {listed(keys, NAMED)}" if keys else "they carry no labels at all"
        mapped = listed(list(coverage.labels), NAMED)
        return Signal(
            kind=self.id,
            severity=Severity.TICKET if coverage.fact == "team" else Severity.INFO,
            scope=TOTAL,
            part=coverage.fact,
            name=f"labels/{coverage.fact}",
            since=since,
            why=f"No workload or namespace carries a label that names its {coverage.fact} ({mapped}); {has}.",
            usd_per_hour=positive(coverage.usd_per_hour),
            evidence=(
                Evidence(label="Looked for", words=f"{mapped}."),
                *(Evidence(label=key, words=f"on {counted(carried[key], 'workload')}.") for key in keys[:NAMED]),
                Evidence(label="What to do", words=f"name one of these keys for {coverage.fact} in the config."),
            ),
            causes=(
                Cause(
                    what=f"no {coverage.fact} label on {counted(coverage.workloads, 'workload')}",
                    at=None,
                    fit=LABELS_FIT,
                    why="None of the keys that are looked for was ever seen.",
                ),
            ),
        )


def _example(row: SpendRow) -> Evidence:
    return Evidence(label=row.name, words=f"{rate(positive(row.usd_per_hour))} in {row.cluster}.")


def _new(largest: Sequence[SpendRow], scene: Scene) -> Iterator[Cause]:
    """Yield the newest of the largest: what is old was unowned before."""
    new = [row for row in largest if row.since is not None and timedelta(0) <= scene.now - row.since <= NEW]
    for row in sorted(new, key=lambda row: row.since or scene.now, reverse=True)[:1]:
        at = row.since or scene.now
        yield Cause(what=f"{row.name} untagged, new at {clock(at, scene.now)}", at=None, fit=NEW_FIT)


def _carried(scene: Scene) -> Counter[str]:
    """Count the label keys that workloads carry themselves."""
    keys: Counter[str] = Counter()
    for cluster in scene.fleet.clusters.values():
        for workload in cluster.workloads.values():
            keys.update(workload.labels.keys())
    return keys
