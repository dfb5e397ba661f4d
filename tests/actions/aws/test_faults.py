"""What AWS's refusals, silence and nonsense mean for a change; nothing secret is ever shown."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # botocore ships no types

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.registry import aws_actions
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.sizes import Sizes
from finops_tui.errors import ActionError, SourceError
from finops_tui.model.plan import Outcome, Plan
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, group_target, thing_target
from tests.actions.aws.test_laws import OneGroup, hands
from tests.actions.make import fleet, snapshot
from tests.samples import NOON
from tests.servers.process import free_port
from tests.sources.aws.double import Asked, Double, Fault

QUEUE = thing_target("JobQueue", "batch", "sweeps")
ARN = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/sweeps"
TOKEN = "IQoJb3JpZ2luX2VjE" + "x" * 80


def queue(told: Double, state: str = "ENABLED", **tags: str) -> None:
    told.answers["DescribeJobQueues"] = {
        "jobQueues": [
            {
                "jobQueueName": "sweeps", "jobQueueArn": ARN, "state": state, "priority": 1, "status": "VALID",
                "computeEnvironmentOrder": [], "tags": tags,
            }
        ]
    }  # fmt: skip
    told.answers["TagResource"] = {}


async def planned(aws: Cloud) -> Plan:
    plan: Plan = await actions(aws.hands())["pause"].plan(QUEUE, {}, snapshot(fleet()), fleet(), NOON)
    return plan


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (Fault("AccessDeniedException", "User: ana is not authorized to perform: batch:UpdateJobQueue", 403),
         Outcome.FAILED, "You may not do batch:UpdateJobQueue"),
        (Fault("TooManyRequestsException", "slow down", 429), Outcome.FAILED, "is asked too much"),
        (Fault("ExpiredTokenException", f"The token {TOKEN} has expired", 403), Outcome.FAILED, "Sign in again"),
        (Fault("ClientException", "queue is being updated", 400), Outcome.FAILED, "queue is being updated"),
        (Fault("ServerException", "we are sorry", 500), Outcome.UNKNOWN, "Look at it again"),
        (Fault("ServiceUnavailable", "", 503), Outcome.UNKNOWN, "failed"),
    ],
)  # fmt: skip
async def test_a_clear_no_changes_nothing_and_a_failure_may_have(
    told: Double, told_cloud: Cloud, fault: Fault, outcome: Outcome, words: str
) -> None:
    queue(told)
    plan = await planned(told_cloud)
    told.answers["UpdateJobQueue"] = fault
    pause = actions(told_cloud.hands())["pause"]
    result = await pause.apply(plan)
    assert result.outcome is outcome
    assert words in result.words
    assert ("Nothing is different" in result.words) is (outcome is Outcome.FAILED)
    assert TOKEN not in result.words
    seen = await pause.verify(plan)
    assert seen.outcome is Outcome.FAILED  # it is as it was
    queue(told, "DISABLED")
    assert (await pause.verify(plan)).outcome is Outcome.DONE


async def test_after_silence_nobody_knows_until_it_is_looked_at(told: Double, told_cloud: Cloud) -> None:
    queue(told)
    plan = await planned(told_cloud)

    def late(_: Asked) -> dict[str, Any]:
        queue(told, "DISABLED")
        time.sleep(1.0)
        return {"jobQueueName": "sweeps", "jobQueueArn": ARN}

    told.answers["UpdateJobQueue"] = late
    impatient = actions(anew(told_cloud, timeout_seconds=0.3))["pause"]
    result = await impatient.apply(plan)
    assert result.outcome is Outcome.UNKNOWN
    assert "it may have happened" in result.words
    assert (await impatient.verify(plan)).outcome is Outcome.DONE


def anew(aws: Cloud, *, timeout_seconds: float = 20.0, attempts: int = 1) -> AwsHands:
    """Return hands whose clients wait, and try, no more than that."""
    aws.close()
    aws.clients.clear()
    aws.timeout_seconds, aws.attempts = timeout_seconds, attempts
    return aws.hands()


async def test_where_nobody_listens_nothing_was_sent() -> None:
    aws = Cloud(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ActionError, match="cannot be asked") as error:
        await planned(aws)
    assert "nothing was sent" in str(error.value)
    aws.close()


async def test_who_may_not_tag_it_changes_it_all_the_same_and_is_told(told: Double, told_cloud: Cloud) -> None:
    queue(told)
    plan = await planned(told_cloud)
    told.answers["TagResource"] = Fault("AccessDeniedException", "no", 403)
    told.answers["UpdateJobQueue"] = {"jobQueueName": "sweeps", "jobQueueArn": ARN}
    result = await actions(told_cloud.hands())["pause"].apply(plan)
    assert result.outcome is Outcome.APPLIED
    assert "only the journal of this machine knows the way back" in result.words


async def test_without_a_way_back_on_it_for_any_other_reason_the_change_is_not_sent(
    told: Double, told_cloud: Cloud
) -> None:
    queue(told)
    plan = await planned(told_cloud)
    told.answers["TagResource"] = Fault("ServerException", "", 500)
    result = await actions(told_cloud.hands())["pause"].apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "not sent" in result.words
    assert told.counts["UpdateJobQueue"] == 0


async def test_a_refused_change_leaves_the_tag_that_was_there(told: Double, told_cloud: Cloud) -> None:
    earlier = "v1 do=pause plan=p by=bea at=2026 was=ENABLED set=DISABLED"
    queue(told, **{UNDO_TAG: earlier})
    plan = await planned(told_cloud)
    told.answers["UpdateJobQueue"] = Fault("ClientException", "no", 400)
    await actions(told_cloud.hands())["pause"].apply(plan)
    assert [asked.params["tags"][UNDO_TAG] for asked in told.of("TagResource")] == [plan.recipe["aws"], earlier]


async def test_a_refusal_after_tries_without_an_answer_is_no_answer(told: Double, told_cloud: Cloud) -> None:
    queue(told)
    plan = await planned(told_cloud)
    answers = iter([Fault("ServerException", "", 500), Fault("ClientException", "it is being updated", 400)])
    told.answers["UpdateJobQueue"] = lambda _: next(answers)
    result = await actions(anew(told_cloud, attempts=2))["pause"].apply(plan)
    assert told.counts["UpdateJobQueue"] == 2
    assert result.outcome is Outcome.UNKNOWN


async def test_who_cannot_sign_in_has_changed_nothing_and_sees_why() -> None:
    def shut(_: object) -> Any:
        raise SourceError("AWS session has expired", "profile prod", "Run `aws sso login`.")

    closed = AwsHands(clients=shut, by="ana")
    with pytest.raises(ActionError, match="AWS session has expired") as error:
        await actions(closed)["resize"].plan(group_target("gpu"), {"nodes": "1"}, snapshot(fleet()), fleet(), NOON)
    assert "aws sso login" in str(error.value)


async def test_signing_out_between_plan_and_apply_fails_and_verify_does_not_know(
    told: Double, told_cloud: Cloud
) -> None:
    queue(told)
    plan = await planned(told_cloud)
    told.answers["DescribeJobQueues"] = Fault("ExpiredTokenException", f"token {TOKEN}", 403)
    pause = actions(told_cloud.hands())["pause"]
    result = await pause.apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "Nothing is different" in result.words
    assert (await pause.verify(plan)).outcome is Outcome.UNKNOWN


async def test_a_trial_that_aws_refuses_is_told_in_the_plan(told: Double, told_cloud: Cloud) -> None:
    told.answers["DescribeInstances"] = {
        "Reservations": [
            {
                "OwnerId": ACCOUNT,
                "Instances": [
                    {
                        "InstanceId": "i-0", "InstanceType": "p4d.24xlarge", "State": {"Code": 16, "Name": "running"},
                        "Tags": [{"Key": "finops-tui", "Value": "allowed"}],
                    }
                ],
            }
        ]
    }  # fmt: skip
    told.answers["DescribeInstanceTypes"] = Fault("UnauthorizedOperation", "no", 403)
    encoded = "Encoded authorization failure message: " + "Zx9-" * 200
    told.answers["StopInstances"] = Fault("UnauthorizedOperation", encoded, 403)
    pause = actions(told_cloud.hands())["pause"]
    plan = await pause.plan(thing_target("Instance", "ec2", "i-0"), {}, snapshot(fleet()), fleet(), NOON)
    assert plan.dry_run.startswith(f"refused by AWS {ACCOUNT} {REGION}: You may not do ec2:StopInstances")
    assert "Zx9-Zx9-" not in plan.dry_run
    assert "could not be asked about" in plan.loses
    told.answers["StopInstances"] = Fault("RequestLimitExceeded", "slow", 503)
    with pytest.raises(ActionError, match="asked too much"):
        await pause.plan(thing_target("Instance", "ec2", "i-0"), {}, snapshot(fleet()), fleet(), NOON)


async def test_who_may_not_ask_what_scales_a_group_is_told_that_it_is_not_known() -> None:
    class Closed(OneGroup):
        def describe_policies(self, **_: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribePolicies")

    group = Closed(Sizes(2, 10, 5), {})
    *_, resize = aws_actions(hands(group))
    plan = await resize.plan(group_target("gpu"), {"nodes": "3"}, snapshot(fleet()), fleet(), NOON)
    (unknown,) = plan.reverts
    assert unknown.words == "whether a scaling policy sets its size: autoscaling:DescribePolicies is not allowed"
