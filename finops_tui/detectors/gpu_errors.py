"""Nodes whose GPUs have failed, and that are paid for as if they had not."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from finops_tui.detectors.base import Scene
from finops_tui.detectors.quantities import hours, positive
from finops_tui.detectors.waste import WasteRules, grade
from finops_tui.detectors.xids import XIDS, Impact, meaning
from finops_tui.model.finding import Cause, Evidence, Severity, Signal
from finops_tui.model.fleet import Held
from finops_tui.model.gpu import GpuError
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.phrases import clock, counted, listed, rate

MOST = 256
"""Harmless errors kept of one node."""
BEFORE = timedelta(minutes=15)
"""A GPU that hangs is seen to be idle so long after its error at most: `active` looks back five minutes."""
TOLD = 4
"""Errors about one workload that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuErrorRules:
    hours: float = 24.0
    """For so long an error stands. That a GPU was reset is told by nobody; that its node was replaced is seen."""
    watch_hours: float = 1.0
    """For so long one stands that the GPU survives."""
    often: int = 5
    """Harmless errors on one node within the hour that are worth a line."""
    waste: WasteRules = field(default_factory=WasteRules)


class _Seen(NamedTuple):
    node: Node
    at: datetime
    error: GpuError


class GpuErrors:
    """One finding for each node. Its rate is the mean of its pool's nodes: a broken GPU spoils the whole node."""

    id: ClassVar[str] = "xid"
    title: ClassVar[str] = "GPU errors"
    about: ClassVar[str] = "A GPU reports an XID error after which its node should be drained, and work still pays."

    def __init__(self, rules: GpuErrorRules | None = None) -> None:
        self._rules = rules or GpuErrorRules()
        self._told: dict[tuple[str, str], datetime] = {}
        """Of each device the time of the last harmless error."""
        self._harmless: dict[str, deque[datetime]] = {}
        """By key of the node."""

    def judge(self, scene: Scene) -> list[Signal]:
        if not scene.fleet.gpu_errors and not self._told:
            return []
        by_impact: dict[Impact, defaultdict[str, list[_Seen]]] = {each: defaultdict(list) for each in Impact}
        held = scene.fleet.gpu_errors
        for key, error in held.items():
            node = _node(key[0], scene)
            if node is not None and not node.leaving and (node.created_at is None or node.created_at <= error.at):
                seen = _Seen(node, min(error.at, scene.now), error.value)
                by_impact[meaning(error.value.xid).impact][node.key].append(seen)
        self._count(held, scene.now)
        fatal = self._recent(by_impact[Impact.FATAL], self._rules.hours, scene.now)
        watch = self._recent(by_impact[Impact.WATCH], self._rules.watch_hours, scene.now)
        often = {
            key: seen
            for key, seen in by_impact[Impact.HARMLESS].items()
            if len(self._harmless.get(key, ())) >= self._rules.often and key not in fatal and key not in watch
        }
        if not fatal and not watch and not often:
            return []
        tenants = _tenants(scene, {*fatal, *watch, *often})
        return [
            *(self._broken(seen, tenants.get(key, []), scene) for key, seen in fatal.items()),
            *(self._worn(seen, tenants.get(key, [])) for key, seen in watch.items() if key not in fatal),
            *(self._noisy(seen, tenants.get(key, []), scene) for key, seen in often.items()),
        ]

    def _count(self, held: Mapping[tuple[str, str], Held[GpuError]], now: datetime) -> None:
        """Remember when harmless errors came, by node."""
        for key, error in held.items():
            if meaning(error.value.xid).impact is Impact.HARMLESS and self._told.get(key) != error.at:
                self._told[key] = error.at
                self._harmless.setdefault(key[0], deque(maxlen=MOST)).append(error.at)
        self._told = {key: at for key, at in self._told.items() if key in held}
        oldest = now - timedelta(hours=self._rules.watch_hours)
        for node, times in list(self._harmless.items()):
            while times and times[0] < oldest:
                times.popleft()
            if not times:
                del self._harmless[node]

    @staticmethod
    def _recent(found: dict[str, list[_Seen]], within_hours: float, now: datetime) -> dict[str, list[_Seen]]:
        oldest = now - timedelta(hours=within_hours)
        recent = {key: sorted((one for one in seen if one.at >= oldest), key=_order) for key, seen in found.items()}
        return {key: seen for key, seen in recent.items() if seen}

    def _broken(self, seen: Sequence[_Seen], tenants: Sequence[str], scene: Scene) -> Signal:
        usd, now, since = _node_usd(seen[0].node, scene), scene.now, seen[0].at
        severity = grade(usd, now - since, usd * hours(now - since), self._rules.waste)
        if not tenants:
            severity = Severity.INFO
        elif severity is Severity.INFO:
            severity = Severity.TICKET  # work on it fails, whatever it costs
        who = f"{counted(len(tenants), 'workload')} still pay{'s' if len(tenants) == 1 else ''} for it"
        why = f"{_errors(seen)} {who if tenants else 'Nobody uses it'}: {rate(usd)}."
        return self._signal(seen, tenants, severity, why, usd=usd or None)

    def _worn(self, seen: Sequence[_Seen], tenants: Sequence[str]) -> Signal:
        return self._signal(seen, tenants, Severity.INFO, f"{_errors(seen)} The GPU goes on.")

    def _noisy(self, seen: Sequence[_Seen], tenants: Sequence[str], scene: Scene) -> Signal:
        times = self._harmless[seen[0].node.key]
        why = (
            f"{len(times)} harmless XID errors since {clock(times[0], scene.now)}, the last "
            f"{_words(max(seen, key=_order).error)}: a program's fault, not the GPU's."
        )
        return self._signal(seen, tenants, Severity.INFO, why, since=times[0])

    def _signal(
        self,
        seen: Sequence[_Seen],
        tenants: Sequence[str],
        severity: Severity,
        why: str,
        *,
        usd: float | None = None,
        since: datetime | None = None,
    ) -> Signal:
        node, first = seen[0].node, seen[0]
        advice = dict.fromkeys(meaning(one.error.xid).advice for one in seen)
        return Signal(
            kind=self.id,
            severity=severity,
            scope=Scope(ScopeKind.POOL, node.pool_key),
            part=node.name,
            name=f"node/{node.name}",
            since=since or first.at,
            why=why,
            cluster=node.cluster,
            usd_per_hour=usd,
            normal_usd_per_hour=None if usd is None else 0.0,
            excess_usd_per_hour=usd,
            evidence=(
                *(Evidence(label=f"GPU {one.error.device}", words=f"{_words(one.error)}.") for one in seen[:4]),
                Evidence(label="What to do", words=f"{'; '.join(advice)}."),
                Evidence(label="Node", words=_state(node)),
                *_on_it(tenants),
            ),
            causes=(Cause(what=f"XID {first.error.xid} on {node.name}", at=first.at, fit=1.0),),
            related=(node.pool_key, *tenants),
        )


