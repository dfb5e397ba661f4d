"""Argo CD's applications, one for each namespace with something from Git. None heals what is set by hand."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import metadata
from finops_tui.simulation.api.resource import Key, Resource
from finops_tui.simulation.api.works import SYNCED_TRAINING, app_of
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.tenants import NAMESPACES

ARGO_NAMESPACE = "argocd"


class Applications(Resource[str]):
    group, version, plural, kind = "argoproj.io", "v1alpha1", "applications", "Application"

    def all(self) -> Iterator[tuple[Key, str]]:
        synced = {app_of(service) for service in self.world.services if service.cluster == self.cluster}
        for plan in NAMESPACES:
            if self.cluster in plan.clusters and plan.name in synced.union(SYNCED_TRAINING):
                yield Key(ARGO_NAMESPACE, plan.name), plan.name

    def document(self, thing: str) -> Document:
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(thing, identity(0, self.cluster, "application", thing), 0, namespace=ARGO_NAMESPACE),
            "spec": {
                "project": "default",
                "destination": {"namespace": thing, "server": "https://kubernetes.default.svc"},
                "source": {"repoURL": "https://git.example/deployments.git", "path": thing},
                "syncPolicy": {"automated": {"prune": False, "selfHeal": False}},
            },
            "status": {"sync": {"status": "Synced"}},
        }
