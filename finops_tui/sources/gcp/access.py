"""How Google's services are asked, and which permission is missing where they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from finops_tui.sources.billing.calls import Service
from finops_tui.sources.gcp.settings import GcpSettings
from finops_tui.sources.gcp.tokens import LOG_IN, Token

if TYPE_CHECKING:
    import httpx

BUSY_WORDS = ("rateLimitExceeded", "jobRateLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED")
"""Google says with status 403 too that it is busy: https://cloud.google.com/bigquery/docs/error-messages"""
BUSY = "It is asked again later; raise its quota if that goes on."
GKE = ("container.clusters.list",)
COMPUTE = ("compute.instanceGroupManagers.list", "compute.autoscalers.list", "compute.instanceTemplates.list")
_ROLES = {GKE: "Kubernetes Engine Cluster Viewer", COMPUTE: "Compute Viewer"}


def bigquery_service(settings: GcpSettings, token: Token) -> Service:
    """Return the way to BigQuery."""
    dataset = settings.export.rpartition(".")[0]
    hints = {
        400: "Check `export`, `format`, `partitioned` and `labels`; a query over `gib_per_query` is refused too.",
        401: LOG_IN,
        403: f"Needs: bigquery.jobs.create in project {settings.project} (role BigQuery Job User), "
        f"bigquery.tables.getData on {dataset} (role BigQuery Data Viewer).",
        404: f"Check `export`, and `location`: is {dataset} in {settings.location}?",
        429: BUSY,
    }
    return _service(settings, token, hints, {})


def budgets_service(settings: GcpSettings, token: Token) -> Service:
    """Return the way to the Budget API."""
    hints = {
        401: LOG_IN,
        403: f"Needs: billing.budgets.list on billing account {settings.billing_account} (Billing Account Viewer); "
        f"in project {settings.project} billingbudgets.googleapis.com enabled and serviceusage.services.use "
        "(role Service Usage Consumer). Or set `budgets: false`.",
        404: "Check `billing_account`.",
        429: BUSY,
    }
    return _service(settings, token, hints, {"x-goog-user-project": settings.project})


def recommender_service(settings: GcpSettings, token: Token, project: str) -> Service:
    """Return the way to the recommendations for one project."""
    hints = {
        401: LOG_IN,
        403: f"Needs on project {project}: recommender.locations.list and `.list` of each kind of recommendation "
        "(roles Compute Recommender Viewer and Project Usage Commitment Recommender Viewer); in project "
        f"{settings.project} recommender.googleapis.com enabled and serviceusage.services.use.",
        404: "Check `recommendations`.",
        429: "Google allows 100 reads a day in an organization without a support package; it is asked again later.",
    }
    return _service(settings, token, hints, {"x-goog-user-project": settings.project})


def machines_service(settings: GcpSettings, token: Token, project: str, needed: tuple[str, ...]) -> Service:
    """Return the way to what holds machines in one project; it takes the permissions of `GKE` or `COMPUTE`."""
    hints = {
        400: "Check `groups`.",
        401: LOG_IN,
        403: f"Needs on project {project}: {', '.join(needed)} (role {_ROLES[needed]}). Or leave it out of `groups`.",
        404: "Check `groups`.",
        429: BUSY,
    }
    return _service(settings, token, hints, {})


def _service(settings: GcpSettings, token: Token, hints: Mapping[int, str], more: Mapping[str, str]) -> Service:
    async def headers() -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await token.token()}", **more}

    def open_() -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(timeout=settings.timeout_seconds)

    return Service(
        open=open_, headers=headers, forget=token.forget, hints=hints, timeout_seconds=settings.timeout_seconds,
        busy_words=BUSY_WORDS,
    )  # fmt: skip
