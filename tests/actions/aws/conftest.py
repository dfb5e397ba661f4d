from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.actions.aws.cloud import Cloud, cloud
from tests.actions.aws.moto import moto, reset
from tests.sources.aws import double as doubled
from tests.sources.aws.double import Double, double


@pytest.fixture(autouse=True)
def _nobodys_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may find the developer's own keys, nor ask the network for any."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def moto_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with moto(tmp_path_factory.mktemp("moto")) as url:
        yield url


@pytest.fixture
def aws(moto_url: str) -> Iterator[Cloud]:
    """A moto server with an empty account."""
    reset(moto_url)
    with cloud(moto_url) as made:
        yield made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """An AWS that answers as a test tells it to, for what moto does not have."""

    def checked(answer: Any, operation: Any) -> None:
        if operation.output_shape is not None:  # StopTrainingJob answers with nothing at all
            check(answer, operation)

    check = doubled._check
    monkeypatch.setattr(doubled, "_check", checked)
    with double() as served:
        yield served


@pytest.fixture
def told_cloud(told: Double) -> Iterator[Cloud]:
    with cloud(told.url) as made:
        yield made
