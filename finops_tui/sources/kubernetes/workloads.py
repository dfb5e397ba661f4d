"""Pods folded into the workloads that they belong to. Only what changed is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from finops_tui.model.inventory import Placement, Workload
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.disruption_budgets import BudgetFacts
from finops_tui.sources.kubernetes.objects import Labels
from finops_tui.sources.kubernetes.pods import PodFacts
from finops_tui.sources.kubernetes.quantities import GpuScale, Requests
from finops_tui.sources.kubernetes.workload_facts import Identity, describe, oldest, waits

OWNERS_DEEP = 8
"""More owners above each other are a circle or a joke."""
NO_SCALE = GpuScale()


class WorkloadBook:
    """All pods and controllers of one cluster, and what was last told of them."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._pods: dict[str, PodFacts] = {}
        """By uid."""
        self._controllers: dict[Identity, ControllerFacts] = {}
        self._top: dict[str, Identity] = {}
        """Of each pod, the workload that it counts to."""
        self._members: dict[Identity, set[str]] = {}
        self._scales: dict[str, GpuScale] = {}
        """By node name; only those that differ from `NO_SCALE`."""
        self._budgets: dict[str, dict[str, BudgetFacts]] = {}
        """By namespace and uid."""
        self._pod_labels: dict[str, dict[Identity, Labels]] = {}
        """By namespace, of one pod of each workload, the oldest: what budgets select by."""
        self._dirty: set[Identity] = set()
        self._told: dict[Identity, Workload] = {}

    def put_pod(self, pod: PodFacts) -> None:
        if pod.finished:
            self.drop_pod(pod.uid)
            return
        known = self._pods.get(pod.uid)
        self._pods[pod.uid] = pod
        if known is None or known.owner != pod.owner:
            self._place(pod)
        self._dirty.add(self._top[pod.uid])

    def drop_pod(self, uid: str) -> None:
        if self._pods.pop(uid, None) is not None:
            self._leave(uid)

    def put_controller(self, facts: ControllerFacts) -> None:
        before = self._controllers.get(facts.identity)
        if before == facts:
            return
        was_top = self.top(facts.identity)
        self._controllers[facts.identity] = facts
        is_top = self.top(facts.identity)
        self._dirty.update((facts.identity, is_top))
        if is_top != was_top:
            for uid in list(self._members.get(was_top, ())):
                self._place(self._pods[uid])

    def drop_controller(self, identity: Identity, uid: str) -> None:
        """Forget a controller. Its pods stay its own until they go: they were."""
        known = self._controllers.get(identity)
        if known is not None and known.uid == uid:  # not its successor of the same name
            del self._controllers[identity]
            self._dirty.add(identity)

    def put_budget(self, facts: BudgetFacts) -> None:
        budgets = self._budgets.setdefault(facts.namespace, {})
        before = budgets.get(facts.uid)
        budgets[facts.uid] = facts
        self._budget_moved(facts.namespace, [facts] if before is None else [before, facts])

    def drop_budget(self, facts: BudgetFacts) -> None:
        budgets = self._budgets.get(facts.namespace, {})
        if budgets.pop(facts.uid, None) is not None:
            if not budgets:
                del self._budgets[facts.namespace]
            self._budget_moved(facts.namespace, [facts])

    def set_scale(self, node: str, scale: GpuScale) -> None:
        """Say what GPU resources are worth on a node."""
        self.set_scales({node: scale})

    def set_scales(self, scales: Mapping[str, GpuScale]) -> None:
        """Say so of many nodes, with one look at all pods."""
        moved = {node: scale for node, scale in scales.items() if self._scales.get(node, NO_SCALE) != scale}
        if not moved:
            return
        self._scales = {node: scale for node, scale in (self._scales | moved).items() if scale != NO_SCALE}
        self._dirty.update(self._top[uid] for uid, pod in self._pods.items() if pod.node in moved)

    def top(self, identity: Identity) -> Identity:
        """Follow controllers up as far as they are known."""
        kind, namespace, name = identity
        for _ in range(OWNERS_DEEP):
            facts = self._controllers.get((kind, namespace, name))
            if facts is None or facts.owner is None:
                break
            kind, name = facts.owner
        return (kind, namespace, name)

    def pod(self, uid: str) -> PodFacts | None:
        return self._pods.get(uid)

    def workload_of(self, pod: PodFacts) -> Identity:
        return self.top((pod.owner[0], pod.namespace, pod.owner[1]))

    def key(self, identity: Identity) -> str:
        kind, namespace, name = identity
        return f"{self._cluster}/{kind}/{namespace}/{name}"

    @property
    def changed(self) -> bool:
        return bool(self._dirty)

    def flush(self) -> tuple[list[Workload], list[str]]:
        """Return the workloads that differ from what was told last, and the keys of those that are gone."""
        changed: list[Workload] = []
        gone: list[str] = []
        for identity in sorted(self._dirty):
            workload = self._fold(identity)
            told = self._told.get(identity)
            if workload is None:
                if told is not None:
                    del self._told[identity]
                    gone.append(told.key)
            elif workload != told:
                self._told[identity] = workload
                changed.append(workload)
        self._dirty.clear()
        return changed, gone

    def tell_again(self) -> None:
        """Return every workload from the next flush, as from the first."""
        self._dirty.update(self._told)
        self._told.clear()

    def _budget_moved(self, namespace: str, versions: list[BudgetFacts]) -> None:
        self._dirty.update(
            identity
            for identity, labels in self._pod_labels.get(namespace, {}).items()
            if any(facts.covers(labels) for facts in versions)
        )

    def _place(self, pod: PodFacts) -> None:
        """Count a pod to its workload, and no longer to another."""
        top = self.workload_of(pod)
        if self._top.get(pod.uid) != top:
            self._leave(pod.uid)
            self._top[pod.uid] = top
            self._members.setdefault(top, set()).add(pod.uid)
            self._dirty.add(top)

    def _leave(self, uid: str) -> None:
        top = self._top.pop(uid, None)
        if top is not None:
            members = self._members[top]
            members.discard(uid)
            if not members:
                del self._members[top]
            self._dirty.add(top)

    def _fold(self, identity: Identity) -> Workload | None:
        """Add up one workload; None when there is nothing to show of it."""
        pods = [self._pods[uid] for uid in self._members.get(identity, ())]
        controller = self._controllers.get(identity)
        if not pods and not (controller is not None and waits(controller)):
            self._disruptions(identity, None)
            return None
        bound: dict[str, list[PodFacts]] = {}
        for pod in pods:
            if pod.node:
                bound.setdefault(pod.node, []).append(pod)
        first = oldest(pods)
        owner = (first.owner[0], first.namespace, first.owner[1]) if first is not None else identity
        return describe(
            self._cluster,
            identity,
            pods,
            controller=controller,
            run=self._controllers.get(owner),
            placements=tuple(self._placement(node, on_it) for node, on_it in sorted(bound.items())),
            gpus_pending=sum((NO_SCALE.gpus(pod.requests) for pod in pods if not pod.node), 0.0),
            disruptions_allowed=self._disruptions(identity, first),
        )

    def _disruptions(self, identity: Identity, pod: PodFacts | None) -> int | None:
        """Return what the strictest budget of its pods allows; None without one. One of them speaks for all."""
        labels = self._pod_labels.setdefault(identity[1], {})
        if pod is None:
            labels.pop(identity, None)
            if not labels:
                del self._pod_labels[identity[1]]
            return None
        labels[identity] = pod.labels
        budgets = self._budgets.get(identity[1], {}).values()
        return min((facts.allowed for facts in budgets if facts.covers(pod.labels)), default=None)

    def _placement(self, node: str, pods: Iterable[PodFacts]) -> Placement:
        cpu_cores = memory_bytes = gpu_units = mig_slices = 0.0
        count = 0
        for pod in pods:
            requests = pod.requests
            count += 1
            cpu_cores += requests.cpu_cores
            memory_bytes += requests.memory_bytes
            gpu_units += requests.gpu_units
            mig_slices += requests.mig_slices
        gpus = self._scales.get(node, NO_SCALE).gpus(Requests(gpu_units=gpu_units, mig_slices=mig_slices))
        return Placement(node, count, gpus, round(cpu_cores, 6), int(memory_bytes))
