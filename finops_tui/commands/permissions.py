"""`permissions`: the least that the program must be allowed to do, for whoever grants it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from finops_tui.errors import ActionError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.actions.kinds import Kind
    from finops_tui.config.models import Config


def run(asked: argparse.Namespace) -> int:
    if not (asked.kubernetes or asked.aws or asked.gcp or asked.azure):
        raise UsageError("Say of which system.", hint="Add --kubernetes, --aws, --gcp or --azure.")
    if asked.aws:
        sys.stdout.write(_aws(asked.config) + "\n")
    if asked.gcp or asked.azure:
        from finops_tui.commands.cloud_roles import azure_roles, gcp_roles

        config = _config(asked.config)
        sys.stdout.write(gcp_roles(config) if asked.gcp else "")
        sys.stdout.write(azure_roles(config) if asked.azure else "")
    if asked.kubernetes:
        sys.stdout.write(_kubernetes(asked))
    return 0


def _kubernetes(asked: argparse.Namespace) -> str:
    from finops_tui.actions.kube_client import KubeClient
    from finops_tui.actions.manifest import manifest
    from finops_tui.actions.planning import Hands
    from finops_tui.actions.registry import kubernetes_actions

    def nobody(cluster: str) -> KubeClient:
        raise ActionError(f"{cluster} is not asked for this.")

    actions = kubernetes_actions(Hands(client=nobody, by=""), _kinds(asked.config))
    return manifest(actions, asked.namespace, asked.action)


def _aws(given: str | None) -> str:
    """Return the IAM policy for what the config's AWS source asks, or for all that any may ask; then that to act."""
    from finops_tui.sources.aws.policy import policy_json
    from finops_tui.sources.aws.settings import AwsSettings

    config = _config(given)
    sources = config.sources if config is not None else ()
    reads = policy_json(next((each for each in sources if isinstance(each, AwsSettings)), None))
    if config is None or not any(cloud.type == "aws" for cloud in config.clouds):
        return reads
    from finops_tui.actions.aws.hands import AwsHands
    from finops_tui.actions.aws.registry import aws_actions, iam_policy

    def nobody(_: object) -> Callable[[str], Any]:
        raise ActionError("AWS is not asked for this.")

    return f"{reads}\n{iam_policy(aws_actions(AwsHands(clients=nobody, by='')))}"


def _kinds(given: str | None) -> Mapping[str, Kind]:
    """Return the kinds that are known, and those of the config where there is one. Raises ConfigError."""
    from finops_tui.actions.custom_kinds import with_custom_kinds

    config = _config(given)
    return with_custom_kinds(kind.told() for kind in (config.kinds if config is not None else ()))


def _config(given: str | None) -> Config | None:
    import os

    from finops_tui.config.find import find
    from finops_tui.config.load import load

    file = find(given, os.environ)
    return load(file, os.environ).config if file is not None else None
