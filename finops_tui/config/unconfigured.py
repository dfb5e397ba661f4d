"""What can be read without a config file: the cluster that kubectl would talk to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import yaml

from finops_tui.config.models import Config
from finops_tui.sources.kubernetes.settings import KubernetesSettings

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
LARGEST_FILE = 10_000_000
"""Bytes; embedded certificates make kubeconfigs of many clusters large."""


def from_kubeconfig(environment: Mapping[str, str], service_account: Path = SERVICE_ACCOUNT) -> Config | None:
    """Return a config with the current context's cluster, or with the cluster that this pod runs in; else None."""
    context = current_context(environment)
    if context:
        return Config(sources=(KubernetesSettings(cluster=context[:100], context=context),))
    if environment.get("KUBERNETES_SERVICE_HOST") and service_account.is_file():
        return Config(sources=(KubernetesSettings(cluster="this-cluster"),))
    return None


def current_context(environment: Mapping[str, str]) -> str:
    """Return the current context's name if the kubeconfig defines it; empty otherwise.

    As kubectl does: the first file of `$KUBECONFIG` that sets `current-context` wins, any file may define it.
    """
    named = environment.get("KUBECONFIG", "")
    home = environment.get("HOME", "")
    places = [Path(part) for part in named.split(os.pathsep) if part]
    if not places and home:
        places = [Path(home) / ".kube" / "config"]
    read = [_read(place) for place in places]
    current = next((name for file in read if isinstance(name := file.get("current-context"), str) and name), "")
    contexts = [each for file in read if isinstance(each := file.get("contexts"), list)]
    defined = {each.get("name") for listed in contexts for each in listed if isinstance(each, dict)}
    return current if current in defined else ""


def _read(place: Path) -> dict[str, object]:
    try:
        if place.stat().st_size > LARGEST_FILE:
            return {}
        content = yaml.load(place.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
