"""What stands outside clusters, one of each kind, as it would stand at three in the morning."""

from __future__ import annotations

from typing import Any

from finops_tui.model.outside import OutsideKind, OutsideRow
from tests.ui.samples import ago

PLACE, RESEARCH = "aws/111111111111/us-east-1", "aws/222222222222/us-west-2"
PRICED = "AWS Price List 2026-03-12"


def standing(kind: OutsideKind, key: str, name: str, cluster: str = PLACE, **given: Any) -> OutsideRow:
    _, account, region = cluster.split("/")
    fields: dict[str, Any] = {
        "machines": None, "state": "", "usd_per_hour": None, "at": ago(120), **given,
    }  # fmt: skip
    return OutsideRow(
        key=f"{cluster}/{key}", kind=kind, name=name, cluster=cluster, account=account, region=region, **fields
    )


TRAINING = standing(
    OutsideKind.TRAINING_JOB, "TrainingJob/sagemaker/llm-70b-sft", "llm-70b-sft", machines=8,
    instance_types=("ml.p5.48xlarge",), spot=False, state="Training", usd_per_hour=910.4, priced_by="config.yaml",
    since=ago(11_520), checkpoints=False,
)  # fmt: skip
GROUP = standing(
    OutsideKind.GROUP, "gpu-sweeps-asg", "gpu-sweeps-asg", RESEARCH, machines=12, instance_types=("g6e.12xlarge",),
    spot=True, usd_per_hour=74.6, priced_by=PRICED, since=ago(5_000_000), note="min 0, max 40, desired 12",
)  # fmt: skip
MACHINE = standing(
    OutsideKind.MACHINE, "Instance/ec2/i-0abc1234def567890", "i-0abc1234def567890", RESEARCH, machines=1,
    instance_types=("p4d.24xlarge",), spot=False, state="running", usd_per_hour=21.9, priced_by=PRICED,
    since=ago(190_000), note="called ana-notebook",
)  # fmt: skip
STOPPED = standing(
    OutsideKind.MACHINE, "Instance/ec2/i-0fff", "i-0fff", machines=0, instance_types=("g5.xlarge",), spot=False,
    state="stopped", usd_per_hour=0.0, priced_by="no machine runs", since=ago(900_000),
    note="its volumes are billed on",
)  # fmt: skip
ENDPOINT = standing(
    OutsideKind.ENDPOINT, "Endpoint/sagemaker/chat/blue", "chat/blue", machines=2, instance_types=("ml.g5.2xlarge",),
    spot=False, state="InService", since=ago(9_000_000),
    missing="no price of ml.g5.2xlarge in us-east-1 is known; pricing.overrides may name one",
)  # fmt: skip
ENVIRONMENT = standing(
    OutsideKind.ENVIRONMENT, "ComputeEnvironment/batch/gpu-spot", "gpu-spot", vcpus=96,
    instance_types=("p5.48xlarge", "p4d.24xlarge"), spot=True, state="ENABLED VALID", note="min 0, max 256, desired 96",
    missing="AWS tells its vCPUs, not its machines; those with GPUs have rows of their own",
)  # fmt: skip
QUEUE = standing(
    OutsideKind.QUEUE, "JobQueue/batch/sweeps", "sweeps", state="open", note="its jobs run in gpu-spot",
    missing="a queue has no machines: those of its environments are paid for",
)  # fmt: skip
OUTSIDE = (TRAINING, GROUP, MACHINE, STOPPED, ENDPOINT, ENVIRONMENT, QUEUE)
