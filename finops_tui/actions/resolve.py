"""From a row on the screen to the object that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from finops_tui.actions.discovery import find_scalable
from finops_tui.actions.kinds import NODE, PAUSABLE, SCALABLE, Kind
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import Document, Ref, uid
from finops_tui.errors import ActionError
from finops_tui.model.plan import Target, TargetKind

KINDS: Mapping[str, Kind] = {kind.kind: kind for kind in (*PAUSABLE, *SCALABLE)}
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
    if target.kind is TargetKind.NODE:
        return NODE
    return kinds.get(target.key.removeprefix(f"{target.cluster}/").partition("/")[0])


async def resolve(client: KubeClient, target: Target, kinds: Mapping[str, Kind] = KINDS) -> Found:
    """Read what a target stands for, and make sure that it is still that. Raises ActionError."""
    if target.kind is TargetKind.NODE:
        kind: Kind = NODE
        ref = NODE.ref("v1", "", target.key.removeprefix(f"{target.cluster}/"))
    else:
        called, namespace, name = parts(target)
        kind = kinds.get(called) or await find_scalable(client, called)
        ref = kind.ref(await client.served_version(kind.group, kind.versions), namespace, name)
    document = await client.read(ref)
    if target.uid and uid(document) != target.uid:
        raise ActionError(
            f"{ref.shown} is another one now",
            "what was chosen is gone, and something new has its name",
            "Choose it again.",
        )
    return Found(kind, ref, document)
