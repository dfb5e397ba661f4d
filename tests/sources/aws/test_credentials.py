"""Which credentials, where looked, which permission, and what to do: one test for each way to be kept out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import (  # type: ignore[import-untyped]  # botocore ships no types
    ConfigNotFound,
    ConfigParseError,
    InvalidConfigError,
)

from finops_tui import __version__
from finops_tui.model.cloud import BudgetsSeen
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.aws.calls import ASSUME_ROLE
from finops_tui.sources.aws.faults import Credentials, trouble
from tests.servers.process import free_port
from tests.sources.aws.double import Asked, Double, Fault
from tests.sources.aws.world import ACCOUNT, KEY, SECRET, HandClock, health, of, one_round, source, until

MAYBE = "perhaps one of the organization."
ROLE = "arn:aws:iam::222222222222:role/finops"
START_URL = "https://example.awsapps.com/start"
SSO = f"""
[profile prod]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = ReadOnly
region = us-east-1
[sso-session corp]
sso_start_url = {START_URL}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[profile old]
sso_start_url = {START_URL}
sso_region = us-east-1
sso_account_id = {ACCOUNT}
sso_role_name = ReadOnly
[profile code]
role_arn = {ROLE}
source_profile = keys
mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/ana
[profile chained]
role_arn = arn:aws:iam::222222222222:role/second
source_profile = code
[profile broken]
credential_process = /bin/sh -c "echo {SECRET} >&2; exit 3"
[profile login]
login_session = arn:aws:iam::123456789012:user/ana
[profile half]
aws_access_key_id = {KEY}
[profile keys]
aws_access_key_id = {KEY}
aws_secret_access_key = {SECRET}
"""


@pytest.fixture
def keyless(aws: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Double:
    """Nothing in the environment; profiles in the config."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(SSO, encoding="utf-8")
    return aws


def sso_token(home: Path, name: str, expires_at: datetime) -> None:
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {
        "accessToken": "secret-token",
        "expiresAt": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
    }
    (cache / f"{hashlib.sha1(name.encode()).hexdigest()}.json").write_text(json.dumps(token), encoding="utf-8")


async def refused(folder: Path, **more: object) -> SourceHealth:
    """Return the word on a source that gets nowhere."""
    said = health(await one_round(source(folder, budgets=True, **more)))
    assert said.state is HealthState.DOWN
    assert said.answered_at is None
    for secret in (SECRET, "secret-token"):
        assert secret not in str(said)
    return said


async def test_without_credentials_it_says_where_it_looked(keyless: Double, tmp_path: Path) -> None:
    said = await refused(tmp_path)
    assert said.reason == "no AWS credentials"
    assert said.hint == (
        "Sign in with `aws sso login` or `aws configure`, or set `profile`; looked in environment "
        f"(AWS_ACCESS_KEY_ID), {tmp_path}/credentials, {tmp_path}/config, container credentials."
    )
    assert keyless.asked == []


@pytest.mark.parametrize(
    ("profile", "reason", "hint"),
    [
        (
            "nobody",
            "no AWS profile nobody",
            "Correct `profile`, or make it with `aws configure --profile nobody`; looked",
        ),
        ("prod", "not signed in to SSO (profile prod)", "Run `aws sso login --profile prod`."),
        ("old", "not signed in to SSO (profile old)", "Run `aws sso login --profile old`."),
        (
            "chained",
            "profile chained wants an MFA code",
            "Set `profile` to one that needs no code here, such as one of",
        ),
        ("code", "profile code wants an MFA code", "Set `profile` to one that needs no code here, such as one of"),
        (
            "login",
            "profile login needs botocore[crt] to sign in",
            "Install `botocore[crt]` beside finops-tui, or set `profile` to one of `aws sso login`.",
        ),
        (
            "broken",
            "AWS credentials cannot be renewed (custom-process)",
            "Try `aws sts get-caller-identity --profile broken` in a shell: it says what custom-process wants.",
        ),
        (
            "half",
            "AWS credentials are incomplete: aws_secret_access_key is missing",
            "Add aws_secret_access_key to profile half (config-file).",
        ),
    ],
)
async def test_each_profile_that_gives_no_credentials_has_its_own_way_out(
    keyless: Double, tmp_path: Path, profile: str, reason: str, hint: str
) -> None:
    said = await refused(tmp_path, profile=profile)
    assert said.reason == reason
    assert said.hint.startswith(hint)
    assert keyless.asked == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidConfigError(error_msg=f'The profile "x" names {KEY}.'), 'The profile "x" names ***.'),
        (ConfigParseError(path="aws.ini"), "Unable to parse config file: aws.ini"),
        (ConfigNotFound(path="aws.ini"), "The specified config file (aws.ini) could not be found."),
    ],
)
def test_a_config_that_cannot_be_used_is_told_in_the_words_of_the_library_without_a_key(
    error: Exception, words: str
) -> None:
    told = trouble(error, ASSUME_ROLE, Credentials(profile=""), 5.0)
    assert told.title == f"AWS config cannot be used: {words}"
    assert told.whole


