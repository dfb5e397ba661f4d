"""The state of everything watched, folded from observations."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from finops_tui.model.action import ActionRow
from finops_tui.model.finding import Triage
from finops_tui.model.gpu import GpuError, GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Namespace, Node, Workload
from finops_tui.model.money import Price
from finops_tui.model.observations import (
    ActionProgress,
    ArmingSeen,
    BillsSeen,
    ChangeSeen,
    CloudWord,
    FindingTriaged,
    GpuErrorsSeen,
    GpuReadings,
    HistorySeen,
    NamespacesSeen,
    NodesSeen,
    NodesWanted,
    Observation,
    PodEvicted,
    PricesSeen,
    ServingReadings,
    SliReadings,
    SlosSeen,
    SourceHealth,
    SpotInterrupted,
    UsageReadings,
    WorkloadsSeen,
)
from finops_tui.model.slo import ServingReading, SliReading, Slo

EVENTS_KEPT = 5_000
EVENTS_KEPT_FOR = timedelta(days=7)
CHANGES_KEPT_FOR = timedelta(hours=36)
"""Nobody looks further back for what brought an incident about, and there are many of them."""
GPU_ERRORS_KEPT = 1_000
ACTIONS_KEPT = 500
BILLED_ROWS_KEPT = 20_000
"""Of each source: accounts, services and days beyond that are told together."""

T = TypeVar("T")


@dataclass(slots=True)
class Held(Generic[T]):
    """A value with who said it and when."""

    value: T
    at: datetime
    source: str


@dataclass(slots=True)
class Cluster:
    """What is known of one cluster."""

    name: str
    nodes: dict[str, Node] = field(default_factory=dict)
    """By name."""
    workloads: dict[str, Workload] = field(default_factory=dict)
    """By key."""
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    gpu: dict[GpuScope, Held[dict[str, GpuReading]]] = field(default_factory=dict)
    serving: Held[tuple[ServingReading, ...]] | None = None
    usage: UsageReadings | None = None
    inventory_source: str = ""
    inventory_at: datetime | None = None
    """When the nodes were last known to be as they stand here."""
    workloads_listed_at: datetime | None = None
    """When somebody last told of workloads as a whole, as far as he sees them."""
    workload_sources: frozenset[str] = frozenset()
    """Who tells of workloads: several where each sees some namespaces."""
    namespaces_listed_at: datetime | None = None

    @property
    def workloads_told(self) -> bool:
        """Whether anybody has told of its workloads, be it that there are none; else nobody knows what is free."""
        return self.workloads_listed_at is not None or bool(self.workloads)


class Fleet:
    """`fold` is the only place where it changes. Folding an observation twice is the same as folding it once."""

    def __init__(self) -> None:
        self.clusters: dict[str, Cluster] = {}
        self.slos: dict[str, Held[Slo]] = {}
        self.slis: dict[tuple[str, int], Held[SliReading]] = {}
        """By objective and window (seconds)."""
        self.prices: dict[tuple[str, str], tuple[Price, ...]] = {}
        """By source and cluster."""
        self.prices_version = 0
        self.bills: dict[str, BillsSeen] = {}
        """The newest word of each source on its bills."""
        self.history: dict[tuple[str, str], HistorySeen] = {}
        """By source and cluster."""
        self.interruptions: dict[str, SpotInterrupted] = {}
        self.evictions: dict[str, PodEvicted] = {}
        self.changes: dict[str, ChangeSeen] = {}
        self.gpu_errors: dict[tuple[str, str], Held[GpuError]] = {}
        """By cluster/node and device."""
        self.triage: dict[str, Triage] = {}
        """The last decision about each finding, by the finding's key."""
        self.actions: dict[str, ActionRow] = {}
        """What was done with this program, by key, oldest first."""
        self.arming: ArmingSeen | None = None
        self.nodes_wanted: NodesWanted | None = None
        self.cloud: dict[tuple[object, ...], CloudWord] = {}
        """The newest word of each cloud on each thing that it knows, `model/cloud.py`."""
        self.health: dict[str, SourceHealth] = {}
        self.health_log: deque[SourceHealth] = deque(maxlen=EVENTS_KEPT)
        """One entry for each change of state."""
        self._folds: dict[type[Observation], Callable[[Any], None]] = {
            NodesSeen: self._nodes,
            WorkloadsSeen: self._workloads,
            NamespacesSeen: self._namespaces,
            GpuReadings: self._gpu,
            GpuErrorsSeen: self._gpu_errors,
            SlosSeen: self._slos,
            SliReadings: self._slis,
            ServingReadings: self._serving,
            UsageReadings: self._usage,
            PricesSeen: self._prices,
            BillsSeen: self._billed,
            SpotInterrupted: self._interrupted,
            PodEvicted: self._evicted,
            ChangeSeen: self._changed,
            FindingTriaged: self._triaged,
            ActionProgress: self._acted,
            ArmingSeen: self._armed,
            NodesWanted: self._open,
            HistorySeen: self._history,
            SourceHealth: self._health,
        }

    def fold(self, observation: Observation) -> None:
        """Take one observation in. Kinds that this fleet does not know are passed over."""
        fold = self._folds.get(type(observation))
        if fold is not None:
            fold(observation)
        elif isinstance(observation, CloudWord):
            self._cloud(observation)

    def cluster(self, name: str) -> Cluster:
        if name not in self.clusters:
            self.clusters[name] = Cluster(name)
        return self.clusters[name]

    def _nodes(self, seen: NodesSeen) -> None:
        cluster = self.cluster(seen.cluster)
        if cluster.inventory_at is not None and seen.at < cluster.inventory_at:
            return
        if seen.complete:
            cluster.nodes = {}
        for name in seen.gone:
            cluster.nodes.pop(name, None)
        for node in seen.nodes:
            cluster.nodes[node.name] = node
        cluster.inventory_at = seen.at
        cluster.inventory_source = seen.source

    def _workloads(self, seen: WorkloadsSeen) -> None:
        cluster = self.cluster(seen.cluster)
        if cluster.workloads_listed_at is not None and seen.at < cluster.workloads_listed_at:
            return
        if seen.complete:
            cluster.workloads_listed_at = seen.at
            others = cluster.workload_sources if seen.within or seen.beside else frozenset()
            cluster.workload_sources = others | {seen.source}
            kept = cluster.workloads if seen.within or seen.beside else {}
            cluster.workloads = {key: held for key, held in kept.items() if not _is_about(seen, held.namespace)}
        for key in seen.gone:
            cluster.workloads.pop(key, None)
        for workload in seen.workloads:
            cluster.workloads[workload.key] = workload

    def _namespaces(self, seen: NamespacesSeen) -> None:
        cluster = self.cluster(seen.cluster)
        if cluster.namespaces_listed_at is not None and seen.at < cluster.namespaces_listed_at:
            return
        if seen.complete:
            cluster.namespaces_listed_at = seen.at
            kept = cluster.namespaces if seen.within or seen.beside else {}
            cluster.namespaces = {name: held for name, held in kept.items() if not _is_about(seen, name)}
        for name in seen.gone:
            cluster.namespaces.pop(name, None)
        for namespace in seen.namespaces:
            cluster.namespaces[namespace.name] = namespace

    def _gpu(self, seen: GpuReadings) -> None:
        cluster = self.cluster(seen.cluster)
        held = cluster.gpu.get(seen.scope)
        if held is None or seen.at >= held.at:
            by_name = {reading.name: reading for reading in seen.readings}
            cluster.gpu[seen.scope] = Held(by_name, seen.at, seen.source)

    def _gpu_errors(self, seen: GpuErrorsSeen) -> None:
        for error in seen.errors:
            self.gpu_errors[(f"{seen.cluster}/{error.node}", error.device)] = Held(error, seen.at, seen.source)
        while len(self.gpu_errors) > GPU_ERRORS_KEPT:
            del self.gpu_errors[next(iter(self.gpu_errors))]

    def _slos(self, seen: SlosSeen) -> None:
        kept = {slo.id for slo in seen.slos}
        for slo_id, held in list(self.slos.items()):
            if held.source == seen.source and slo_id not in kept:
                del self.slos[slo_id]
                for key in [key for key in self.slis if key[0] == slo_id]:
                    del self.slis[key]
        for slo in seen.slos:
            self.slos[slo.id] = Held(slo, seen.at, seen.source)

    def _slis(self, seen: SliReadings) -> None:
        for reading in seen.readings:
            key = (reading.slo_id, reading.window_seconds)
            held = self.slis.get(key)
            if held is None or seen.at >= held.at:
                self.slis[key] = Held(reading, seen.at, seen.source)

    def _serving(self, seen: ServingReadings) -> None:
        cluster = self.cluster(seen.cluster)
        if cluster.serving is None or seen.at >= cluster.serving.at:
            cluster.serving = Held(seen.readings, seen.at, seen.source)

    def _usage(self, seen: UsageReadings) -> None:
        cluster = self.cluster(seen.cluster)
        if cluster.usage is None or seen.at >= cluster.usage.at:
            cluster.usage = seen

    def _prices(self, seen: PricesSeen) -> None:
        if self.prices.get((seen.source, seen.cluster)) != seen.prices:
            self.prices[(seen.source, seen.cluster)] = seen.prices
            self.prices_version += 1

    def _billed(self, seen: BillsSeen) -> None:
        from finops_tui.model.bill import folded  # the first figures come before any bill

        held = self.bills.get(seen.source)
        if held is None or seen.at >= held.at:
            self.bills[seen.source] = replace(seen, days=folded(seen.days, BILLED_ROWS_KEPT))

    def _interrupted(self, seen: SpotInterrupted) -> None:
        _keep(self.interruptions, seen.interruption.id, seen)

    def _evicted(self, seen: PodEvicted) -> None:
        _keep(self.evictions, seen.eviction.id, seen)

    def _changed(self, seen: ChangeSeen) -> None:
        _keep(self.changes, seen.change.id, seen, CHANGES_KEPT_FOR)

    def _triaged(self, seen: FindingTriaged) -> None:
        held = self.triage.get(seen.triage.key)
        if held is not None and seen.triage.at < held.at:
            return
        self.triage.pop(seen.triage.key, None)  # the newest decision is the last to be dropped
        self.triage[seen.triage.key] = seen.triage
        while len(self.triage) > EVENTS_KEPT:
            del self.triage[next(iter(self.triage))]

    def _acted(self, seen: ActionProgress) -> None:
        self.actions[seen.row.key] = seen.row
        while len(self.actions) > ACTIONS_KEPT:
            del self.actions[next(iter(self.actions))]

    def _cloud(self, seen: CloudWord) -> None:
        about = (getattr(seen, name, "") for name in ("account", "region", "kinds", "by"))
        key = (type(seen), seen.source, *about)
        held = self.cloud.get(key)
        if held is None or seen.at >= held.at:
            self.cloud[key] = seen

    def _open(self, seen: NodesWanted) -> None:
        self.nodes_wanted = seen if seen.pool else None

    def _armed(self, seen: ArmingSeen) -> None:
        if self.arming is None or seen.at >= self.arming.at:
            self.arming = seen

    def _history(self, seen: HistorySeen) -> None:
        self.history[(seen.source, seen.cluster)] = seen

    def _health(self, seen: SourceHealth) -> None:
        before = self.health.get(seen.source)
        begins = before is not None and seen.state is HealthState.CONNECTING and before.state is not seen.state
        if begins or (before is not None and seen.at < before.at):
            return  # who begins again is as he was until he answers or fails
        if before is not None and seen.answered_at is None:
            seen = replace(seen, answered_at=before.answered_at)
        if before is None or before.state != seen.state:
            self.health_log.append(seen)
        if before is not None and before.state is HealthState.LIVE and seen.state is HealthState.DOWN:
            self._stood_until(before)
        self.health[seen.source] = seen

    def _stood_until(self, last: SourceHealth) -> None:
        """Date what a stream told by its last answer: it tells only what changes, and until then nothing else had."""
        for cluster in self.clusters.values():
            told_at = cluster.inventory_at
            if cluster.inventory_source == last.source and told_at is not None and last.answered_at is not None:
                cluster.inventory_at = max(told_at, last.answered_at)


def _is_about(seen: WorkloadsSeen | NamespacesSeen, namespace: str) -> bool:
    """Tell whether a complete list speaks for a namespace."""
    return namespace not in seen.beside and (not seen.within or namespace in seen.within)


Event = TypeVar("Event", bound=Observation)


def _keep(events: dict[str, Event], key: str, event: Event, kept_for: timedelta = EVENTS_KEPT_FOR) -> None:
    """Add an event once, the first report of it; drop what is too old or too much."""
    if key in events:
        return
    events[key] = event
    if len(events) > EVENTS_KEPT or len(events) % 100 == 0:
        limit = event.at - kept_for
        for old in [name for name, kept in events.items() if kept.at < limit]:
            del events[old]
        while len(events) > EVENTS_KEPT:
            del events[next(iter(events))]
