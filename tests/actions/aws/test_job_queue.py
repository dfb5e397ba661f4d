"""Batch job queues over HTTP: closed, and opened again."""

from __future__ import annotations

import json

import pytest

from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan, Risk
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, thing_target
from tests.actions.make import fleet, snapshot
from tests.samples import NOON

QUEUE = thing_target("JobQueue", "batch", "sweeps")


@pytest.fixture
def queue(aws: Cloud) -> Cloud:
    role = aws.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps({}))["Role"]["Arn"]
    batch = aws.client("batch")
    made = batch.create_compute_environment(
        computeEnvironmentName="gpu", type="UNMANAGED", state="ENABLED", serviceRole=role
    )
    batch.create_job_queue(
        jobQueueName="sweeps", state="ENABLED", priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}],
    )  # fmt: skip
    return aws


def now(aws: Cloud) -> tuple[str, dict[str, str]]:
    found = aws.client("batch").describe_job_queues(jobQueues=["sweeps"])["jobQueues"][0]
    return found["state"], found.get("tags") or {}


async def planned(aws: Cloud, action: str = "pause") -> Plan:
    plan: Plan = await actions(aws.hands())[action].plan(QUEUE, {}, snapshot(fleet()), fleet(), NOON)
    return plan


async def test_a_queue_is_closed_seen_and_opened_again(queue: Cloud) -> None:
    pause = actions(queue.hands())["pause"]
    plan = await planned(queue)
    assert [(each.object, each.path, each.before, each.after) for each in plan.changes] == [
        ("job-queue/sweeps", "state", "ENABLED", "DISABLED")
    ]
    assert plan.permissions == (f"batch:UpdateJobQueue on arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/sweeps",)
    assert plan.saves_usd_per_hour == 0.0
    assert "go on, and cost" in plan.saves_when
    assert (plan.slo_risk, plan.loses) == (Risk.NONE, "nothing")
    assert (await pause.apply(plan)).outcome is Outcome.APPLIED
    assert now(queue)[0] == "DISABLED"
    assert (await pause.verify(plan)).outcome is Outcome.DONE
    back = await pause.undo_plan(plan, snapshot(fleet()), fleet(), NOON)
    await pause.apply(back)
    assert now(queue)[0] == "ENABLED"
    assert UNDO_TAG not in now(queue)[1]
    assert (await pause.verify(plan)).outcome is Outcome.FAILED


async def test_another_engineer_opens_it_from_its_tag_or_by_resuming(queue: Cloud) -> None:
    await actions(queue.hands("bea"))["pause"].apply(await planned(queue))
    other = actions(queue.hands())
    await other["pause"].apply(await other["pause"].undo_plan(QUEUE, snapshot(fleet()), fleet(), NOON))
    assert now(queue)[0] == "ENABLED"
    with pytest.raises(ActionError, match="resumed already"):
        await planned(queue, "resume")
    await other["pause"].apply(await planned(queue))
    await other["resume"].apply(await planned(queue, "resume"))
    assert now(queue)[0] == "ENABLED"


async def test_a_queue_that_is_not_there_is_told(aws: Cloud) -> None:
    with pytest.raises(ActionError, match="is not there"):
        await planned(aws)
