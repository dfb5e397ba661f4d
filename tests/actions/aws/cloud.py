"""An account at AWS as tests see it: what stands in it, and hands that reach it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3  # type: ignore[import-untyped]  # boto3 ships no types
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]  # the same
from botocore.config import Config  # type: ignore[import-untyped]  # the same
from urllib3 import HTTPResponse

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.registry import aws_actions
from finops_tui.actions.cloud.places import Place
from finops_tui.actions.kube_client import KubeClient
from finops_tui.model.inventory import Node
from finops_tui.model.plan import Target, TargetKind
from tests.actions.make import CLUSTER

ACCOUNT, REGION = "123456789012", "us-east-1"
PLACE = Place(ACCOUNT, REGION)
IMAGE = "ami-12c6146b"
"""One of those that moto has."""
LABEL = "eks.amazonaws.com/nodegroup"


@dataclass
class Cloud:
    url: str
    sent: list[str] = field(default_factory=list)
    """Requests of the hands, as IAM names them: `ec2:StopInstances`."""
    machines: list[str] = field(default_factory=list)
    """Ids of the machines that the cluster's nodes are."""
    timeout_seconds: float = 20.0
    attempts: int = 1
    clients: dict[tuple[str, bool], Any] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    node_group_tags: dict[str, str] = field(default_factory=dict)
    """What moto does not keep: it tags clusters only."""

    def client(self, service: str, *, heard: bool = False) -> Any:
        if (service, heard) not in self.clients:
            made = boto3.client(
                service, region_name=REGION, endpoint_url=self.url, aws_access_key_id="k", aws_secret_access_key="s",
                config=Config(retries={"total_max_attempts": self.attempts}, read_timeout=self.timeout_seconds),
            )  # fmt: skip
            if service == "eks":
                _tag_node_groups(made, self.node_group_tags)
            if heard:
                made.meta.events.register("before-call", self._hear)
            self.clients[service, heard] = made
        return self.clients[service, heard]

    def _hear(self, model: Any, **_: Any) -> None:
        self.sent.append(f"{model.service_model.service_name}:{model.name}")

    def hands(self, by: str = "ana") -> AwsHands:
        return AwsHands(
            clients=lambda _: lambda service: self.client(service, heard=True),
            place=lambda cluster: PLACE if cluster == CLUSTER else None,
            kube=lambda cluster: KubeClient(cluster, Nodes(self.machines)),
            by=by,
            new_id=lambda: f"plan-{by}-{next(self.ids)}",
        )

    def group(self, name: str, least: int, most: int, wanted: int, **tags: str) -> list[str]:
        """Make an Auto Scaling group; return the ids of its machines."""
        scaling = self.client("autoscaling")
        scaling.create_launch_configuration(LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="p4d.24xlarge")
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, LaunchConfigurationName=name, MinSize=least, MaxSize=most,
            DesiredCapacity=wanted, AvailabilityZones=[f"{REGION}a"],
            Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": False} for key, value in tags.items()],
        )  # fmt: skip
        return [each["InstanceId"] for each in self.group_now(name)["Instances"]]

    def group_now(self, name: str) -> Mapping[str, Any]:
        found = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        group: Mapping[str, Any] = found["AutoScalingGroups"][0]
        return group

    def sizes(self, name: str) -> tuple[int, int, int]:
        group = self.group_now(name)
        return group["MinSize"], group["MaxSize"], group["DesiredCapacity"]

    def tags(self, name: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.group_now(name)["Tags"]}

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


class Nodes:
    """A cluster that knows its nodes and nothing else."""

    def __init__(self, machines: list[str]) -> None:
        self.machines = machines
        self.asked: list[Mapping[str, str]] = []

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = ""
    ) -> tuple[int, Any]:
        assert (method, path) == ("GET", "/api/v1/nodes"), (method, path, body, accept)
        self.asked.append(query or {})
        provided = [f"aws:///{REGION}a/{each}" if each.startswith("i-") else each for each in self.machines]
        return 200, {"items": [{"spec": {"providerID": each}} for each in provided], "metadata": {}}


def _tag_node_groups(client: Any, tags: dict[str, str]) -> None:
    """Let a client keep the tags of node groups itself: the request is made and signed, and not sent."""

    def answered(request: Any, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        if request.method == "POST":
            tags.update(json.loads(request.body)["tags"])
        else:
            for key in parse_qs(parts.query)["tagKeys"]:
                tags.pop(key, None)
        return AWSResponse(request.url, 200, {}, HTTPResponse(BytesIO(b"{}"), preload_content=False))

    def with_tags(parsed: dict[str, Any], **_: Any) -> None:
        parsed.get("nodegroup", {}).update(tags=dict(tags))

    for operation in ("TagResource", "UntagResource"):
        client.meta.events.register(f"before-send.eks.{operation}", answered)
    client.meta.events.register("after-call.eks.DescribeNodegroup", with_tags)


@contextmanager
def cloud(url: str) -> Iterator[Cloud]:
    made = Cloud(url)
    try:
        yield made
    finally:
        made.close()


def actions(hands: AwsHands) -> dict[str, Any]:
    return {action.id: action for action in aws_actions(hands)}


def labelled(name: str, pool: str, label: str = LABEL) -> Node:
    return Node(cluster=CLUSTER, name=name, uid=f"uid-{name}", pool=pool, gpus=8, labels={label: pool})


def thing_target(kind: str, service: str, name: str, place: Place = PLACE) -> Target:
    cluster = place.cluster
    key = f"{cluster}/{kind}/{service}/{name}"
    return Target(kind=TargetKind.WORKLOAD, key=key, cluster=cluster, name=f"{service}/{kind.lower()}/{name}")


def group_target(name: str) -> Target:
    """Return an Auto Scaling group that is behind no pool of a cluster."""
    return Target(kind=TargetKind.POOL, key=f"{PLACE.cluster}/{name}", cluster=PLACE.cluster, name=f"pool/{name}")
