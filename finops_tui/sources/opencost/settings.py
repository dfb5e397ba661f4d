"""What the config says about an OpenCost or a Kubecost."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import Settings, UserPath, web_address

KUBE = "kube"
_SERVICE = re.compile(r"kube://[a-z0-9.-]+/(https?:)?[a-z0-9.-]+(:[a-z0-9-]+)?(/[^?#]*)?")
LabelKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,253}$")]


class OpenCostSettings(Settings):
    """An OpenCost or Kubecost that meters one or several clusters. It is only ever read."""

    type: Literal["opencost"] = Field("opencost", description="Says that this source is an OpenCost or Kubecost.")
    name: str = Field("", max_length=100, description="Name on screen; the cluster's or the host's where empty.")
    cluster: str = Field("", max_length=100, description="What its cluster is called here; as it says where empty.")
    url: str = Field(
        description="`http://host:9003`; `kube://namespace/service:port` goes through the API server; "
        "with `/model` at the end for Kubecost."
    )
    kube_context: str = Field("", description="For `kube://`: the context; the current one where empty.")
    kubeconfig: UserPath | None = Field(
        None, description="For `kube://`: the kubeconfig; the usual one where left out."
    )
    bearer_token: SecretStr | None = Field(None, description="Token, where a proxy before it asks for one.")
    ca_file: UserPath | None = Field(
        None, description="PEM file of the authority that signed the server's certificate."
    )
    billed_elsewhere: bool = Field(
        True,
        description="Whether another source has the bill of these machines: then nothing here counts as billed, "
        "and money is not counted twice.",
    )
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="Currency of its prices; it does not say.")
    labels: tuple[LabelKey, ...] = Field((), max_length=5, description="Labels of pods to tell money apart by.")
    history_days: int = Field(14, ge=1, le=90, description="Days to read at first; what Prometheus keeps is the limit.")
    interval_seconds: float = Field(3_600.0, ge=300, le=86_400, description="How often to ask.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, description="How long one answer, one day's, may take.")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        forms = "http://host:port, https://host or kube://namespace/service:port"
        if not _SERVICE.fullmatch(url):
            url = web_address(url, forms=forms, instead="use bearer_token")
        return url.rstrip("/").removesuffix("/allocation/compute").removesuffix("/allocation")

    @model_validator(mode="after")
    def _one_identity(self) -> OpenCostSettings:
        if self.through_api_server and (self.bearer_token is not None or self.ca_file is not None):
            raise ValueError("kube:// signs in as the kubeconfig says; leave out bearer_token and ca_file")
        return self

    @property
    def through_api_server(self) -> bool:
        return urlsplit(self.url).scheme == KUBE

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.cluster or self.url.partition("://")[2]
