"""The machines of the simulated company: three clouds, their clusters, pools and instance types.

Instance types, device counts and on-demand prices are those of the public lists that the built-in price table is made
from; a test compares them.
"""

from __future__ import annotations

from typing import NamedTuple

GIB = 1 << 30


class Gpu(NamedTuple):
    product: str
    """As the driver names it."""
    label: str
    """As a node label spells it."""
    memory_mib: int
    idle_watts: float
    peak_watts: float


class InstanceType(NamedTuple):
    name: str
    gpu: Gpu
    gpus: int
    cpu_cores: int
    memory_gib: int
    usd_per_hour: float | None
    """On demand; None where the cloud publishes no list price."""
    spot_ratio: float = 1.0
    """Mean spot price as a share of the on-demand price."""


class PoolPlan(NamedTuple):
    name: str
    instance: InstanceType
    minimum: int
    maximum: int
    spot_share: float = 0.0
    """Share of its nodes that should be spot; on-demand steps in when there is none."""


class ClusterPlan(NamedTuple):
    name: str
    cloud: str
    region: str
    zones: tuple[str, ...]
    utc_offset_hours: int
    """Where its users live: their day shapes its traffic."""
    notice_seconds: int
    """How long before the end this cloud announces that it takes a spot node."""
    pools: tuple[PoolPlan, ...]


H100 = Gpu("NVIDIA H100 80GB HBM3", "NVIDIA-H100-80GB-HBM3", 81559, 72, 700)
H200 = Gpu("NVIDIA H200", "NVIDIA-H200", 143771, 78, 700)
A100_40 = Gpu("NVIDIA A100-SXM4-40GB", "NVIDIA-A100-SXM4-40GB", 40960, 52, 400)
A100_80 = Gpu("NVIDIA A100-SXM4-80GB", "NVIDIA-A100-SXM4-80GB", 81920, 60, 400)
L40S = Gpu("NVIDIA L40S", "NVIDIA-L40S", 46068, 34, 350)
L4 = Gpu("NVIDIA L4", "NVIDIA-L4", 23034, 13, 72)
A10 = Gpu("NVIDIA A10-24Q", "NVIDIA-A10-24Q", 24576, 22, 150)
T4 = Gpu("Tesla T4", "Tesla-T4", 15360, 10, 70)

P5 = InstanceType("p5.48xlarge", H100, 8, 192, 2048, 55.04, 0.5)
P4D = InstanceType("p4d.24xlarge", A100_40, 8, 96, 1152, 21.957642, 0.42)
P4DE = InstanceType("p4de.24xlarge", A100_80, 8, 96, 1152, 27.44705, 0.40)
G6E = InstanceType("g6e.12xlarge", L40S, 4, 48, 384, 10.49264, 0.45)
A2 = InstanceType("a2-highgpu-8g", A100_40, 8, 96, 680, 29.9838, 0.45)
A3U = InstanceType("a3-ultragpu-8g", H200, 8, 224, 2952, None)
G2 = InstanceType("g2-standard-48", L4, 4, 48, 192, 4.0017, 0.56)
ND_H100 = InstanceType("Standard_ND96isr_H100_v5", H100, 8, 96, 1900, 98.32, 0.5)
ND_A100 = InstanceType("Standard_ND96amsr_A100_v4", A100_80, 8, 96, 1900, 32.77, 0.38)
NV_A10 = InstanceType("Standard_NV72ads_A10_v5", A10, 2, 72, 880, 6.52, 0.4)
NC_T4 = InstanceType("Standard_NC64as_T4_v3", T4, 4, 64, 440, 4.352, 0.33)

CLUSTERS = (
    ClusterPlan(
        "prod-us", "aws", "us-east-1", ("us-east-1a", "us-east-1b", "us-east-1c"), -5, 120,
        (
            PoolPlan("h100-serve", P5, 2, 12),
            PoolPlan("h100-train", P5, 0, 12),
            PoolPlan("l40s-infer", G6E, 2, 24, 0.7),
            PoolPlan("a100-spot", P4D, 1, 14, 1.0),
            PoolPlan("a100-batch", P4DE, 1, 10, 1.0),
        ),
    ),
    ClusterPlan(
        "prod-eu", "gcp", "europe-west4", ("europe-west4-a", "europe-west4-b"), 1, 30,
        (
            PoolPlan("a100-serve-eu", A2, 1, 8),
            PoolPlan("l4-edge-eu", G2, 2, 24, 0.5),
            PoolPlan("h200-canary", A3U, 1, 2),
        ),
    ),
    ClusterPlan(
        "research", "azure", "eastus", ("eastus-1", "eastus-2", "eastus-3"), 1, 30,
        (
            PoolPlan("h100-lab", ND_H100, 0, 4),
            PoolPlan("a100-lab", ND_A100, 1, 10, 0.6),
            PoolPlan("a10-notebook", NV_A10, 2, 16),
            PoolPlan("t4-dev", NC_T4, 2, 14, 1.0),
        ),
    ),
)  # fmt: skip
