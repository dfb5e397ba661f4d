"""What AWS refuses with means the same to whoever reads a bill and to whoever changes something."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # botocore ships no types

from finops_tui.actions.aws.faults import AwsCallError, fault_of
from finops_tui.actions.cloud.faults import masked as masked_of_a_change
from finops_tui.aws_codes import DENIED, EXPIRED, THROTTLED, UNKNOWN_KEY, WRONG_SIGNATURE
from finops_tui.sources.aws.faults import masked as masked_of_a_bill

TOKEN = "IQoJb3JpZ2luX2VjE/+=" * 8


def refused(code: str) -> AwsCallError:
    error = ClientError({"Error": {"Code": code, "Message": "no"}}, "StopInstances")
    return fault_of(error, "ec2:StopInstances", "aws 123456789012", writing=True)


@pytest.mark.parametrize("code", sorted(EXPIRED | UNKNOWN_KEY))
def test_who_is_not_let_in_is_told_to_sign_in_again(code: str) -> None:
    assert (refused(code).hint, refused(code).done) == ("Sign in again.", False)


@pytest.mark.parametrize("code", sorted(WRONG_SIGNATURE))
def test_a_wrong_signature_may_be_a_wrong_clock(code: str) -> None:
    assert refused(code).hint == "Check this machine's clock, then sign in again."


@pytest.mark.parametrize("code", sorted(DENIED))
def test_who_may_not_is_told_who_prints_what_it_takes(code: str) -> None:
    assert "finops-tui permissions --aws" in refused(code).hint
    assert refused(code).denied


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_who_asks_too_much_is_told_to_wait(code: str) -> None:
    assert refused(code).hint == "Try again in a minute."


@pytest.mark.parametrize("masked", [masked_of_a_bill, masked_of_a_change])
@pytest.mark.parametrize("token", [TOKEN, quote(TOKEN, safe=""), quote("IQoJ/+=" * 40, safe="")])
def test_no_piece_of_a_token_is_shown_however_it_is_written(masked: object, token: str) -> None:
    assert callable(masked)
    assert masked(f"the token {token} has expired") == "the token *** has expired"
