"""Under which name a cluster knows whoever acts: that, and the operating system's, stands in the journal."""

from __future__ import annotations

from collections.abc import Callable

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import text
from finops_tui.actions.words import plain
from finops_tui.errors import FinopsError

REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
"""Everybody who is known may ask this (Kubernetes 1.28 and later)."""


class Identity:
    """Remembers each answer: who one is does not change while the program runs."""

    def __init__(self, client: Callable[[str], KubeClient]) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    async def of(self, cluster: str) -> str:
        """Return the user's name in a cluster; empty where it does not say."""
        if cluster not in self._known:
            review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
            try:
                answer = await self._client(cluster).create(REVIEWS, review, "who you are")
            except FinopsError:
                return ""
            self._known[cluster] = plain(text(answer, "status", "userInfo", "username"))
        return self._known[cluster]
