"""What the config says about one Kubernetes cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from finops_tui.sources.settings import Settings, UserPath

POOL_LABELS = (
    "karpenter.sh/nodepool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "node.kubernetes.io/instance-type",
)

NamespaceName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
LabelKey = Annotated[str, Field(min_length=1, max_length=317)]


class KubernetesSettings(Settings):
    """A cluster to list and watch. It is only ever read."""

    type: Literal["kubernetes"] = Field("kubernetes", description="Says that this source is a Kubernetes cluster.")
    cluster: str = Field(
        min_length=1, max_length=100, description="The cluster's name on screen and in every other source about it."
    )
    context: str | None = Field(None, description="Context of the kubeconfig; the current one when not given.")
    kubeconfig: UserPath | None = Field(
        None, description="Path of the kubeconfig; $KUBECONFIG, ~/.kube/config or the pod's own account when not given."
    )
    namespaces: tuple[NamespaceName, ...] = Field(
        (), max_length=20, description="Read only these namespaces, for who may not read all; all when empty."
    )
    pool_labels: tuple[LabelKey, ...] = Field(
        POOL_LABELS, min_length=1, description="Node labels that name a node's pool; the first that it carries wins."
    )
    keep_labels: tuple[LabelKey, ...] = Field(
        (), description="Further node labels to keep, for prices by label; `example.com/*` keeps all with that prefix."
    )
    keep_annotations: tuple[LabelKey, ...] = Field(
        (), max_length=20, description="Further annotations of workloads to keep, beside those that are understood."
    )
    page_size: int = Field(500, ge=10, le=5_000, description="Objects asked for in one answer of a list.")
    connect_timeout_seconds: float = Field(10.0, gt=0, le=120, description="How long a connection may take to open.")
    read_timeout_seconds: float = Field(60.0, gt=0, le=600, description="How long an answer to a request may take.")
    silence_seconds: float = Field(
        90.0,
        gt=0,
        le=3_600,
        description="How long a watch may say nothing (servers speak each minute) before it is cut.",
    )
    heartbeat_seconds: float = Field(
        15.0, ge=1, le=300, description="How often to ask whether the API server still answers."
    )
    lookback_hours: float = Field(
        6.0, ge=0, le=168, description="Changes and interruptions up to this old are shown at the start."
    )

    @property
    def name(self) -> str:
        """As the status screen names this source."""
        return f"kubernetes {self.cluster}"
