"""Labels of workloads: all that a person may have put there, none that a controller put there for itself."""

from __future__ import annotations

from functools import lru_cache

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.objects import Labels

LABELS_KEPT = 40
NOISE = frozenset(
    {
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "controller-uid",
        "job-name",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "kubernetes.io/metadata.name",
        "helm.sh/chart",
    }
)
NOISE_PREFIXES = (
    "batch.kubernetes.io/",
    "jobset.sigs.k8s.io/",
    "leaderworkerset.sigs.k8s.io/",
    "training.kubeflow.org/",
)


def kept_labels(labels: Labels | None) -> Labels:
    """Return the labels worth keeping. The pods of one workload share one dict: never change it."""
    if not labels:
        return {}
    return _kept(tuple(sorted(labels.items())))


@lru_cache(maxsize=8192)
def _kept(items: tuple[tuple[str, str], ...]) -> Labels:
    kept = [(key, value) for key, value in items if key not in NOISE and not key.startswith(NOISE_PREFIXES)]
    return {one_line(key): one_line(value) for key, value in kept[:LABELS_KEPT]}
