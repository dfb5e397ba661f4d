"""How Cost Management is asked, and which permission is missing where it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import LOG_IN, Token
from finops_tui.sources.billing.calls import CallError, Calls, Query, Service

if TYPE_CHECKING:
    import httpx

API_VERSION = "2025-03-01"
VERSION: Query = (("api-version", API_VERSION),)


def service(settings: AzureSettings, scope: AzureScope, token: Token) -> Service:
    """Return the way to the bill of one scope."""

    async def headers() -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await token.token()}", "ClientType": "finops-tui"}

    def open_() -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(timeout=settings.timeout_seconds)

    needs = (
        "Needs: Microsoft.CostManagement/query/read and Microsoft.CostManagement/budgets/read "
        f"(role Cost Management Reader) on {scope.scope}."
    )
    hints = {
        400: "Check the scope, and `tags`.",
        401: LOG_IN,
        403: needs,
        404: f"Check the scope {scope.scope}.",
        429: "Azure asks to wait; others with this login, or in this tenant, ask too.",
    }
    return Service(
        open=open_, headers=headers, hints=hints, timeout_seconds=settings.timeout_seconds,
        waits=("x-ms-ratelimit-microsoft.costmanagement-", "-retry-after"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One scope, asked."""

    settings: AzureSettings
    scope: AzureScope
    calls: Calls

    def address(self, what: str) -> str:
        """Return where one of Cost Management's resources is: `query`, `budgets`."""
        return f"{self.settings.endpoint}/{self.scope.scope}/providers/Microsoft.CostManagement/{what}"

    def next_page(self, link: object) -> str:
        """Return where the next page is; empty where there is none. Raises CallError for one at somebody else's."""
        if not link:
            return ""
        told, ours = urlsplit(str(link)), urlsplit(self.settings.endpoint)
        if (told.scheme, told.netloc) != (ours.scheme, ours.netloc):
            hint = "Check `endpoint`; the login is not sent there."
            raise CallError("its next page is at another host", hint)
        return str(link)
