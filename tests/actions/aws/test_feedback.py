"""What somebody says of an anomaly: a double that answers in Cost Explorer's shapes, for moto knows no anomalies."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 ships no types
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]  # the same
from msgspec.structs import replace

from finops_tui.actions.aws.anomaly import PAGES
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.registry import aws_actions
from finops_tui.errors import ActionError
from finops_tui.model.cloud import Anomaly
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.plan import Outcome, Plan, Risk, Target, TargetKind
from finops_tui.model.snapshot import Snapshot
from tests.actions.aws.cloud import ACCOUNT, PLACE, REGION, Cloud, actions
from tests.actions.aws.test_faults import anew
from tests.actions.make import fleet, snapshot
from tests.samples import NOON
from tests.sources.aws.double import Asked, Double, Fault

ROW = Anomaly(
    id="an-7", account=ACCOUNT, start=date(2026, 3, 9), end=None, subject="Amazon SageMaker", impact=Decimal(4120),
    actual=None, expected=None,
)  # fmt: skip
TARGET = Target(
    kind=TargetKind.ANOMALY, key=f"{PLACE.cluster}/Anomaly/ce/an-7", cluster=PLACE.cluster,
    name="anomaly/Amazon SageMaker",
)  # fmt: skip
MONITOR = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/5f0c"


def anomaly(id_: str = "an-7", said: str = "", monitor: str = MONITOR) -> dict[str, Any]:
    found = {
        "AnomalyId": id_, "MonitorArn": monitor, "AnomalyScore": {"MaxScore": 1.0, "CurrentScore": 0.4},
        "Impact": {"MaxImpact": 10.0},
    }  # fmt: skip
    return {**found, "Feedback": said} if said else found


class Held:
    """What AWS holds of one anomaly, and how it answers."""

    def __init__(self, told: Double, said: str = "") -> None:
        self.said = said
        told.answers["GetAnomalies"] = lambda _: {"Anomalies": [anomaly("an-6", "NO"), anomaly(said=self.said)]}
        told.answers["ProvideAnomalyFeedback"] = self.take

    def take(self, asked: Asked) -> dict[str, Any]:
        self.said = asked.params["Feedback"]
        return {"AnomalyId": asked.params["AnomalyId"]}


def seen(*rows: Anomaly) -> Snapshot:
    return replace(snapshot(fleet()), cloud=CloudFacts(anomalies=rows or (ROW,)))


async def planned(aws: Cloud, said: str = "planned", target: Target = TARGET, **parameters: str) -> Plan:
    feedback = actions(aws.hands())["feedback"]
    plan: Plan = await feedback.plan(target, {"feedback": said, **parameters}, seen(), fleet(), NOON)
    return plan


def test_the_key_of_a_row_is_the_one_that_the_action_reads() -> None:
    assert (ROW.key, ROW.place) == (TARGET.key, TARGET.cluster)


@pytest.mark.parametrize(
    "account", ["", "ml-prod", "12345678901", "1234567890123", "\u0661" * 12, "0a5b6c7d-0000-0000-0000"]
)
def test_where_no_feedback_is_taken_there_is_no_place(account: str) -> None:
    assert replace(ROW, account=account).place == ""


async def test_the_first_answer_says_that_none_can_be_taken_back_what_it_costs_and_that_nothing_runs_otherwise(
    told: Double, told_cloud: Cloud
) -> None:
    Held(told)
    plan = await planned(told_cloud)
    assert plan.title == "Call Amazon SageMaker planned activity"
    assert [(each.object, each.path, each.before, each.after) for each in plan.changes] == [
        ("anomaly/2026-03-09/an-7", "Feedback", "–", "PLANNED_ACTIVITY")
    ]
    assert not plan.reversible
    assert plan.loses == "nothing; AWS takes no feedback back, only another one"
    assert (plan.saves_usd_per_hour, plan.pods, plan.gpus, plan.nodes) == (0.0, 0, 0.0, 0)
    assert plan.slo_risk is Risk.NONE
    assert plan.touches == "1 anomaly, nothing that runs; 3 more requests, $0.01 each"
    assert plan.permissions == (f"ce:ProvideAnomalyFeedback on {MONITOR}",)
    assert (plan.recipe, told.counts) == ({}, {"GetAnomalies": 1})
    with pytest.raises(ActionError, match="cannot be taken back"):
        await actions(told_cloud.hands())["feedback"].undo_plan(plan, seen(), fleet(), NOON)


@pytest.mark.parametrize(("said", "sent"), [("real", "YES"), ("false", "NO"), ("planned", "PLANNED_ACTIVITY")])
async def test_it_is_said_once_and_read_back_with_as_many_requests_as_the_plan_says(
    told: Double, told_cloud: Cloud, said: str, sent: str
) -> None:
    held = Held(told)
    feedback = actions(told_cloud.hands())["feedback"]
    plan = await planned(told_cloud, said)
    before = len(told.asked)
    assert (await feedback.apply(plan)).outcome is Outcome.APPLIED
    done = await feedback.verify(plan)
    assert (done.outcome, held.said) == (Outcome.DONE, sent)
    assert done.words == f"AWS holds {sent} as feedback on anomaly/2026-03-09/an-7."
    assert len(told.asked) - before == 3
    assert [each.params for each in told.of("ProvideAnomalyFeedback")] == [{"AnomalyId": "an-7", "Feedback": sent}]
    again = await feedback.apply(plan)
    assert (again.outcome, len(told.of("ProvideAnomalyFeedback"))) == (Outcome.APPLIED, 1)
    assert "is so already" in again.words


async def test_what_was_said_before_is_said_again_to_take_it_back_and_that_can_be_done_again(
    told: Double, told_cloud: Cloud
) -> None:
    held = Held(told, "YES")
    feedback = actions(told_cloud.hands())["feedback"]
    plan = await planned(told_cloud, "false")
    assert (plan.changes[0].before, plan.changes[0].after) == ("YES", "NO")
    assert (plan.undo, plan.loses) == ("says YES again, as before", "nothing")
    await feedback.apply(plan)
    back = await feedback.undo_plan(plan, seen(), fleet(), NOON)
    assert (back.title, back.changes[0].after) == ("Undo feedback of an-7", "YES")
    assert (await feedback.apply(back)).outcome is Outcome.APPLIED
    assert (held.said, (await feedback.verify(back)).outcome) == ("YES", Outcome.DONE)
    assert (await feedback.undo_plan(back, seen(), fleet(), NOON)).changes[0].after == "NO"


async def test_what_somebody_else_has_said_since_is_not_overwritten(told: Double, told_cloud: Cloud) -> None:
    held = Held(told, "YES")
    feedback = actions(told_cloud.hands())["feedback"]
    plan = await planned(told_cloud, "planned")
    held.said = "NO"
    result = await feedback.apply(plan)
    assert (result.outcome, held.said) == (Outcome.FAILED, "NO")
    assert "Feedback YES → NO" in result.words
    with pytest.raises(ActionError, match="has been changed since"):
        await feedback.undo_plan(plan, seen(), fleet(), NOON)


async def test_nothing_on_an_anomaly_says_what_stood_before(told: Double, told_cloud: Cloud) -> None:
    Held(told, "YES")
    with pytest.raises(ActionError, match="nothing to take back"):
        await actions(told_cloud.hands())["feedback"].undo_plan(TARGET, seen(), fleet(), NOON)
    assert told.asked == []


@pytest.mark.parametrize(
    ("said", "words"), [("", "What it was is missing"), ("maybe", "feedback is one of real, false, planned")]
)
async def test_what_is_no_answer_costs_no_request(told: Double, told_cloud: Cloud, said: str, words: str) -> None:
    with pytest.raises(ActionError, match=words):
        await planned(told_cloud, said)
    assert told.asked == []


async def test_saying_the_same_again_is_refused(told: Double, told_cloud: Cloud) -> None:
    Held(told, "PLANNED_ACTIVITY")
    with pytest.raises(ActionError, match="told already: planned activity"):
        await planned(told_cloud)


# Which one it is


async def test_an_anomaly_that_no_source_tells_of_is_not_looked_for(told: Double, told_cloud: Cloud) -> None:
    other = replace(TARGET, key=f"{PLACE.cluster}/Anomaly/ce/an-8", name="anomaly/an-8")
    elsewhere = replace(TARGET, key="prod/Anomaly/ce/an-7", cluster="prod")
    for target in (other, elsewhere):
        with pytest.raises(ActionError, match="is no anomaly that is known"):
            await planned(told_cloud, target=target)
    assert told.asked == []


def pages(told: Double, found: Sequence[list[dict[str, Any]]]) -> None:
    def answer(asked: Asked) -> dict[str, Any]:
        at = int(asked.params.get("NextPageToken", "0"))
        more = {"NextPageToken": str(at + 1)} if at + 1 < len(found) else {}
        return {"Anomalies": found[at], **more}

    told.answers["GetAnomalies"] = answer


async def test_it_is_looked_for_from_the_day_on_which_it_began_and_no_further_than_it_is_found(
    told: Double, told_cloud: Cloud
) -> None:
    pages(told, [[anomaly("an-1")], [anomaly(said="NO")], [anomaly("an-2")]])
    plan = await planned(told_cloud)
    assert plan.changes[0].before == "NO"
    interval = {"DateInterval": {"StartDate": "2026-03-09"}, "MaxResults": 100}
    assert [each.params for each in told.asked] == [interval, {**interval, "NextPageToken": "1"}]


async def test_one_that_aws_no_longer_holds_is_told(told: Double, told_cloud: Cloud) -> None:
    pages(told, [[anomaly("an-1")], []])
    with pytest.raises(ActionError, match="an-7 is not there"):
        await planned(told_cloud)


async def test_it_is_not_paid_for_without_end_to_find_it(told: Double, told_cloud: Cloud) -> None:
    pages(told, [[anomaly(f"other-{at}")] for at in range(PAGES + 5)])
    with pytest.raises(ActionError, match="is not among 1,000 anomalies"):
        await planned(told_cloud)
    assert told.counts == {"GetAnomalies": PAGES}


async def test_credentials_that_lead_into_another_account_change_nothing_there(told: Double, told_cloud: Cloud) -> None:
    told.answers["GetAnomalies"] = {"Anomalies": [anomaly(monitor=MONITOR.replace(ACCOUNT, "210987654321"))]}
    with pytest.raises(ActionError, match="is in account 210987654321"):
        await planned(told_cloud)


async def test_one_that_is_gone_meanwhile_was_not_answered(told: Double, told_cloud: Cloud) -> None:
    Held(told)
    feedback = actions(told_cloud.hands())["feedback"]
    plan = await planned(told_cloud)
    told.answers["GetAnomalies"] = {"Anomalies": []}
    assert (await feedback.apply(plan)).outcome is Outcome.FAILED
    assert "is gone" in (await feedback.verify(plan)).words
    assert told.of("ProvideAnomalyFeedback") == []


# When AWS does not do it


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (Fault("LimitExceededException", "You made too many calls", 400), Outcome.FAILED, "is asked too much"),
        (Fault("ThrottlingException", "Rate exceeded", 400), Outcome.FAILED, "Try again in a minute"),
        (Fault("AccessDeniedException", "not authorized to perform: ce:ProvideAnomalyFeedback", 400), Outcome.FAILED,
         "You may not do ce:ProvideAnomalyFeedback"),
        (Fault("ValidationException", "no anomaly of this id", 400), Outcome.FAILED, "no anomaly of this id"),
        (Fault("InternalFailure", "", 500), Outcome.UNKNOWN, "Look at it again"),
    ],
)  # fmt: skip
async def test_a_clear_no_changes_nothing_and_a_failure_may_have(
    told: Double, told_cloud: Cloud, fault: Fault, outcome: Outcome, words: str
) -> None:
    held = Held(told)
    feedback = actions(told_cloud.hands())["feedback"]
    plan = await planned(told_cloud)
    told.answers["ProvideAnomalyFeedback"] = fault
    result = await feedback.apply(plan)
    assert result.outcome is outcome
    assert words in result.words
    assert (held.said, (await feedback.verify(plan)).outcome) == ("", Outcome.FAILED)


async def test_who_may_not_read_anomalies_gets_no_plan(told: Double, told_cloud: Cloud) -> None:
    told.answers["GetAnomalies"] = Fault("AccessDeniedException", "no", 400)
    with pytest.raises(ActionError, match="You may not do ce:GetAnomalies"):
        await planned(told_cloud)


async def test_after_a_time_out_looking_tells_whether_it_was_said(told: Double, told_cloud: Cloud) -> None:
    held = Held(told)
    plan = await planned(told_cloud)

    def late(asked: Asked) -> dict[str, Any]:
        answer = held.take(asked)
        time.sleep(1.0)
        return answer

    told.answers["ProvideAnomalyFeedback"] = late
    impatient = actions(anew(told_cloud, timeout_seconds=0.3))["feedback"]
    result = await impatient.apply(plan)
    assert result.outcome is Outcome.UNKNOWN
    assert "it may have happened" in result.words
    assert (await impatient.verify(plan)).outcome is Outcome.DONE


# As botocore itself has it


async def test_both_requests_are_those_of_cost_explorer() -> None:
    client = boto3.client("ce", region_name=REGION, aws_access_key_id="k", aws_secret_access_key="s")
    pause, resume, feedback, resize = aws_actions(
        AwsHands(clients=lambda _: lambda _: client, by="ana", new_id=lambda: "plan-1")
    )
    question = {"DateInterval": {"StartDate": "2026-03-09"}, "MaxResults": 100}
    with Stubber(client) as stub:
        stub.add_response("get_anomalies", {"Anomalies": [anomaly()]}, question)
        plan = await feedback.plan(TARGET, {"feedback": "real"}, seen(), fleet(), NOON)
        stub.add_response("get_anomalies", {"Anomalies": [anomaly()]}, question)
        answered = {"AnomalyId": "an-7"}
        stub.add_response("provide_anomaly_feedback", answered, {"AnomalyId": "an-7", "Feedback": "YES"})
        assert (await feedback.apply(plan)).outcome is Outcome.APPLIED
        stub.add_response("get_anomalies", {"Anomalies": [anomaly(said="YES")]}, question)
        assert (await feedback.verify(plan)).outcome is Outcome.DONE
        stub.assert_no_pending_responses()
    client.close()
    assert json.loads(plan.steps["aws"])["set"] == {"Feedback": "YES"}
    assert {each.id for each in (pause, resume, feedback, resize)} == {"pause", "resume", "feedback", "resize"}
