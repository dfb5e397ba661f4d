"""Tags as AWS lists them, and what they say of the cluster that a thing belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from finops_tui.sources.clean import one_line

EKS_CLUSTER = ("eks:cluster-name", "aws:eks:cluster-name")
"""Which EKS and its node groups put on what they make."""
EKS_NODE_GROUP = "eks:nodegroup-name"
CLUSTER = "kubernetes.io/cluster/"
"""Begins the key that Kubernetes asks for on machines and groups of a cluster, whoever made them; its name follows."""


def read(listed: Iterable[Mapping[str, Any]] | None) -> Mapping[str, str]:
    return {one_line(tag.get("Key", "")): one_line(tag.get("Value", "")) for tag in listed or ()}


def cluster_in(tags: Mapping[str, str]) -> str:
    """Return the name of the cluster that a thing belongs to, as AWS knows it; empty where it belongs to none."""
    named = next((tags[key] for key in EKS_CLUSTER if tags.get(key)), "")
    return named or next((key.removeprefix(CLUSTER) for key in tags if key.startswith(CLUSTER)), "")
