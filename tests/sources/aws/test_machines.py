"""Auto Scaling groups, EKS node groups, SageMaker and Batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from finops_tui.model.cloud import JobQueuesSeen, MachineGroup, MachineGroupsSeen, MachinesSeen, TrainingJobsSeen
from finops_tui.model.health import HealthState
from tests.sources.aws.double import Asked, Double, Fault
from tests.sources.aws.moto_machines import GPU
from tests.sources.aws.world import ACCOUNT, NOW, HandClock, health, of, one_round, source, until

ARN = f"arn:aws:x:us-east-1:{ACCOUNT}:y/z"


def groups(seen: object, kind: str) -> tuple[MachineGroup, ...]:
    (told,) = [told for told in of(seen, MachineGroupsSeen) if told.kinds == (kind,)]  # type: ignore[arg-type]  # a list
    return told.groups


def scaling_group(name: str, **more: object) -> dict[str, object]:
    return {
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": 8,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "EC2",
        "CreatedTime": NOW,
        **more,
    }


def machine(name: str, state: str, *, protected: bool = False) -> dict[str, object]:
    return {
        "InstanceId": name,
        "AvailabilityZone": "us-east-1a",
        "LifecycleState": state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": protected,
        "InstanceType": "p5.48xlarge",
    }


async def test_scaling_groups_have_sizes_and_what_holds_them(aws: Double, tmp_path: Path) -> None:
    plain = scaling_group(
        "train",
        Instances=[machine("i-1", "InService", protected=True), machine("i-2", "Pending")],
        SuspendedProcesses=[{"ProcessName": "Launch", "SuspensionReason": "x"}],
        Tags=[{"Key": "eks:cluster-name", "Value": "prod"}],
    )
    overrides = [{"InstanceType": "g6e.xlarge"}, {"InstanceType": "g5.xlarge"}]
    policy = {
        "LaunchTemplate": {"Overrides": overrides},
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
    }
    aws.answers["DescribeAutoScalingGroups"] = lambda asked: (
        {"AutoScalingGroups": [scaling_group("serve", MixedInstancesPolicy=policy)]}
        if asked.params.get("NextToken")
        else {"AutoScalingGroups": [plain], "NextToken": "more"}
    )
    aws.answers["ListClusters"] = {"clusters": []}
    train, serve = groups(await one_round(source(tmp_path, groups=True)), "asg")
    assert (train.minimum, train.maximum, train.desired, train.running, train.protected) == (0, 8, 2, 1, 1)
    assert (train.cluster, train.suspended, train.spot) == ("prod", ("Launch",), None)
    assert (serve.spot, serve.instance_types) == (True, ("g5.xlarge", "g6e.xlarge"))


async def test_a_group_of_a_cluster_says_of_which_however_it_was_made(aws: Double, tmp_path: Path) -> None:
    tags = (
        [{"Key": "eks:cluster-name", "Value": "prod"}, {"Key": "eks:nodegroup-name", "Value": "gpu"}],
        [{"Key": "kubernetes.io/cluster/dev", "Value": "owned"}],
        [{"Key": "team", "Value": "nlp"}],
    )
    made = [scaling_group(f"g{at}", Tags=each) for at, each in enumerate(tags)]
    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": made}
    aws.answers["ListClusters"] = {"clusters": []}
    found = groups(await one_round(source(tmp_path, groups=True)), "asg")
    assert [(each.cluster, each.node_group) for each in found] == [("prod", "gpu"), ("dev", ""), ("", "")]
    assert found[0].since == NOW


def instance(name: str, **more: object) -> dict[str, object]:
    return {"InstanceId": name, "InstanceType": GPU, "State": {"Name": "running"}, "LaunchTime": NOW, **more}


def filtered(asked: Asked, name: str) -> list[str]:
    """Return what a question to EC2 names under one filter."""
    (number,) = [key.split(".")[1] for key, value in asked.params.items() if value == name]
    return [value for key, value in asked.params.items() if key.startswith(f"Filter.{number}.Value.")]


async def test_machines_are_read_page_by_page_and_only_what_is_wanted_of_them(aws: Double, tmp_path: Path) -> None:
    in_cluster = [{"Key": "kubernetes.io/cluster/prod", "Value": "owned"}]
    pages: dict[str, dict[str, object]] = {
        "": {
            "Reservations": [
                {"Instances": [instance("i-1", InstanceLifecycle="spot"), instance("i-2", Tags=in_cluster)]}
            ]
        },
        "more": {"Reservations": [{"Instances": [instance("i-3")]}, {"Instances": [instance("i-4")]}]},
    }

    def answer(asked: Asked) -> dict[str, object]:
        page = pages[asked.params.get("NextToken", "")]
        return page if asked.params.get("NextToken") else {**page, "NextToken": "more"}

    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    aws.answers["ListClusters"] = {"clusters": []}
    aws.answers["DescribeInstances"] = answer
    seen = await one_round(source(tmp_path, groups=True))
    (told,) = of(seen, MachinesSeen)
    assert [(each.id, each.spot) for each in told.machines] == [("i-1", True), ("i-3", False), ("i-4", False)]
    assert {each.started_at for each in told.machines} == {NOW}
    assert aws.counts["DescribeInstances"] == 2
    asked = aws.of("DescribeInstances")[0]
    assert filtered(asked, "instance-type") == [GPU]
    assert filtered(asked, "instance-state-name") == ["pending", "running", "stopped", "stopping"]
    assert health(seen).missing == ()


async def test_more_types_than_a_question_may_name_are_asked_for_in_several(aws: Double, tmp_path: Path) -> None:
    types = [{"InstanceType": f"p5.{number:03}", "GpuInfo": {"Gpus": []}} for number in range(201)]
    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    aws.answers["ListClusters"] = {"clusters": []}
    aws.answers["DescribeInstanceTypes"] = {"InstanceTypes": types}
    aws.answers["DescribeInstances"] = lambda asked: {
        "Reservations": [
            {"Instances": [instance(name, InstanceType=name)]} for name in filtered(asked, "instance-type")
        ]
    }
    (told,) = of(await one_round(source(tmp_path, groups=True)), MachinesSeen)
    assert [each.id for each in told.machines] == [each["InstanceType"] for each in types]
    assert aws.counts["DescribeInstances"] == 2


async def test_node_groups_of_every_cluster(aws: Double, tmp_path: Path) -> None:
    def node_group(asked: Asked) -> dict[str, object]:
        assert asked.params["nodegroupName"] == "gpu"
        return {
            "nodegroup": {
                "nodegroupName": "gpu",
                "clusterName": asked.params["name"],
                "scalingConfig": {"minSize": 0, "maxSize": 4, "desiredSize": 3},
                "instanceTypes": ["p5.48xlarge"],
                "capacityType": "SPOT",
                "status": "ACTIVE",
            }
        }

    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    aws.answers["ListClusters"] = {"clusters": ["prod", "dev"]}
    aws.answers["ListNodegroups"] = lambda asked: {"nodegroups": ["gpu"] if asked.params["name"] == "prod" else []}
    aws.answers["DescribeNodegroup"] = node_group
    (found,) = groups(await one_round(source(tmp_path, groups=True)), "eks-nodegroup")
    assert found == MachineGroup(
        kind="eks-nodegroup", account=ACCOUNT, region="us-east-1", name="gpu", cluster="prod",
        instance_types=("p5.48xlarge",), spot=True, minimum=0, maximum=4, desired=3, state="ACTIVE",
    )  # fmt: skip


async def test_what_is_gone_by_the_time_it_is_described_costs_nothing(aws: Double, tmp_path: Path) -> None:
    def node_group(asked: Asked) -> Mapping[str, object] | Fault:
        if asked.params["nodegroupName"] == "old":
            return Fault("ResourceNotFoundException", "No node group found for name: old.", 404)
        return {"nodegroup": {"nodegroupName": "gpu", "clusterName": "prod"}}

    aws.answers["DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    aws.answers["ListClusters"] = {"clusters": ["prod"]}
    aws.answers["ListNodegroups"] = {"nodegroups": ["old", "gpu"]}
    aws.answers["DescribeNodegroup"] = node_group
    seen = await one_round(source(tmp_path, groups=True))
    (found,) = groups(seen, "eks-nodegroup")
    assert (found.name, found.minimum, found.spot) == ("gpu", None, None)
    assert health(seen).missing == ()


async def test_one_kind_that_fails_costs_its_own_figures_only(aws: Double, tmp_path: Path) -> None:
    aws.answers["DescribeAutoScalingGroups"] = Fault("AccessDenied", "no", 403)
    aws.answers["ListClusters"] = {"clusters": []}
    seen = await one_round(source(tmp_path, groups=True))
    assert groups(seen, "eks-nodegroup") == ()
    assert health(seen).state is HealthState.PARTIAL
    assert health(seen).missing == (
        "Auto Scaling groups in us-east-1: no permission for autoscaling:DescribeAutoScalingGroups",
    )


def training(name: str) -> dict[str, object]:
    return {"TrainingJobName": name, "TrainingJobArn": ARN, "CreationTime": NOW, "TrainingJobStatus": "InProgress"}


async def test_training_jobs_that_run_or_keep_machines_warm(aws: Double, tmp_path: Path) -> None:
    def listed(asked: Asked) -> dict[str, object]:
        names = ["llm"] if asked.params.get("StatusEquals") == "InProgress" else ["llm", "done"]
        return {"TrainingJobSummaries": [training(name) for name in names]}

    def described(asked: Asked) -> dict[str, object]:
        many = {"InstanceGroups": [{"InstanceType": "ml.p5.48xlarge", "InstanceCount": 4, "InstanceGroupName": "a"}]}
        one = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}
        llm = asked.params["TrainingJobName"] == "llm"
        job = {
            **{key: value for key, value in training(asked.params["TrainingJobName"]).items() if key != "CreationTime"},
            "CreationTime": NOW,
            "ModelArtifacts": {"S3ModelArtifacts": "s3://b/m"},
            "SecondaryStatus": "Training" if llm else "Completed",
            "AlgorithmSpecification": {"TrainingInputMode": "File"},
            "ResourceConfig": {**(many if llm else one), "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "EnableManagedSpotTraining": llm,
        }
        if llm:
            return {**job, "CheckpointConfig": {"S3Uri": "s3://b/c"}, "TrainingStartTime": NOW}
        return {**job, "WarmPoolStatus": {"Status": "Available"}}

    aws.answers["ListTrainingJobs"] = listed
    aws.answers["DescribeTrainingJob"] = described
    seen = await one_round(source(tmp_path, machine_learning=True))
    (told,) = of(seen, TrainingJobsSeen)
    llm, done = told.jobs
    assert (llm.name, llm.machines, llm.spot, llm.checkpoints, llm.state) == ("llm", 4, True, True, "Training")
    assert (llm.instance_types, llm.started_at) == (("ml.p5.48xlarge",), NOW)
    assert (done.warm_pool, done.checkpoints, done.machines) == ("Available", False, 1)


async def test_endpoints_by_variant(aws: Double, tmp_path: Path) -> None:
    variant = {"VariantName": "blue", "DesiredInstanceCount": 2, "CurrentInstanceCount": 1}
    when = {"CreationTime": NOW, "LastModifiedTime": NOW}
    named = {"EndpointName": "chat", "EndpointArn": ARN, "EndpointStatus": "Updating", **when}
    aws.answers["ListEndpoints"] = {"Endpoints": [named]}
    aws.answers["DescribeEndpoint"] = {**named, "EndpointConfigName": "c-1", "ProductionVariants": [variant]}
    made = {"VariantName": "blue", "InstanceType": "ml.g5.2xlarge", "ManagedInstanceScaling": {"MinInstanceCount": 0}}
    aws.answers["DescribeEndpointConfig"] = {
        "EndpointConfigName": "c-1",
        "EndpointConfigArn": ARN,
        "ProductionVariants": [made],
        "CreationTime": NOW,
    }
    clock = HandClock()
    aws.answers["ListTrainingJobs"] = {"TrainingJobSummaries": []}
    aws.answers["DescribeComputeEnvironments"] = {"computeEnvironments": []}
    aws.answers["DescribeJobQueues"] = {"jobQueues": []}
    watched = source(tmp_path, clock, machine_learning=True)
    seen = await until(watched, lambda _: clock.now() > NOW + timedelta(minutes=11))
    assert (aws.counts["DescribeEndpoint"], aws.counts["DescribeEndpointConfig"]) == (3, 1)
    (found,) = next(told for told in of(seen, MachineGroupsSeen) if told.kinds == ("sagemaker-endpoint",)).groups
    assert (found.name, found.cluster, found.instance_types) == ("blue", "chat", ("ml.g5.2xlarge",))
    assert (found.minimum, found.maximum, found.desired, found.running) == (0, None, 2, 1)


async def test_batch_environments_and_queues(aws: Double, tmp_path: Path) -> None:
    machines = {
        "type": "SPOT",
        "minvCpus": 0,
        "maxvCpus": 256,
        "desiredvCpus": 96,
        "instanceTypes": ["p5.48xlarge"],
        "subnets": ["s"],
    }
    aws.answers["DescribeComputeEnvironments"] = {
        "computeEnvironments": [
            {
                "computeEnvironmentName": "gpu",
                "computeEnvironmentArn": ARN,
                "state": "ENABLED",
                "status": "VALID",
                "computeResources": machines,
            }
        ]
    }
    order = [
        {"order": 2, "computeEnvironment": "arn:aws:batch:us-east-1:1:compute-environment/cpu"},
        {"order": 1, "computeEnvironment": "arn:aws:batch:us-east-1:1:compute-environment/gpu"},
    ]
    queue = {"jobQueueName": "train", "jobQueueArn": ARN, "state": "DISABLED", "priority": 1}
    aws.answers["DescribeJobQueues"] = {"jobQueues": [{**queue, "computeEnvironmentOrder": order}]}
    seen = await one_round(source(tmp_path, machine_learning=True))
    (found,) = groups(seen, "batch-environment")
    assert (found.minimum, found.maximum, found.desired, found.unit, found.spot) == (0, 256, 96, "vCPUs", True)
    assert found.state == "ENABLED VALID"
    (told,) = of(seen, JobQueuesSeen)
    assert (told.queues[0].open, told.queues[0].environments) == (False, ("gpu", "cpu"))
    assert told.at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
