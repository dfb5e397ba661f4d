"""Where requests go and what makes them welcome there: address, certificates, credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from finops_tui.errors import SourceError
from finops_tui.sources.prometheus.faults import PrometheusError, as_prometheus_error
from finops_tui.sources.prometheus.settings import Auth, PrometheusSettings
from finops_tui.sources.prometheus.tls_files import check_files
from finops_tui.threads import LOADING

if TYPE_CHECKING:
    from requests import PreparedRequest

    Sign = Callable[[PreparedRequest], PreparedRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    url: str
    """Base, without `/api/v1`."""
    where: str
    """Host and port, or the service, as messages name it."""
    verify: str | bool
    cert: str | tuple[str, str] | None
    sign: Sign
    """Puts the credentials on one request. Called for each, so that they are fresh."""
    proxy: str | None
    forbidden_hint: str = "check what `auth` may read, and the tenant in `headers`"


def open_access(settings: PrometheusSettings) -> Access:
    """Read what it takes to be let in. May run a credential plugin: call it in a thread. Raises SourceError."""
    parts = urlsplit(settings.url)
    if parts.scheme == "kube":
        return _through_api_server(settings)
    tls = settings.tls
    check_files(tls, parts.netloc)
    cert = None
    if tls.client_cert is not None:
        cert = (str(tls.client_cert), str(tls.client_key)) if tls.client_key else str(tls.client_cert)
    return Access(
        url=settings.url,
        where=parts.netloc,
        verify=str(tls.ca_file) if tls.ca_file else True,
        cert=cert,
        sign=_signer(settings.auth),
        proxy=settings.proxy,
    )


def _through_api_server(settings: PrometheusSettings) -> Access:
    from finops_tui.sources.kube_access import load_access

    namespace, _, rest = settings.url.removeprefix("kube://").partition("/")
    service, _, path = rest.partition("/")
    try:
        kube = load_access(settings.kube_context or None, settings.kubeconfig)
    except SourceError as error:
        raise as_prometheus_error(error) from error

    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers.update(kube.headers())
        return request

    base = f"{kube.host.rstrip('/')}/api/v1/namespaces/{namespace}/services/{service}/proxy"
    return Access(
        url=f"{base}/{path}" if path else base,
        where=f"service {namespace}/{service} (through {urlsplit(kube.host).netloc})",
        verify=kube.verify,
        cert=kube.client_cert,
        sign=sign,
        proxy=settings.proxy or kube.proxy or None,
        forbidden_hint=f"needs: get services/proxy in namespace {namespace}",
    )


def _signer(auth: Auth) -> Sign:
    """Return what signs in. Also where nothing does: without it, requests would look into `.netrc` by itself."""
    if auth.bearer_token_file is not None:
        path = auth.bearer_token_file
        return lambda request: _with_bearer(request, path.read_text(encoding="utf-8").strip())
    if auth.bearer_token is not None:
        token = auth.bearer_token.get_secret_value().strip()
        return lambda request: _with_bearer(request, token)
    if auth.password is not None:
        from requests.auth import HTTPBasicAuth

        basic: Sign = HTTPBasicAuth(auth.username.encode(), auth.password.get_secret_value().encode())
        return basic
    if auth.sigv4 is not None:
        return _aws_signer(auth.sigv4.region, auth.sigv4.profile)
    return lambda request: request


def _with_bearer(request: PreparedRequest, token: str) -> PreparedRequest:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _aws_signer(region: str, profile: str) -> Sign:
    with LOADING:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]  # botocore ships no types
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # the same
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]  # the same
        from botocore.session import Session  # type: ignore[import-untyped]  # the same

    try:
        credentials = Session(profile=profile or None).get_credentials()
    except BotoCoreError as error:
        raise PrometheusError("no AWS credentials", str(error), "log in, or set `auth.sigv4.profile`") from error
    if credentials is None:
        raise PrometheusError("no AWS credentials", "the chain is empty", "log in, or set `auth.sigv4.profile`")

    def sign(request: PreparedRequest) -> PreparedRequest:
        unsigned = AWSRequest(method=request.method, url=request.url, data=request.body)
        if "Content-Type" in request.headers:
            unsigned.headers["Content-Type"] = request.headers["Content-Type"]
        try:
            SigV4Auth(credentials.get_frozen_credentials(), "aps", region).add_auth(unsigned)
        except BotoCoreError as error:
            raise PrometheusError("AWS credentials cannot be renewed", str(error), "log in to AWS again") from error
        request.headers.update(dict(unsigned.headers.items()))
        return request

    return sign
