"""A real moto server: an AWS that other people wrote, over HTTP on loopback, in a process of its own.

Import `moto_fixture` into a test module; its tests then ask for `moto`. Each xdist worker starts one server, at the
first test that asks; every test finds it empty. It must not run in the tests' own process: importing moto puts hooks
into botocore, and then nothing proves that an answer came over the wire.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.servers.process import free_port, running

ACCOUNT = "123456789012"
"""Whose account it is for keys that moto never gave out."""
KEY, SECRET = "AKIAQQQQQQQQQQQQQQQQ", "not-a-real-secret"
REGION = "us-east-1"
_SERVER = pytest.StashKey["Moto"]()


@dataclass(frozen=True, slots=True)
class Moto:
    url: str

    def client(self, service: str, *, account: str = ACCOUNT, region: str = REGION) -> Any:
        """Return a client of boto3 in any account, for a test to make there what it needs."""
        import boto3  # type: ignore[import-untyped]  # boto3 ships no types

        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
        if account != ACCOUNT:
            given = self.client("sts").assume_role(RoleArn=role_arn(account), RoleSessionName="test")["Credentials"]
            keys = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def reset(self) -> None:
        """Forget everything: all accounts, all that is seeded, and that rights count."""
        self._post("/moto-api/reset-auth", "inf")
        self._post("/moto-api/reset")
        self._post("/moto-api/config", {"batch": {"use_docker": False}})

    def costs(self, *answers: Mapping[str, Any], account: str = ACCOUNT) -> None:
        """Seed GetCostAndUsage: each question that was not asked before takes the next answer, until none is left."""
        told = {"account_id": account, "results": list(answers)}
        self._post("/moto-api/static/ce/cost-and-usage-results", told)

    def query_results(
        self, columns: Sequence[str], *rows: Sequence[str | None], account: str = ACCOUNT, region: str = REGION
    ) -> None:
        """Seed what the next Athena query finds; the names of the columns are its first row, as at AWS."""
        cells = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in (columns, *rows)]
        info = [{"Name": name, "Type": "varchar"} for name in columns]
        told = {"account_id": account, "region": region, "results": [{"rows": cells, "column_info": info}]}
        self._post("/moto-api/static/athena/query-results", told)

    def rights_count(self) -> None:
        """From here on signatures are checked and IAM policies decide; keys must be those of an IAM user or a role."""
        self._post("/moto-api/reset-auth", "0")

    def _post(self, path: str, body: object = None) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request("POST", path, body if isinstance(body, str) else json.dumps(body))
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status in {http.client.OK, http.client.CREATED}, (path, answer.status, said[:500])


def role_arn(account: str, name: str = "finops-tui") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@contextmanager
def serving(folder: Path) -> Iterator[Moto]:
    """Run a moto server until the block ends; what it says goes into a log in the folder."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder / "moto.log", port, "/moto-api/data.json") as url:
        yield Moto(url)


@pytest.fixture(name="moto")
def moto_fixture(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Moto:
    """Return an AWS without anything in it, which is the one that boto3 finds."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    served = _shared(pytestconfig, tmp_path_factory)
    served.reset()
    nowhere = tmp_path_factory.mktemp("aws")
    for name, value in {
        "AWS_ENDPOINT_URL": served.url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(nowhere / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(nowhere / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return served


def _shared(config: pytest.Config, folders: pytest.TempPathFactory) -> Moto:
    """Return this process's server: a fixture of session scope would be one for each module that imports it."""
    if _SERVER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[_SERVER] = stack.enter_context(serving(folders.mktemp("moto")))
    return config.stash[_SERVER]
