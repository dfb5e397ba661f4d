"""The section `clouds:`: where clusters and accounts are, and with which credentials things there are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, WrapValidator, model_validator

from finops_tui.sources.aws.settings import Region, RoleArn
from finops_tui.sources.settings import Settings, Url, UserPath

Cluster = Annotated[str, Field(min_length=1, max_length=100)]
Project = Annotated[str, Field(pattern=r"^[a-z0-9.:-]{1,100}$")]


class AwsCloud(Settings):
    """An account at AWS: of a cluster, for its pools, or of things that stand in no cluster."""

    usual: ClassVar[bool] = True
    """Whether an entry without a `type` is one of these."""

    type: Literal["aws"] = Field("aws", description="Which cloud: aws where left out.")
    cluster: str = Field("", max_length=100, description="The cluster, as the sources call it; for things in none, ''.")
    account: str = Field("", pattern=r"^(\d{12})?$", description="Its number; asked for (STS) where left out.")
    region: Region | None = Field(None, description="Region of its machines; without a cluster, all where left out.")
    profile: str = Field("", description="Profile of the AWS config to act with; the usual chain where left out.")
    role_arn: RoleArn | None = Field(None, description="Role to assume for it.")
    external_id: SecretStr | None = Field(None, description="What the role's trust policy asks for.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.cluster and self.region is None:
            raise ValueError("region is needed where a cluster is named (region of its machines)")
        if self.account and self.known_account != self.account:
            raise ValueError(f"role_arn is in account {self.known_account}, not in {self.account}")
        return self

    @property
    def known_account(self) -> str:
        """The account as far as it is written here; empty where the credentials tell."""
        return self.role_arn.split(":")[4] if self.role_arn is not None else self.account


class GcpCloud(Settings):
    """Where a GKE cluster is, for its node pools."""

    type: Literal["gcp"] = Field("gcp", description="Google Cloud.")
    cluster: Cluster = Field(description="The cluster, as the sources call it.")
    project: Project = Field(description="The project that it is in.")
    location: str = Field(pattern=r"^[a-z0-9-]{2,40}$", description="Its region, or its zone where it is in one.")
    name: str = Field("", pattern=r"^[a-z0-9-]{0,40}$", description="Its name at Google; as `cluster` where left out.")
    credentials_file: UserPath | None = Field(
        None, description="Key or workload identity file; the application default credentials where left out."
    )
    container_url: Url = Field("https://container.googleapis.com", description="Where GKE answers.")
    compute_url: Url = Field("https://compute.googleapis.com", description="Where Compute Engine answers.")


class AzureCloud(Settings):
    """Where an AKS cluster is, for its agent pools."""

    type: Literal["azure"] = Field("azure", description="Microsoft Azure.")
    cluster: Cluster = Field(description="The cluster, as the sources call it.")
    subscription: str = Field(
        pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", description="Id of the subscription."
    )
    resource_group: str = Field(
        pattern=r"^[A-Za-z0-9._()-]{1,90}$", description="Resource group of the cluster, not that of its nodes."
    )
    name: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,63}$", description="Its name at Azure; as `cluster` where empty.")
    managed_identity: str = Field("", description="Client id of the managed identity; the machine's own where empty.")
    endpoint: Url = Field("https://management.azure.com", description="Azure Resource Manager.")
    authority: str = Field("", description="Host that signs in, in other clouds: `login.microsoftonline.us`.")


Cloud = AwsCloud | GcpCloud | AzureCloud


def _usual(written: Any, chosen: Callable[[Any], Cloud]) -> Cloud:
    """Take an entry that says no `type` for one at AWS."""
    if isinstance(written, dict) and "type" not in written:
        return AwsCloud.model_validate(written)
    return chosen(written)


CloudSettings = Annotated[Cloud, Field(discriminator="type"), WrapValidator(_usual)]


def one_each(clouds: Sequence[Cloud]) -> None:
    """Raise ValueError where a cluster is said to be in two places; at AWS the last word counts, as it always has."""
    kinds: dict[str, str] = {}
    for cloud in clouds:
        before = kinds.setdefault(cloud.cluster, cloud.type)
        if cloud.cluster and before != cloud.type:
            raise ValueError(f"{cloud.cluster} cannot be at {before} and at {cloud.type}")
    named = [cloud.cluster for cloud in clouds if cloud.type != "aws"]
    twice = next((name for name in named if named.count(name) > 1), "")
    if twice:
        raise ValueError(f"{twice} stands here for the second time")


def reaches_clouds(clouds: Sequence[Cloud], sources: Iterable[str]) -> bool:
    """Tell whether anything may be changed at a cloud: one is named, or a source shows things of one by its type."""
    return bool(clouds) or "aws" in sources
