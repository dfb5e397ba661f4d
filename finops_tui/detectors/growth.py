"""Traffic and volumes that cost more than they did: what no node's price contains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import ClassVar, NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.detectors.growth_memory import HOUR, WEEK, GrowthMemory, HourlyPast
from finops_tui.detectors.growth_words import egress_evidence, egress_why, storage_evidence, storage_why
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import hours, known, positive
from finops_tui.detectors.waste import WasteRules, grade
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import UsageRow

EGRESS, STORAGE = "egress", "storage"
GRACE = timedelta(minutes=5)
"""What is less for no longer than this goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthRules:
    factor: float = 1.5
    """Traffic counts as evidence from so many times on of what it reached at this hour on the days before."""
    minutes: float = 20.0
    """How long it must be so: a backup or a pull of an image is over by then."""
    days_needed: int = 3
    """Days on which this hour was seen, from which on hours are compared with the same hour."""
    hours_needed: int = 6
    """Until then: hours of any kind that must have been seen."""
    accept_hours: float = 24.0
    """What stays that long is normal from then on."""
    storage_factor: float = 1.2
    """Volumes count as evidence from so many times on of what they were a week ago, or at first."""
    storage_usd_per_hour: float = 1.0
    """Less growth of volumes is not listed: $730 a month."""
    waste: WasteRules = field(
        default_factory=lambda: WasteRules(
            least_usd_per_hour=4.0,
            ticket_usd_per_hour=10.0,
            ticket_burned_usd=100.0,
            page_usd_per_hour=50.0,
            page_after_minutes=30.0,
        )
    )
    """As everywhere, of traffic. Volumes wake nobody: what they cost grows by the day."""


class Base(NamedTuple):
    """What a figure is held against."""

    reached: float
    """$/h that it came to before."""
    normal: float
    """$/h that are usual."""
    words: str
    """What it was compared with: `at this hour on 7 days before`."""
    began: datetime
    """When what is too much began."""


class _Grown(NamedTuple):
    what: str
    row: UsageRow
    usd: float
    base: Base


