"""What the config says about Amazon Web Services."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import Settings

Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
TagKey = Annotated[str, Field(min_length=1, max_length=128)]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class AwsAccount(Settings):
    """One account to read."""

    name: str = Field(default="", max_length=100, description="Name on screen; the account's number where empty.")
    profile: str = Field(default="", description="Profile of the AWS config; the source's own where empty.")
    role_arn: RoleArn | None = Field(default=None, description="Role to assume in it: `arn:aws:iam::123…:role/x`.")
    external_id: SecretStr | None = Field(default=None, description="What the role's trust policy asks for.")


class Athena(Settings):
    """Where a cost and usage export (CUR 2.0 or FOCUS) can be queried, hour by hour and resource by resource."""

    region: Region = Field(description="Region of the export's bucket and tables.")
    database: str = Field(description="Database of the AWS Glue catalogue.")
    table: str = Field(description="Table or view of the export.")
    format: Literal["cur2", "focus"] = Field(default="cur2", description="Columns of the export: CUR 2.0 or FOCUS.")
    workgroup: str = Field(default="primary", min_length=1, max_length=128, description="Work group that queries.")
    output: str = Field(default="", description="`s3://bucket/prefix/` for results; the work group's where empty.")
    hours: int = Field(default=48, ge=1, le=336, description="How many hours back.")
    every_hours: float = Field(default=8.0, ge=1, le=168, description="How often to query: it is paid by bytes.")
    rows: int = Field(default=5_000, ge=1, le=50_000, description="Only so many of the dearest rows are read.")

    @field_validator("database", "table")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("write a plain name of letters, digits and underscores")
        return name

    @field_validator("output")
    @classmethod
    def _bucket(cls, output: str) -> str:
        if output and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?", output):
            raise ValueError("write s3://bucket/prefix/")
        return output


class AwsSettings(Settings):
    """One or several AWS accounts, only ever read. Keys come from AWS's own chain: never from this file."""

    type: Literal["aws"] = Field(default="aws", description="Always `aws`.")
    name: str = Field(default="", max_length=100, description="Name on screen; the profile's where empty.")
    cluster: str = Field(default="", max_length=100, description="The cluster its prices are for; all where empty.")
    profile: str = Field(default="", description="Profile of the AWS config (keys, SSO, roles); the usual chain.")
    accounts: tuple[AwsAccount, ...] = Field(
        default=(), max_length=100, description="The accounts to read; where empty, the one that the profile is in."
    )
    regions: tuple[Region, ...] = Field(
        default=(), max_length=40, description="Regions with machines; the profile's own where empty."
    )
    bills: bool = Field(default=True, description="Ask Cost Explorer: each request costs $0.01.")
    payer: bool = Field(default=False, description="Tell the bills of linked accounts apart, of a payer account.")
    net: bool = Field(default=False, description="Bills after private discounts (EDP): AWS's net cost metrics.")
    hourly: bool = Field(
        default=False, description="Ask for GPU instances by the hour; the account must have enabled that, and pays."
    )
    tags: tuple[TagKey, ...] = Field(
        default=(), max_length=10, description="Cost allocation tags to count by: each is a request a day."
    )
    models: bool = Field(default=False, description="Count Bedrock by model: a request a day.")
    forecast: bool = Field(default=True, description="Ask for AWS's forecast: a request a day.")
    anomalies: bool = Field(default=True, description="Ask for the anomalies that AWS found: three requests a day.")
    savings_plans: bool = Field(
        default=True, description="Ask how far Savings Plans cover the spend and are used: two requests a week."
    )
    history_days: int = Field(default=60, ge=14, le=365, description="Days of bills to read at first.")
    requests_usd_per_month: float = Field(
        default=4.0, ge=0, le=1_000, description="Never spend more on requests than this, for each account and month."
    )
    budgets: bool = Field(default=True, description="Read AWS Budgets.")
    prices: bool = Field(default=True, description="Read spot and on-demand prices of instances with GPUs.")
    groups: bool = Field(
        default=True, description="Read Auto Scaling groups, EKS node groups and EC2 machines in no cluster."
    )
    machine_learning: bool = Field(default=True, description="Read SageMaker training jobs and endpoints, and Batch.")
    recommendations: bool = Field(default=True, description="Read what AWS's own tools recommend.")
    athena: Athena | None = Field(default=None, description="Where the cost and usage export can be queried.")
    interval_seconds: float = Field(
        default=300.0, ge=30, le=86_400, description="How often to look at what is free and moves: groups and jobs."
    )
    timeout_seconds: float = Field(default=20.0, gt=0, le=300, description="How long one answer may take.")
    attempts: int = Field(default=3, ge=1, le=10, description="Tries for one question, each of them counted.")
    threads: int = Field(default=4, ge=1, le=32, description="How many questions may be asked at once.")

    @model_validator(mode="after")
    def _each_account_once(self) -> AwsSettings:
        ways = [(account.profile, account.role_arn) for account in self.accounts]
        if len(set(ways)) < len(ways):
            raise ValueError("two accounts have the same profile and role_arn")
        return self

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.profile or "default"

    @property
    def cap_micro_usd(self) -> int:
        """What may be spent on requests, in millionths of a US dollar for each account and month."""
        return round(self.requests_usd_per_month * 1_000_000)
