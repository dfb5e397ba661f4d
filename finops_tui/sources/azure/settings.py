"""What the config says about Microsoft Azure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from finops_tui.sources.settings import BillSettings, Settings, Url

_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_NAME = r"[A-Za-z0-9._()-]{1,90}"
_SCOPE = re.compile(
    rf"subscriptions/{_UUID}(/resourceGroups/{_NAME})?"
    rf"|providers/Microsoft\.Management/managementGroups/{_NAME}"
    r"|providers/Microsoft\.Billing/billingAccounts/[A-Za-z0-9:_-]{1,200}"
    r"(/(billingProfiles|departments|enrollmentAccounts|customers)/[A-Za-z0-9:_-]{1,200})?"
)
TagKey = Annotated[str, Field(min_length=1, max_length=512)]


class AzureScope(Settings):
    """What one bill is about."""

    scope: str = Field(description="`subscriptions/ID`, or another scope of Cost Management.")
    name: str = Field("", max_length=100, description="Name on screen; the scope where empty.")

    @field_validator("scope")
    @classmethod
    def _known_kind(cls, scope: str) -> str:
        scope = scope.strip("/")
        if not _SCOPE.fullmatch(scope):
            raise ValueError(
                "write subscriptions/ID, or the path of a resource group, management group or billing account"
            )
        return scope

    @property
    def account(self) -> str:
        """The id that its bill goes by, which no other scope has: `ID`, `ID/resourceGroups/NAME`."""
        return self.scope.split("/", 1 if self.scope.startswith("subscriptions/") else 3)[-1]

    @property
    def subscription(self) -> str:
        """The id of the subscription that it is, or is in; empty for other kinds of scopes."""
        parts = self.scope.split("/")
        return parts[1] if parts[0] == "subscriptions" else ""

    @property
    def group(self) -> str:
        """The resource group that it is; empty for other kinds of scopes."""
        _, found, name = self.scope.partition("/resourceGroups/")
        return name if found else ""

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.scope


class AzureSettings(BillSettings):
    """Some scopes of Azure, only ever read. Keys come from Azure's own chain: never from this file."""

    type: Literal["azure"] = Field("azure", description="Always `azure`.")
    name: str = Field("", max_length=100, description="Name on screen; the first scope's where empty.")
    scopes: tuple[AzureScope, ...] = Field(
        min_length=1, max_length=50, description="The bills to read; none in another."
    )
    tags: tuple[TagKey, ...] = Field((), max_length=5, description="Tags to count by: each is two requests a look.")
    history_days: int = Field(60, ge=14, le=365, description="Days of bills to read at first.")
    every_hours: float = Field(4.0, ge=4, le=168, description="How often to ask: Azure has news every four hours.")
    budgets: bool = Field(True, description="Read the budgets of each scope.")
    recommendations: bool = Field(True, description="Read what Azure Advisor would do to save.")
    groups: bool = Field(
        False, description="Read AKS agent pools and scale sets of subscriptions and resource groups; takes Reader."
    )
    interval_seconds: float = Field(900.0, ge=60, le=86_400, description="How often to look at those groups.")
    managed_identity: str = Field("", description="Client id of the managed identity; the machine's own where empty.")
    endpoint: Url = Field(
        "https://management.azure.com", description="Azure Resource Manager; another in other clouds."
    )
    authority: str = Field("", description="Host that signs in, in other clouds: `login.microsoftonline.us`.")
    timeout_seconds: float = Field(60.0, gt=0, le=300, description="How long one answer may take.")

    @field_validator("endpoint")
    @classmethod
    def _host_alone(cls, url: str) -> str:
        if urlsplit(url).path:
            raise ValueError("write https://host: the scopes stand apart")
        return url

    @model_validator(mode="after")
    def _nothing_twice(self) -> AzureSettings:
        paths = sorted(f"{each.scope.lower()}/" for each in self.scopes)
        for path, after in pairwise(paths):
            if after.startswith(path):
                raise ValueError(f"the scope {after.rstrip('/')} is in {path.rstrip('/')}: its money would count twice")
        return self

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.scopes[0].title
