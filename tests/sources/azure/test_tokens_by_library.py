"""With azure-identity itself: what its chain asks, and what is told of all that may go wrong."""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from finops_tui.clock import SimulatedClock
from finops_tui.errors import SourceError
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import AzureToken
from tests.servers.scripted import Reply, Request, Scripted, scripted
from tests.sources.azure.answers import SUBSCRIPTION
from tests.sources.billing.following import NOW

SECRET = "mV8Q~secret"


@pytest.fixture(autouse=True)
def closed_port() -> Iterator[int]:
    """A port where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        yield port


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, closed_port: int) -> list[float]:
    """No credentials of this machine, no command line, no metadata service, no proxy; nobody waits to try again."""
    for name in os.environ:
        if name.startswith(("AZURE_", "IDENTITY_", "IMDS_", "MSI_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name in ("HOME", "PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"http://127.0.0.1:{closed_port}")
    waited: list[float] = []
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda _, wait: waited.append(wait))
    return waited


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """A clock moved by hand, the library's too."""
    clock = SimulatedClock(NOW, 0.0)
    monkeypatch.setattr(time, "time", lambda: clock.now().timestamp())
    return clock


def said(status: int = 200, **body: Any) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


@dataclass
class AppService:
    """The endpoint that Azure puts beside an app which has a managed identity."""

    clock: SimulatedClock
    refusal: Reply | None = None
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        expires = self.clock.now() + timedelta(hours=1)
        number = len(self.asked)
        return self.refusal or said(
            access_token=f"token-{number}",
            expires_on=str(int(expires.timestamp())),
            resource=request.params["resource"],
            token_type="Bearer",
        )


@pytest.fixture
def app_service(clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppService]:
    service = AppService(clock)
    with scripted(service) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", SECRET)
        yield service


def token(clock: SimulatedClock | None = None, **more: Any) -> AzureToken:
    settings = AzureSettings(scopes=(AzureScope(scope=SUBSCRIPTION),), **more)
    return AzureToken(settings, clock or SimulatedClock(NOW, 0.0))


async def refusal(held: AzureToken) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await held.token()
    return caught.value


async def test_a_managed_identity_asks_for_the_resource_manager(app_service: AppService, clock: SimulatedClock) -> None:
    assert await token(clock).token() == "token-1"
    (asked,) = app_service.asked
    assert asked.path == "/msi/token"
    assert asked.params == {"api-version": "2019-08-01", "resource": "https://management.azure.com"}
    assert asked.headers["X-Identity-Header"] == SECRET


async def test_another_cloud_and_another_identity_are_asked_for(app_service: AppService, clock: SimulatedClock) -> None:
    other = "https://management.usgovcloudapi.net"
    held = token(clock, endpoint=other, managed_identity="abc", authority="login.microsoftonline.us")
    assert await held.token() == "token-1"
    assert app_service.asked[0].params["resource"] == other
    assert app_service.asked[0].params["client_id"] == "abc"


async def test_a_token_is_kept_until_five_minutes_before_it_expires(
    app_service: AppService, clock: SimulatedClock
) -> None:
    held = token(clock)
    assert [await held.token(), await held.token()] == ["token-1", "token-1"]
    clock.start = NOW + timedelta(minutes=54)
    assert await held.token() == "token-1"
    clock.start = NOW + timedelta(minutes=56)
    assert [await held.token(), await held.token()] == ["token-2", "token-2"]
    assert len(app_service.asked) == 2


