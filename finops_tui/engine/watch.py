"""Runs the detectors and keeps what they find: since when, how much it has burned, what was decided about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from finops_tui.analysis.figures import amount
from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.detectors.base import Detector, Scene
from finops_tui.engine.absorb import absorbed, key_of
from finops_tui.engine.causes import Causes
from finops_tui.engine.history import MINUTE, SAMPLE_STEP, SpendHistory
from finops_tui.engine.planned import ANNOTATION, PlannedWindow, planned, settling
from finops_tui.engine.triage import applies, state_of
from finops_tui.engine.urgency import Case, Urgency
from finops_tui.model.finding import Evidence, Finding, FindingState, Severity, Signal, Triage
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot

HOUR_SECONDS = 3600.0
NEVER = datetime.min.replace(tzinfo=UTC)
TENANTS_TOLD = 20
"""Workloads that are told of a pool's finding, the most expensive first."""
ONSET_MINUTES = 10
"""What begins slowly had begun so long before its onset."""
REMEMBERED_FOR = timedelta(minutes=2)
"""After a start, what was open before is listed as it was left for so long, until it has been looked at again."""
SERIES_KEPT_FOR = timedelta(hours=3)
"""What has been over for longer than a chart reaches back keeps its words, and not its curve."""
LEFT_LATELY = timedelta(hours=1)
RUNBOOK = "finops-tui/runbook"
OWNER, CHAT = "finops-tui/owner", "finops-tui/chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRules:
    every_seconds: float = 10.0
    """Of the clock, between two looks."""
    grace_seconds: float = 300.0
    """What is not seen for so long is over: a gap or a wobble ends nothing."""
    least_seconds: Mapping[Severity, float] = field(default_factory=dict)
    """How long a trouble must have been seen before it is listed; on top of the evidence each detector wants."""
    kept_hours: float = 24.0
    """How long what is over stays known."""
    most: int = 200
    """Findings that are listed, the most urgent first."""
    planned: tuple[PlannedWindow, ...] = ()
    runbooks: Mapping[str, str] = field(default_factory=dict)
    """Address by kind of finding, where the workload names none."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """Owner by namespace, where no label names one."""


class Sight(NamedTuple):
    """What a look came to."""

    findings: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    burned_usd: float = 0.0


@dataclass(slots=True)
class _Trouble:
    """A signal's history."""

    signal: Signal
    since: datetime
    first_seen: datetime
    seen_at: datetime
    burned_usd: float
    opened_at: datetime | None = None
    paged: bool = False
    """Whether it ever was a page: one that calms down and flares up again is the same."""
    urgency: Urgency = field(default_factory=Urgency)


