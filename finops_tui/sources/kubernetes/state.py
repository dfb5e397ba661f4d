"""What one cluster looks like, put together from what its readers hand over, told as observations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from finops_tui.model.inventory import Namespace, Node
from finops_tui.model.observations import NamespacesSeen, NodesSeen, Observation, WorkloadsSeen
from finops_tui.sources.kubernetes import happenings
from finops_tui.sources.kubernetes.changes import controller_changes, controller_gone
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.disruption_budgets import BudgetFacts
from finops_tui.sources.kubernetes.limit_changes import KIND_NAMES, limit_changes, limit_gone
from finops_tui.sources.kubernetes.limit_changes import subject as limit_subject
from finops_tui.sources.kubernetes.limits import LimitFacts
from finops_tui.sources.kubernetes.namespaces import NamespaceFacts
from finops_tui.sources.kubernetes.news import News
from finops_tui.sources.kubernetes.nodes import NodeClaimFacts, NodeFacts
from finops_tui.sources.kubernetes.notes import EventFacts
from finops_tui.sources.kubernetes.pods import PodFacts
from finops_tui.sources.kubernetes.pools import PoolCounts
from finops_tui.sources.kubernetes.quantities import GpuScale
from finops_tui.sources.kubernetes.reader import Listed, Reader, Watched
from finops_tui.sources.kubernetes.workloads import NO_SCALE, WorkloadBook

DISRUPTION = "disruption"
TOLD_WHOLE = {"nodes", "namespaces", "pods"}
"""Resources whose first list is told as complete."""


class ClusterState:
    """Takes facts in as they come; `flush` says what they changed."""

    def __init__(self, name: str, cluster: str, since: datetime, namespaces: tuple[str, ...] = ()) -> None:
        """`namespaces`: all that is read, where it is not everything."""
        self._name = name
        self._cluster = cluster
        self._within = namespaces
        self._since = since
        self._known: dict[Reader, dict[str, Any]] = {}
        """What each reader has shown, by uid."""
        self._seen: dict[Reader, set[str]] = {}
        """The uids of a list that is still coming."""
        self._listed: set[str] = set()
        """Resources of which at least one list is complete."""
        self._book = WorkloadBook(cluster)
        self._pools = PoolCounts(cluster)
        self._nodes: dict[str, NodeFacts] = {}
        """By name."""
        self._claims: dict[str, str] = {}
        """Why Karpenter takes a node away, by node name."""
        self._scaled: dict[tuple[str, str, str], str] = {}
        """Key of the workload that an autoscaler scales, by its kind, namespace and name."""
        self._elsewhere: Mapping[str, GpuScale] = {}
        """What GPU resources are worth on nodes that somebody else tells of, by name."""
        self._moved_nodes: set[str] = set()
        self._namespaces: dict[str, NamespaceFacts] = {}
        """By name."""
        self._marks: dict[str, dict[str, str]] = {}
        """What takes back the quotas of this program, by namespace and uid."""
        self._moved_namespaces: dict[str, Namespace | None] = {}
        self._told: set[str] = set()
        """Resources that were told as complete."""
        self._news = News(name, cluster, since)
        self._puts: dict[type, Callable[[Any, Any, datetime], None]] = {
            PodFacts: self._put_pod,
            NodeFacts: self._put_node,
            ControllerFacts: self._put_controller,
            LimitFacts: self._put_limits,
            NamespaceFacts: self._put_namespace,
            NodeClaimFacts: self._put_claim,
            EventFacts: self._put_event,
            BudgetFacts: self._put_budget,
        }
        self._drops: dict[type, Callable[[Any, datetime], None]] = {
            PodFacts: self._drop_pod,
            NodeFacts: self._drop_node,
            ControllerFacts: self._drop_controller,
            NamespaceFacts: self._drop_namespace,
            NodeClaimFacts: self._drop_claim,
            LimitFacts: self._drop_limits,
            BudgetFacts: self._drop_budget,
        }

    def apply(self, message: Listed | Watched, now: datetime) -> None:
        reader = message.reader
        known = self._known.setdefault(reader, {})
        if isinstance(message, Watched):
            for gone, fact in message.events:
                (self._drop if gone else self._put)(known, fact, now)
            return
        if message.first:
            self._seen[reader] = set()
        seen = self._seen[reader]
        for fact in message.facts:
            seen.add(fact.uid)
            self._put(known, fact, now)
        if message.last:
            for uid in known.keys() - seen:
                self._drop(known, known[uid], now)
            del self._seen[reader]
            first = reader.kind.resource not in self._listed
            self._listed.add(reader.kind.resource)
            if first and reader.kind.resource == "nodes":
                for at, change in self._pools.start((facts.node for facts in self._nodes.values()), self._since):
                    self._news.change(at, change)

    @property
    def changed(self) -> bool:
        """Whether there is anything to flush, or soon will be."""
        return bool(
            self._book.changed
            or self._moved_nodes
            or self._moved_namespaces
            or self._news.untold
            or self._pools.unsettled
            or (self._listed & TOLD_WHOLE) - self._told
        )

    def tell_again(self, resource: str) -> None:
        """Tell of all of it at the next flush, as at first: meanwhile somebody else has."""
        self._told.discard(resource)
        if resource == "pods":
            self._book.tell_again()
        elif resource == "namespaces":
            for facts in self._namespaces.values():
                self._move_namespace(facts)

    def scale(self, told: Mapping[str, GpuScale]) -> None:
        """Take from who tells of the nodes what their GPU resources are worth, for those that are not seen here."""
        if told is not self._elsewhere:
            gone = dict.fromkeys(self._elsewhere.keys() - told.keys(), NO_SCALE)
            self._elsewhere = told
            self._book.set_scales({name: one for name, one in {**gone, **told}.items() if name not in self._nodes})

    def flush(self, now: datetime, *, whole: bool) -> Iterator[Observation]:
        """Yield what changed. `whole` says that every reader has answered, so that workloads have their owners."""
        if "nodes" in self._listed and (self._moved_nodes or "nodes" not in self._told):
            yield self._nodes_seen(now)
        if "namespaces" in self._listed and (self._moved_namespaces or "namespaces" not in self._told):
            yield self._namespaces_seen(now)
        if whole and "pods" in self._listed and (self._book.changed or "pods" not in self._told):
            workloads, gone = self._book.flush()
            complete = self._tell("pods")
            if workloads or gone or complete:
                yield WorkloadsSeen(
                    at=now,
                    source=self._name,
                    cluster=self._cluster,
                    workloads=tuple(workloads),
                    gone=tuple(gone),
                    complete=complete,
                    within=self._within,
                )
        for at, change in self._pools.settle(now):
            self._news.change(at, change)
        yield from self._news.take()

    def unchanged_nodes(self, now: datetime) -> NodesSeen | None:
        """Return the word that the nodes still are as they were told; None before they were."""
        if "nodes" not in self._told:
            return None
        return NodesSeen(at=now, source=self._name, cluster=self._cluster)

    def _nodes_seen(self, now: datetime) -> NodesSeen:
        moved, self._moved_nodes = self._moved_nodes, set()
        complete = self._tell("nodes")
        names = sorted(self._nodes) if complete else sorted(moved)
        return NodesSeen(
            at=now,
            source=self._name,
            cluster=self._cluster,
            nodes=tuple(self._node(self._nodes[name]) for name in names if name in self._nodes),
            gone=() if complete else tuple(name for name in names if name not in self._nodes),
            complete=complete,
        )

    def _namespaces_seen(self, now: datetime) -> NamespacesSeen:
        moved, self._moved_namespaces = self._moved_namespaces, {}
        return NamespacesSeen(
            at=now,
            source=self._name,
            cluster=self._cluster,
            namespaces=tuple(namespace for namespace in moved.values() if namespace is not None),
            gone=tuple(name for name, namespace in moved.items() if namespace is None),
            complete=self._tell("namespaces"),
            within=self._within,
        )

    def _tell(self, resource: str) -> bool:
        """Note that a resource is told; return whether it is for the first time."""
        if resource in self._told:
            return False
        self._told.add(resource)
        return True

    def _node(self, facts: NodeFacts) -> Node:
        """Return a node with Karpenter's own words for why it leaves."""
        node = facts.node
        if node.leaving == DISRUPTION and self._claims.get(node.name):
            return replace(node, leaving=self._claims[node.name])
        return node

    def _put(self, known: dict[str, Any], fact: Any, now: datetime) -> None:
        before = known.get(fact.uid)
        if before == fact:
            return
        if not isinstance(fact, EventFacts):
            known[fact.uid] = fact
        self._puts[type(fact)](before, fact, now)
        if isinstance(fact, PodFacts) and fact.finished:  # of no more use, and thousands of them may lie about
            del known[fact.uid]

    def _drop(self, known: dict[str, Any], fact: Any, now: datetime) -> None:
        known.pop(fact.uid, None)
        drop = self._drops.get(type(fact))
        if drop is not None:
            drop(fact, now)

    def _put_pod(self, _before: PodFacts | None, pod: PodFacts, now: datetime) -> None:
        self._evicted(pod, now)
        self._book.put_pod(pod)

    def _drop_pod(self, pod: PodFacts, now: datetime) -> None:
        self._evicted(pod, now)
        self._book.drop_pod(pod.uid)

    def _put_controller(self, before: ControllerFacts | None, facts: ControllerFacts, now: datetime) -> None:
        self._book.put_controller(facts)
        for at, change in controller_changes(self._cluster, before, facts, now=now, since=self._since):
            self._news.change(at, change)

    def _drop_controller(self, facts: ControllerFacts, now: datetime) -> None:
        self._book.drop_controller(facts.identity, facts.uid)
        for at, change in controller_gone(self._cluster, facts, now=now):
            self._news.change(at, change)

    def _put_limits(self, before: LimitFacts | None, facts: LimitFacts, now: datetime) -> None:
        if facts.target is not None:
            self._scaled[_scaler(facts)] = limit_subject(self._cluster, facts)
        self._mark(facts, facts.recipe)
        for at, change in limit_changes(self._cluster, before, facts, now=now, since=self._since):
            self._news.change(at, change)

    def _drop_limits(self, facts: LimitFacts, now: datetime) -> None:
        self._scaled.pop(_scaler(facts), None)
        self._mark(facts, "")
        at, change = limit_gone(self._cluster, facts, now=now)
        self._news.change(at, change)

    def _put_budget(self, _before: BudgetFacts | None, facts: BudgetFacts, _now: datetime) -> None:
        self._book.put_budget(facts)

    def _drop_budget(self, facts: BudgetFacts, _now: datetime) -> None:
        self._book.drop_budget(facts)

    def _put_namespace(self, _before: NamespaceFacts | None, facts: NamespaceFacts, _now: datetime) -> None:
        self._namespaces[facts.name] = facts
        self._move_namespace(facts)

    def _drop_namespace(self, facts: NamespaceFacts, _now: datetime) -> None:
        self._namespaces.pop(facts.name, None)
        self._moved_namespaces[facts.name] = None

    def _mark(self, facts: LimitFacts, recipe: str) -> None:
        """Note what takes a quota back; the namespace that it is on is told anew where that is another one now."""
        marks = self._marks.setdefault(facts.namespace, {})
        if marks.get(facts.uid, "") == recipe:
            return
        marks[facts.uid] = recipe
        if not recipe:
            del marks[facts.uid]
        held = self._namespaces.get(facts.namespace)
        if held is not None:
            self._move_namespace(held)

    def _move_namespace(self, facts: NamespaceFacts) -> None:
        marks = self._marks.get(facts.name, {})
        self._moved_namespaces[facts.name] = Namespace(
            cluster=self._cluster,
            name=facts.name,
            labels=facts.labels,
            marks=tuple(marks[uid] for uid in sorted(marks)),
        )

    def _put_claim(self, before: NodeClaimFacts | None, facts: NodeClaimFacts, now: datetime) -> None:
        lately = facts.created_at is None or facts.created_at >= self._since
        if before is None and not facts.node and facts.pool and lately:
            self._pools.claimed(facts, now)
        if facts.node:
            self._claims[facts.node] = facts.reason
        if facts.node in self._nodes:
            self._moved_nodes.add(facts.node)

    def _drop_claim(self, facts: NodeClaimFacts, _now: datetime) -> None:
        self._claims.pop(facts.node, None)

    def _drop_node(self, facts: NodeFacts, now: datetime) -> None:
        name = facts.node.name
        held = self._nodes.get(name)
        if held is not None and held.uid == facts.uid:  # not its successor under the same name
            self._interrupted(held, facts, now)  # its last state may be the first to say so
            del self._nodes[name]
            self._moved_nodes.add(name)
            if "nodes" in self._listed:
                self._pools.left(facts.node, now, self._node(facts).leaving)

    def _put_node(self, before: NodeFacts | None, facts: NodeFacts, now: datetime) -> None:
        name = facts.node.name
        held = self._nodes.get(name)
        if held is not None and held.uid != facts.uid and "nodes" in self._listed:  # its successor under the same name
            self._pools.left(held.node, now)
        self._nodes[name] = facts
        self._book.set_scale(name, facts.scale)
        if before is None or before.node != facts.node:
            self._moved_nodes.add(name)
        if before is None and "nodes" in self._listed:
            self._pools.joined(facts.node, now)
        self._interrupted(before, facts, now)

    def _interrupted(self, before: NodeFacts | None, facts: NodeFacts, now: datetime) -> None:
        if not facts.interrupted:
            return
        seen_to_begin = "nodes" in self._listed and (before is None or not before.interrupted)
        at = facts.interrupted_at or (now if seen_to_begin else None)
        if at is not None:  # else it was so before anybody looked: now would be another time at each start
            self._news.interruption(at, happenings.interruption_of_node(facts))

    def _evicted(self, pod: PodFacts, now: datetime) -> None:
        if pod.evicted:
            kind, _, name = self._book.workload_of(pod)
            self._news.eviction(pod.evicted_at or now, happenings.eviction_of_pod(pod, f"{kind}/{name}"))

    def _put_event(self, _before: None, event: EventFacts, now: datetime) -> None:
        at = event.at or now
        held = self._nodes.get(event.name) if event.kind == "Node" else None
        interruption = happenings.interruption_of_event(event, held.node if held is not None else None)
        if interruption is not None:
            self._news.interruption(at, interruption)
        pod = self._book.pod(event.object_uid) if event.kind == "Pod" else None
        workload = ""
        if pod is not None:
            kind, _, name = self._book.workload_of(pod)
            workload = f"{kind}/{name}"
        eviction = happenings.eviction_of_event(event, pod.node if pod is not None else "", workload)
        if eviction is not None:
            self._news.eviction(at, eviction)
        scaled = self._scaled.get((event.kind, event.namespace, event.name), "")
        change = happenings.change_of_event(event, self._cluster, scaled)
        # Once the controllers are watched too, they tell of replicas themselves, and from how many.
        told_twice = event.reason == "SuccessfulRescale" and {"events", "deployments"} <= self._listed
        if change is not None and not told_twice:
            self._news.change(at, change)


def _scaler(facts: LimitFacts) -> tuple[str, str, str]:
    return (KIND_NAMES.get(facts.kind, facts.kind), facts.namespace, facts.name)
