"""Who owns a workload, by labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from finops_tui.model.inventory import Namespace, Workload

SHORT_KINDS: Mapping[str, str] = {
    "CronJob": "cronjob",
    "DaemonSet": "ds",
    "Deployment": "deploy",
    "Job": "job",
    "Pod": "pod",
    "ReplicaSet": "rs",
    "StatefulSet": "sts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipRules:
    """Label keys that name an owner, the first that a workload or else its namespace carries wins."""

    team: tuple[str, ...] = ("team", "owner", "app.kubernetes.io/team", "team-name", "squad")
    model: tuple[str, ...] = ("model", "model-name", "serving.kserve.io/inferenceservice", "app.kubernetes.io/model")
    extra: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("environment", ("environment", "env", "app.kubernetes.io/environment")),
        ("experiment", ("experiment", "experiment-id", "mlflow.org/experiment")),
        ("cost_centre", ("cost-centre", "cost-center", "costcenter")),
        ("model_version", ("model-version", "model_version")),
    )
    """Further facts by name, each with its label keys; they become `SpendRow.labels`."""

    def keys(self) -> frozenset[str]:
        """Return every label key that matters, so that a source need keep no other."""
        return frozenset((*self.team, *self.model, *(key for _, keys in self.extra for key in keys)))


class Ownership(NamedTuple):
    """Empty where nobody is named."""

    team: str
    model: str
    labels: tuple[tuple[str, str], ...]


class Owners:
    """Reads owners off labels by some rules."""

    def __init__(self, rules: OwnershipRules) -> None:
        facts = (("team", rules.team), ("model", rules.model), *rules.extra)
        self._ranks: dict[str, tuple[tuple[str, int], ...]] = {}
        """Label key -> the facts that it can give, each with its rank among the keys that can (0 is best)."""
        for fact, keys in facts:
            for rank, key in enumerate(keys):
                self._ranks[key] = (*self._ranks.get(key, ()), (fact, rank))
        self._extra = tuple(name for name, _ in rules.extra)

    def of(self, workload: Workload, namespace: Namespace | None) -> Ownership:
        """Read a workload's labels, and its namespace's for what they leave open."""
        found = self.facts(workload.labels)
        if namespace is not None and namespace.labels:
            found = {**self.facts(namespace.labels), **found}
        return Ownership(
            team=found.get("team", ""),
            model=found.get("model", ""),
            labels=tuple([(name, found[name]) for name in self._extra if name in found]),
        )

    def facts(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Return what labels say; of several keys for one fact the one that the rules name first."""
        best: dict[str, int] = {}
        found: dict[str, str] = {}
        for key, value in labels.items():
            if value and key in self._ranks:
                for fact, rank in self._ranks[key]:
                    if rank < best.get(fact, rank + 1):
                        best[fact], found[fact] = rank, value
        return found


def display_name(workload: Workload) -> str:
    """Return `namespace/job/name`, with the short names that kubectl users know."""
    return f"{workload.namespace}/{short_kind(workload.kind)}/{workload.name}"


def short_kind(kind: str) -> str:
    return SHORT_KINDS.get(kind) or kind.lower()