class Growth:
    """One finding for each namespace and each of the two: traffic, and volumes."""

    id: ClassVar[str] = "growth"
    title: ClassVar[str] = "Egress, storage"
    about: ClassVar[str] = "A namespace sends more, or has larger volumes, than it did, for more dollars."

    def __init__(self, rules: GrowthRules | None = None) -> None:
        self._rules = rules or GrowthRules()
        self._memory = GrowthMemory()
        self._lasting = Lasting(GRACE)
        self._held: dict[str, Base] = {}
        """What those that grew are held against: what they are now does not become their normal."""

    def prime(self, past: Mapping[tuple[str, str], Sequence[tuple[float, float]]], now: datetime) -> None:
        """Take in what sources tell of the past: `egress` or `storage` and `cluster/namespace` -> points of $/h."""
        for (what, key), points in past.items():
            self._memory.prime(f"{what} {key}", points, _hour(now))

    def state(self) -> dict[str, object]:
        """Return the hourly means that were seen, as JSON can hold them."""
        return self._memory.state()

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from an earlier `state`; what of it cannot be read is left out."""
        self._memory.restore(state)

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each growth that has lasted for long enough; see `Detector.judge`."""
        grown: dict[str, _Grown] = {}
        for row in scene.snapshot.usage:
            for what, usd in ((EGRESS, row.egress_usd_per_hour), (STORAGE, row.storage_usd_per_hour)):
                if known(usd) is not None:
                    key, rate = f"{what} {row.key}", positive(usd)
                    past = self._memory.take(key, _hour(scene.now), rate) if not row.stale else None
                    base = self._base(key, rate, past, scene.now)
                    if base is not None:
                        grown[key] = _Grown(what, row, rate, base)
        since = self._lasting.update(grown, scene.now)
        self._held = {key: base for key, base in self._held.items() if key in since}
        self._held |= {key: one.base for key, one in grown.items()}
        least = timedelta(minutes=self._rules.minutes)
        return [self._signal(scene, one) for key, one in grown.items() if scene.now - since[key] >= least]

    def _base(self, key: str, usd: float, past: HourlyPast | None, now: datetime) -> Base | None:
        """Return what a figure is held against, None where it has not grown by enough, or nobody knows yet."""
        rules, egress, held = self._rules, key.startswith(EGRESS), self._held.get(key)
        gate = rules.waste.least_usd_per_hour if egress else rules.storage_usd_per_hour
        if usd < gate:
            return None
        base = held
        accepted = held is not None and egress and hours(now - held.began) > rules.accept_hours
        if past is not None and (held is None or accepted or not egress):
            base = self._usual(past, now) if egress else self._level(past, usd, now)
        factor = rules.factor if egress else rules.storage_factor
        if base is None or usd < factor * base.reached or usd - base.reached < gate:
            return None
        return base if held is None or accepted else base._replace(began=held.began)

    def _usual(self, past: HourlyPast, now: datetime) -> Base | None:
        """Hold traffic against the same hour of the days before, or for want of those against any hour."""
        days = past.near(_hour(now))[:7]
        if len(days) >= self._rules.days_needed:
            return Base(max(days), median(days), f"at this hour on {len(days)} days before", now)
        seen = past.before(_hour(now))
        if len(seen) < self._rules.hours_needed:
            return None
        return Base(max(seen), median(seen), f"in the {len(seen)} hours before", now)

    def _level(self, past: HourlyPast, usd: float, now: datetime) -> Base | None:
        """Hold volumes against what they were a week ago, or when they were first seen."""
        hour, oldest = _hour(now), past.oldest()
        if oldest is None or hour - oldest < self._rules.hours_needed:
            return None
        then = max(oldest, hour - WEEK)
        level = past.level(then) if then > oldest else past.at(oldest)
        if level is None:
            return None
        half = level + (usd - level) / 2
        low = [number for number in range(then, hour + 1) if (mean := past.at(number)) is not None and mean < half]
        began = datetime.fromtimestamp((max(low) + 1) * HOUR, UTC) if low else now
        return Base(level, level, f"{hour - then} h ago" if hour - then < WEEK else "7 days ago", min(began, now))

    def _signal(self, scene: Scene, grown: _Grown) -> Signal:
        what, row, usd, base = grown
        since = base.began
        scope = Scope(ScopeKind.NAMESPACE, row.key)
        spends = scene.rows.get(scope)
        excess, lasts = usd - base.normal, scene.now - since
        severity = grade(excess, lasts, excess * hours(lasts), self._rules.waste)
        sure = what == STORAGE or row.egress_told_apart
        if not sure:
            severity = Severity.INFO
        elif what == STORAGE and severity is Severity.PAGE:
            severity = Severity.TICKET
        why, evidence = (egress_why, egress_evidence) if what == EGRESS else (storage_why, storage_evidence)
        whole = positive(spends.usd_per_hour) if spends is not None else 0.0
        whole += positive(row.egress_usd_per_hour if row.egress_told_apart else None) + positive(
            row.storage_usd_per_hour
        )
        return Signal(
            kind=self.id,
            severity=severity,
            scope=scope,
            name=f"{row.namespace} {'egress' if what == EGRESS else 'volumes'}",
            since=since,
            why=why(row, usd, base.normal, base.words, lasts),
            part=what,
            cluster=row.cluster,
            owner=row.owner,
            namespace=row.namespace,
            usd_per_hour=whole if sure else None,
            normal_usd_per_hour=whole - excess if sure else None,
            excess_usd_per_hour=excess if sure else None,
            evidence=tuple(evidence(row, usd, base.normal, base.words)),
            related=tuple(f"{row.cluster}/{_key(name, row.namespace)}" for name, _ in row.senders[:RELATED])
            if what == EGRESS
            else (),
        )


RELATED = 3
"""Workloads that are named as those that send most."""


def _key(name: str, namespace: str) -> str:
    kind, _, bare = name.partition("/")
    return f"{kind}/{namespace}/{bare}"


def _hour(now: datetime) -> int:
    return int(now.timestamp() // HOUR)
