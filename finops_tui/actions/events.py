"""A Kubernetes Event on what was changed, so that `kubectl describe` tells of it. Kept for about an hour."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus

from finops_tui.actions.base import Permission
from finops_tui.actions.kube_client import MANAGER, CallError, KubeClient
from finops_tui.actions.objects import Ref
from finops_tui.actions.words import plain
from finops_tui.model.plan import Plan

GROUP = "events.k8s.io"
EVENTS: tuple[Permission, ...] = (Permission(verb="create", resource="events", group=GROUP, optional=True),)
ABOUT = "about"
"""Where a plan's steps hold the object that its event is about."""
REASONS: Mapping[str, str] = {
    "pause": "FinopsPaused",
    "resume": "FinopsResumed",
    "scale": "FinopsScaled",
    "cordon": "FinopsCordoned",
    "uncordon": "FinopsUncordoned",
    "drain": "FinopsDrained",
    "delete-node": "FinopsNodeDeleted",
    "quota": "FinopsQuotaSet",
    "rollback": "FinopsRolledBack",
    "limit": "FinopsPoolLimited",
    "undo": "FinopsUndone",
}
"""By action."""
NOTE_LIMIT = 1_000


def regarding(ref: Ref, uid: str) -> Mapping[str, str]:
    """Return the part of a plan's steps that says what it is about."""
    return {ABOUT: json.dumps({"object": asdict(ref), "uid": uid}, separators=(",", ":"))}


async def tell(client: KubeClient, plan: Plan, by: str, now: datetime) -> str:
    """Post the event of a plan that was carried out; return why there is none, empty where there is one.

    It is called after the plan, so whoever carries that out again makes no second one.
    """
    told = json.loads(plan.steps[ABOUT])
    ref, namespace = Ref(**told["object"]), told["object"]["namespace"] or "default"
    event = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Event",
        "metadata": {"name": f"{MANAGER}-{plan.id}", "namespace": namespace},
        "eventTime": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z",
        "reportingController": MANAGER,
        "reportingInstance": MANAGER,
        "action": plan.action,
        "reason": REASONS[plan.action],
        "type": "Normal",
        "note": plain(f"{plan.title}, by {by}", NOTE_LIMIT),
        "regarding": {
            "apiVersion": ref.api_version,
            "kind": ref.kind,
            "name": ref.name,
            "namespace": ref.namespace,
            "uid": told["uid"],
        },
    }
    try:
        await client.create(f"/apis/{GROUP}/v1/namespaces/{namespace}/events", event, "an event")
    except CallError as error:
        if error.status == HTTPStatus.CONFLICT:
            return ""
        if error.status == HTTPStatus.FORBIDDEN:
            return f"No Kubernetes event tells of it: you may not create events in {namespace}."
        return f"No Kubernetes event tells of it: {error.title}."
    return ""
