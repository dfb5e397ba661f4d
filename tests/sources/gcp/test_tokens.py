from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from finops_tui.errors import SourceError
from finops_tui.sources.gcp.tokens import GoogleToken


class DefaultCredentialsError(Exception): ...


class RefreshError(Exception): ...


class TransportError(Exception): ...


class Credentials:
    """As google-auth's: a token once they are refreshed."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.valid = False
        self.token = ""
        self.refreshed = 0
        self._trouble = trouble

    def refresh(self, _: object) -> None:
        if self._trouble is not None:
            raise self._trouble
        self.refreshed += 1
        self.valid, self.token = True, f"token-{self.refreshed}"


class Library:
    """google-auth, as far as it is used."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.credentials: Credentials | Exception = Credentials()
        self.files: list[str] = []
        made: dict[str, Any] = {name: ModuleType(name) for name in ("google", "google.auth", "google.auth.transport")}
        made["google.auth"].default = self.default
        made["google.auth"].load_credentials_from_file = self.load
        errors = made["google.auth.exceptions"] = ModuleType("google.auth.exceptions")
        for error in (DefaultCredentialsError, RefreshError, TransportError):
            setattr(errors, error.__name__, error)
        made["google.auth.transport.requests"] = ModuleType("google.auth.transport.requests")
        made["google.auth.transport.requests"].Request = object
        for name, module in made.items():
            monkeypatch.setitem(sys.modules, name, module)

    def default(self, scopes: tuple[str, ...]) -> tuple[Credentials, str]:
        assert scopes == ("https://www.googleapis.com/auth/cloud-platform",)
        if isinstance(self.credentials, Exception):
            raise self.credentials
        return self.credentials, "project"

    def load(self, path: str, scopes: tuple[str, ...]) -> tuple[Credentials, str]:
        self.files.append(path)
        return self.default(scopes)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return Library(monkeypatch)


async def test_a_token_is_kept_while_it_is_good_and_renewed_when_it_is_not(library: Library) -> None:
    token = GoogleToken(None)
    assert [await token.token(), await token.token()] == ["token-1", "token-1"]
    assert isinstance(library.credentials, Credentials)
    library.credentials.valid = False
    assert await token.token() == "token-2"


async def test_a_token_that_is_forgotten_is_made_anew_though_it_looks_good(library: Library) -> None:
    token = GoogleToken(None)
    assert await token.token() == "token-1"
    first, library.credentials = library.credentials, Credentials()
    token.forget()
    assert await token.token() == "token-1"
    assert first is not library.credentials
    assert library.credentials.refreshed == 1


async def test_a_file_is_read_where_one_is_named(library: Library) -> None:
    assert await GoogleToken(Path("/keys/finops.json")).token() == "token-1"
    assert library.files == ["/keys/finops.json"]


@pytest.mark.parametrize(
    ("credentials", "title", "hint"),
    [
        (DefaultCredentialsError("none found"), "no Google credentials", "GOOGLE_APPLICATION_CREDENTIALS"),
        (Credentials(RefreshError("invalid_grant: Token revoked")), "expired or are revoked", "gcloud auth"),
        (Credentials(TransportError("unreachable")), "cannot be renewed", "oauth2.googleapis.com"),
        (FileNotFoundError("gone"), "FileNotFoundError", "credentials_file"),
    ],
)
async def test_trouble_with_credentials_is_told_with_what_to_run(
    library: Library, credentials: Credentials | Exception, title: str, hint: str
) -> None:
    library.credentials = credentials
    with pytest.raises(SourceError) as caught:
        await GoogleToken(None).token()
    assert title in caught.value.title
    assert hint in caught.value.hint


async def test_who_logs_in_again_is_let_in(library: Library) -> None:
    token = GoogleToken(None)
    library.credentials = Credentials(RefreshError("expired"))
    with pytest.raises(SourceError):
        await token.token()
    library.credentials = Credentials()
    assert await token.token() == "token-1"


async def test_without_the_library_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(SourceError) as caught:
        await GoogleToken(None).token()
    assert caught.value.hint == "Install it with: pip install 'finops-tui[gcp]'."