async def test_a_token_that_is_forgotten_is_asked_for_anew(app_service: AppService, clock: SimulatedClock) -> None:
    held = token(clock)
    assert await held.token() == "token-1"
    held.forget()
    assert await held.token() == "token-2", "the library's own store is gone too"
    assert len(app_service.asked) == 2


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("chain", ["", "prod", "ManagedIdentityCredential"])
async def test_why_a_managed_identity_is_refused_is_told(
    app_service: AppService, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, status: int, chain: str
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", chain)
    words = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."
    app_service.refusal = said(status, statusCode=status, message=words)
    held = token(clock, managed_identity="abc")
    error = await refusal(held)
    assert error.title == "no Azure credentials"
    assert error.detail.startswith("ManagedIdentityCredential: ")
    assert f"{status}, {words}" in error.detail
    assert "managed identity" in error.hint
    assert SECRET not in str(error)


async def test_an_identity_that_is_let_in_later(app_service: AppService, clock: SimulatedClock) -> None:
    held = token(clock)
    app_service.refusal = said(403, statusCode=403, message="Not yet.")
    await refusal(held)
    app_service.refusal = None
    clock.start = NOW + timedelta(minutes=2)  # the library does not ask again at once
    assert await held.token() == "token-2"


async def test_an_endpoint_that_cannot_be_reached_is_told(
    clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, closed_port: int, waited: list[float]
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{closed_port}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    error = await refusal(token(clock))
    assert error.detail.startswith("ManagedIdentityCredential: ")
    assert "Connection refused" in error.detail
    assert waited, "it was tried again"


async def test_an_endpoint_that_goes_away_is_no_lack_of_credentials(
    app_service: AppService, clock: SimulatedClock, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = token(clock)
    assert await held.token() == "token-1"
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{closed_port}/msi/token")
    clock.start = NOW + timedelta(minutes=56)
    error = await refusal(held)
    assert error.title == "Azure credentials cannot be renewed"
    assert "login.microsoftonline.com" in error.hint
    assert len(app_service.asked) == 1


async def test_without_any_credentials_it_is_told_where_they_were_looked_for() -> None:
    error = await refusal(token())
    assert error.title == "no Azure credentials"
    assert error.detail.startswith("(looked in EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCred")
    assert "AzureCliCredential" in error.detail
    assert "az login" in error.hint


async def test_an_authority_that_cannot_be_makes_no_sense() -> None:
    error = await refusal(token(authority="http://login.microsoftonline.com"))
    assert error.title == "Azure credentials make no sense"
    assert "http://login.microsoftonline.com" in error.detail


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
    file.write_bytes(pem)
    return file


@dataclass
class Authority:
    """A host that signs in. As tenant `adfs` it is a host of one's own: no other is asked whether it is trusted."""

    url: str = ""
    refusal: Reply | None = None

    def __call__(self, request: Request) -> Reply:
        if request.path == "/adfs/.well-known/openid-configuration":
            return said(
                issuer=f"{self.url}/adfs",
                authorization_endpoint=f"{self.url}/adfs/oauth2/authorize",
                token_endpoint=f"{self.url}/adfs/oauth2/token",
            )
        return self.refusal or said(access_token="signed-in", expires_in=3600, token_type="Bearer")


@pytest.fixture
def authority(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Authority, Scripted]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    told = {"AZURE_TENANT_ID": "adfs", "AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": SECRET}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    authority = Authority()
    with scripted(authority, tls=context) as server:
        authority.url = server.url
        yield authority, server


async def test_a_client_secret_signs_in(authority: tuple[Authority, Scripted]) -> None:
    _, server = authority
    assert await token(authority=server.url).token() == "signed-in"
    asked = server.requests[-1]
    assert (asked.method, asked.path) == ("POST", "/adfs/oauth2/token")
    assert asked.params["client_secret"] == SECRET
    assert asked.params["scope"] == "https://management.azure.com/.default"


@pytest.mark.parametrize(
    ("code", "hint"),
    [("7000215", "the secret's value, not its id"), ("7000222", "expired"), ("700016", "AZURE_CLIENT_ID")],
)
async def test_why_a_client_secret_is_refused_is_told(
    authority: tuple[Authority, Scripted], code: str, hint: str
) -> None:
    host, server = authority
    host.refusal = said(401, error="invalid_client", error_description=f"AADSTS{code}: Trace ID: 1 {SECRET}")
    error = await refusal(token(authority=server.url.removeprefix("https://")))
    assert error.title == f"Azure refuses the login: AADSTS{code}"
    assert hint in error.hint
    assert SECRET not in str(error)
