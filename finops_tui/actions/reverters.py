"""What would undo a change by itself, and what may be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

from finops_tui.actions.autoscalers import Autoscalers
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.managers import managed_by
from finops_tui.actions.objects import NAME, Document, Ref, owner, text, value
from finops_tui.actions.words import plain
from finops_tui.model.plan import Reverter

ARGO_NAMESPACE = "argocd"
"""Where Argo CD is installed unless somebody chose otherwise; its applications are looked for there."""
FLUX = (
    ("kustomize.toolkit.fluxcd.io", "Kustomization", "the next reconciliation"),
    ("helm.toolkit.fluxcd.io", "HelmRelease", "the next upgrade, or the drift detection,"),
)
"""Prefix of the labels by which Flux marks what is its own, and when it sets it again."""
OWN_CONTROLLERS = ("", "kubernetes.io/job-controller", "jobset.sigs.k8s.io/jobset-controller")
"""`spec.managedBy` of what its usual controller runs."""


async def reverters_of(client: KubeClient, ref: Ref, document: Document) -> tuple[Reverter, ...]:
    """Return who keeps an object as they want it: GitOps tools, its owner, another controller."""
    return (*await _argo(client, document), *_flux(document), *_owner(document), *_other_controller(ref, document))


def autoscaler_reverters(found: Autoscalers, replicas: int) -> tuple[Reverter, ...]:
    """Return the autoscalers that would set another number of replicas."""
    return tuple(_autoscalers(found, replicas))


def _autoscalers(found: Autoscalers, replicas: int) -> Iterator[Reverter]:
    if found.keda is not None:
        ref, document = found.keda
        yield Reverter(
            who="keda",
            words=f"KEDA sets it again by {ref.shown}, {_bounds(document, 'minReplicaCount', 'maxReplicaCount')}",
            advice=f"autoscaler=pause makes KEDA hold it at {replicas} until that is undone",
        )
    if found.hpa is not None:
        ref, document = found.hpa
        low = value(document, ("spec", "minReplicas"))
        if replicas > 0 or low == 0:  # at 0 it stands down, unless 0 is within its own bounds
            bounds = _bounds(document, "minReplicas", "maxReplicas")
            yield Reverter(
                who="hpa",
                words=f"{ref.shown} sets it again within seconds, {bounds}",
                advice="autoscaler=min=…,max=… moves its bounds instead",
            )
    if found.unseen:
        yield Reverter(who="unknown", words=f"an autoscaler may set it again: {found.unseen}")


def _bounds(document: Document, low: str, high: str) -> str:
    defaults = {"minReplicas": 1, "minReplicaCount": 0, "maxReplicaCount": 100}
    least = value(document, ("spec", low))
    most = value(document, ("spec", high))
    return f"min {defaults.get(low) if least is None else least}, max {defaults.get(high) if most is None else most}"


async def _argo(client: KubeClient, document: Document) -> tuple[Reverter, ...]:
    tracking = text(document, "metadata", "annotations", "argocd.argoproj.io/tracking-id")
    app = tracking.partition(":")[0] or text(document, "metadata", "labels", "argocd.argoproj.io/instance")
    if not app and "argocd" in managed_by(document):
        app = text(document, "metadata", "labels", "app.kubernetes.io/instance")
    if not app:
        return ()
    app = plain(app)
    healing = await _self_heal(client, app)
    if healing is None:
        words, advice = f"Argo CD app {app}", "whether self-heal is on is not known; with it the change lasts minutes"
    elif healing:
        words = f"Argo CD app {app}: self-heal is on, the change lasts minutes"
        advice = f"change it in Git, or turn self-heal of {app} off first"
    else:
        words, advice = f"the next sync of Argo CD app {app}", "self-heal is off, so it holds until somebody syncs"
    return (Reverter(who="argocd", words=words, advice=advice),)


async def _self_heal(client: KubeClient, app: str) -> bool | None:
    """Tell whether an Argo CD application restores what others change; None where it cannot be read."""
    namespace, _, name = app.rpartition("_")  # `namespace_app` where applications live in any namespace
    place, called = quote(namespace or ARGO_NAMESPACE, safe=NAME), quote(name, safe=NAME)
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{place}/applications/{called}"
    try:
        application = await client.get(path, f"application/{name}")
    except CallError as error:
        if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            return None
        raise
    automated = value(application, ("spec", "syncPolicy", "automated"))
    return isinstance(automated, dict) and automated.get("selfHeal") is True and automated.get("enabled") is not False


def _flux(document: Document) -> Iterator[Reverter]:
    for prefix, kind, when in FLUX:
        name = plain(text(document, "metadata", "labels", f"{prefix}/name"))
        namespace = plain(text(document, "metadata", "labels", f"{prefix}/namespace"))
        stopped = text(document, "metadata", "annotations", f"{prefix}/reconcile") == "disabled"
        if name and not stopped:
            yield Reverter(
                who="flux",
                words=f"{when} of Flux {kind} {namespace}/{name}",
                advice=f"`flux suspend {kind.lower()} {name} -n {namespace}` stops it",
            )


def _owner(document: Document) -> Iterator[Reverter]:
    above = owner(document)
    if above is not None:
        kind, name = plain(above.get("kind", "")), plain(above.get("name", ""))
        yield Reverter(
            who=kind.lower(),
            words=f"{kind} {name} owns it and may set it again",
            advice=f"act on {kind} {name} instead",
        )


def _other_controller(ref: Ref, document: Document) -> Iterator[Reverter]:
    controller = text(document, "spec", "managedBy")
    if ref.kind in ("Job", "JobSet") and controller not in OWN_CONTROLLERS:
        yield Reverter(
            who=plain(controller).rpartition("/")[2],
            words=f"{plain(controller)} runs it and may not heed spec.suspend",
            advice="pause it where that controller is told",
        )
