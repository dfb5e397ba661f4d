"""What the config says about Google Cloud."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from finops_tui.sources.settings import BillSettings, Url, UserPath

GIB = 2**30
ProjectId = Annotated[str, Field(pattern=r"^[a-z0-9.:-]{1,100}$")]
LabelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


class GcpSettings(BillSettings):
    """One billing account of Google Cloud, only ever read. Keys come from Google's own chain, or a file of theirs."""

    type: Literal["gcp"] = Field("gcp", description="Always `gcp`.")
    name: str = Field("", max_length=100, description="Name on screen; the billing account where empty.")
    billing_account: str = Field(
        pattern=r"^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", description="The billing account: `010101-F0FFF0-61C528`."
    )
    project: str = Field(pattern=r"^[a-z0-9.:-]{1,100}$", description="The project that queries run in, and pays.")
    export: str = Field(
        pattern=r"^[A-Za-z0-9.:-]{1,100}\.[A-Za-z0-9_]{1,1024}\.[A-Za-z0-9_-]{1,1024}$",
        description="Table of the billing export: `project.dataset.table`.",
    )
    format: Literal["standard", "detailed", "focus"] = Field("standard", description="Which export it is.")
    partitioned: bool = Field(True, description="Whether the table has `_PARTITIONTIME`: not where it is a view.")
    location: str = Field("US", pattern=r"^[A-Za-z0-9-]{2,40}$", description="Location of the export's dataset.")
    labels: tuple[LabelKey, ...] = Field((), max_length=10, description="Labels to tell money apart by.")
    resources: bool = Field(False, description="Tell the last days by resource too; not with the standard export.")
    resource_days: int = Field(3, ge=1, le=31, description="How many days by resource.")
    resource_rows: int = Field(5_000, ge=1, le=50_000, description="The dearest so many by name, the rest as one.")
    history_days: int = Field(60, ge=14, le=365, description="Days of bills to read at first.")
    every_hours: float = Field(6.0, ge=1, le=168, description="How often to query: it is paid by bytes.")
    gib_per_query: float = Field(20.0, gt=0, le=10_000, description="BigQuery refuses a query that reads more.")
    gib_per_month: float = Field(300.0, gt=0, le=100_000, description="No queries once a month's have read so much.")
    budgets: bool = Field(True, description="Read the budgets of the billing account.")
    recommendations: tuple[ProjectId, ...] = Field(
        (), max_length=50, description="Projects to read recommendations of, once a day: Google allows few reads."
    )
    groups: tuple[ProjectId, ...] = Field(
        (), max_length=50, description="Projects to read GKE node pools and managed instance groups of, free of charge."
    )
    interval_seconds: float = Field(900.0, ge=60, le=86_400, description="How often to look at `groups`.")
    credentials_file: UserPath | None = Field(
        None, description="Key or workload identity file; the application default credentials where left out."
    )
    bigquery_url: Url = Field("https://bigquery.googleapis.com", description="Where BigQuery answers.")
    budgets_url: Url = Field("https://billingbudgets.googleapis.com", description="Where the Budget API answers.")
    recommender_url: Url = Field("https://recommender.googleapis.com", description="Where the Recommender answers.")
    container_url: Url = Field("https://container.googleapis.com", description="Where GKE answers.")
    compute_url: Url = Field("https://compute.googleapis.com", description="Where Compute Engine answers.")
    timeout_seconds: float = Field(30.0, gt=0, le=300, description="How long one answer may take.")

    @model_validator(mode="after")
    def _resources_are_told(self) -> GcpSettings:
        if self.resources and self.format == "standard":
            raise ValueError(
                "the standard export does not tell resources; use the detailed one, or leave out resources"
            )
        return self

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.billing_account
