"""The least that IAM must allow for reading, made from the list of calls."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from finops_tui.sources.aws.calls import CALLS
from finops_tui.sources.aws.settings import AwsSettings

VERSION = "2012-10-17"
"""Of the policy language, the newest there is."""
EXPORT_BUCKET = "YOUR-EXPORT-BUCKET"
RESULTS_BUCKET = "YOUR-RESULTS-BUCKET"
ROLES = "arn:aws:iam::*:role/finops-tui"
_ASSUME = "sts:AssumeRole"
_WRITES = frozenset({"s3:PutObject"})
"""Athena writes results with the rights of who asks: into the bucket for results alone."""


def policy(settings: AwsSettings | None = None) -> dict[str, Any]:
    """Return the policy for what these settings ask, or for everything that can be asked."""
    actions = {action for call in CALLS for action in call.actions}
    if settings is not None:
        actions -= _unused(settings)
    buckets = sorted(action for action in actions if action.startswith("s3:"))
    plain = sorted(action for action in actions if action not in {*buckets, _ASSUME})
    statements = [_statement("FinopsTuiReads", plain, ["*"])] if plain else []
    if _ASSUME in actions:
        statements.append(_statement("FinopsTuiAssumesRoles", [_ASSUME], _roles(settings)))
    if buckets:
        reads = [action for action in buckets if action not in _WRITES]
        results = _results_bucket(settings)
        statements += [
            _statement("FinopsTuiReadsExport", reads, _bucket(EXPORT_BUCKET)),
            _statement("FinopsTuiKeepsResults", buckets, _bucket(results)),
        ]
    return {"Version": VERSION, "Statement": statements}


def policy_json(settings: AwsSettings | None = None) -> str:
    """Return the policy as a person pastes it into IAM."""
    return json.dumps(policy(settings), indent=2)


def _statement(sid: str, actions: Iterable[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}


def _unused(settings: AwsSettings) -> frozenset[str]:
    """Return the actions of what the settings leave out."""
    left_out = {
        "ce": not settings.bills,
        "budgets": not settings.budgets,
        "pricing": not settings.prices,
        "ec2": not (settings.prices or settings.groups),
        "autoscaling": not settings.groups,
        "eks": not settings.groups,
        "sagemaker": not settings.machine_learning,
        "batch": not settings.machine_learning,
        "athena": settings.athena is None,
        "cost-optimization-hub": not settings.recommendations,
        "compute-optimizer": not settings.recommendations,
        "sts": not any(account.role_arn for account in settings.accounts),
    }
    forecast = frozenset() if settings.forecast else frozenset({"ce:GetCostForecast"})
    anomalies = frozenset() if settings.anomalies else frozenset({"ce:GetAnomalies"})
    plans = frozenset({"ce:GetSavingsPlansCoverage", "ce:GetSavingsPlansUtilization"})
    commitments = frozenset() if settings.savings_plans else plans
    market = frozenset() if settings.prices else frozenset({"ec2:DescribeSpotPriceHistory"})
    machines = frozenset() if settings.groups else frozenset({"ec2:DescribeInstances"})
    unused = {action for call in CALLS if left_out[call.service] for action in call.actions}
    return frozenset(unused) | forecast | anomalies | commitments | market | machines


def _roles(settings: AwsSettings | None) -> list[str]:
    named = [account.role_arn for account in settings.accounts if account.role_arn] if settings is not None else []
    return named or [ROLES]


def _results_bucket(settings: AwsSettings | None) -> str:
    output = settings.athena.output if settings is not None and settings.athena is not None else ""
    return output.removeprefix("s3://").partition("/")[0] or RESULTS_BUCKET


def _bucket(name: str) -> list[str]:
    return [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
