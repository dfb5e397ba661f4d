"""The pods of a node: which of them only come with it, and which would be missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from finops_tui.actions.base import Permission
from finops_tui.actions.emptied import STAY
from finops_tui.actions.kinds import POD
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import Document, Ref, annotation, named, owner, text, value
from finops_tui.actions.words import plain
from finops_tui.phrases import counted, listed

MIRROR = annotation("kubernetes.io/config.mirror")
"""On the copy of a static pod: its kubelet starts it from a file, and again if it is deleted."""
OVER = frozenset({"Succeeded", "Failed"})
GPU = "nvidia.com/gpu"
RESIDENTS: tuple[Permission, ...] = (Permission(verb="list", resource="pods", namespaced=False),)
"""What it takes to see them: they are of any namespace."""


async def busy(client: KubeClient, node: str) -> tuple[Document, ...]:
    """Return the pods of a node that are neither daemons nor static nor over. Raises CallError."""
    pods = await client.all_listed(POD.ref("v1", "", ""), fieldSelector=f"spec.nodeName={node}")
    return tuple(pod for pod in pods if not comes_with_node(pod) and text(pod, "status", "phase") not in OVER)


def comes_with_node(pod: Document) -> bool:
    return (owner(pod) or {}).get("kind") in STAY or value(pod, MIRROR) is not None


def going(pod: Document) -> bool:
    """Tell whether it is being ended already."""
    return bool(text(pod, "metadata", "deletionTimestamp"))


def pod_ref(pod: Document) -> Ref:
    return POD.ref("v1", text(pod, "metadata", "namespace"), named(pod))


def owned_by(pod: Document) -> str:
    """Write who would make it again: `nlp/job/train`; empty for a pod that nobody would."""
    above = owner(pod)
    if above is None:
        return ""
    kind, name = plain(above.get("kind", "")).lower(), plain(above.get("name", ""))
    return f"{text(pod, 'metadata', 'namespace')}/{kind}/{name}"


def has_scratch(pod: Document) -> bool:
    """Tell whether it keeps data on the node's disk that goes with it; what is in memory goes with its process anyway.

    That is Kubernetes' `emptyDir` without `medium: Memory`.
    """
    volumes = value(pod, ("spec", "volumes")) or ()
    scratch = [each.get("emptyDir") for each in volumes if isinstance(each, Mapping)]
    return any(isinstance(each, Mapping) and each.get("medium") != "Memory" for each in scratch)


def gpus_of(pod: Document, resource: str = GPU) -> int:
    """Return how many devices a pod asks for: its containers together, or an init container if that asks for more."""
    main, init = (
        [_asked(each, resource) for each in value(pod, ("spec", kind)) or () if isinstance(each, Mapping)]
        for kind in ("containers", "initContainers")
    )
    return max([sum(main), *init])


def _asked(container: Mapping[str, object], resource: str) -> int:
    for amounts in ("requests", "limits"):
        written = value(container, ("resources", amounts, resource))
        if str(written).isdecimal():
            return int(str(written))
    return 0


def shown_pods(pods: Sequence[Document]) -> str:
    """Write some pods with their names: `3 pods (nlp/train-0, nlp/train-1 and 1 more)`."""
    names = [f"{text(pod, 'metadata', 'namespace')}/{plain(named(pod))}" for pod in pods]
    return f"{counted(len(names), 'pod')} ({listed(names, 2)})"


def by_owner(pods: Sequence[Document]) -> Counter[str]:
    """Count pods by who would make them again; a pod that nobody would counts under its own name."""
    bare = (f"{text(pod, 'metadata', 'namespace')}/pod/{plain(named(pod))}" for pod in pods)
    return Counter(owned_by(pod) or name for pod, name in zip(pods, bare, strict=True))
