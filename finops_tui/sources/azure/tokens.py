"""Who we are to Azure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Protocol

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.sources.azure.settings import AzureSettings
from finops_tui.sources.clean import one_line
from finops_tui.threads import LOADING, DaemonThreads

RENEW_BEFORE = timedelta(minutes=5)
LOG_IN = "Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or use a managed identity."
_CODE = re.compile(r"AADSTS(\d+)")
_ATTEMPT = re.compile(r"^\t(\w+): (.*(?:\n(?!\t|To mitigate).*)*)", re.MULTILINE)
"""One of the chain: `<tab>NAME: WORDS`, which may be several lines."""
_UNTRIED = re.compile(
    r"not fully configured|no response from the IMDS|No accounts were found|azure-identity-broker"
    r"|not found on path|is not installed|could not be found"
)
"""What one says that is not set up."""
_HINTS = {
    "700082": "The login has expired: run `az login` again.",
    "50173": "The login was revoked: run `az login` again.",
    "50076": "Another factor is asked for: run `az login` again.",
    "7000222": "The client secret has expired: make a new one and set AZURE_CLIENT_SECRET.",
    "7000215": "The client secret is wrong: check AZURE_CLIENT_SECRET; it is the secret's value, not its id.",
    "700016": "The application is not in this tenant: check AZURE_CLIENT_ID and AZURE_TENANT_ID.",
    "90002": "There is no such tenant: check AZURE_TENANT_ID.",
}
"""https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""


class Token(Protocol):
    async def token(self) -> str:
        """Return an access token that is good now. Raises SourceError."""

    def forget(self) -> None:
        """Let go of a token that is refused though it should be good: the next one is made anew."""


class AzureToken:
    """Azure's default chain: environment, workload and managed identity, then the login of its command line."""

    def __init__(self, settings: AzureSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._threads = DaemonThreads(1, "azure-identity")
        self._credential: Any = None
        self._held = ""
        self._until = datetime.fromtimestamp(0, UTC)

    async def token(self) -> str:
        if not self._held or self._clock.now() >= self._until - RENEW_BEFORE:
            await self._threads.call(self._renew)
        return self._held

    def forget(self) -> None:
        self._held, self._credential = "", None  # the library's chain keeps its tokens too

    def _renew(self) -> None:
        try:
            with LOADING:
                identity, core = import_module("azure.identity"), import_module("azure.core.exceptions")
        except ImportError as error:
            raise SourceError(
                "the library azure-identity is not installed", "", "Install it with: pip install 'finops-tui[azure]'."
            ) from error
        try:
            if self._credential is None:
                self._credential = identity.DefaultAzureCredential(**self._options())
            told = self._credential.get_token(f"{self._settings.endpoint}/.default")
        except core.ClientAuthenticationError as error:
            raise _refusal(str(getattr(error, "message", "") or error)) from error
        except core.AzureError as error:
            hint = "Check the network: login.microsoftonline.com, or the metadata service, must answer."
            raise SourceError("Azure credentials cannot be renewed", one_line(error, 200), hint) from error
        except ValueError as error:  # a tenant or an authority that cannot be
            raise SourceError("Azure credentials make no sense", one_line(error, 200), LOG_IN) from error
        self._held, self._until = str(told.token), datetime.fromtimestamp(told.expires_on, UTC)

    def _options(self) -> dict[str, str]:
        told = {
            "managed_identity_client_id": self._settings.managed_identity,
            "authority": self._settings.authority,
        }
        return {name: value for name, value in told.items() if value}


def _refusal(words: str) -> SourceError:
    """Return what the chain says; of its long list of attempts the code of a refusal says most."""
    code = next((found.group(1) for found in _CODE.finditer(words)), "")
    if code:
        return SourceError(f"Azure refuses the login: AADSTS{code}", "", _HINTS.get(code, LOG_IN))
    return SourceError("no Azure credentials", one_line(_attempts(words), 300), LOG_IN)


def _attempts(words: str) -> str:
    """Return what those say that were refused, for most of a chain is never set up; or who was asked at all."""
    told: dict[str, str] = dict(_ATTEMPT.findall(words))
    refused = {name: said for name, said in told.items() if not _UNTRIED.search(said)}
    if refused:
        return "; ".join(f"{name}: {said.rpartition('Token request error: ')[2]}" for name, said in refused.items())
    return f"(looked in {', '.join(told)})" if told else words