class Watch:
    """Everything that was found. One look at a time, in order of time."""

    def __init__(
        self, detectors: Sequence[Detector], rules: WatchRules, history: SpendHistory, ownership: OwnershipRules
    ) -> None:
        self._detectors = detectors
        self._rules = rules
        self._history = history
        self._causes = Causes(ownership)
        self._troubles: dict[str, _Trouble] = {}
        self._remembered: dict[str, Finding] = {}
        """What was open when the program ended last."""
        self._began: datetime | None = None
        self._over: dict[str, Finding] = {}
        """By key and onset, oldest first."""
        self._told: dict[str, Finding] = {}
        self._looked_at = NEVER
        self._sources_told: frozenset[object] | None = None
        """Which sources had said what they know at the last look: what is new from one of them waits for nothing."""
        self._sight = Sight()
        self._triaged: object = None
        self.broken: dict[str, tuple[str, datetime]] = {}
        """Detectors that fail, by id: what they raised, and since when."""

    def look(self, figures: Snapshot, fleet: Fleet, now: datetime) -> Sight:
        """Judge the figures, at most every so often; return what is wrong and what was."""
        triaged = (len(fleet.triage), next(reversed(fleet.triage.values()), None))
        told = frozenset((source.name, source.state, source.primed) for source in figures.sources)
        since = (now - self._looked_at).total_seconds()
        due = told != self._sources_told or not 0 <= since < self._rules.every_seconds  # clocks are set back, too
        self._sources_told = told
        if not due and triaged == self._triaged:
            return self._sight
        scene = Scene(snapshot=figures, fleet=fleet, now=now, past=self._past(now))
        if due:
            self._looked_at = now
            self._take(absorbed(self._signals(scene), scene), fleet, now)
        self._triaged = triaged
        self._sight = self._tell(scene)
        return self._sight

    # --- memory

    def state(self) -> list[Finding]:
        """Return what is open, for the next start."""
        return list(self._told.values())

    def restore(self, findings: Iterable[Finding]) -> None:
        """Remember what was open when the program ended: if it is still so, it is the same finding."""
        self._remembered = {finding.key: finding for finding in findings}

    # --- inside

    def _past(self, now: datetime) -> Callable[[Scope], tuple[float | None, ...]]:
        at = now.timestamp()
        return lambda scope: self._history.scope(scope).samples(at)

    def _signals(self, scene: Scene) -> list[Signal]:
        signals: list[Signal] = []
        for detector in self._detectors:
            try:
                signals += detector.judge(scene)
            except Exception as error:  # noqa: BLE001 - a bug in one judgement must not cost the others
                self.broken.setdefault(detector.id, (f"{type(error).__name__}: {error}", scene.now))
            else:
                self.broken.pop(detector.id, None)
        return signals

    def _take(self, signals: Iterable[Signal], fleet: Fleet, now: datetime) -> None:
        """Bring the troubles up to date."""
        for signal in signals:
            expected = planned(signal, self._rules.planned, now) or settling(signal, fleet.actions.values(), now)
            if expected:
                signal = replace(signal, planned=expected, severity=Severity.INFO)  # noqa: PLW2901 - the same, as told
            key = key_of(signal)
            trouble = self._troubles.get(key)
            if trouble is None:
                trouble = self._troubles[key] = self._begun(key, signal, now)
            elif signal.severity is Severity.PAGE and not trouble.paged:
                trouble = self._troubles[key] = self._worse(trouble, signal, now)
            self._burn(trouble, signal, now)
            trouble.signal, trouble.seen_at = signal, now
            trouble.paged |= signal.severity is Severity.PAGE
            least = self._rules.least_seconds.get(signal.severity, 0.0)
            if trouble.opened_at is None and (now - trouble.first_seen).total_seconds() >= least:
                trouble.opened_at = now
        self._end(now)

    def _end(self, now: datetime) -> None:
        """Let what has not been seen for a while be over, and forget what has been over for long."""
        grace = timedelta(seconds=self._rules.grace_seconds)
        for key in [key for key, trouble in self._troubles.items() if now - trouble.seen_at > grace]:
            trouble = self._troubles.pop(key)
            told = self._told.pop(key, None)
            if told is not None:
                self._over[f"{key} {trouble.since}"] = replace(
                    told, state=FindingState.RESOLVED, resolved_at=trouble.seen_at
                )
        drawn = now - SERIES_KEPT_FOR
        for key, over in self._over.items():
            if over.minutes and (over.resolved_at or now) < drawn:
                self._over[key] = replace(over, minutes=(), minutes_normal=(), trend=())
        limit = now - timedelta(hours=self._rules.kept_hours)
        for key in [key for key, over in self._over.items() if (over.resolved_at or now) < limit]:
            del self._over[key]

    def _worse(self, trouble: _Trouble, signal: Signal, now: datetime) -> _Trouble:
        """Begin anew: what begins to page is another trouble than the ticket it was."""
        burned = trouble.burned_usd if signal.since <= trouble.since else signal.burned_usd or 0.0
        since, urgency = max(trouble.since, signal.since), trouble.urgency.anew()
        return _Trouble(signal, since, trouble.first_seen, now, burned, urgency=urgency)

    def _begun(self, key: str, signal: Signal, now: datetime) -> _Trouble:
        before = self._remembered.pop(key, None)
        grace = timedelta(seconds=self._rules.grace_seconds)
        if before is not None and signal.since - before.seen_at <= grace:
            return _again(before, signal, now)
        over = [found for found in self._over.values() if found.key == key and signal.since <= found.since + grace]
        for found in over:  # it had not ended after all
            del self._over[f"{found.key} {found.since}"]
            return _again(found, signal, now)
        hours = max(0.0, (now - signal.since).total_seconds()) / HOUR_SECONDS
        return _Trouble(signal, signal.since, now, now, (amount(signal.excess_usd_per_hour) or 0.0) * min(hours, 24.0))

    def _burn(self, trouble: _Trouble, signal: Signal, now: datetime) -> None:
        burned = amount(signal.burned_usd)
        if burned is not None:
            trouble.burned_usd = max(trouble.burned_usd, burned)
        else:
            hours = max(0.0, (now - trouble.seen_at).total_seconds()) / HOUR_SECONDS
            trouble.burned_usd += (amount(signal.excess_usd_per_hour) or 0.0) * hours

    def _tell(self, scene: Scene) -> Sight:
        fleet, now = scene.fleet, scene.now
        told: dict[str, Finding] = {}
        for key, trouble in self._troubles.items():
            if trouble.opened_at is not None:
                told[key] = self._finding(trouble, trouble.opened_at, fleet.triage.get(key), scene)
        told |= self._left_open(told, now)
        self._told = told
        listed = sorted(told.values(), key=_urgency)
        ended = [finding for finding in listed if finding.state is FindingState.RESOLVED]
        findings = tuple(finding for finding in listed if finding.state is not FindingState.RESOLVED)
        resolved = sorted((*self._over.values(), *ended), key=lambda finding: finding.resolved_at or now, reverse=True)
        return Sight(findings[: self._rules.most], tuple(resolved[: self._rules.most]), _burned(findings))

    def _left_open(self, told: Mapping[str, Finding], now: datetime) -> dict[str, Finding]:
        """Return what an earlier run has left, until this one has had the time to see for itself."""
        self._began = self._began or now
        if now - self._began >= REMEMBERED_FOR:
            return {}
        return {
            key: replace(finding, stale=True)
            for key, finding in self._remembered.items()
            if key not in told and now - finding.seen_at <= LEFT_LATELY
        }

    def _finding(self, trouble: _Trouble, opened_at: datetime, made: Triage | None, scene: Scene) -> Finding:
        signal, now = trouble.signal, scene.now
        row = scene.rows.get(signal.scope)
        workload = scene.workload(signal.scope.name) if signal.scope.kind is ScopeKind.WORKLOAD else None
        notes = workload.annotations if workload is not None else {}
        expected = signal.planned or notes.get(ANNOTATION, "")
        judged = Severity.INFO if expected else signal.severity
        triage = applies(made, trouble.since, opened_at, trouble.urgency.least(judged))
        state = state_of(triage, now)
        burned = trouble.burned_usd if signal.excess_usd_per_hour is not None else signal.burned_usd
        case = Case(judged, signal.excess_usd_per_hour, burned, expected, triage, state, now)
        severity = trouble.urgency.look(case, timedelta(seconds=self._rules.grace_seconds))
        contact = (Evidence(label="Contact", words=notes[CHAT]),) if CHAT in notes else ()
        minutes = by_the_minute(self._history.scope(signal.scope).samples(now.timestamp()))
        labels = dict(row.labels) if row is not None else {}
        return Finding(
            key=key_of(signal),
            kind=signal.kind,
            severity=severity,
            state=state,
            scope=signal.scope,
            name=signal.name,
            cluster=signal.cluster,
            owner=signal.owner or notes.get(OWNER, "") or self._rules.owners.get(signal.namespace, ""),
            namespace=signal.namespace,
            model=signal.model,
            environment=labels.get("environment", ""),
            since=trouble.since,
            opened_at=opened_at,
            seen_at=trouble.seen_at,
            resolved_at=triage.at if triage is not None and state is FindingState.RESOLVED else None,
            usd_per_hour=signal.usd_per_hour,
            normal_usd_per_hour=signal.normal_usd_per_hour,
            excess_usd_per_hour=signal.excess_usd_per_hour,
            burned_usd=burned,
            why=signal.why,
            evidence=(*signal.evidence, *trouble.urgency.evidence(case), *contact),
            causes=self._causes.of(signal, trouble.since, scene),
            related=_related(signal, scene),
            runbook=notes.get(RUNBOOK, "") or self._rules.runbooks.get(signal.kind, ""),
            planned=expected,
            triage=triage,
            turned=trouble.urgency.turned,
            group=f"{signal.cluster}/{signal.model}" if signal.model else "",
            trend=row.trend if row is not None else (),
            minutes=minutes,
            minutes_normal=_normal_minutes(minutes, signal.normal_usd_per_hour, now - trouble.since),
            stale=row.stale if row is not None else False,
        )


