"""Requests to an API server whose identity is looked up when the first one is made: most runs make none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.threads import DaemonThreads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.sources.kube_calls import KubeCalls

JSON = "application/json"


class LateCalls:
    """As `KubeCalls`, of one context of a kubeconfig."""

    def __init__(self, context: str | None, kubeconfig: Path | None, clock: Clock) -> None:
        self._context = context
        self._kubeconfig = kubeconfig
        self._clock = clock
        self._calls: KubeCalls | None = None
        self._threads = DaemonThreads(1, "kube-identity")

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> tuple[int, Any]:
        """Raise ConnectionError where there is no identity to send it under, else as `KubeCalls.send`."""
        if self._calls is None:
            try:
                self._calls = await self._threads.call(self._found)
            except SourceError as error:
                raise ConnectionError(" ".join(filter(None, (error.title, error.detail)))) from error
        return await self._calls.send(method, path, body, query=query, accept=accept)

    def _found(self) -> KubeCalls:
        from finops_tui.sources.kube_access import load_access
        from finops_tui.sources.kube_calls import KubeCalls

        return KubeCalls(load_access(self._context, self._kubeconfig), clock=self._clock)
