"""Who looks at the simulated clusters, and what they may do there: anything, except in a few namespaces."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.simulation.api.answers import Document, bad
from finops_tui.simulation.api.documents import value
from finops_tui.simulation.machines import YOU

CLOSED = ("kube-system", "data-sci")
"""Namespaces where one may look and not touch: a refusal can be seen, too."""
READING = ("get", "list", "watch")
RIGHTS = ("authorization.k8s.io", "v1", "selfsubjectaccessreviews")
IDENTITY = ("authentication.k8s.io", "v1", "selfsubjectreviews")
"""Group, version and plural of what can be asked about oneself."""


def may(verb: str, namespace: str) -> bool:
    return verb in READING or namespace not in CLOSED


def identity(asked: object) -> Document:
    """Answer a SelfSubjectReview. Raises Refused."""
    if not isinstance(asked, Mapping):
        raise bad("an object is needed")
    return {**asked, "kind": "SelfSubjectReview", "status": {"userInfo": {"username": YOU, "groups": ["on-call"]}}}


def rights(asked: object) -> Document:
    """Answer a SelfSubjectAccessReview. Raises Refused."""
    attributes = value(asked, ("spec", "resourceAttributes"))
    if not isinstance(asked, Mapping) or not isinstance(attributes, Mapping):
        raise bad("spec.resourceAttributes is required")
    namespace = str(attributes.get("namespace") or "")
    allowed = may(str(attributes.get("verb") or ""), namespace)
    reason = "" if allowed else f"the role of {namespace} lets you look only"
    return {**asked, "kind": "SelfSubjectAccessReview", "status": {"allowed": allowed, "reason": reason}}
