"""Custom roles of Google Cloud and Azure with the least that reading and acting take, for whoever makes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finops_tui.config.models import Config
    from finops_tui.sources.azure.settings import AzureSettings
    from finops_tui.sources.gcp.settings import GcpSettings

READS, ACTS = "finops-tui reads", "finops-tui acts"
BILLS = ("bigquery.jobs.create", "bigquery.tables.getData")
BUDGETS = ("billing.budgets.list", "serviceusage.services.use")
ADVICE = (
    "recommender.computeDiskIdleResourceRecommendations.list",
    "recommender.computeInstanceIdleResourceRecommendations.list",
    "recommender.computeInstanceMachineTypeRecommendations.list",
    "recommender.locations.list",
    "recommender.usageCommitmentRecommendations.list",
    "serviceusage.services.use",
)
"""https://cloud.google.com/iam/docs/permissions-reference"""
ON_THE_ACCOUNT = (
    "# billing.budgets.list counts on the billing account alone: make this role in the organization,\n"
    "# or leave that line out and give Billing Account Viewer there.\n"
)
EVERY_SCOPE = "/subscriptions/YOUR-SUBSCRIPTION"


def gcp_roles(config: Config | None) -> str:
    """Return the roles for what the config asks of Google, as YAML for `gcloud iam roles create --file`.

    Where it asks nothing, all that it may ever ask.
    """
    from finops_tui.actions.gcp.grants import PERMISSIONS
    from finops_tui.sources.gcp.access import COMPUTE, GKE

    sources: list[GcpSettings] = [each for each in config.sources if each.type == "gcp"] if config is not None else []
    acts = config is not None and any(cloud.type == "gcp" for cloud in config.clouds)
    roles = []
    if sources or not acts:
        reads = {*BILLS}
        reads.update(BUDGETS if not sources or any(each.budgets for each in sources) else ())
        reads.update(ADVICE if not sources or any(each.recommendations for each in sources) else ())
        reads.update((*GKE, *COMPUTE) if not sources or any(each.groups for each in sources) else ())
        note = ON_THE_ACCOUNT if BUDGETS[0] in reads else ""
        roles.append(note + _gcp_role(READS, "What finops-tui reads: bills, budgets, advice and groups.", reads))
    if acts or not sources:
        roles.append(_gcp_role(ACTS, "What finops-tui takes to resize GKE node pools.", PERMISSIONS))
    return "---\n".join(roles)


def azure_roles(config: Config | None) -> str:
    """Return the roles for what the config asks of Azure, as JSON for `az role definition create`.

    Where it asks nothing, all that it may ever ask.
    """
    from finops_tui.actions.azure.grants import PERMISSIONS
    from finops_tui.sources.azure.access import ADVICE as AZURE_ADVICE
    from finops_tui.sources.azure.access import AKS, BILL, SCALE_SETS

    sources: list[AzureSettings] = [each for each in config.sources if each.type == "azure"] if config else []
    clusters = [cloud for cloud in config.clouds if cloud.type == "azure"] if config is not None else []
    roles = []
    if sources or not clusters:
        reads = {*BILL}
        reads.update(AZURE_ADVICE if not sources or any(each.recommendations for each in sources) else ())
        reads.update((*AKS, *SCALE_SETS) if not sources or any(each.groups for each in sources) else ())
        scopes = [f"/{scope.scope}" for each in sources for scope in each.scopes]
        roles.append(_azure_role(READS, "What finops-tui reads: bills, budgets, advice and groups.", reads, scopes))
    if clusters or not sources:
        scopes = [f"/subscriptions/{each.subscription}/resourceGroups/{each.resource_group}" for each in clusters]
        roles.append(_azure_role(ACTS, "What finops-tui takes to resize AKS agent pools.", PERMISSIONS, scopes))
    return "\n".join(roles)


def _gcp_role(title: str, about: str, permissions: Iterable[str]) -> str:
    lines = [f"title: {title}", f"description: '{about}'", "stage: GA", "includedPermissions:"]
    return "\n".join([*lines, *(f"  - {each}" for each in sorted(permissions))]) + "\n"


def _azure_role(name: str, about: str, operations: Iterable[str], scopes: Sequence[str]) -> str:
    role: dict[str, Any] = {
        "Name": name,
        "IsCustom": True,
        "Description": about,
        "Actions": sorted(operations),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": sorted({*scopes}) or [EVERY_SCOPE],
    }
    return json.dumps(role, indent=2) + "\n"
