from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.credentials import SSOProvider  # type: ignore[import-untyped]  # botocore ships no types
from botocore.tokens import SSOTokenProvider  # type: ignore[import-untyped]  # the same

from tests.sources.aws.double import Double, double
from tests.sources.aws.moto_machines import GPU
from tests.sources.aws.world import ACCOUNT, KEY, SECRET


@pytest.fixture(autouse=True)
def _nobodys_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may find the developer's own keys, nor ask the network for any."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for holder in (SSOTokenProvider, SSOProvider):  # they looked up the home folder when they were imported
        monkeypatch.setattr(holder, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws" / "sso" / "cache"))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """An AWS that knows one account and who may use it; no machine with GPUs runs there."""
    with double() as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        served.answers["GetCallerIdentity"] = {
            "Account": ACCOUNT,
            "UserId": "u",
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/a",
        }
        served.answers["DescribeInstanceTypes"] = {"InstanceTypes": [{"InstanceType": GPU, "GpuInfo": {"Gpus": []}}]}
        served.answers["DescribeInstances"] = {"Reservations": []}
        yield served