@pytest.mark.usefixtures("keyless")
@pytest.mark.parametrize(("profile", "cached"), [("prod", "corp"), ("old", START_URL)])
async def test_an_expired_sso_session_says_how_to_sign_in(tmp_path: Path, profile: str, cached: str) -> None:
    sso_token(tmp_path, cached, datetime.now(UTC) - timedelta(hours=1))
    said = await refused(tmp_path, profile=profile)
    assert said.reason == f"SSO session has expired (profile {profile})"
    assert said.hint == f"Run `aws sso login --profile {profile}`."


@pytest.mark.parametrize(
    ("fault", "reason", "hint"),
    [
        (
            Fault("ExpiredToken", "The security token included in the request is expired"),
            "AWS session has expired",
            "Sign in again: `aws sso login`, or renew the keys of default credentials.",
        ),
        (
            Fault("InvalidClientTokenId", "The security token included in the request is invalid."),
            "AWS does not know these keys",
            "Check the keys of default credentials: AWS does not know them; they may be deleted or inactive.",
        ),
        (
            Fault("SignatureDoesNotMatch", f"String-to-Sign: '{SECRET}'"),
            "AWS refuses the signature",
            "Check this machine's clock and the secret key of default credentials.",
        ),
        (
            Fault("Throttling", "Rate exceeded"),
            "throttled (Throttling)",
            "It is asked again later, by itself.",
        ),
        (
            Fault("OddError", f"{KEY} and {SECRET * 2} are wrong"),
            "OddError: *** and *** are wrong",
            "Without it: no signing in.",
        ),
    ],
)
async def test_keys_that_aws_turns_away(aws: Double, tmp_path: Path, fault: Fault, reason: str, hint: str) -> None:
    aws.answers["GetCallerIdentity"] = fault
    said = await refused(tmp_path)
    assert (said.reason, said.hint) == (reason, hint)


@pytest.mark.usefixtures("aws")
async def test_an_aws_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    said = await refused(tmp_path)
    assert said.reason == "AWS cannot be reached"
    assert said.hint == "Check the network and HTTPS_PROXY. Check `regions`."


async def test_a_role_that_may_not_be_assumed(aws: Double, tmp_path: Path) -> None:
    who = f"arn:aws:iam::{ACCOUNT}:user/ana"
    aws.answers["AssumeRole"] = Fault(
        "AccessDenied", f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {ROLE}", 403
    )
    said = await refused(tmp_path, accounts=[{"role_arn": ROLE, "external_id": SECRET}])
    assert said.reason == f"may not assume {ROLE}"
    assert said.hint == (
        f"Allow sts:AssumeRole on it to user/ana in {ACCOUNT}, and let its trust policy name user/ana in {ACCOUNT}, "
        "with the `external_id` if it asks for one."
    )
    (asked,) = aws.of("AssumeRole")
    assert (asked.params["ExternalId"], asked.params["RoleSessionName"]) == (SECRET, "finops-tui")


def role(number: int, expires_at: datetime) -> Mapping[str, object]:
    keys = {"AccessKeyId": f"ASIA{number:016}", "SecretAccessKey": SECRET, "SessionToken": "t" * 20}
    return {"Credentials": {**keys, "Expiration": expires_at}}


async def test_a_role_is_assumed_again_before_it_ends(aws: Double, tmp_path: Path) -> None:
    clock = HandClock()
    aws.answers["AssumeRole"] = lambda _: role(len(aws.of("AssumeRole")), clock.now() + timedelta(hours=1))
    aws.answers["DescribeBudgets"] = {"Budgets": []}
    watched = source(tmp_path, clock, budgets=True, accounts=[{"role_arn": ROLE, "name": "research"}])
    seen = await until(watched, lambda seen: len(of(seen, BudgetsSeen)) == 2)
    assert health(seen).state is not HealthState.DOWN
    keys = [asked.headers["Authorization"].split("Credential=")[1][:20] for asked in aws.of("DescribeBudgets")]
    assert keys == [f"ASIA{1:016}", f"ASIA{2:016}"]
    assert f" finops-tui/{__version__}" in aws.of("DescribeBudgets")[0].headers["User-Agent"]


def denied(action: str, why: str = "because no identity-based policy allows the action") -> Fault:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ana"
    return Fault("AccessDeniedException", f"User: {arn} is not authorized to perform: {action} on resource: * {why}")


