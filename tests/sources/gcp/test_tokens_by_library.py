"""With google-auth itself: what it asks of a token server, and what is told of all that may go wrong."""

from __future__ import annotations

import json
import os
import socket
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from finops_tui.errors import SourceError
from finops_tui.sources.gcp.tokens import GoogleToken
from tests.servers.scripted import Reply, Request, scripted
from tests.sources.billing.following import NOW

# Google would have each kind of credentials loaded by a function of its own; the file is the user's, of whatever kind.
pytestmark = pytest.mark.filterwarnings("ignore:The load_credentials_from_file method:DeprecationWarning")

ACCOUNT = "finops@project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def _nobody_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of this machine, no gcloud, no metadata server, no proxy."""
    for name in os.environ:
        if name.startswith(("CLOUDSDK_", "GCE_", "GOOGLE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in ("CLOUDSDK_CONFIG", "HOME", "PATH"):
        monkeypatch.setenv(name, str(empty))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def said(status: int = 200, **body: Any) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


@dataclass
class Google:
    """A token server that knows one service account by its public key."""

    key: rsa.RSAPrivateKey
    file: Path
    """Its credentials, as Google's console gives them."""
    url: str = ""
    refusal: Reply | None = None
    claims: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        assert request.params["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        signed, _, signature = request.params["assertion"].rpartition(".")
        self.key.public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), SHA256())
        self.claims.append(json.loads(decoded(signed.partition(".")[2])))
        return self.refusal or said(access_token=f"token-{len(self.claims)}", expires_in=3600, token_type="Bearer")

    @property
    def pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def write(self, **other: Any) -> Path:
        account = {"type": "service_account", "project_id": "project", "client_email": ACCOUNT, "private_key_id": "1"}
        account |= {"private_key": self.pem, "token_uri": f"{self.url}/token"}
        self.file.write_text(json.dumps(account | other), encoding="utf-8")
        return self.file


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture
def google(key: rsa.RSAPrivateKey, tmp_path: Path) -> Iterator[Google]:
    google = Google(key, tmp_path / "key.json")
    with scripted(google) as server:
        google.url = server.url
        google.write()
        yield google


async def refusal(token: GoogleToken) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await token.token()
    return caught.value


async def test_a_service_account_signs_for_a_token(google: Google) -> None:
    assert await GoogleToken(google.file).token() == "token-1"
    (claims,) = google.claims
    assert (claims["iss"], claims["scope"]) == (ACCOUNT, SCOPE)


async def test_a_token_is_kept_while_it_is_good_and_renewed_when_it_is_not(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: datetime = NOW.replace(tzinfo=None)
    monkeypatch.setattr("google.auth._helpers.utcnow", lambda: now)
    token = GoogleToken(google.file)
    assert [await token.token(), await token.token()] == ["token-1", "token-1"]
    now += timedelta(minutes=55)
    assert await token.token() == "token-1"
    now += timedelta(minutes=4)
    assert [await token.token(), await token.token()] == ["token-2", "token-2"], "a minute before the first expires"


async def test_a_token_that_is_forgotten_is_asked_for_anew(google: Google) -> None:
    token = GoogleToken(google.file)
    assert await token.token() == "token-1"
    token.forget()
    assert await token.token() == "token-2"


async def test_the_environment_names_the_file_where_the_config_does_not(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(google.file))
    assert await GoogleToken(None).token() == "token-1"
    assert google.claims[0]["scope"] == SCOPE


async def test_who_is_revoked_is_told_so_and_let_in_again(google: Google) -> None:
    token = GoogleToken(google.file)
    google.refusal = said(400, error="invalid_grant", error_description="Invalid JWT Signature.")
    error = await refusal(token)
    assert error.title == "Google credentials have expired or are revoked"
    assert error.detail == "invalid_grant: Invalid JWT Signature."
    assert "gcloud auth application-default login" in error.hint
    google.refusal = None
    google.write(client_email="another@project.iam.gserviceaccount.com")
    assert await token.token() == "token-2"
    assert google.claims[1]["iss"].startswith("another@"), "the file is read again"


async def test_a_token_server_that_is_overloaded_revokes_nothing(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=waited.append))
    google.refusal = said(503, error="backend_error", error_description="Try again.")
    error = await refusal(GoogleToken(google.file))
    assert error.title == "Google credentials cannot be renewed"
    assert error.detail == "backend_error: Try again."
    assert (len(google.claims), len(waited)) == (3, 2)


async def test_a_page_in_place_of_a_token_is_no_crash(google: Google) -> None:
    google.refusal = Reply(200, b"<!DOCTYPE html><title>Sign in</title>", {"Content-Type": "text/html"})
    error = await refusal(GoogleToken(google.file))
    assert error.title == "Google credentials cannot be renewed"
    assert "oauth2.googleapis.com" in error.hint


async def test_a_token_server_that_is_gone(google: Google) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        google.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        error = await refusal(GoogleToken(google.write()))
    assert error.title == "Google credentials cannot be renewed"
    assert "oauth2.googleapis.com" in error.hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no JSON", "is not a valid json file"),
        ("[]", "is not what Google credentials look like"),
        ('{"type": "service_account"}', "key.json: missing fields"),
        ('{"type": "password"}', "does not have a valid type"),
        ('{"type": "impersonated_service_account"}', "is not what Google credentials look like"),
    ],
)
async def test_a_file_of_another_shape_is_named(google: Google, text: str, told: str) -> None:
    google.file.write_text(text, encoding="utf-8")
    error = await refusal(GoogleToken(google.file))
    words = f"{error.title} {error.detail}"
    assert str(google.file) in words
    assert told in words
    assert not error.detail.startswith("("), "Python's way to write several words"
    assert "`credentials_file`" in error.hint


