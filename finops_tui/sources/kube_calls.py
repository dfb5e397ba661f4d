"""Single requests to one API server for whoever changes something there.

They end in a status and an answer, never in an exception of a client library. It is the same connection that the
Kubernetes source has: the kubeconfig's identity, renewed when it runs out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from finops_tui.clock import Clock, WallClock
from finops_tui.errors import SourceError
from finops_tui.sources.kube_access import KubeAccess
from finops_tui.sources.kubernetes.api import ApiError, KubeApi
from finops_tui.threads import DaemonThreads

AT_ONCE = 4
JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
_STATUS = re.compile(r"^\d{3} ")


class KubeCalls:
    """One identity at one API server. Every call runs in a daemon thread and ends within its time-outs."""

    def __init__(
        self,
        access: KubeAccess,
        *,
        connect_timeout_seconds: float = 5.0,
        read_timeout_seconds: float = 15.0,
        clock: Clock | None = None,
    ) -> None:
        self._api = _Api(
            access,
            connect_timeout_seconds=connect_timeout_seconds,
            read_timeout_seconds=read_timeout_seconds,
            clock=clock or WallClock(),
        )
        self._threads = DaemonThreads(AT_ONCE, "kube-call")

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> tuple[int, Any]:
        """Return the HTTP status and the answer as plain JSON, of a failure too; a PATCH is a JSON merge patch.

        A DELETE has DeleteOptions as its body. Raises ConnectionError: nothing was sent; TimeoutError: no answer came,
        it may have been done.
        """
        try:
            answer = await self._threads.call(self._api.send, method, path, body, query or {}, accept)
        except ApiError as error:
            if error.status:
                told = {"message": _STATUS.sub("", error.reason), "retryAfterSeconds": error.retry_after_seconds}
                return error.status, told
            raise (ConnectionError if _unsent(error) else TimeoutError)(error.reason) from error
        try:
            return HTTPStatus.OK, json.loads(answer)
        except ValueError:
            return HTTPStatus.OK, None


class _Api(KubeApi):
    def send(self, method: str, path: str, body: object, query: Mapping[str, str], accept: str) -> bytes:
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        if body is not None:
            headers["Content-Type"] = MERGE_PATCH if method == "PATCH" else JSON
        address = f"{path}?{urlencode(query)}" if query else path
        return self._whole(method, address, headers, self._read_timeout, body)


def _unsent(error: ApiError) -> bool:
    """Tell whether the request certainly never left: there was no connection, or no identity to send it under."""
    from urllib3 import exceptions

    # A refused connection and a name without an address are heirs of that one.
    return isinstance(error.__cause__, SourceError | exceptions.ConnectTimeoutError)
