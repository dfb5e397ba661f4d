from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from finops_tui.sources.aws.settings import AwsSettings

ROLE = "arn:aws:iam::222222222222:role/finops"


def test_an_empty_section_reads_the_account_that_one_is_signed_in_to() -> None:
    made = AwsSettings.model_validate({"type": "aws"})
    assert (made.title, made.cap_micro_usd, made.accounts) == ("default", 4_000_000, ())
    assert not made.hourly, "it must be enabled and paid for"


def test_it_is_called_by_its_name_or_its_profile() -> None:
    assert AwsSettings(profile="prod").title == "prod"
    assert AwsSettings(profile="prod", name="main").title == "main"


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": [{"role_arn": "role/finops"}]},
        {"accounts": [{"role_arn": ROLE}, {"role_arn": ROLE, "name": "again"}]},
        {"regions": ["us east 1"]},
        {"requests_usd_per_month": -1},
        {"requests_usd_per_month": float("nan")},
        {"history_days": 400},
        {"secret_access_key": "x"},
        {"tags": [""]},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AwsSettings.model_validate(wrong)


def test_secrets_are_shown_nowhere() -> None:
    made = AwsSettings.model_validate({"accounts": [{"role_arn": ROLE, "external_id": "hush"}]})
    assert "hush" not in repr(made) + made.model_dump_json()


def test_loading_the_source_loads_no_client() -> None:
    code = "import sys, finops_tui.sources.aws.source, finops_tui.sources.aws.policy; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "botocore"} & set(loaded)
