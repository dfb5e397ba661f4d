"""Pods, what may be taken of them at once, and taking them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from finops_tui.simulation import orders
from finops_tui.simulation.api.answers import Document, Refused
from finops_tui.simulation.api.apps import made_by, replica_set_uid
from finops_tui.simulation.api.batch import run_name, run_uid
from finops_tui.simulation.api.documents import condition, metadata, reference
from finops_tui.simulation.api.resource import Key, Resource
from finops_tui.simulation.api.works import template
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.machines import Pod
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.readings import workload_of
from finops_tui.simulation.serving import Service


class Pods(Resource[Pod]):
    plural, kind = "pods", "Pod"

    def all(self) -> Iterator[tuple[Key, Pod]]:
        for work in self.world.works.values():
            if work.cluster == self.cluster:
                for pod in work.pods:
                    yield Key(work.namespace, pod.name), pod

    def document(self, thing: Pod) -> Document:
        work, ready = thing.work, thing.ready(self.world.now)
        uid = identity(0, work.key, thing.name, thing.created_at)
        spec: Document = template(work, {})["spec"]
        if thing.machine is not None:
            spec["nodeName"] = thing.machine.name
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(
                thing.name, uid, thing.created_at,
                namespace=work.namespace, labels={"app": work.name}, owner=_owner(thing),
            ),
            "spec": spec,
            "status": {
                "phase": "Running" if ready else "Pending",
                "conditions": [
                    condition("PodScheduled", so=thing.machine is not None),
                    condition("Ready", so=ready),
                ],
            },
        }  # fmt: skip

    def evict(self, thing: Pod, *, on_trial: bool) -> None:
        """Take it off its node. Raises Refused where its disruption budget leaves none to take."""
        work = thing.work
        if isinstance(work, Service) and thing.machine is not None and work.disruptions_allowed < 1:
            message = "Cannot evict pod as it would violate the pod's disruption budget."
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequests", message)
        if not on_trial:
            orders.evict(self.world, thing)


class PodDisruptionBudgets(Resource[Service]):
    group, plural, kind = "policy", "poddisruptionbudgets", "PodDisruptionBudget"

    def all(self) -> Iterator[tuple[Key, Service]]:
        for service in self.world.services:
            if service.cluster == self.cluster:
                yield Key(service.namespace, service.name), service

    def document(self, thing: Service) -> Document:
        uid = identity(0, thing.key, "budget")
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(thing.name, uid, thing.created_at, namespace=thing.namespace),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": thing.name}}},
            "status": {"disruptionsAllowed": thing.disruptions_allowed},
        }


def _owner(pod: Pod) -> Document:
    work = pod.work
    if isinstance(work, Service):
        for revision in reversed(work.revisions):
            if made_by(revision, pod):
                name = f"{work.name}-{revision.hash}"
                return reference("apps/v1", "ReplicaSet", name, replica_set_uid(work, revision))
    if isinstance(work, Job) and work.lasting and work.run is not None:
        return reference("batch/v1", "Job", run_name(work), run_uid(work))
    group = "batch/v1" if isinstance(work, Job) else "apps/v1"
    return reference(group, work.kind, work.name, workload_of(work).uid)
