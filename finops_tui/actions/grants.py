"""What actions must be allowed to do, kind by kind."""

from __future__ import annotations

from finops_tui.actions.base import Permission
from finops_tui.actions.kinds import HPA, KUEUE, NODE_POOL, SCALED_OBJECT, Kind
from finops_tui.actions.objects import Ref

WRITE = ("patch", "get")


def needs(of: Kind | Ref, *verbs: str, namespace: str = "") -> tuple[Permission, ...]:
    """Return these verbs on a kind in a namespace, or where one object stands."""
    if isinstance(of, Ref):
        namespace, namespaced = of.namespace, bool(of.namespace)
    else:
        namespaced = of.namespaced
    return tuple(
        Permission(verb=verb, resource=of.plural, group=of.group, namespace=namespace, namespaced=namespaced)
        for verb in verbs
    )


APPLICATIONS: tuple[Permission, ...] = (Permission(verb="get", resource="applications", group="argoproj.io"),)
"""What shows whether Argo CD would set it back."""
POOLS: tuple[Permission, ...] = needs(NODE_POOL, "get")
"""What shows when nodes go."""
SURROUNDINGS: tuple[Permission, ...] = (
    *needs(HPA, "list", *WRITE),
    *needs(SCALED_OBJECT, "list", *WRITE),
    *needs(KUEUE, "list", *WRITE),
    Permission(verb="patch", resource="jobs/status", group="batch"),
    *POOLS,
    *APPLICATIONS,
    Permission(verb="get", resource="customresourcedefinitions", group="apiextensions.k8s.io", namespaced=False),
)
"""What shows who would revert a change and when nodes go, what moves an autoscaler instead, and lets a job go on."""
