"""Deployments with the versions that they had, and stateful sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

from finops_tui.simulation import orders
from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, condition, metadata, reference, value
from finops_tui.simulation.api.resource import Key, Resource, moved
from finops_tui.simulation.api.store import Written
from finops_tui.simulation.api.works import Works, template
from finops_tui.simulation.happenings import ROLLOUT_EVERY
from finops_tui.simulation.jobs import Notebooks
from finops_tui.simulation.machines import Pod
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.readings import workload_of
from finops_tui.simulation.serving import Revision, Service

REPLICAS: Path = ("spec", "replicas")
TEMPLATE: Path = ("spec", "template")
CONTAINERS: Path = ("spec", "template", "spec", "containers")
REVISION = "deployment.kubernetes.io/revision"
KNOWN_AT_START = 2
"""Versions of a service that a world begins with."""


class Deployments(Works[Service]):
    group, plural, kind = "apps", "deployments", "Deployment"
    owned = (REPLICAS, TEMPLATE)
    observes = True
    fixed = (("spec", "selector"),)
    written: ClassVar[Mapping[Path, str]] = {REPLICAS: "replicas", TEMPLATE: "image"}

    def all(self) -> Iterator[tuple[Key, Service]]:
        for service in self.world.services:
            if service.cluster == self.cluster:
                yield self.key(service), service

    def document(self, thing: Service) -> Document:
        now, labels = self.world.now, {"app": thing.name}
        meta = self.meta(thing)
        meta["annotations"] = meta.get("annotations", {}) | {REVISION: str(self._number(thing))}
        ready = sum(1 for pod in thing.pods if pod.ready(now))
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": meta,
            "spec": {
                "replicas": thing.wanted,
                "selector": {"matchLabels": labels},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}},
                "template": template(thing, labels),
            },
            "status": {
                "replicas": len(thing.pods),
                "readyReplicas": ready,
                "availableReplicas": ready,
                "updatedReplicas": sum(1 for pod in thing.pods if made_by(thing.revisions[-1], pod)),
                "conditions": [condition("Available", so=ready >= min(thing.wanted, 1))],
            },
        }

    def writers(self, thing: Service) -> Mapping[Path, Written]:
        known = dict(super().writers(thing))
        last = thing.revisions[-1].at
        if known.get(TEMPLATE, ("", 0))[1] < last:
            known[TEMPLATE] = ("argocd", last)
        return known

    def _number(self, service: Service) -> int:
        return revision_number(service, len(service.revisions), self.world.start)

    def judge(self, thing: Service, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self.count(after, REPLICAS)
        if not image_of(after):
            raise self.invalid(after, CONTAINERS, "a container with an image is required")

    def obey(self, thing: Service, before: Document, after: Document, who: str) -> None:
        super().obey(thing, before, after, who)
        if moved(before, after, REPLICAS):
            self.world.scale(thing.key, self.count(after, REPLICAS), who)
        if moved(before, after, TEMPLATE):
            orders.roll_out(self.world, thing, image_of(after), who)


class Version(NamedTuple):
    service: Service
    revision: Revision
    number: int


class ReplicaSets(Resource[Version]):
    """One for each version that a deployment had lately."""

    group, plural, kind = "apps", "replicasets", "ReplicaSet"

    def all(self) -> Iterator[tuple[Key, Version]]:
        for service in self.world.services:
            if service.cluster == self.cluster:
                for place, revision in enumerate(service.revisions, 1):
                    version = Version(service, revision, revision_number(service, place, self.world.start))
                    yield Key(service.namespace, _name(version)), version

    def document(self, thing: Version) -> Document:
        service, revision, number = thing
        labels = {"app": service.name, "pod-template-hash": revision.hash}
        pods = sum(1 for pod in service.pods if made_by(revision, pod))
        made = template(service, labels)
        made["spec"]["containers"][0]["image"] = f"registry.example/{service.name}:{revision.image}"
        owner = reference("apps/v1", "Deployment", service.name, workload_of(service).uid)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(
                _name(thing), replica_set_uid(service, revision), revision.at,
                namespace=service.namespace, labels=labels, annotations={REVISION: str(number)}, owner=owner,
            ),
            "spec": {
                "replicas": service.wanted if revision is service.revisions[-1] else pods,
                "selector": {"matchLabels": labels},
                "template": made,
            },
            "status": {"replicas": pods},
        }  # fmt: skip


class StatefulSets(Works[Notebooks]):
    group, plural, kind = "apps", "statefulsets", "StatefulSet"
    owned = (REPLICAS,)
    observes = True
    fixed = (("spec", "selector"), ("spec", "serviceName"))
    written: ClassVar[Mapping[Path, str]] = {REPLICAS: "replicas"}

    def all(self) -> Iterator[tuple[Key, Notebooks]]:
        for books in self.world.notebooks:
            if books.cluster == self.cluster:
                yield self.key(books), books

    def document(self, thing: Notebooks) -> Document:
        now, labels = self.world.now, {"app": thing.name}
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": self.meta(thing),
            "spec": {
                "replicas": thing.asked,
                "serviceName": thing.name,
                "podManagementPolicy": "Parallel",
                "selector": {"matchLabels": labels},
                "template": template(thing, labels),
            },
            "status": {
                "replicas": len(thing.pods),
                "readyReplicas": sum(1 for pod in thing.pods if pod.ready(now)),
            },
        }

    def judge(self, thing: Notebooks, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self.count(after, REPLICAS)

    def obey(self, thing: Notebooks, before: Document, after: Document, who: str) -> None:
        super().obey(thing, before, after, who)
        if moved(before, after, REPLICAS):
            self.world.scale(thing.key, self.count(after, REPLICAS), who)


def revision_number(service: Service, place: int, since: int) -> int:
    """Return the number of a version by its place among those that are kept, from 1.

    Before `since`, the start of the world, there was one every other day.
    """
    earlier = (since - service.created_at) // ROLLOUT_EVERY
    rolled_out = service.revision + KNOWN_AT_START - len(service.revisions)
    return max(int(earlier) - KNOWN_AT_START, 0) + rolled_out + place


def made_by(revision: Revision, pod: Pod) -> bool:
    return pod.name.startswith(f"{pod.work.name}-{revision.hash}-")


def replica_set_uid(service: Service, revision: Revision) -> str:
    return identity(0, service.key, service.created_at, revision.hash)


def image_of(document: Document) -> str:
    """Return the tag of the first container's image; empty where there is none."""
    containers = value(document, CONTAINERS)
    first = containers[0] if isinstance(containers, list) and containers else None
    image = first.get("image") if isinstance(first, Mapping) else None
    return image.rpartition(":")[2] if isinstance(image, str) else ""


def _name(version: Version) -> str:
    return f"{version.service.name}-{version.revision.hash}"