@pytest.mark.parametrize("cut", [slice(0, -80), slice(200, None)])
async def test_a_broken_key_is_not_told(google: Google, cut: slice) -> None:
    for private_key in (google.pem[cut], google.pem[cut].splitlines()):
        google.write(private_key=private_key)
        error = await refusal(GoogleToken(google.file))
        assert str(google.file) in f"{error.title} {error.detail}"
        assert not any(line in str(error) for line in google.pem.splitlines())


@pytest.mark.parametrize("name", ["empty", "missing.json"])
@pytest.mark.parametrize("configured", [True, False])
async def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    configured: bool,
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / name))
    error = await refusal(GoogleToken(tmp_path / name if configured else None))
    assert str(tmp_path / name) in f"{error.title} {error.detail}"
    assert "`credentials_file`" in error.hint
    assert "GOOGLE_APPLICATION_CREDENTIALS" in error.hint


async def test_without_any_credentials_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: asked.append(address))
    error = await refusal(GoogleToken(None))
    assert error.title == "no Google credentials"
    assert "gcloud auth application-default login" in error.hint
    assert asked == []


@pytest.mark.parametrize("good", [True, False])
async def test_a_machine_of_googles_asks_its_metadata_server(monkeypatch: pytest.MonkeyPatch, good: bool) -> None:
    def metadata(request: Request) -> Reply:
        flavor = {"Metadata-Flavor": "Google"}
        if not request.path.endswith("/token"):
            answer = said(email=ACCOUNT, scopes=[SCOPE])
        else:
            answer = said(200 if good else 503, access_token="of-the-machine", expires_in=3600, token_type="Bearer")
        return Reply(answer.status, answer.body, answer.headers | flavor)

    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda _: None))
    with scripted(metadata) as server:
        host = server.url.removeprefix("http://")
        monkeypatch.setenv("GCE_METADATA_IP", host)
        monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", host)  # read when it is loaded
        monkeypatch.setattr("google.auth.compute_engine._metadata._NO_GCE_CHECK", False)
        token = GoogleToken(None)
        if good:
            assert await token.token() == "of-the-machine"
        else:
            assert (await refusal(token)).title == "Google credentials cannot be renewed"
    asked = [request.params for request in server.requests if request.path.endswith("/token")]
    assert {params["scopes"] for params in asked} == {SCOPE}
