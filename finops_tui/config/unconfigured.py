"""What can be read without a config file: the cluster that kubectl would talk to."""

from __future__ import annotations

from finops_tui.config.models import Config
from finops_tui.sources.kube_access import cluster_name, in_cluster, usable_contexts
from finops_tui.sources.kubernetes.settings import KubernetesSettings


def from_kubeconfig() -> Config | None:
    """Return a config with the current context's cluster, or with the cluster that this pod runs in; else None."""
    contexts = usable_contexts()
    if contexts:
        context = contexts[0]
        return Config(sources=(KubernetesSettings(cluster=cluster_name(context)[:100], context=context),))
    if in_cluster():
        return Config(sources=(KubernetesSettings(cluster="this-cluster"),))
    return None
