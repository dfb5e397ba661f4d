"""Whether one may do a thing, asked before it is tried: a key that one may not use says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from finops_tui.actions.base import Permission
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import value

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
KEPT_FOR = timedelta(minutes=1)
KEPT = 1_000


class Access:
    """Remembers each answer for a minute: roles change, but not while somebody moves a cursor."""

    def __init__(self, client: Callable[[str], KubeClient]) -> None:
        self._client = client
        self._known: dict[tuple[str, Permission], tuple[datetime, bool]] = {}

    async def missing(self, cluster: str, permissions: Iterable[Permission], now: datetime) -> tuple[Permission, ...]:
        """Return those that one does not have and cannot do without. Raises FinopsError where that cannot be asked."""
        needed = [each for each in permissions if not each.optional]
        return tuple([each for each in needed if not await self._allowed(cluster, each, now)])

    async def _allowed(self, cluster: str, permission: Permission, now: datetime) -> bool:
        known = self._known.get((cluster, permission))
        if known is not None and timedelta() <= now - known[0] < KEPT_FOR:
            return known[1]
        resource, _, subresource = permission.resource.partition("/")
        attributes = {
            "verb": permission.verb,
            "group": permission.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": permission.namespace,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = await self._client(cluster).create(REVIEWS, review, "your permissions")
        allowed = value(answer, ("status", "allowed")) is True
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[(cluster, permission)] = (now, allowed)
        return allowed
