from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.errors import SourceError
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import AzureToken
from tests.sources.azure.answers import SUBSCRIPTION
from tests.sources.billing.following import NOW


class AzureError(Exception): ...


class ClientAuthenticationError(AzureError): ...


class Library:
    """azure-identity, as far as it is used."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trouble: Exception | None = None
        self.asked: list[str] = []
        self.made = 0
        self.options: dict[str, Any] = {}
        names = ("azure", "azure.identity", "azure.core", "azure.core.exceptions")
        made: dict[str, Any] = {name: ModuleType(name) for name in names}
        made["azure.identity"].DefaultAzureCredential = self.credential
        made["azure.core.exceptions"].AzureError = AzureError
        made["azure.core.exceptions"].ClientAuthenticationError = ClientAuthenticationError
        for name, module in made.items():
            monkeypatch.setitem(sys.modules, name, module)

    def credential(self, **options: str) -> Library:
        self.options = options
        self.made += 1
        return self

    def get_token(self, scope: str) -> SimpleNamespace:
        self.asked.append(scope)
        if self.trouble is not None:
            raise self.trouble
        expires = NOW + timedelta(hours=len(self.asked))
        return SimpleNamespace(token=f"token-{len(self.asked)}", expires_on=int(expires.timestamp()))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return Library(monkeypatch)


def token(clock: SimulatedClock | None = None, **more: Any) -> AzureToken:
    settings = AzureSettings(scopes=(AzureScope(scope=SUBSCRIPTION),), **more)
    return AzureToken(settings, clock or SimulatedClock(NOW, 0.0))


async def test_a_token_is_kept_until_it_is_about_to_expire(library: Library) -> None:
    clock = SimulatedClock(NOW, 0.0)
    held = token(clock, managed_identity="abc")
    assert [await held.token(), await held.token()] == ["token-1", "token-1"]
    clock.start = NOW + timedelta(minutes=56)
    assert await held.token() == "token-2"
    assert library.asked == ["https://management.azure.com/.default"] * 2
    assert library.options == {"managed_identity_client_id": "abc"}


@pytest.mark.parametrize(
    ("trouble", "title", "hint"),
    [
        (
            ClientAuthenticationError("DefaultAzureCredential failed: nothing\nworks"),
            "no Azure credentials",
            "az login",
        ),
        (ClientAuthenticationError("x AADSTS700082: expired"), "AADSTS700082", "expired: run `az login`"),
        (ClientAuthenticationError("AADSTS7000222: secret"), "AADSTS7000222", "AZURE_CLIENT_SECRET"),
        (ClientAuthenticationError("AADSTS1: new"), "AADSTS1", "az login"),
        (AzureError("connection broken"), "cannot be renewed", "login.microsoftonline.com"),
        (ValueError("bad tenant"), "make no sense", "AZURE_TENANT_ID"),
    ],
)
async def test_trouble_with_credentials_is_told_with_what_to_do(
    library: Library, trouble: Exception, title: str, hint: str
) -> None:
    library.trouble = trouble
    with pytest.raises(SourceError) as caught:
        await token().token()
    assert title in caught.value.title
    assert hint in caught.value.hint


async def test_a_token_that_is_forgotten_is_made_anew_by_another_chain(library: Library) -> None:
    held = token()
    assert await held.token() == "token-1"
    held.forget()
    assert [await held.token(), await held.token()] == ["token-2", "token-2"]
    assert library.made == 2, "the chain keeps tokens itself"


async def test_who_logs_in_again_is_let_in(library: Library) -> None:
    held = token()
    library.trouble = ClientAuthenticationError("AADSTS700082")
    with pytest.raises(SourceError):
        await held.token()
    library.trouble = None
    assert await held.token() == "token-2"


async def test_without_the_library_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(SourceError) as caught:
        await token().token()
    assert caught.value.hint == "Install it with: pip install 'finops-tui[azure]'."
