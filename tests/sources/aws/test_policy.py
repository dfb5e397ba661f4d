"""The policy in the manual, the list of calls and what is really sent are one."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from finops_tui import sources
from finops_tui.sources.aws import calls
from finops_tui.sources.aws.calls import CALLS, COST
from finops_tui.sources.aws.policy import policy, policy_json
from tests.sources.aws.double import model
from tests.sources.aws.world import settings

PACKAGE = Path(calls.__file__).parent
MANUAL = Path(sources.__file__).parents[2] / "docs" / "aws.md"
ASKS = {"batch": "machine_learning", "budgets": "budgets", "ce": "bills", "eks": "groups", "pricing": "prices"}
READING = re.compile(r"(Describe|Get|List|View|StartQueryExecution|AssumeRole|PutObject)")


def actions(document: object) -> set[str]:
    assert isinstance(document, dict)
    return {action for statement in document["Statement"] for action in statement["Action"]}


def test_the_manual_shows_the_policy_that_the_program_prints() -> None:
    (shown,) = re.findall(r"```json\n(\{.*?\n\})\n```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert shown == policy_json()


def test_every_call_is_listed_once_and_aws_has_it() -> None:
    assert len({call.name for call in CALLS}) == len(CALLS)
    assert COST in CALLS
    for call in CALLS:
        operation = model(call.service).operation_model(call.operation)
        if call.next_page:
            assert call.next_page in operation.input_shape.members
            assert call.next_page in operation.output_shape.members
        else:
            assert not {"NextToken", "nextToken", "NextPageToken"} & set(operation.output_shape.members)


def test_the_policy_allows_every_call_and_nothing_else() -> None:
    assert actions(policy()) == {action for call in CALLS for action in call.actions}


def test_the_policy_only_reads() -> None:
    assert all(READING.match(action.partition(":")[2]) for action in actions(policy()))
    writes = [statement for statement in policy()["Statement"] if "s3:PutObject" in statement["Action"]]
    assert [statement["Resource"] for statement in writes] == [
        ["arn:aws:s3:::YOUR-RESULTS-BUCKET", "arn:aws:s3:::YOUR-RESULTS-BUCKET/*"]
    ]


@pytest.mark.parametrize(("service", "switch"), ASKS.items())
def test_what_is_switched_off_needs_no_permission(service: str, switch: str) -> None:
    assert not any(action.startswith(f"{service}:") for action in actions(policy(settings())))
    assert any(action.startswith(f"{service}:") for action in actions(policy(settings(**{switch: True}))))


def test_machines_are_read_with_groups_and_their_market_with_prices() -> None:
    for switch, asked in (("groups", "ec2:DescribeInstances"), ("prices", "ec2:DescribeSpotPriceHistory")):
        needed = {action for action in actions(policy(settings(**{switch: True}))) if action.startswith("ec2:")}
        assert needed == {asked, "ec2:DescribeInstanceTypes"}
    assert not any(action.startswith("ec2:") for action in actions(policy(settings())))


def test_a_policy_for_settings_names_their_roles_and_buckets() -> None:
    role = "arn:aws:iam::222222222222:role/finops"
    athena = {"region": "us-east-1", "database": "d", "table": "t", "output": "s3://results/x/"}
    made = json.loads(policy_json(settings(accounts=[{"role_arn": role}], athena=athena)))
    by_sid = {statement["Sid"]: statement for statement in made["Statement"]}
    assert by_sid["FinopsTuiAssumesRoles"]["Resource"] == [role]
    assert by_sid["FinopsTuiKeepsResults"]["Resource"] == ["arn:aws:s3:::results", "arn:aws:s3:::results/*"]


def test_requests_leave_from_two_places_alone() -> None:
    """`Desk._send`, which counts; and `Door._assume`, whose request is free and signs in."""
    senders = set()
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"client", "resource", "get_paginator", "get_waiter"}:
                senders.add(file.name)
    assert senders == {"desk.py", "sessions.py"}