async def test_one_permission_that_is_missing_costs_its_own_figures_only(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = {"Budgets": []}
    aws.answers["GetCostAndUsage"] = denied("ce:GetCostAndUsage")
    seen = await one_round(source(tmp_path, budgets=True, bills=True, forecast=False, anomalies=False))
    said = health(seen)
    assert said.state is HealthState.PARTIAL
    assert said.missing == tuple(
        f"{what}: no permission for ce:GetCostAndUsage"
        for what in ("cost by service", "cost by instance type", "cost by usage type")
    )
    assert said.hint == (
        f"Allow ce:GetCostAndUsage to assumed-role/ops/ana in {ACCOUNT}; "
        "`finops-tui permissions --aws` prints the whole policy."
    )
    assert len(of(seen, BudgetsSeen)) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "hint"),
    [
        (
            denied("budgets:ViewBudget", "with an explicit deny in a service control policy"),
            "no permission for budgets:ViewBudget",
            f"Allow budgets:ViewBudget to assumed-role/ops/ana in {ACCOUNT}; a policy denies it explicitly, {MAYBE}",
        ),
        (
            Fault("AccessDeniedException", "User not enabled for cost explorer access"),
            "Cost Explorer is not enabled for this account",
            "Turn Cost Explorer on in the billing console; in a member account, the payer must let members use it.",
        ),
        (
            Fault("AccessDeniedException", ""),
            "no permission for budgets:ViewBudget",
            "Allow budgets:ViewBudget to default credentials; `finops-tui permissions --aws` prints the whole policy.",
        ),
        (
            Fault("ValidationException", "Hourly granularity is not enabled for this account"),
            "ValidationException: Hourly granularity is not enabled for this account",
            "Enable hourly granularity in the Cost Management preferences, or set `hourly: false`.",
        ),
        (
            Fault("OptInRequired", ""),
            "not enabled in this account (OptInRequired)",
            "Enable it there to see budgets.",
        ),
        (
            Fault("DataUnavailableException", ""),
            "AWS has no data for that yet",
            "Bills of a new account take a day to appear.",
        ),
    ],
)
async def test_refusals_name_the_permission_and_the_way_out(
    aws: Double, tmp_path: Path, fault: Fault, reason: str, hint: str
) -> None:
    aws.answers["DescribeBudgets"] = fault
    said = health(await one_round(source(tmp_path, budgets=True)))
    assert said.missing == (f"budgets: {reason}",)
    assert said.hint == hint


async def test_signing_in_again_brings_it_back_without_a_restart(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = {"Budgets": []}
    good = aws.answers["GetCallerIdentity"]
    aws.answers["GetCallerIdentity"] = Fault("ExpiredToken", "expired")
    watched = source(tmp_path, budgets=True)

    def enough(seen: list[Observation]) -> bool:
        if len(aws.of("GetCallerIdentity")) == 3:
            aws.answers["GetCallerIdentity"] = good
        return any(isinstance(each, BudgetsSeen) for each in seen)

    said = health(await until(watched, enough))
    assert said.state is HealthState.DOWN
    assert len(aws.of("GetCallerIdentity")) == 4


async def test_a_session_that_ends_on_the_way_is_down_and_not_silent(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = lambda asked: (
        {"Budgets": []} if len(aws.of(asked.operation)) == 1 else Fault("ExpiredTokenException", "expired")
    )
    watched = source(tmp_path, budgets=True)
    seen = await until(
        watched, lambda seen: health(seen).state is HealthState.DOWN if of(seen, SourceHealth) else False
    )
    said = health(seen)
    assert said.reason == "AWS session has expired"
    assert said.answered_at is not None


async def test_one_account_that_is_locked_costs_its_own_figures_only(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeBudgets"] = {"Budgets": []}
    aws.answers["AssumeRole"] = Fault("AccessDenied", "no", 403)
    accounts = [{"name": "main"}, {"name": "research", "role_arn": ROLE}]
    seen = await one_round(source(tmp_path, budgets=True, accounts=accounts))
    said = health(seen)
    assert said.state is HealthState.PARTIAL
    assert said.missing == (f"research: may not assume {ROLE}",)
    assert [told.account for told in of(seen, BudgetsSeen)] == [ACCOUNT]


async def test_throttling_is_tried_again_and_each_try_is_counted(aws: Double, tmp_path: Path) -> None:
    def script(asked: Asked) -> object:
        if len(aws.of(asked.operation)) == 1:
            return Fault("LimitExceededException", "slow down")
        return {"Anomalies": []}

    aws.answers["GetAnomalies"] = script  # type: ignore[assignment]  # what a script may give back
    aws.answers["GetCostAndUsage"] = {"ResultsByTime": []}
    watched = source(tmp_path, bills=True, forecast=False, attempts=2)
    said = health(await one_round(watched))
    assert said.missing == ()
    assert len(aws.of("GetAnomalies")) == 2
    assert watched.request_cost == "$0.05 of $4 this month"
