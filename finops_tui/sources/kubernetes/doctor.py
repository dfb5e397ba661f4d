"""What `finops-tui doctor` asks a cluster: who are we, what may we read, and what is lost where we may not."""

from __future__ import annotations

from typing import Any

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.phrases import sentence
from finops_tui.sources.base import Check
from finops_tui.sources.clean import one_line
from finops_tui.sources.inventory_share import EVERYTHING, Covered, Part
from finops_tui.sources.kube_access import KubeAccess, load_access
from finops_tui.sources.kubernetes.api import ApiError, KubeApi, decode_json
from finops_tui.sources.kubernetes.discovery import served_kinds
from finops_tui.sources.kubernetes.kinds import KUBE_STATE_METRICS, Kind, kinds
from finops_tui.sources.kubernetes.settings import KubernetesSettings

VERBS = ("list", "watch")
ROLE_HINT = "Bind the role in docs/permissions.md to {user}."
THIS = "this user"
PARTS = {part.value: part for part in Part}


def examine(settings: KubernetesSettings, clock: Clock) -> tuple[list[Check], Covered]:
    """Check one cluster from the outside in, and stop where nothing further can be known. Blocks.

    Beside the checks stands what may be read of all that a Prometheus could tell of instead.
    """
    try:
        access = load_access(settings.context, settings.kubeconfig)
    except SourceError as error:
        told = ": ".join(filter(None, (error.title, error.detail)))
        return [Check("credentials", "fail", told, sentence(error.hint))], {}
    api = KubeApi(
        access,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        clock=clock,
    )
    try:
        version = decode_json(api.get("/version"))
        served = served_kinds(api, kinds(settings))
    except ApiError as failure:
        hint = "\n".join(filter(None, (failure.hint, KUBE_STATE_METRICS)))
        return [Check("API server", "fail", f"{access.host}: {failure.reason}", hint)], {}
    told = one_line(version.get("gitVersion", "?")) if isinstance(version, dict) else "?"
    checks = [Check("API server", "ok", f"{access.host} answers, Kubernetes {told}", "")]
    if access.verify is False:
        hint = "Give the cluster certificate-authority-data instead of insecure-skip-tls-verify."
        checks.append(Check("TLS", "warn", "the kubeconfig turns the check of the server's certificate off", hint))
    user = _user(api, access)
    covered = dict(EVERYTHING)
    try:
        for kind in served:
            asked = (settings.namespaces if kind.namespaced else ()) or ("",)
            found = {namespace: _permission(api, kind, namespace, user) for namespace in asked}
            checks += found.values()
            if (part := PARTS.get(kind.resource)) is not None:
                covered[part] = frozenset(namespace for namespace, check in found.items() if check.state == "ok")
        if all(check.state != "ok" for check in checks[1:] if check.subject != "TLS"):
            checks.append(Check("permissions", "fail", "nothing may be read", ROLE_HINT.format(user=user or THIS)))
    except ApiError as failure:
        checks.append(Check("permissions", "warn", f"cannot ask: {failure.reason}", failure.hint))
    return checks, covered


def _permission(api: KubeApi, kind: Kind, namespace: str, user: str) -> Check:
    denied = [verb for verb in VERBS if not _allowed(api, kind, namespace, verb)]
    where = f" in {namespace}" if namespace else ""
    subject = f"{kind.resource}{where}"
    if not denied:
        return Check(subject, "ok", f"may {' and '.join(VERBS)}", "")
    hint = "\n".join(filter(None, (ROLE_HINT.format(user=user or THIS), kind.elsewhere)))
    without = "without, unless a Prometheus tells of it" if kind.elsewhere else "without"
    return Check(subject, "warn", f"may not {' or '.join(denied)}; {without}: {kind.lost}", hint)


def _allowed(api: KubeApi, kind: Kind, namespace: str, verb: str) -> bool:
    attributes = {"verb": verb, "group": kind.group, "version": kind.version, "resource": kind.resource}
    if namespace:
        attributes["namespace"] = namespace
    answer = _review(api, "selfsubjectaccessreviews", "SelfSubjectAccessReview", {"resourceAttributes": attributes})
    return bool(answer.get("allowed"))


def _user(api: KubeApi, access: KubeAccess) -> str:
    """Return the name that the server knows us by; empty where it does not say (before Kubernetes 1.28)."""
    try:
        answer = _review(api, "selfsubjectreviews", "SelfSubjectReview", {}, group="authentication.k8s.io")
    except ApiError:
        return access.impersonates
    told = answer.get("userInfo")
    return one_line(told.get("username", "")) if isinstance(told, dict) else access.impersonates


def _review(
    api: KubeApi, resource: str, kind: str, spec: dict[str, Any], group: str = "authorization.k8s.io"
) -> dict[str, Any]:
    body = {"apiVersion": f"{group}/v1", "kind": kind, **({"spec": spec} if spec else {})}
    answer = decode_json(api.post(f"/apis/{group}/v1/{resource}", body))
    status = answer.get("status") if isinstance(answer, dict) else None
    return status if isinstance(status, dict) else {}
