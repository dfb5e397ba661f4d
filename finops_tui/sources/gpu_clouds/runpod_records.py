"""Records of RunPod's bill as lines: amounts are numbers of US dollars, one for each part of what a day cost.

https://docs.runpod.io/api-reference-v2/billing/get-aggregated-billing-history
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_tui.sources.billing.values import DAY, amount, moment
from finops_tui.sources.clean import one_line
from finops_tui.sources.gpu_clouds.biller import Line

TOTAL = "totalAmount"
OTHER = "Other"
NOISE = Decimal("1e-6")
"""Amounts are binary fractions: what a total and the sum of its parts differ by below this is nothing."""
PODS, SERVERLESS, VOLUMES = "Pods", "Serverless", "Network volumes"
ENDPOINTS, CLUSTERS = "Public endpoints", "Clusters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One list of records, and what its amounts are for."""

    path: str
    id: str = ""
    """Field that says which resource it is; empty where it does not."""
    parts: Mapping[str, tuple[str, str]]
    """By field, service and words."""


WHOLE = Kind(
    path="",
    parts={
        "podGpuAmount": (PODS, "GPU"),
        "podCpuAmount": (PODS, "CPU"),
        "podDiskAmount": (PODS, "Disk"),
        "serverlessGpuAmount": (SERVERLESS, "GPU"),
        "serverlessCpuAmount": (SERVERLESS, "CPU"),
        "serverlessDiskAmount": (SERVERLESS, "Disk"),
        "serverlessFeeAmount": (SERVERLESS, "Fee"),
        "storageStandardAmount": (VOLUMES, "Standard"),
        "storageHighPerformanceAmount": (VOLUMES, "High performance"),
        "endpointAmount": (ENDPOINTS, ""),
        "clusterGpuAmount": (CLUSTERS, "GPU"),
        "clusterDiskAmount": (CLUSTERS, "Disk"),
        "clusterNetworkingAmount": (CLUSTERS, "Networking"),
    },
)
"""All money of the account."""
DETAILS = (
    Kind(
        path="/pods", id="podId",
        parts={"gpuAmount": (PODS, "GPU"), "cpuAmount": (PODS, "CPU"), "diskAmount": (PODS, "Disk")},
    ),
    Kind(
        path="/serverless", id="serverlessId",
        parts={
            "gpuAmount": (SERVERLESS, "GPU"), "cpuAmount": (SERVERLESS, "CPU"), "diskAmount": (SERVERLESS, "Disk"),
            "feeAmount": (SERVERLESS, "Fee"),
        },
    ),
    Kind(path="/endpoints", parts={TOTAL: (ENDPOINTS, "")}),
    Kind(
        path="/network-volumes", id="networkVolumeId",
        parts={"standardAmount": (VOLUMES, "Standard"), "highPerformanceAmount": (VOLUMES, "High performance")},
    ),
    Kind(
        path="/clusters", id="clusterId",
        parts={
            "gpuAmount": (CLUSTERS, "GPU"), "diskAmount": (CLUSTERS, "Disk"),
            "networkingAmount": (CLUSTERS, "Networking"),
        },
    ),
)  # fmt: skip
"""The same money by resource."""


@dataclass(slots=True)
class Told:
    """What the records of a span say."""

    lines: list[Line] = field(default_factory=list)
    unusable: int = 0

    def add(self, record: Mapping[str, Any], kind: Kind, span: tuple[datetime, datetime]) -> None:
        """Take one record in; one of another day, or without a usable total, is counted and left out."""
        start, end = moment(record["startTime"]), moment(record["endTime"])
        total = amount(record[TOTAL], "USD")
        if start is None or end is None or total is None or end - start > DAY or not span[0] <= start < span[1]:
            self.unusable += 1
            return
        resource = one_line(record[kind.id]) if kind.id else ""
        for (service, words), money in _parts(record, kind, total):
            self.lines.append(Line(day=start, service=service, words=words, amount=money, resource=resource))


def _parts(record: Mapping[str, Any], kind: Kind, total: Decimal) -> Iterator[tuple[tuple[str, str], Decimal]]:
    """Yield the parts of a total, and what they leave of it: its sum is what counts."""
    left = total
    for name, words in kind.parts.items():
        money = amount(record.get(name), "USD")
        if money is not None:
            left -= money
            yield words, money
    if abs(left) >= NOISE:
        service = next(iter(kind.parts.values()))[0] if kind.path else OTHER
        yield (service, OTHER), left
