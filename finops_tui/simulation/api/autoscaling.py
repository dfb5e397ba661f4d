"""What steers the size of services: HPAs, and KEDA's objects with the HPAs that KEDA makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from finops_tui.simulation import orders
from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, condition, metadata, reference, value
from finops_tui.simulation.api.resource import Key, Resource, moved
from finops_tui.simulation.api.store import Written
from finops_tui.simulation.queueing import TARGET_LOAD
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.serving import Service

PAUSED: Path = ("metadata", "annotations", "autoscaling.keda.sh/paused-replicas")
_WINDOW: Path = ("behavior", "scaleDown", "stabilizationWindowSeconds")
LONGEST_WINDOW = 3_600
"""Seconds; Kubernetes takes no longer ones."""


class Steering(Resource[Service]):
    """Bounds of a service's autoscaler."""

    least: ClassVar[Path]
    most: ClassVar[Path]
    window: ClassVar[Path]
    fewest: ClassVar[int]
    """The smallest lower bound that it takes."""

    def judge(self, thing: Service, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        least, most = self.count(after, self.least, self.fewest), self.count(after, self.most, 1)
        if most < least:
            raise self.invalid(after, self.most, f"must be greater than or equal to {'.'.join(self.least)}")
        if self.count(after, self.window) > LONGEST_WINDOW:
            raise self.invalid(after, self.window, f"must be less than or equal to {LONGEST_WINDOW}")

    def obey(self, thing: Service, before: Document, after: Document, who: str) -> None:
        if moved(before, after, self.least, self.most):
            self.world.limit_autoscaler(thing.key, value(after, self.least), value(after, self.most), who)
        if moved(before, after, self.window):
            orders.set_window(self.world, thing, value(after, self.window), who)

    def writers(self, thing: Service) -> Mapping[Path, Written]:
        known = thing.written
        names = {self.least: "limits", self.most: "limits", self.window: "window"}
        return {path: known[name] for path, name in names.items() if name in known}

    def _services(self, scaler: str) -> Iterator[Service]:
        for service in self.world.services:
            if service.cluster == self.cluster and service.autoscaled and service.scaler == scaler:
                yield service


class HorizontalPodAutoscalers(Steering):
    group, version, plural, kind = "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"
    least: ClassVar[Path] = ("spec", "minReplicas")
    most: ClassVar[Path] = ("spec", "maxReplicas")
    window: ClassVar[Path] = ("spec", *_WINDOW)
    fewest = 1
    owned = (least, most, window)

    def all(self) -> Iterator[tuple[Key, Service]]:
        for service in self._services("hpa"):
            yield Key(service.namespace, service.name), service
        for service in self._services("keda"):
            if service.held is None:  # KEDA takes it away while it holds its target itself
                yield Key(service.namespace, f"keda-hpa-{service.name}"), service

    def document(self, thing: Service) -> Document:
        by_keda = thing.scaler == "keda"
        owner = reference("keda.sh/v1alpha1", "ScaledObject", thing.name, keda_uid(thing)) if by_keda else None
        name = f"keda-hpa-{thing.name}" if by_keda else thing.name
        metric = {"name": "requests_per_second"}
        target = {"type": "AverageValue", "averageValue": f"{thing.plan.capacity * TARGET_LOAD:g}"}
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(
                name, identity(0, thing.key, "hpa"), thing.created_at, namespace=thing.namespace, owner=owner
            ),
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": thing.kind, "name": thing.name},
                "minReplicas": max(thing.minimum, 1),
                "maxReplicas": thing.maximum,
                "metrics": [{"type": "Pods", "pods": {"metric": metric, "target": target}}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": thing.downscale_after}},
            },
            "status": {
                "currentReplicas": len(thing.pods),
                "desiredReplicas": thing.wanted,
                "conditions": [condition("ScalingActive", so=thing.wanted > 0)],
            },
        }


class ScaledObjects(Steering):
    group, version, plural, kind = "keda.sh", "v1alpha1", "scaledobjects", "ScaledObject"
    least: ClassVar[Path] = ("spec", "minReplicaCount")
    most: ClassVar[Path] = ("spec", "maxReplicaCount")
    window: ClassVar[Path] = ("spec", "advanced", "horizontalPodAutoscalerConfig", *_WINDOW)
    fewest = 0
    owned = (least, most, window, PAUSED)

    def all(self) -> Iterator[tuple[Key, Service]]:
        for service in self._services("keda"):
            yield Key(service.namespace, service.name), service

    def document(self, thing: Service) -> Document:
        threshold = f"{thing.plan.capacity * TARGET_LOAD:g}"
        notes = {PAUSED[-1]: str(thing.held)} if thing.held is not None else {}
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(
                thing.name, keda_uid(thing), thing.created_at, namespace=thing.namespace, annotations=notes
            ),
            "spec": {
                "scaleTargetRef": {"kind": thing.kind, "name": thing.name},
                "minReplicaCount": thing.minimum,
                "maxReplicaCount": thing.maximum,
                "triggers": [{"type": "prometheus", "metadata": {"threshold": threshold}}],
                "advanced": {
                    "horizontalPodAutoscalerConfig": {
                        "behavior": {"scaleDown": {"stabilizationWindowSeconds": thing.downscale_after}}
                    }
                },
            },
            "status": {
                "conditions": [
                    condition("Ready", so=True),
                    condition("Active", so=thing.rate > 0.0),
                    condition("Paused", so=thing.held is not None and thing.held == thing.wanted),
                ]
            },
        }

    def judge(self, thing: Service, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        held = value(after, PAUSED)
        if held is not None and not (isinstance(held, str) and held.isdecimal()):
            raise self.invalid(after, PAUSED, "must be a whole number as text")

    def obey(self, thing: Service, before: Document, after: Document, who: str) -> None:
        super().obey(thing, before, after, who)
        if moved(before, after, PAUSED):
            held = value(after, PAUSED)
            orders.hold(self.world, thing, None if held is None else int(held), who)

    def writers(self, thing: Service) -> Mapping[Path, Written]:
        held = {PAUSED: thing.written["hold"]} if "hold" in thing.written else {}
        return held | dict(super().writers(thing))


def keda_uid(service: Service) -> str:
    return identity(0, service.key, "scaledobject")