def errors_about(workload: Workload, onset: datetime, scene: Scene) -> tuple[tuple[Evidence, ...], tuple[Cause, ...]]:
    """Return what GPUs of the nodes that a workload stands on reported from shortly before it came to a halt."""
    nodes = {f"{workload.cluster}/{place.node}" for place in workload.placements if positive(place.gpus)}
    held = scene.fleet.gpu_errors
    found = sorted(
        (error.at, error.value.node, error.value.device, error.value)
        for key, error in held.items()
        if key[0] in nodes and onset - BEFORE <= error.at <= scene.now
    )
    if not found:
        return (), ()
    first_at, node, _, first = found[0]
    words = list(dict.fromkeys(f"{_words(error)}, on {name} at {clock(at, scene.now)}" for at, name, _, error in found))
    told = Evidence(label="XID", words=f"{'; '.join(words[:TOLD])}.")
    why = "A GPU under it reported an error when it came to a halt."
    return (told,), (Cause(what=f"XID {first.xid} on {node}", at=first_at, fit=0.8, why=why),)


def _on_it(tenants: Sequence[str]) -> tuple[Evidence, ...]:
    names = [key.partition("/")[2] for key in tenants]
    return (Evidence(label="On it", words=f"{listed(names)}."),) if names else ()


def _order(seen: _Seen) -> tuple[datetime, str]:
    return seen.at, seen.error.device


def _node(key: str, scene: Scene) -> Node | None:
    name, _, node = key.partition("/")
    cluster = scene.fleet.clusters.get(name)
    return cluster.nodes.get(node) if cluster is not None else None


def _tenants(scene: Scene, nodes: set[str]) -> dict[str, list[str]]:
    """Return the keys of the workloads with GPUs on some nodes, by the nodes' keys."""
    tenants: defaultdict[str, list[str]] = defaultdict(list)
    for cluster, workload, placement in _placements(scene):
        key = f"{cluster}/{placement.node}"
        if key in nodes and positive(placement.gpus):
            tenants[key].append(workload.key)
    return tenants


def _placements(scene: Scene) -> Iterator[tuple[str, Workload, Placement]]:
    for name, cluster in scene.fleet.clusters.items():
        for workload in cluster.workloads.values():
            for placement in workload.placements:
                yield name, workload, placement


def _node_usd(node: Node, scene: Scene) -> float:
    """Return the mean $/h of a node of its pool; 0 where none has a price."""
    row = scene.pool_rows.get(node.pool_key)
    priced = row.nodes - row.unpriced_nodes if row is not None else 0
    return positive(row.usd_per_hour) / priced if row is not None and priced > 0 else 0.0


def _words(error: GpuError) -> str:
    return f"XID {error.xid}, {meaning(error.xid).meaning if error.xid in XIDS else error.message or 'not listed'}"


def _errors(seen: Sequence[_Seen]) -> str:
    kinds = list(dict.fromkeys(_words(one.error) for one in seen))
    devices = len({one.error.device for one in seen})
    return f"{listed(kinds)}, on {counted(devices, 'GPU')} of {seen[0].node.gpus}."


def _state(node: Node) -> str:
    closed = "cordoned" if not node.schedulable else "not ready" if not node.ready else "takes new pods"
    return f"{counted(node.gpus, 'GPU')} in {node.pool_key}, {closed}."
