"""From a row on the screen to the object that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from finops_tui.actions.discovery import find_scalable
from finops_tui.actions.kinds import DAEMON_SET, NAMESPACE, NODE, NODE_POOL, PAUSABLE, SCALABLE, Kind
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import Document, Path, Ref, text, uid
from finops_tui.errors import ActionError
from finops_tui.model.plan import Target, TargetKind

KINDS: Mapping[str, Kind] = {kind.kind: kind for kind in (*PAUSABLE, *SCALABLE)}
OTHERS: Mapping[str, Kind] = {DAEMON_SET.kind: DAEMON_SET}
"""Kinds of workload that are neither paused nor scaled, but changed in other ways."""
PLACES: Mapping[TargetKind, Kind] = {
    TargetKind.NODE: NODE,
    TargetKind.POOL: NODE_POOL,
    TargetKind.NAMESPACE: NAMESPACE,
}
"""What a target stands for that is no workload, by its kind; its key is `cluster/name`."""
RAY_CLUSTER: Mapping[str, Path] = {
    "RayJob": ("status", "rayClusterName"),
    "RayService": ("status", "activeServiceStatus", "rayClusterName"),
}
"""Where the name of the Ray cluster stands that these kinds run on: its groups are what is scaled."""
WORKLOAD_PARTS = 4
"""`cluster/Kind/namespace/name`; a cluster's name may hold slashes of its own."""


class Found(NamedTuple):
    kind: Kind
    ref: Ref
    document: Document


def parts(target: Target) -> tuple[str, str, str]:
    """Return kind, namespace and name of a workload. Raises ActionError."""
    named = target.key.removeprefix(f"{target.cluster}/").split("/")
    if len(named) != WORKLOAD_PARTS - 1 or not named[0] or not named[2]:
        raise ActionError(f"{target.name} is no workload", f"{target.key} does not name one", "Choose a workload.")
    return named[0], named[1], named[2]


def known_kind(target: Target, kinds: Mapping[str, Kind] = KINDS) -> Kind | None:
    """Return how a target's kind is addressed, without asking; None where that has to be found out."""
    called = target.key.removeprefix(f"{target.cluster}/").partition("/")[0]
    return PLACES.get(target.kind) or kinds.get(called) or OTHERS.get(called)


def namespace_of(target: Target) -> str:
    """Return the namespace of a workload, or the one that is the target; empty for anything else."""
    named = target.key.removeprefix(f"{target.cluster}/").split("/")
    if target.kind is TargetKind.NAMESPACE:
        return named[0]
    return named[1] if target.kind is TargetKind.WORKLOAD and len(named) == WORKLOAD_PARTS - 1 else ""


async def resolve(client: KubeClient, target: Target, kinds: Mapping[str, Kind] = KINDS) -> Found:
    """Read what a target stands for, and make sure that it is still that. Raises ActionError."""
    place = PLACES.get(target.kind)
    if place is not None:
        kind, ref = place, place.ref("v1", "", target.key.removeprefix(f"{target.cluster}/"))
    else:
        called, namespace, name = parts(target)
        kind = kinds.get(called) or OTHERS.get(called) or await find_scalable(client, called)
        ref = kind.ref(await client.served_version(kind.group, kind.versions), namespace, name)
    document = await client.read(ref)
    if target.uid and uid(document) != target.uid:
        raise ActionError(
            f"{ref.shown} is another one now",
            "what was chosen is gone, and something new has its name",
            "Choose it again.",
        )
    return Found(kind, ref, document)


async def ray_cluster(client: KubeClient, found: Found, kinds: Mapping[str, Kind]) -> Found | None:
    """Return the Ray cluster that a Ray job or service runs on; None where there is none now. Raises CallError."""
    path, kind = RAY_CLUSTER.get(found.ref.kind), kinds["RayCluster"]
    name = text(found.document, *path) if path is not None else ""
    if not name:
        return None
    ref = kind.ref(found.ref.version, found.ref.namespace, name)
    try:
        return Found(kind, ref, await client.read(ref))
    except CallError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
