"""How Cost Management is asked, and which permission is missing where it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from finops_tui.errors import SourceError
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import LOG_IN, Token
from finops_tui.sources.billing.calls import CallError, Calls, Query, Service

if TYPE_CHECKING:
    import httpx

API_VERSION = "2025-03-01"
VERSION: Query = (("api-version", API_VERSION),)
PAGES = 50
"""A list with more of them is a mistake."""


BILL = ("Microsoft.CostManagement/query/read", "Microsoft.CostManagement/budgets/read")
ADVICE = ("Microsoft.Advisor/recommendations/read", "Microsoft.Resources/subscriptions/resourceGroups/read")
AKS = ("Microsoft.ContainerService/managedClusters/read",)
SCALE_SETS = ("Microsoft.Compute/virtualMachineScaleSets/read",)
COST_READER = "role Cost Management Reader"
READER = "role Reader; or leave `groups` out"


def service(
    settings: AzureSettings, scope: AzureScope, token: Token, needed: tuple[str, ...] = BILL, role: str = COST_READER
) -> Service:
    """Return the way to the bill of one scope, or to what needs other permissions and another role."""

    async def headers() -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await token.token()}", "ClientType": "finops-tui"}

    def open_() -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(timeout=settings.timeout_seconds)

    needs = f"Needs: {' and '.join(needed)} ({role}) on {scope.scope}."
    hints = {
        400: "Check the scope, and `tags`.",
        401: LOG_IN,
        403: needs,
        404: f"Check the scope {scope.scope}.",
        429: "Azure asks to wait; others with this login, or in this tenant, ask too.",
    }
    return Service(
        open=open_, headers=headers, forget=token.forget, hints=hints, timeout_seconds=settings.timeout_seconds,
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

    async def pages(self, address: str, query: Query) -> AsyncIterator[Mapping[str, Any]]:
        """Yield every item of a list, page by page. Raises SourceError."""
        where = address
        for _ in range(PAGES):
            page = await self.calls.get(where, query) or {}
            for each in page.get("value") or ():
                yield each
            where, query = self.next_page(page.get("nextLink")), ()
            if not where:
                return
        raise SourceError(f"there are more than {PAGES} pages", address.rpartition("/")[2], "Narrow the scope.")

    def next_page(self, link: object) -> str:
        """Return where the next page is; empty where there is none. Raises CallError for one at somebody else's."""
        if not link:
            return ""
        told, ours = urlsplit(str(link)), urlsplit(self.settings.endpoint)
        if (told.scheme, told.netloc) != (ours.scheme, ours.netloc):
            hint = "Check `endpoint`; the login is not sent there."
            raise CallError("its next page is at another host", hint)
        return str(link)