def _again(before: Finding, signal: Signal, now: datetime) -> _Trouble:
    """Go on with a finding that had not ended after all, or that an earlier run has left."""
    urgency = Urgency.of(before)
    burned = before.burned_usd or 0.0
    return _Trouble(
        signal, before.since, before.opened_at, now, burned, before.opened_at, paged=urgency.paged, urgency=urgency
    )


def _related(signal: Signal, scene: Scene) -> tuple[str, ...]:
    """Return what belongs to it, with the tenants of a pool and the pools of a tenant: no row of theirs names them."""
    if signal.scope.kind is ScopeKind.WORKLOAD:
        pools = (pool for pool, tenants in scene.workloads_of_pools.items() if signal.scope.name in tenants)
        return tuple(dict.fromkeys((*signal.related, *pools)))
    if signal.scope.kind is not ScopeKind.POOL:
        return signal.related
    tenants = scene.workloads_of_pools.get(signal.scope.name, ())
    dearest = sorted(tenants, key=lambda key: -(_usd(scene, key)))[:TENANTS_TOLD]
    return tuple(dict.fromkeys((*signal.related, *dearest)))


def _usd(scene: Scene, key: str) -> float:
    row = scene.workload_rows.get(key)
    return (row.usd_per_hour or 0.0) if row is not None else 0.0


