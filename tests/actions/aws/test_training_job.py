"""SageMaker training jobs, which moto cannot stop: a double that answers in SageMaker's shapes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan, Risk
from tests.actions.aws.cloud import ACCOUNT, REGION, Cloud, actions, thing_target
from tests.actions.make import fleet, snapshot
from tests.samples import NOON
from tests.sources.aws.double import Asked, Double, Fault

JOB = thing_target("TrainingJob", "sagemaker", "llm-7b")
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/llm-7b"


def job(told: Double, status: str = "InProgress", **more: Any) -> None:
    told.answers["DescribeTrainingJob"] = {
        "TrainingJobName": "llm-7b", "TrainingJobArn": ARN, "TrainingJobStatus": status, "SecondaryStatus": "Training",
        "ResourceConfig": {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 4, "VolumeSizeInGB": 500},
        "TrainingStartTime": NOON - timedelta(hours=2),
        "CreationTime": NOON - timedelta(hours=2), "ModelArtifacts": {"S3ModelArtifacts": "s3://models"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400}, **more,
    }  # fmt: skip


async def planned(aws: Cloud, **parameters: str) -> Plan:
    plan: Plan = await actions(aws.hands())["pause"].plan(JOB, parameters, snapshot(fleet()), fleet(), NOON)
    return plan


async def test_it_says_that_it_cannot_be_undone_and_what_is_lost(told: Double, told_cloud: Cloud) -> None:
    job(told)
    plan = await planned(told_cloud, price="60")
    assert plan.title == "Stop llm-7b"
    assert not plan.reversible
    assert [(each.path, each.before, each.after) for each in plan.changes] == [
        ("TrainingJobStatus", "InProgress", "Stopped"), ("machines.count", "4", "0"),
    ]  # fmt: skip
    assert plan.saves_usd_per_hour == 240.0
    assert plan.saves_at == NOON + timedelta(seconds=120)
    assert plan.loses == "2h00m of work since 10:00Z (≈$480): it saves no checkpoints"
    assert plan.slo_risk is Risk.NONE
    assert plan.permissions == (f"sagemaker:StopTrainingJob on {ARN}",)
    assert plan.recipe == {}
    with pytest.raises(ActionError, match="cannot be taken back"):
        await planned(told_cloud, until="2026-03-10T14:00:00+00:00")
    with pytest.raises(ActionError, match="cannot be taken back"):
        await actions(told_cloud.hands())["pause"].undo_plan(plan, snapshot(fleet()), fleet(), NOON)
    with pytest.raises(ActionError, match="nothing to take back"):
        await actions(told_cloud.hands())["pause"].undo_plan(JOB, snapshot(fleet()), fleet(), NOON)


async def test_checkpoints_a_warm_pool_and_a_tuner_are_told(told: Double, told_cloud: Cloud) -> None:
    job(
        told,
        CheckpointConfig={"S3Uri": "s3://checkpoints/llm-7b"},
        TuningJobArn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/sweep",
        ResourceConfig={
            "InstanceType": "ml.p5.48xlarge", "InstanceCount": 4, "VolumeSizeInGB": 500,
            "KeepAlivePeriodInSeconds": 1_800,
        },
    )  # fmt: skip
    plan = await planned(told_cloud)
    assert plan.saves_usd_per_hour is None
    assert "checkpoints in S3" in plan.loses
    assert "30m more" in plan.until_then
    assert plan.saves_at == NOON + timedelta(seconds=120 + 1_800)
    assert "tuning job sweep may start another" in plan.reverts[0].words


async def test_it_is_stopped_once_and_seen_to_end(told: Double, told_cloud: Cloud) -> None:
    job(told)
    pause = actions(told_cloud.hands())["pause"]
    plan = await planned(told_cloud)

    def stopping(_: Asked) -> dict[str, Any]:
        job(told, "Stopping")
        return {}

    told.answers["StopTrainingJob"] = stopping
    assert (await pause.apply(plan)).outcome is Outcome.APPLIED
    assert told.of("StopTrainingJob")[0].params == {"TrainingJobName": "llm-7b"}
    waiting = await pause.verify(plan)
    assert waiting.outcome is Outcome.APPLIED
    assert "2m to save its work" in waiting.words
    again = await pause.apply(plan)
    assert (again.outcome, len(told.of("StopTrainingJob"))) == (Outcome.APPLIED, 1)
    job(told, "Stopped")
    assert (await pause.verify(plan)).outcome is Outcome.DONE


async def test_one_that_goes_on_was_not_stopped_and_one_that_ended_by_itself_is_over(
    told: Double, told_cloud: Cloud
) -> None:
    job(told)
    pause = actions(told_cloud.hands())["pause"]
    plan = await planned(told_cloud)
    told.answers["StopTrainingJob"] = Fault("InternalFailure", "", 500)
    assert (await pause.apply(plan)).outcome is Outcome.UNKNOWN
    assert (await pause.verify(plan)).outcome is Outcome.FAILED
    job(told, "Completed")
    assert "had ended by itself: Completed" in (await pause.verify(plan)).words
    with pytest.raises(ActionError, match="does not run"):
        await planned(told_cloud)


async def test_it_cannot_be_resumed(told: Double, told_cloud: Cloud) -> None:
    job(told, "Stopped")
    with pytest.raises(ActionError, match="cannot be resumed"):
        await actions(told_cloud.hands())["resume"].plan(JOB, {}, snapshot(fleet()), fleet(), NOON)
