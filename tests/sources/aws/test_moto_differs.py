"""Where moto answers otherwise than AWS: here the double says what AWS says, so that the source fits both."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.model.cloud import MachineGroupsSeen, TrainingJobsSeen
from tests.sources.aws.double import Answer, Asked, Double, Fault
from tests.sources.aws.world import ACCOUNT, NOW, health, of, one_round, source

ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/llm"
LISTED = {"TrainingJobName": "llm", "TrainingJobArn": ARN, "CreationTime": NOW, "TrainingJobStatus": "InProgress"}


def described(status: str, **more: object) -> dict[str, object]:
    return {
        **{key: value for key, value in LISTED.items() if key != "TrainingJobStatus"},
        "TrainingJobStatus": status,
        "SecondaryStatus": status,
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/m"},
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 4, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **more,
    }


@pytest.fixture
def training(aws: Double) -> Double:
    """An account with nothing but what the test says of its training job, which was listed as running."""
    aws.answers["ListEndpoints"] = {"Endpoints": []}
    aws.answers["DescribeComputeEnvironments"] = {"computeEnvironments": []}
    aws.answers["DescribeJobQueues"] = {"jobQueues": []}
    aws.answers["ListTrainingJobs"] = lambda asked: {
        "TrainingJobSummaries": [LISTED] if asked.params.get("StatusEquals") else []
    }
    return aws


@pytest.mark.parametrize(
    ("status", "warm", "costs"),
    [
        ("InProgress", "InUse", True),
        ("Stopping", "InUse", True),
        ("Completed", "Available", True),
        ("Completed", "Reused", False),
        ("Completed", "Terminated", False),
        ("Stopped", None, False),
    ],
)
async def test_only_jobs_whose_machines_are_paid_for_are_told(
    training: Double, tmp_path: Path, status: str, warm: str | None, *, costs: bool
) -> None:
    """A job may end between the list and the second look; at moto every job has, and is listed all the same."""
    pool = {"WarmPoolStatus": {"Status": warm}} if warm else {}
    training.answers["DescribeTrainingJob"] = described(status, **pool)
    (told,) = of(await one_round(source(tmp_path, machine_learning=True)), TrainingJobsSeen)
    assert [job.name for job in told.jobs] == (["llm"] if costs else [])


async def test_a_page_without_jobs_is_not_the_last_one(training: Double, tmp_path: Path) -> None:
    """SageMaker fills a page first and filters it then (ListTrainingJobs, API reference). No job ever runs at moto."""

    def listed(asked: Asked) -> Answer:
        if asked.params.get("StatusEquals") is None:
            return {"TrainingJobSummaries": []}
        if asked.params.get("NextToken") is None:
            return {"TrainingJobSummaries": [], "NextToken": "more"}
        return {"TrainingJobSummaries": [LISTED]}

    training.answers["ListTrainingJobs"] = listed
    training.answers["DescribeTrainingJob"] = described("InProgress")
    (told,) = of(await one_round(source(tmp_path, machine_learning=True)), TrainingJobsSeen)
    assert [job.name for job in told.jobs] == ["llm"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("ValidationException", "Requested resource not found."),
        Fault("ResourceNotFound", "Training job llm is not there."),
    ],
    ids=["as AWS does", "as its reference has it"],
)
async def test_a_training_job_that_was_deleted_is_no_fault(training: Double, tmp_path: Path, fault: Fault) -> None:
    """moto has other words: `Could not find training job`."""
    training.answers["DescribeTrainingJob"] = fault
    seen = await one_round(source(tmp_path, machine_learning=True))
    assert [told.jobs for told in of(seen, TrainingJobsSeen)] == [()]
    assert health(seen).missing == ()


async def test_a_cluster_that_was_deleted_costs_no_other_its_node_groups(aws: Double, tmp_path: Path) -> None:
    """moto breaks when it is asked for the node groups of a cluster that is not there."""
    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    aws.answers["ListClusters"] = {"clusters": ["old", "prod"]}
    aws.answers["ListNodegroups"] = lambda asked: (
        Fault("ResourceNotFoundException", "No cluster found for name: old.", 404)
        if asked.params["name"] == "old"
        else {"nodegroups": ["gpu"]}
    )
    aws.answers["DescribeNodegroup"] = {"nodegroup": {"nodegroupName": "gpu", "clusterName": "prod"}}
    seen = await one_round(source(tmp_path, groups=True))
    (told,) = [told for told in of(seen, MachineGroupsSeen) if told.kinds == ("eks-nodegroup",)]
    assert [(group.cluster, group.name) for group in told.groups] == [("prod", "gpu")]
    assert health(seen).missing == ()
