"""The money of one cluster: every node's cost, and who takes how much of it.

Values from the fleet are frozen and replaced when they change, so an identical object is an unchanged one: only nodes
and workloads that were replaced are worked out again, with whoever shares a node with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from finops_tui.analysis.allocation import capacity, units, usd_per_unit
from finops_tui.analysis.figures import amount, ratio
from finops_tui.analysis.idle import IdleRules, allocated_idle_ratio, idle_ratio
from finops_tui.analysis.ownership import Owners, Ownership, display_name
from finops_tui.analysis.pricing import NodePrice, PriceBook, in_words
from finops_tui.model.fleet import Cluster
from finops_tui.model.gpu import GpuReading, GpuScope
from finops_tui.model.inventory import Namespace, Node, Placement, Workload

Readings = Mapping[str, GpuReading]
NO_READINGS: Readings = {}


class NodeAccount:
    """What one node costs and how much of it is requested."""

    __slots__ = (
        "allocated_gpus",
        "capacity",
        "idle_usd",
        "node",
        "pods",
        "price",
        "rate",
        "requested",
        "unallocated_usd",
        "usd",
    )

    def __init__(self, node: Node, price: NodePrice) -> None:
        self.node = node
        self.price = price
        self.usd = price.usd_per_hour
        self.capacity = capacity(node)
        self.pods: int | None = None
        """None, as is what is allocated and what is not, while nobody has told of workloads."""
        self.requested = 0.0
        """Units, see `allocation`."""
        self.rate: float | None = None
        """$/h of one unit; None without a price."""
        self.allocated_gpus: float | None = None
        self.unallocated_usd: float | None = None
        self.idle_usd: float | None = None
        """$/h of what is requested here but does not work; None when nothing reports."""

    def request(self, pods: int, requested: float) -> bool:
        """Take in what is requested altogether; return whether that changed what a unit costs."""
        before = self.rate
        self.pods, self.requested = pods, requested
        self.allocated_gpus = min(requested, self.capacity) if self.node.gpus > 0 else 0.0
        if self.usd is not None:
            self.rate = usd_per_unit(self.usd, self.capacity, requested)
            self.unallocated_usd = max(0.0, self.usd - self.rate * requested)
        return self.rate != before


class WorkloadAccount:
    """What one workload takes."""

    __slots__ = (
        "changed",
        "gpus",
        "idle_usd",
        "key",
        "missing",
        "name",
        "owner",
        "placements",
        "pods",
        "priced_by",
        "reading_name",
        "reporting",
        "shares",
        "usd",
        "utilization",
        "workload",
    )

    def __init__(self, workload: Workload, owner: Ownership) -> None:
        self.workload = workload
        self.owner = owner
        self.key = workload.key
        self.name = display_name(workload)
        self.reading_name = f"{workload.namespace}/{workload.kind}/{workload.name}"
        self.placements = _one_per_node(workload.placements)
        self.pods = workload.pods
        self.gpus = fsum(amount(placement.gpus) or 0.0 for placement in self.placements)
        self.shares: list[tuple[NodeAccount, float]] = []
        """Where its money goes: priced nodes with GPUs, $/h."""
        self.usd: float | None = None
        self.priced_by = ""
        self.missing = ""
        self.idle_usd: float | None = None
        self.utilization: float | None = None
        self.reporting = 0
        self.changed = True
        """A figure differs from what was last shown."""


class ClusterCosts:
    def __init__(self, owners: Owners, idle: IdleRules) -> None:
        self._owners = owners
        self._idle = idle
        self.nodes: dict[str, NodeAccount] = {}
        self.workloads: dict[str, WorkloadAccount] = {}
        self._tenants: dict[str, dict[str, Placement]] = {}
        """Node name -> workload key -> its request, also for nodes that have not been seen yet."""
        self._book: PriceBook | None = None
        self._namespaces: dict[str, Namespace] = {}
        self._read: tuple[object, object] = (None, None)
        self._told = False
        """Whether workloads were told of: until then it is not known what of a node is requested."""

    def update(self, cluster: Cluster, book: PriceBook) -> bool:
        """Bring the accounts up to date; return whether anything changed."""
        moved: set[str] = set()
        """Nodes whose tenants changed."""
        touched: set[str] = set()
        """Workloads whose share must be worked out again."""
        before = len(self.nodes), len(self.workloads)
        self._update_nodes(cluster.nodes, book, moved, touched)
        self._update_workloads(cluster, moved, touched)
        if cluster.workloads_told and not self._told:
            self._told = True
            moved.update(self.nodes)
        if self._told:
            for name in moved:
                self._rate(name, touched)
        for key in touched:
            self._share(self.workloads[key])
        held = (cluster.gpu.get(GpuScope.NODE), cluster.gpu.get(GpuScope.WORKLOAD))
        gone = before != (len(self.nodes), len(self.workloads))
        changed = bool(moved or touched or gone) or self._read[0] is not held[0] or self._read[1] is not held[1]
        if changed:
            self._read = held
            self._work(*(reading.value if reading is not None else NO_READINGS for reading in held))
        return changed

    def _update_nodes(self, nodes: Mapping[str, Node], book: PriceBook, moved: set[str], touched: set[str]) -> None:
        repriced = book is not self._book
        self._book = book
        for name, node in nodes.items():
            account = self.nodes.get(name)
            if account is not None and account.node is node and not repriced:
                continue
            price = book.price(node)
            if account is not None and account.node == node and account.price == price:
                account.node = node
                continue
            self.nodes[name] = NodeAccount(node, price)
            moved.add(name)
            touched.update(self._tenants.get(name, ()))
        for name in self.nodes.keys() - nodes.keys():
            del self.nodes[name]
            touched.update(self._tenants.get(name, ()))

    def _update_workloads(self, cluster: Cluster, moved: set[str], touched: set[str]) -> None:
        relabelled = cluster.namespaces != self._namespaces
        if relabelled:
            self._namespaces = dict(cluster.namespaces)
        for key, workload in cluster.workloads.items():
            account = self.workloads.get(key)
            if account is not None and account.workload is workload and not relabelled:
                continue
            if account is not None:
                self._leave(account, moved)
            owner = self._owners.of(workload, cluster.namespaces.get(workload.namespace))
            account = self.workloads[key] = WorkloadAccount(workload, owner)
            for placement in account.placements:
                self._tenants.setdefault(placement.node, {})[key] = placement
                moved.add(placement.node)
            touched.add(key)
        for key in self.workloads.keys() - cluster.workloads.keys():
            self._leave(self.workloads.pop(key), moved)
            touched.discard(key)

    def _leave(self, account: WorkloadAccount, moved: set[str]) -> None:
        for placement in account.placements:
            tenants = self._tenants[placement.node]
            del tenants[account.key]
            if not tenants:
                del self._tenants[placement.node]
            moved.add(placement.node)

    def _rate(self, name: str, touched: set[str]) -> None:
        """Work out what a unit of a node costs; if that changed, so did every tenant's share."""
        account = self.nodes.get(name)
        if account is None:
            return
        tenants = self._tenants.get(name, {})
        requested = fsum(units(placement, account.node) or 0.0 for placement in tenants.values())
        if account.request(sum([placement.pods for placement in tenants.values()]), requested):
            touched.update(tenants)

    def _share(self, account: WorkloadAccount) -> None:
        """Work out what one workload takes of its nodes."""
        nodes = self.nodes
        parts: list[float] = []
        shares: list[tuple[NodeAccount, float]] = []
        reasons: list[str] = []
        words: list[str] = []
        for placement in account.placements:
            node = nodes.get(placement.node)
            if node is None:
                reasons.append(f"node {placement.node} has not been seen")
                continue
            if node.rate is None:
                reasons.append(node.price.words)
                continue
            part = units(placement, node.node)
            if part is None:
                reasons.append(f"its requests on node {placement.node} or the node's size are not known")
                continue
            usd = part * node.rate
            parts.append(usd)
            words.append(node.price.words)
            if node.node.gpus > 0 and part > 0:
                shares.append((node, usd))
        account.shares = shares
        account.usd = fsum(parts) if parts or not account.placements else None
        account.priced_by = in_words(words)
        account.missing = _why(reasons, len(account.placements))
        account.changed = True

    def _work(self, by_node: Readings, by_workload: Readings) -> None:
        """Work out what does no work. The workload's own reading comes first, its nodes' where it has none."""
        rules = self._idle
        for name, account in self.nodes.items():
            nothing = account.allocated_gpus == 0 and account.node.gpus > 0 and name in by_node
            account.idle_usd = 0.0 if nothing and account.usd is not None else None
        for workload in self.workloads.values():
            reading = by_workload.get(workload.reading_name)
            if not workload.shares and reading is None and workload.idle_usd is None and workload.utilization is None:
                continue
            own = idle_ratio(reading, rules)
            idle: float | None = None
            for node, usd in workload.shares:
                share = own
                if share is None and node.allocated_gpus is not None:
                    share = allocated_idle_ratio(by_node.get(node.node.name), node.allocated_gpus, rules)
                if share is not None:
                    part = usd * share
                    idle = part if idle is None else idle + part
                    node.idle_usd = part if node.idle_usd is None else node.idle_usd + part
            utilization = ratio(reading.utilization) if reading is not None else None
            reporting = max(0, reading.gpus) if reading is not None else 0
            if (idle, utilization, reporting) != (workload.idle_usd, workload.utilization, workload.reporting):
                workload.idle_usd, workload.utilization, workload.reporting = idle, utilization, reporting
                workload.changed = True


def _one_per_node(placements: tuple[Placement, ...]) -> tuple[Placement, ...]:
    by_node = {placement.node: placement for placement in placements}
    if len(by_node) == len(placements):
        return placements
    merged: dict[str, Placement] = {}
    for placement in placements:
        first = merged.get(placement.node)
        merged[placement.node] = (
            placement
            if first is None
            else Placement(
                node=placement.node,
                pods=first.pods + placement.pods,
                gpus=first.gpus + placement.gpus,
                cpu_cores=first.cpu_cores + placement.cpu_cores,
                memory_bytes=first.memory_bytes + placement.memory_bytes,
            )
        )
    return tuple(merged.values())


def _why(reasons: list[str], placements: int) -> str:
    if not reasons:
        return ""
    others = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{len(reasons)} of its {placements} nodes not counted: {reasons[0]}{others}"
