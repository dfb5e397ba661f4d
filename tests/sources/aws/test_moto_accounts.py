"""Who is let in, into which account and to what, as a real moto server decides: it checks signatures and policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from finops_tui.model.cloud import BudgetsSeen, MachineGroupsSeen
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen
from finops_tui.sources.aws.policy import policy
from tests.servers.moto_server import Moto, moto_fixture, role_arn  # noqa: F401 - a fixture: pytest finds it here
from tests.sources.aws.moto_machines import endpoint, training_job
from tests.sources.aws.world import ACCOUNT, bucket, costs, group, health, of, one_round, settings, source

RESEARCH = "222222222222"
BILLS = {"bills": True, "forecast": False, "anomalies": False}


def become(moto: Moto, monkeypatch: pytest.MonkeyPatch, allowed: Mapping[str, Any]) -> None:
    """Make a user who may do this and no more, and go on with the user's keys; from here on rights count."""
    iam = moto.client("iam")
    iam.create_user(UserName="ana")
    iam.put_user_policy(UserName="ana", PolicyName="finops", PolicyDocument=json.dumps(allowed))
    keys = iam.create_access_key(UserName="ana")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    moto.rights_count()


def role(moto: Moto, account: str, trust: Mapping[str, Any], allowed: Mapping[str, Any]) -> str:
    iam = moto.client("iam", account=account)
    iam.create_role(RoleName="finops-tui", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="finops-tui", PolicyName="finops", PolicyDocument=json.dumps(allowed))
    return role_arn(account)


def statement(action: str, resource: str = "*", **more: object) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": action, **more}
    return {"Version": "2012-10-17", "Statement": [allow if "Principal" in more else {**allow, "Resource": resource}]}


async def test_roles_lead_into_other_accounts_each_with_its_own_money(moto: Moto, tmp_path: Path) -> None:
    for account, name, amount in ((ACCOUNT, "all", "12.5"), (RESEARCH, "gpu", "700")):
        limit = {"Amount": "1000", "Unit": "USD"}
        budget = {"BudgetName": name, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
        moto.client("budgets", account=account).create_budget(AccountId=account, Budget=budget)
        bill = costs(bucket("2026-11-18", group("Amazon SageMaker", "Usage", billed=amount)))
        moto.costs(bill, account=account)
    accounts = [{"name": "main"}, {"name": "research", "role_arn": role_arn(RESEARCH)}]
    watched = source(tmp_path, accounts=accounts, budgets=True, **BILLS)
    seen = await one_round(watched)
    assert {told.account: [each.name for each in told.budgets] for told in of(seen, BudgetsSeen)} == {
        ACCOUNT: ["all"],
        RESEARCH: ["gpu"],
    }
    told = of(seen, BillsSeen)[-1]
    assert {(day.account, day.account_name): str(day.usage.normalize()) for day in told.days} == {
        (ACCOUNT, "main"): "12.5",
        (RESEARCH, "research"): "7E+2",
    }
    assert health(seen).missing == ()
    assert watched.request_cost == "main $0.03 of $4 this month, research $0.03 of $4 this month"


ASKED = {"groups": True, "prices": True, "athena": {"region": "eu-west-1", "database": "billing", "table": "cur"}}
"""What moto decides about as AWS does; its rights to Budgets and Batch have other names, and EKS asks for none."""


async def test_the_printed_policy_is_all_that_is_needed(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**ASKED, **BILLS, "machine_learning": True}
    endpoint(moto, "chat", machines=1)
    training_job(moto, "llm")
    become(moto, monkeypatch, policy(settings(**asked)))
    said = health(await one_round(source(tmp_path, **asked)))
    lacking = {words.partition(":")[0] for words in said.missing}
    assert lacking == {
        "on-demand prices in us-east-1",  # moto has no price list
        "EKS node groups in us-east-1",
        "Batch compute environments in us-east-1",
        "Batch job queues in us-east-1",
    }


@pytest.mark.parametrize(
    ("action", "lost"),
    [
        ("autoscaling:DescribeAutoScalingGroups", "Auto Scaling groups in us-east-1"),
        ("ec2:DescribeSpotPriceHistory", "spot prices in us-east-1"),
        ("ec2:DescribeInstanceTypes", "spot prices in us-east-1"),
        ("ec2:DescribeInstances", "EC2 machines in no cluster in us-east-1"),
    ],
)
async def test_a_right_that_is_taken_away_is_named_with_who_lacks_it(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, lost: str
) -> None:
    allowed = policy(settings(**ASKED))
    allowed["Statement"][0]["Action"].remove(action)
    become(moto, monkeypatch, allowed)
    said = health(await one_round(source(tmp_path, groups=True, prices=True)))
    assert f"{lost}: no permission for {action}" in said.missing
    checks = await source(tmp_path, groups=True, prices=True).diagnose()
    (check,) = [check for check in checks if check.subject == lost]
    assert check.hint.startswith(f"Allow {action} to user/ana in {ACCOUNT};")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (("AWS_SECRET_ACCESS_KEY", "another-secret"), "AWS refuses the signature"),
        (("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), "AWS does not know these keys"),
    ],
)
async def test_keys_that_are_wrong_are_told_apart(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, str], reason: str
) -> None:
    become(moto, monkeypatch, policy())
    monkeypatch.setenv(*wrong)
    said = health(await one_round(source(tmp_path, groups=True)))
    assert (said.state, said.reason) == (HealthState.DOWN, reason)


async def test_in_another_account_the_roles_own_rights_count(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user may assume it and nothing else; the role may read groups and not endpoints."""
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"})
    arn = role(moto, RESEARCH, trust, statement("autoscaling:DescribeAutoScalingGroups"))
    become(moto, monkeypatch, statement("sts:AssumeRole", arn))
    accounts = [{"name": "research", "role_arn": arn}]
    seen = await one_round(source(tmp_path, groups=True, accounts=accounts))
    assert [(told.account, told.kinds) for told in of(seen, MachineGroupsSeen)] == [(RESEARCH, ("asg",))]
    said = health(seen)
    assert said.state is HealthState.PARTIAL
    assert [words.partition(":")[0] for words in said.missing] == [
        "EKS node groups in us-east-1",
        "EC2 machines in no cluster in us-east-1",
    ]


@pytest.mark.parametrize(("given", "let_in"), [("finops-42", True), ("finops-43", False)])
async def test_a_role_may_ask_for_an_external_id(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, *, let_in: bool
) -> None:
    trust = statement(
        "sts:AssumeRole",
        Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"},
        Condition={"StringEquals": {"sts:ExternalId": "finops-42"}},
    )
    arn = role(moto, ACCOUNT, trust, statement("autoscaling:DescribeAutoScalingGroups"))
    become(moto, monkeypatch, statement("sts:AssumeRole", arn))
    seen = await one_round(source(tmp_path, groups=True, accounts=[{"role_arn": arn, "external_id": given}]))
    assert bool(of(seen, MachineGroupsSeen)) is let_in
    assert (health(seen).reason == f"may not assume {arn}") is not let_in
