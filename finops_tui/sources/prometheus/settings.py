"""What the config says about one Prometheus."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import Settings, UserPath, web_address

LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
SERVICE_URL = re.compile(r"kube://[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?:[a-z0-9-]+(/[^?#]*)?")


class SigV4(Settings):
    """How requests to Amazon Managed Prometheus are signed; keys come from the AWS credential chain."""

    region: str = Field(min_length=1, description="AWS region of the workspace, `us-east-1`.")
    profile: str = Field(default="", description="Profile of the AWS config; empty for the default chain.")


class Auth(Settings):
    """One way to sign in, or none."""

    bearer_token: SecretStr | None = Field(default=None, description="Token sent as `Authorization: Bearer`.")
    bearer_token_file: UserPath | None = Field(
        default=None,
        description="File that holds the token; read again for each request, so a rotated token is picked up.",
    )
    username: str = Field(default="", description="User name for basic authentication.")
    password: SecretStr | None = Field(default=None, description="Password for basic authentication.")
    sigv4: SigV4 | None = Field(default=None, description="AWS Signature Version 4, for Amazon Managed Prometheus.")

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        ways = (self.bearer_token, self.bearer_token_file, self.username or None, self.sigv4)
        if sum(way is not None for way in ways) > 1:
            raise ValueError("give one of bearer_token, bearer_token_file, username and sigv4")
        if (self.password is not None) != bool(self.username):
            raise ValueError("username and password belong together")
        return self


class Tls(Settings):
    """Certificates. The server's is always verified."""

    ca_file: UserPath | None = Field(
        default=None, description="PEM file of the authority that signed the server's certificate."
    )
    client_cert: UserPath | None = Field(
        default=None, description="PEM file of the client certificate, for mutual TLS."
    )
    client_key: UserPath | None = Field(
        default=None, description="PEM file of the client certificate's key, where it is not in `client_cert`."
    )

    @model_validator(mode="after")
    def _key_needs_cert(self) -> Tls:
        if self.client_key is not None and self.client_cert is None:
            raise ValueError("client_key needs client_cert")
        return self


class Labels(Settings):
    """How this installation spells its labels. Where several are listed, the first that a series has counts."""

    host: tuple[LabelName, ...] = Field(
        default=("Hostname", "hostname"), description="Labels of GPU metrics that hold the node's name."
    )
    model: tuple[LabelName, ...] = Field(
        default=("modelName", "card_model"), description="Labels of GPU metrics that hold the device's model."
    )
    device: tuple[LabelName, ...] = Field(
        default=("UUID", "uuid", "serial_number", "gpu_id"),
        description="Labels that tell one physical GPU from another.",
    )
    instance: tuple[LabelName, ...] = Field(
        default=("GPU_I_ID", "gpu_partition_id"),
        description="Labels that tell the slices of one partitioned GPU apart.",
    )
    pod: LabelName | None = Field(
        default=None, description="Label of GPU metrics with the pod that uses the device; found out where left empty."
    )
    namespace: LabelName | None = Field(
        default=None, description="Label of GPU metrics with that pod's namespace; found out where left empty."
    )
    serving_namespace: LabelName = Field(
        default="namespace", description="Label of model servers' metrics with their namespace."
    )
    replica: tuple[LabelName, ...] = Field(
        default=("prometheus_replica", "replica"),
        description="Labels that tell apart the servers of one highly available pair that fill the same store.",
    )
    ownership: tuple[str, ...] = Field(
        default=("team", "environment", "experiment", "cost-centre"),
        description="Kubernetes labels of pods and namespaces to read from kube-state-metrics (inventory only).",
    )


class PrometheusSettings(Settings):
    """One Prometheus, or a server that speaks its API, for one cluster."""

    type: Literal["prometheus"] = Field(default="prometheus", description="Always `prometheus`.")
    name: str = Field(default="", description="Name on screen; the cluster's where empty.")
    cluster: str = Field(min_length=1, description="The cluster that it speaks for.")
    url: str = Field(
        description="`http://…` or `https://…` up to the part before `/api/v1`, or `kube://namespace/service:port` to "
        "go through the Kubernetes API server."
    )
    kube_context: str = Field(
        default="", description="Context of the kubeconfig for `kube://`; empty for the current one."
    )
    kubeconfig: UserPath | None = Field(
        default=None, description="Kubeconfig for `kube://`; empty for the usual places."
    )
    auth: Auth = Field(default=Auth(), description="How to sign in; nothing where left out.")
    tls: Tls = Field(default=Tls(), description="Certificates for `https://`.")
    headers: dict[str, SecretStr] = Field(
        default={}, description="Sent with each request, as `X-Scope-OrgID` for a tenant."
    )
    params: dict[str, str] = Field(default={}, description="Added to each query, as `dedup: 'true'` for Thanos.")
    proxy: str | None = Field(default=None, description="HTTP proxy, `http://host:port`; empty for the environment's.")
    timeout_seconds: float = Field(default=10.0, gt=0, le=300, description="How long one query may take.")
    interval_seconds: float = Field(
        default=15.0, ge=1, le=3600, description="How often to ask for figures that move fast."
    )
    threads: int = Field(default=4, ge=1, le=32, description="How many queries may run at once.")
    matchers: dict[LabelName, str] = Field(
        {}, description="Added to every selector, as `cluster: prod-us` where one store holds several clusters."
    )
    labels: Labels = Field(default=Labels(), description="How this installation spells its labels.")
    queries: dict[str, str] = Field(default={}, description="PromQL to use instead of the catalogue's, by its id.")
    inventory: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="What of nodes, workloads and namespaces to read from kube-state-metrics: `auto` what a Kubernetes "
        "source of the cluster, if there is one, may not read; `always` all, in its place; `never` nothing.",
    )
    history_days: int = Field(
        default=14, ge=0, le=60, description="Days of the past that teach what is normal; 0 for none."
    )

    @model_validator(mode="before")
    @classmethod
    def _no_secret_in_url(cls, values: Any) -> Any:
        """Move `user:password@` out of the URL, so that no message and no export can show it; but not beside `auth`."""
        if not isinstance(values, dict) or not isinstance(url := values.get("url"), str):
            return values
        try:
            parts = urlsplit(url)
        except ValueError:  # told where `url` itself is looked at
            return values
        if "@" not in parts.netloc or values.get("auth"):
            return values
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return {**values, "url": bare, "auth": {"username": unquote(user), "password": unquote(password)}}

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: str) -> str:
        forms = "http://host:port, https://host or kube://namespace/service:port"
        if not SERVICE_URL.fullmatch(url):  # a user and password without `auth` are moved there before
            url = web_address(url, forms=forms, instead="beside auth nothing signs in with them")
        return url.rstrip("/").removesuffix("/api/v1")

    @field_validator("queries")
    @classmethod
    def _known_queries(cls, queries: dict[str, str]) -> dict[str, str]:
        from finops_tui.sources.prometheus.catalogue import BY_ID

        for query_id in queries:
            if query_id not in BY_ID:
                import difflib

                near = difflib.get_close_matches(query_id, BY_ID, n=1)
                raise ValueError(f"no query is called {query_id}" + (f"; did you mean {near[0]}?" if near else ""))
        return queries

    @property
    def title(self) -> str:
        """The name by which people know it: `prod-us`."""
        return self.name or self.cluster

    def secrets(self) -> tuple[str, ...]:
        """Every value that no message may show."""
        held = (self.auth.bearer_token, self.auth.password, *self.headers.values())
        return tuple(value for secret in held if secret is not None and (value := secret.get_secret_value()))
