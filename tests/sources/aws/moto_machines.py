"""What stands in an account at moto: made there with AWS's own calls, as somebody would make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.servers.moto_server import ACCOUNT, REGION, Moto, role_arn

GPU = "p5.48xlarge"


def scaling_group(moto: Moto, name: str, *, region: str = REGION, **more: object) -> None:
    """Make an Auto Scaling group of machines with GPUs; without other sizes it holds two."""
    sizes = {"MinSize": 0, "MaxSize": 8, "DesiredCapacity": 2, "AvailabilityZones": [f"{region}a"]}
    started = {} if "MixedInstancesPolicy" in more else {"LaunchTemplate": template(moto, region)}
    moto.client("autoscaling", region=region).create_auto_scaling_group(
        **{"AutoScalingGroupName": name, **sizes, **started, **more}
    )


def template(moto: Moto, region: str = REGION) -> dict[str, str]:
    """Return a launch template, made where it is not there yet."""
    ec2 = moto.client("ec2", region=region)
    if not ec2.describe_launch_templates()["LaunchTemplates"]:
        image = ec2.describe_images(MaxResults=5)["Images"][0]["ImageId"]
        data = {"ImageId": image, "InstanceType": GPU}
        ec2.create_launch_template(LaunchTemplateName="gpu", LaunchTemplateData=data)
    return {"LaunchTemplateName": "gpu", "Version": "$Latest"}


def machine(moto: Moto, *, kind: str = GPU, region: str = REGION, **tags: str) -> str:
    """Start one machine by itself and return its id."""
    ec2 = moto.client("ec2", region=region)
    given = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
    started = ec2.run_instances(
        ImageId=ec2.describe_images(MaxResults=5)["Images"][0]["ImageId"],
        InstanceType=kind,
        MinCount=1,
        MaxCount=1,
        Placement={"AvailabilityZone": f"{region}a"},
        TagSpecifications=given if tags else [],
    )
    return str(started["Instances"][0]["InstanceId"])


def instances(moto: Moto) -> Sequence[dict[str, Any]]:
    held = moto.client("ec2").describe_instances()["Reservations"]
    return [each for reservation in held for each in reservation["Instances"]]


def node_group(moto: Moto, cluster: str, name: str) -> None:
    """Make an EKS cluster with one node group of three spot machines."""
    eks, where = moto.client("eks"), subnets(moto)
    eks.create_cluster(name=cluster, roleArn=role_arn(ACCOUNT, "eks"), resourcesVpcConfig={"subnetIds": where})
    eks.create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        nodeRole=role_arn(ACCOUNT, "node"),
        subnets=where,
        scalingConfig={"minSize": 0, "maxSize": 4, "desiredSize": 3},
        instanceTypes=[GPU],
        capacityType="SPOT",
    )


def endpoint(moto: Moto, name: str, *, machines: int) -> None:
    """Make a SageMaker endpoint of one variant. moto knows no newer machines than G4 and P3."""
    sagemaker = moto.client("sagemaker")
    image = {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/chat:1"}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role_arn(ACCOUNT, "ml"), PrimaryContainer=image)
    variant = {
        "VariantName": "blue",
        "ModelName": name,
        "InitialInstanceCount": machines,
        "InstanceType": "ml.g4dn.xlarge",
        "InitialVariantWeight": 1.0,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def training_job(moto: Moto, name: str) -> None:
    """Run a training job; at moto it is done as soon as it is made."""
    moto.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "train:1", "TrainingInputMode": "File"},
        RoleArn=role_arn(ACCOUNT, "ml"),
        OutputDataConfig={"S3OutputPath": "s3://models/out"},
        ResourceConfig={"InstanceType": "ml.p5.48xlarge", "InstanceCount": 4, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def batch_queue(moto: Moto, name: str, *, environment: str, state: str) -> None:
    """Make a Batch queue and its compute environment of 96 vCPUs."""
    iam, batch = moto.client("iam"), moto.client("batch")
    for role in ("batch", "machine"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    profile = iam.create_instance_profile(InstanceProfileName="machine")["InstanceProfile"]["Arn"]
    iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="machine")
    machines = {
        "type": "SPOT",
        "minvCpus": 0,
        "maxvCpus": 256,
        "desiredvCpus": 96,
        "instanceTypes": [GPU],
        "instanceRole": profile,
        "subnets": subnets(moto)[:1],
        "securityGroupIds": [moto.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        "spotIamFleetRole": role_arn(ACCOUNT, "batch"),
        "bidPercentage": 100,
    }
    made = batch.create_compute_environment(
        computeEnvironmentName=environment,
        type="MANAGED",
        state="ENABLED",
        serviceRole=role_arn(ACCOUNT, "batch"),
        computeResources=machines,
    )
    order = [{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}]
    batch.create_job_queue(jobQueueName=name, state=state, priority=1, computeEnvironmentOrder=order)


def subnets(moto: Moto) -> Sequence[str]:
    found: list[dict[str, Any]] = moto.client("ec2").describe_subnets()["Subnets"]
    return [str(each["SubnetId"]) for each in found[:2]]
