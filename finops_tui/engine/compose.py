"""One snapshot of the fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from math import isfinite
from typing import Generic, TypeVar

from msgspec.structs import replace

from finops_tui.analysis.activity import activity
from finops_tui.analysis.baseline import BaselineRules
from finops_tui.analysis.burn_rate import BurnRules, worst_burn
from finops_tui.analysis.clouds import CloudTable
from finops_tui.analysis.cluster_costs import NO_READINGS
from finops_tui.analysis.freshness import is_stale
from finops_tui.analysis.ownership import Owners
from finops_tui.analysis.pools import errors_of, pool_row, recent_errors
from finops_tui.analysis.pricing import PriceBook
from finops_tui.analysis.slos import SloTable, serving_rows
from finops_tui.analysis.spot import SpotWatch, interrupted
from finops_tui.analysis.usage import UsageTable
from finops_tui.engine.economics import Economist
from finops_tui.engine.history import SpendHistory
from finops_tui.engine.pace import every_seconds
from finops_tui.engine.past import priced_past
from finops_tui.engine.settings import EngineSettings
from finops_tui.engine.spend import Spend
from finops_tui.engine.spend_rows import idle_capacity
from finops_tui.model.action import ActionRow
from finops_tui.model.finding import Finding, Severity
from finops_tui.model.fleet import Fleet
from finops_tui.model.gpu import GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.observations import HistorySeen, Quantity, SourceHealth
from finops_tui.model.scope import TOTAL, ScopeKind
from finops_tui.model.snapshot import (
    ActivityRow,
    Armed,
    Headline,
    InterruptionRow,
    Mode,
    PoolNodes,
    PoolRow,
    Snapshot,
    SourceRow,
    SpotRow,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first figures do not wait for all that judges them
    from finops_tui.analysis.known_days import Watched
    from finops_tui.detectors.registry import DetectionRules, Detectors
    from finops_tui.engine.billing import Biller
    from finops_tui.engine.watch import Watch

USD_PER_HOUR = "USD/h"

NOT_JUDGED = "Figures have just begun to come; they are judged next."

ESTIMATES = "estimates"
"""Under which name the estimated days are kept beside what detectors have learned."""
REMEDIED = 20
"""Findings, the most urgent, for which moves are looked for."""

T = TypeVar("T")


class Composer:
    """Turns the state into what is shown. It remembers figures and rows, so that only what changed is worked out."""

    def __init__(self, settings: EngineSettings, mode: Mode, speed: float) -> None:
        self._settings = settings
        self._mode = mode
        self._speed = speed
        self._history = SpendHistory(BaselineRules())
        self._spend = Spend(settings, self._history)
        self._economist = Economist(settings.ownership, every_seconds(speed))
        self._slos = SloTable(BurnRules())
        self._owners = Owners(settings.ownership)
        self._usage = UsageTable(settings.usage, self._owners)
        self._spot = SpotWatch()
        self._clouds = CloudTable()
        self._figures_first = settings.figures_first
        self._book = PriceBook({})
        self._book_version = 0
        self._primed_with: tuple[object, ...] = ()
        self._past_told: tuple[tuple[HistorySeen, ...], bool] = ((), False)
        """And whether prices make it: dollars that were told stand, whatever prices are heard of later."""
        self._growth_primed_with: tuple[object, ...] = ()
        self._lost = _Remembered(lambda fleet: interrupted(fleet.interruptions.values()), _interruptions_token)
        self._activity: tuple[object, tuple[ActivityRow, ...]] = (None, ())
        self._remedied: tuple[tuple[Finding, ...], tuple[Finding, ...]] = ((), ())
        self._said: dict[str, ActivityRow] = {}
        """What was told of each finding at its time."""

    def compose(self, fleet: Fleet, now: datetime) -> Snapshot:
        if fleet.prices_version != self._book_version:
            self._book, self._book_version = PriceBook(fleet.prices), fleet.prices_version
        self._prime(fleet, now)
        self._spend.update(fleet, self._book, now)
        figures = self._figures(fleet, now)
        if self._figures_first:
            self._figures_first = False
            return replace(figures, learning=NOT_JUDGED)
        figures = self._with_bills(figures, fleet, now)
        sight = self._watch.look(figures, fleet, now)
        return replace(
            figures,
            headline=replace(figures.headline, burned_usd=sight.burned_usd),
            findings=self._with_remedies(sight.findings, figures, fleet, now),
            resolved=sight.resolved,
            learning=self._detectors.spend.learning,
            sources=(*figures.sources, *(_broken_row(*each) for each in self._watch.broken.items())),
            activity=self._told(fleet, (*sight.findings, *sight.resolved)),
            actions=_actions(fleet),
        )

    def _with_bills(self, figures: Snapshot, fleet: Fleet, now: datetime) -> Snapshot:
        billing = self._biller.look(figures, fleet, now)
        return replace(
            figures,
            headline=self._biller.headline(figures.headline, billing),
            bills=billing.bills,
            reconciliation=billing.reconciliation,
            month=billing.month,
            budgets=billing.budgets,
            cloud=self._clouds.facts(fleet),
        )

    def _with_remedies(
        self, findings: tuple[Finding, ...], figures: Snapshot, fleet: Fleet, now: datetime
    ) -> tuple[Finding, ...]:
        """Return the findings with what would help, worked out anew when they were."""
        if self._remedied[0] is not findings:
            from finops_tui.engine.remedies import Around, remedies

            around = Around.of(figures, fleet, now)
            urgent = [each for each in findings if each.severity is not Severity.INFO][:REMEDIED]
            moves = {each.key: remedies(each, around) for each in urgent}
            helped = tuple(replace(each, remedies=moves.get(each.key, ())) for each in findings)
            self._remedied = (findings, helped)
        return self._remedied[1]

    @cached_property
    def _detectors(self) -> Detectors:
        from finops_tui.detectors.registry import Detectors

        return Detectors(self._rules)

    @cached_property
    def _rules(self) -> DetectionRules:
        from finops_tui.detectors.registry import DetectionRules

        made = self._settings.detection
        return made() if made is not None else DetectionRules()

    @cached_property
    def _biller(self) -> Biller:
        from finops_tui.engine.billing import Biller

        return Biller(self._settings.bill_links, self._rules.budget, every_seconds(self._speed))

    @cached_property
    def _watch(self) -> Watch:
        from finops_tui.engine.watch import Watch, WatchRules

        settings = self._settings
        return Watch(self._detectors.wanted, settings.watch or WatchRules(), self._history, settings.ownership)

    def catch_up(self) -> bool:
        """Let one more learner take in the past, some 15 ms, and tell whether others wait."""
        return bool(self._primed_with) and self._detectors.spend.catch_up(1)

    def learned(self) -> dict[str, object]:
        """Return what is worth keeping for the next start."""
        return {**self._detectors.state(), ESTIMATES: self._biller.learned()}

    def remember(self, learned: Mapping[str, object], findings: Iterable[Finding]) -> None:
        """Go on from what an earlier run has left."""
        self._detectors.restore(learned)
        self._biller.remember(learned.get(ESTIMATES))
        self._watch.restore(findings)

    def estimated_days(self, cluster: str, now: datetime) -> Mapping[date, Watched]:
        """Return what was estimated of each day of a cluster."""
        return self._biller.days(cluster, now)

    def _figures(self, fleet: Fleet, now: datetime) -> Snapshot:
        serving = serving_rows(fleet, now)
        slos = self._slos.rows(fleet, now, {name: spend.rows for name, spend in self._spend.clusters.items()})
        interruptions, spot = self._spot_figures(fleet, now)
        self._history.record_burn(now.timestamp(), worst_burn(slos))
        free = {name: idle_capacity(spend.figures) for name, spend in self._spend.clusters.items()}
        economics = self._economist.look(self._spend.tables, serving, free, now.timestamp())
        return Snapshot(
            at=now,
            mode=self._mode,
            speed=self._speed,
            clusters=tuple(self._spend.clusters),
            headline=self._headline(now),
            spend=self._spend.tables,
            pools=self._pools(fleet, now),
            nodes=self._nodes(fleet),
            slos=slos,
            spot=spot,
            interruptions=interruptions,
            serving=serving,
            by_label=dict(economics.by_label),
            units=economics.units,
            coverage=economics.coverage,
            usage=self._usage.rows(fleet, now),
            sources=tuple(_source_row(health, now) for health in fleet.health.values()),
            armed=_armed(fleet, now),
        )

    def _told(self, fleet: Fleet, findings: tuple[Finding, ...]) -> tuple[ActivityRow, ...]:
        """Return what happened, made anew when anything did."""
        token = _events_token(fleet), tuple((each.key, each.since, each.state, each.severity) for each in findings)
        if self._activity[0] != token:
            rows = activity(fleet, findings, self._said)
            self._said = {row.key: row for row in rows if row.kind == "finding"}
            self._activity = (token, rows)
        return self._activity[1]

    def _prime(self, fleet: Fleet, now: datetime) -> None:
        """Take in what was told of the past, again when more of it, of its prices or of the clusters is known."""
        clusters = tuple(sorted(name for name, cluster in fleet.clusters.items() if cluster.nodes))
        told = tuple(fleet.history.values())
        if told != self._past_told[0]:
            self._past_told = (told, any(series.quantity is Quantity.NODES for seen in told for series in seen.series))
        made_of = (told, tuple(fleet.prices) if self._past_told[1] else (), clusters)
        if fleet.history and made_of != self._primed_with:
            self._primed_with = made_of
            past = priced_past(fleet.history.values(), self._book, clusters, self._owners)
            self._history.prime(past, now.timestamp())
            self._spend.retell()
            self._detectors.spend.prime(past)
            self._biller.prime(past)

        measured = (
            self._primed_with,
            tuple(name for name, cluster in fleet.clusters.items() if cluster.usage is not None),
        )
        if fleet.history and measured != self._growth_primed_with:
            self._growth_primed_with = measured
            self._detectors.growth.prime(self._usage.past(fleet), now)

    def _headline(self, now: datetime) -> Headline:
        spend, at = self._spend, now.timestamp()
        row = next(iter(spend.tables[ScopeKind.TOTAL]))
        normal = self._history.scope(TOTAL).normal(at)
        today, today_missing = self._history.today(at)

        def figure(value: float | None, missing: str, unit: str = USD_PER_HOUR) -> Figure:
            return Figure(
                value=value,
                unit=unit,
                at=row.at,
                provenance=Provenance.ESTIMATED,
                source=row.priced_by,
                missing=missing if value is None else "",
            )

        figures, clusters = spend.figures, spend.clusters.values()
        seen = any(not cluster.age.missing for cluster in clusters)
        told = any(cluster.rows or not (cluster.age.missing or cluster.untold) for cluster in clusters)
        return Headline(
            usd_per_hour=figure(row.usd_per_hour, row.missing),
            normal_usd_per_hour=figure(normal.usd_per_hour, normal.missing),
            idle_usd_per_hour=figure(figures.idle_usd, "No GPU telemetry." if figures.nodes else row.missing),
            unallocated_usd_per_hour=figure(figures.unallocated_usd, spend.untold or row.missing),
            today_usd=figure(today, today_missing, "USD"),
            gpus=figures.gpus if seen else None,
            gpus_allocated=figures.allocated if seen else None,
            nodes=figures.nodes if seen else None,
            workloads=sum(len(cluster.rows) for cluster in clusters) if told else None,
            unpriced=spend.unpriced,
            strip=self._history.strip(at),
            strip_normal=self._history.strip_normal(at),
            strip_burn=self._history.strip_burn(at),
        )

    def _pools(self, fleet: Fleet, now: datetime) -> tuple[PoolRow, ...]:
        errors = recent_errors(fleet.gpu_errors, now)
        rows: list[PoolRow] = []
        for name, spend in self._spend.clusters.items():
            cluster = fleet.clusters.get(name)
            held = cluster.gpu.get(GpuScope.NODE) if cluster is not None else None
            stale = spend.age.stale or (held is not None and is_stale(fleet.health.get(held.source), now))
            at = held.at if held is not None else spend.age.at
            readings = held.value if held is not None else NO_READINGS
            missing = "" if readings else f"No GPU telemetry from {name}."
            for pool in spend.pools:
                if pool.figures.gpus:
                    said = errors_of(pool, errors) if errors else ()
                    why = " ".join(filter(None, (missing or pool.missing, spend.untold)))
                    rows.append(pool_row(pool, said, at, stale=stale, missing=why))
        return tuple(rows)

    def _nodes(self, fleet: Fleet) -> PoolNodes | None:
        wanted = fleet.nodes_wanted
        if wanted is None:
            return None
        from finops_tui.engine.node_rows import nodes_of

        held = ((spend, pool) for spend in self._spend.clusters.values() for pool in spend.pools)
        found = next(((spend, pool) for spend, pool in held if pool.key == wanted.pool), None)
        return nodes_of(found[1], wanted, found[0].age) if found is not None else PoolNodes(pool=wanted.pool, rows=())

    def _spot_figures(self, fleet: Fleet, now: datetime) -> tuple[tuple[InterruptionRow, ...], tuple[SpotRow, ...]]:
        clusters = self._spend.clusters
        pools = [pool for spend in clusters.values() for pool in spend.pools]
        ages = {name: (spend.age.at, spend.age.stale) for name, spend in clusters.items()}
        interruptions = self._spot.interruptions(fleet, pools, self._book, now)  # rows sum up what it finds
        return interruptions, self._spot.rows(pools, self._lost.of(fleet), self._book, now, ages)


class _Remembered(Generic[T]):
    """What was made of some events, until there are others."""

    def __init__(self, make: Callable[[Fleet], T], token: Callable[[Fleet], object]) -> None:
        self._make = make
        self._token = token
        self._made: tuple[object, T] | None = None

    def of(self, fleet: Fleet) -> T:
        token = self._token(fleet)
        if self._made is None or self._made[0] != token:
            self._made = (token, self._make(fleet))
        return self._made[1]


def _newest(events: dict[str, T]) -> tuple[int, str]:
    """Events are only ever added at the end and dropped at the front: their number and the last tell them apart."""
    return len(events), next(reversed(events), "")


def _interruptions_token(fleet: Fleet) -> object:
    return _newest(fleet.interruptions)


def _events_token(fleet: Fleet) -> object:
    last = fleet.health_log[-1] if fleet.health_log else None
    actions = tuple((row.key, row.outcome, row.words) for row in fleet.actions.values())
    return (
        _newest(fleet.changes), _newest(fleet.interruptions), _newest(fleet.evictions),
        len(fleet.health_log), last, actions,
    )  # fmt: skip


def _actions(fleet: Fleet) -> tuple[ActionRow, ...]:
    """Return what was done from here, and what objects tell was done elsewhere, newest first."""
    from finops_tui.engine.standing import standing

    rows = (*fleet.actions.values(), *standing(fleet, fleet.actions))
    return tuple(sorted(rows, key=lambda row: (row.at, row.key), reverse=True))


def _armed(fleet: Fleet, now: datetime) -> Armed:
    seen = fleet.arming
    if seen is None:
        return Armed()
    until = seen.until if seen.until is not None and seen.until > now else None
    return Armed(possible=seen.possible, until=until, journal=seen.journal)


def _broken_row(detector: str, trouble: tuple[str, datetime]) -> SourceRow:
    reason, since = trouble
    return SourceRow(
        name=f"detector {detector}",
        short=detector,
        state=HealthState.PARTIAL,
        cluster="",
        since=since,
        answered_at=None,
        stale=False,
        ages=False,
        reason=reason,
        hint="Its findings are missing. This is a bug in finops-tui.",
    )


def _source_row(health: SourceHealth, now: datetime) -> SourceRow:
    return SourceRow(
        name=health.source,
        short=health.short,
        state=health.state,
        cluster=health.cluster,
        since=health.since,
        answered_at=health.answered_at,
        stale=is_stale(health, now),
        ages=isfinite(health.stale_after_seconds),
        primed=health.primed,
        reason=health.reason,
        hint=health.hint,
        missing=health.missing,
        warnings=health.warnings,
        note=health.note,
    )
