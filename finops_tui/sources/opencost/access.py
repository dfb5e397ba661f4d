"""The way to an OpenCost: straight, or through the proxy of the API server."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING

from finops_tui.errors import SourceError
from finops_tui.sources.billing.calls import Service
from finops_tui.sources.kube_access import KubeAccess, load_access
from finops_tui.sources.opencost.settings import OpenCostSettings
from finops_tui.threads import DaemonThreads

if TYPE_CHECKING:
    import httpx

HINTS = {
    400: "Its version may be too old for this question; OpenCost 1.100 or later knows it.",
    401: "Set `bearer_token`, or `url` to where it lets us in.",
    403: "Allow this account to read it; behind a proxy, the path /allocation/compute.",
    404: "Check `url`: it ends just before /allocation, and with /model for Kubecost.",
    500: "Look at its log: as a rule it cannot reach its Prometheus.",
    503: "It is not ready; look at its pods.",
}


class Way:
    """Where requests go and what makes them welcome."""

    def __init__(self, settings: OpenCostSettings) -> None:
        self._settings = settings
        self._threads = DaemonThreads(1, "opencost")
        self._kube: KubeAccess | None = None

    async def base(self) -> str:
        """Return the address before `/allocation`. Raises SourceError."""
        if not self._settings.through_api_server:
            return self._settings.url
        namespace, service, path = self._named()
        access = await self._threads.call(self._access)
        base = f"{access.host.rstrip('/')}/api/v1/namespaces/{namespace}/services/{service}/proxy"
        return f"{base}/{path}" if path else base

    def service(self) -> Service:
        """Return how to ask it."""
        settings = self._settings
        held = (settings.bearer_token.get_secret_value(),) if settings.bearer_token else ()
        hints = dict(HINTS)
        if settings.through_api_server:
            namespace, *_ = self._named()
            hints[401] = "Log in to the cluster again, or set `kube_context`."
            hints[403] = f"Needs: get services/proxy in namespace {namespace}."
        return Service(
            open=self._open, headers=self._headers, hints=hints, secrets=held, timeout_seconds=settings.timeout_seconds
        )

    def _named(self) -> tuple[str, str, str]:
        namespace, _, rest = self._settings.url.removeprefix("kube://").partition("/")
        service, _, path = rest.partition("/")
        return namespace, service, path

    def _access(self) -> KubeAccess:
        if self._kube is None:
            self._kube = load_access(self._settings.kube_context or None, self._settings.kubeconfig)
        return self._kube

    def _open(self) -> httpx.AsyncClient:
        import httpx

        timeout = self._settings.timeout_seconds
        try:
            if not self._settings.through_api_server:
                cafile = str(self._settings.ca_file) if self._settings.ca_file else None
                return httpx.AsyncClient(verify=ssl.create_default_context(cafile=cafile), timeout=timeout)
            kube = self._access()
            return httpx.AsyncClient(verify=_trusted(kube), timeout=timeout, proxy=kube.proxy or None)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            hint = "Check `ca_file`, or the files that the kubeconfig names."
            raise SourceError(f"certificates cannot be read: {reason}", "", hint) from error

    async def _headers(self) -> Mapping[str, str]:
        if self._settings.through_api_server:
            return await self._threads.call(lambda: self._access().headers())
        token = self._settings.bearer_token
        return {"Authorization": f"Bearer {token.get_secret_value().strip()}"} if token else {}


def _trusted(kube: KubeAccess) -> ssl.SSLContext:
    """Return whom the kubeconfig trusts, and the certificate that it shows."""
    verify = kube.verify
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is False:  # the kubeconfig says insecure-skip-tls-verify
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if kube.client_cert is not None:
        context.load_cert_chain(*kube.client_cert)
    return context
