"""What steers a workload's size besides us: the autoscalers that point at it, and Kueue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from finops_tui.actions.kinds import HPA, KUEUE, KUEUE_QUEUE, SCALED_OBJECT, Kind
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import Document, Ref, owner, text, uid, value
from finops_tui.errors import ActionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscalers:
    hpa: tuple[Ref, Document] | None = None
    """The one that no KEDA object made."""
    keda: tuple[Ref, Document] | None = None
    unseen: str = ""
    """Why some cannot be known; empty where all are."""


async def autoscalers_of(client: KubeClient, ref: Ref) -> Autoscalers:
    """Return what scales an object. Raises CallError where the API server does not answer."""
    keda, refused = await _pointing_at(client, SCALED_OBJECT, ref)
    hpa, also_refused = await _pointing_at(client, HPA, ref)
    if hpa is not None and (owner(hpa[1]) or {}).get("kind") == SCALED_OBJECT.kind:
        hpa = None
    return Autoscalers(hpa=hpa, keda=keda, unseen=refused or also_refused)


async def kueue_workload(client: KubeClient, ref: Ref, document: Document) -> tuple[Ref, Document] | None:
    """Return Kueue's own object of a job that it admits; None for a job that it has nothing to do with.

    Raises ActionError where there should be one and is none, CallError.
    """
    queue = text(document, "metadata", "labels", KUEUE_QUEUE)
    if not queue:
        return None
    version = await client.served_version(KUEUE.group, KUEUE.versions)
    for found in await client.listed(KUEUE.ref(version, ref.namespace, "")):
        if (owner(found) or {}).get("uid") == uid(document):
            return KUEUE.ref(version, ref.namespace, text(found, "metadata", "name")), found
    raise ActionError(
        f"{ref.shown} waits in Kueue's queue {queue} and has no Workload yet",
        "Kueue sets spec.suspend itself, so pausing the object would not hold",
        "Wait until Kueue has taken it in, or stop the queue.",
    )


async def _pointing_at(client: KubeClient, kind: Kind, ref: Ref) -> tuple[tuple[Ref, Document] | None, str]:
    anywhere = kind.ref(kind.versions[0], ref.namespace, "")
    try:
        listed = await client.listed(anywhere)
    except CallError as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        return None, f"{kind.plural} in {ref.namespace} may not be listed"
    for found in listed:
        aim = value(found, ("spec", "scaleTargetRef"))
        if isinstance(aim, Mapping) and aim.get("name") == ref.name and aim.get("kind", "Deployment") == ref.kind:
            held = kind.ref(kind.versions[0], ref.namespace, text(found, "metadata", "name")), found
            return held, ""
    return None, ""