def _normal_minutes(
    minutes: Sequence[float | None], normal: float | None, lasts: timedelta
) -> tuple[float | None, ...]:
    """Return what was normal in each minute: before the onset nothing was too much."""
    if normal is None:
        return (None,) * len(minutes)
    before = len(minutes) - int(lasts / timedelta(minutes=1)) - ONSET_MINUTES
    return tuple(
        max(normal, usd) if index < before and usd is not None else normal for index, usd in enumerate(minutes)
    )


def by_the_minute(samples: Sequence[float | None]) -> tuple[float | None, ...]:
    """Spread samples over the minutes that they stand for."""
    if not samples:
        return ()
    return tuple(samples[minute * MINUTE // SAMPLE_STEP] for minute in range(len(samples) * SAMPLE_STEP // MINUTE))


def _urgency(finding: Finding) -> tuple[int, bool, float, str]:
    return finding.severity.rank, bool(finding.planned), -(finding.excess_usd_per_hour or 0.0), finding.key


def _burned(findings: Iterable[Finding]) -> float:
    """Sum what is burned by what nobody expects; two findings about one scope count once."""
    by_scope: dict[object, float] = {}
    for finding in findings:
        if not finding.planned:
            by_scope[finding.scope] = max(by_scope.get(finding.scope, 0.0), finding.burned_usd or 0.0)
    return sum(by_scope.values())
