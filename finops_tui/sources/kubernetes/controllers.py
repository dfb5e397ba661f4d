"""What makes pods: how many it wants, what it belongs to, and who touched it last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.labels import kept_labels
from finops_tui.sources.kubernetes.quantities import Requests, pod_requests

_DECODER = msgspec.json.Decoder(objects.Controller)
_CUSTOM_DECODER = msgspec.json.Decoder(objects.CustomController)
_TEMPLATE_DECODER = msgspec.json.Decoder(objects.PodTemplate)

ACTORS = {
    "argocd-controller": "argocd",
    "argocd-application-controller": "argocd",
    "kustomize-controller": "flux",
    "helm-controller": "flux",
    "keda-operator": "keda",
}
"""Field managers by the names that people know them by; the others keep theirs, shortened at the first `-`."""


class ControllerFacts(msgspec.Struct, frozen=True):
    uid: str
    kind: str
    namespace: str
    name: str
    owner: tuple[str, str] | None
    """Kind and name of its own controller."""
    labels: objects.Labels
    created_at: datetime | None
    generation: int = 0
    replicas: int | None = None
    suspended: bool = False
    template: str = ""
    """Digest of the pod template; empty where there is none."""
    images: tuple[str, ...] = ()
    requests: Requests = Requests()
    """Of one pod."""
    who: str = ""
    """Whoever wrote to it last, its status apart."""
    written_at: datetime | None = None
    rolled_out_at: datetime | None = None
    """When its last rollout ended, where it says."""
    ended: str = ""
    """`completed` or `failed`."""
    ended_at: datetime | None = None
    suspended_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.kind, self.namespace, self.name)


def controller_reader(kind: str) -> Callable[[msgspec.Raw], ControllerFacts]:
    """Return a reader for one of Kubernetes' own kinds."""

    def read(item: msgspec.Raw) -> ControllerFacts:
        controller = _DECODER.decode(item)
        spec, status = controller.spec, controller.status
        conditions = {condition.type: condition for condition in status.conditions or () if condition.status == "True"}
        digest, images, requests = _template(bytes(spec.template))
        who, written_at = last_writer(controller.metadata.managed_fields)
        replicas = spec.replicas
        if kind == "DaemonSet":
            replicas = status.desired_number_scheduled
        elif kind == "Job":
            finished = "Complete" in conditions or "Failed" in conditions
            replicas = 0 if finished or spec.suspend else spec.parallelism
        progress, suspended = conditions.get("Progressing"), conditions.get("Suspended")
        facts = msgspec.structs.replace(
            _facts(kind, controller.metadata),
            replicas=replicas,
            suspended=spec.suspend,
            template=digest,
            images=images,
            requests=requests,
            who=who,
            written_at=written_at,
            suspended_at=suspended.last_transition_time if suspended else None,
        )
        if progress is not None and progress.reason == "NewReplicaSetAvailable":
            facts = msgspec.structs.replace(facts, rolled_out_at=progress.last_update_time)
        for condition, ended in (("Complete", "completed"), ("Failed", "failed")):
            if condition in conditions:
                ended_at = conditions[condition].last_transition_time
                facts = msgspec.structs.replace(facts, ended=ended, ended_at=ended_at)
        return facts

    return read


def custom_reader(kind: str) -> Callable[[msgspec.Raw], ControllerFacts]:
    """Return a reader for a kind of an extension."""

    def read(item: msgspec.Raw) -> ControllerFacts:
        controller = _CUSTOM_DECODER.decode(item)
        return msgspec.structs.replace(_facts(kind, controller.metadata), suspended=controller.spec.suspend)

    return read


def _facts(kind: str, metadata: objects.Metadata) -> ControllerFacts:
    owner = metadata.controller
    return ControllerFacts(
        uid=one_line(metadata.uid),
        kind=kind,
        namespace=one_line(metadata.namespace),
        name=one_line(metadata.name),
        owner=(one_line(owner.kind), one_line(owner.name)) if owner is not None else None,
        labels=kept_labels(metadata.labels),
        created_at=metadata.creation_timestamp,
        generation=metadata.generation,
    )


def _template(raw: bytes) -> tuple[str, tuple[str, ...], Requests]:
    if not raw:
        return "", (), Requests()
    spec = _TEMPLATE_DECODER.decode(raw).spec
    images = tuple(one_line(container.image) for container in spec.containers or ())
    return blake2b(raw, digest_size=8).hexdigest(), images, pod_requests(spec)


def last_writer(entries: list[objects.ManagedFields] | None) -> tuple[str, datetime | None]:
    """Return who wrote an object's fields last and when, from its managed fields; writes of status do not count."""
    written = [entry for entry in entries or () if entry.subresource != "status" and entry.time is not None]
    if not written:
        return "", None
    newest = max(written, key=lambda entry: (entry.time is not None and entry.time.timestamp(), entry.subresource))
    if newest.subresource == "scale" and newest.manager == "kube-controller-manager":
        return "hpa", newest.time
    return ACTORS.get(newest.manager) or one_line(newest.manager, 30).partition("-client")[0], newest.time
