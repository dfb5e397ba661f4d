"""What cAdvisor, OpenCost, kube-state-metrics and kubelets would say of one cluster's traffic and volumes."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.model.usage import Traffic
from finops_tui.simulation.exposition import Family
from finops_tui.simulation.machines import Pod
from finops_tui.simulation.usage import (
    INTERNET_USD_PER_GIB,
    REGION_USD_PER_GIB,
    STORAGE_USD_PER_GIB_HOUR,
    ZONE_USD_PER_GIB,
    claims,
    sent_by,
)
from finops_tui.simulation.world import World

NEIGHBOURS = 1.5
"""What pods send within their zone, as a multiple of what leaves it: cAdvisor counts both."""


class NetworkMeter:
    """Bytes that each pod has sent since counting began; pods that are gone are forgotten."""

    def __init__(self) -> None:
        self.sent: dict[str, dict[Traffic, float]] = {}
        self._pods: dict[str, Pod] = {}

    def count(self, world: World, seconds: float) -> None:
        """Add what happened in the last `seconds`. A workload's traffic is that of its ready pods, in equal parts."""
        self._pods = {}
        for work in world.works.values():
            ready = [pod for pod in work.pods if pod.ready(world.now)]
            parts = sent_by(work, world.now) if ready else {}
            for pod in work.pods:
                self._pods[f"{work.cluster}/{pod.name}"] = pod
            for pod in ready:
                of = self.sent.setdefault(f"{work.cluster}/{pod.name}", dict.fromkeys(parts, 0.0))
                for traffic, rate in parts.items():
                    of[traffic] = of.get(traffic, 0.0) + rate * seconds / len(ready)
        self.sent = {name: of for name, of in self.sent.items() if name in self._pods}

    def families(self, cluster: str) -> Iterator[Family]:
        every = Family("container_network_transmit_bytes_total", "counter", "Cumulative count of bytes transmitted.")
        egress = Family("kubecost_pod_network_egress_bytes_total", "counter", "Bytes sent by pods, by destination.")
        for name, of in self.sent.items():
            pod = self._pods[name]
            if pod.work.cluster != cluster or not of:
                continue
            total = sum(of.values())
            every.add(total * (1 + NEIGHBOURS), namespace=pod.work.namespace, pod=pod.name, interface="eth0")
            who = {"namespace": pod.work.namespace, "pod_name": pod.name, "service": ""}
            for traffic, count in of.items():
                internet = "true" if traffic is Traffic.INTERNET else "false"
                egress.add(count, **who, internet=internet, same_region="true", same_zone="false")
            egress.add(total * NEIGHBOURS, **who, internet="false", same_region="true", same_zone="true")
        yield from (every, egress)


def network_prices() -> Iterator[Family]:
    for name, usd in (
        ("internet", INTERNET_USD_PER_GIB), ("region", REGION_USD_PER_GIB), ("zone", ZONE_USD_PER_GIB),
    ):  # fmt: skip
        family = Family(f"kubecost_network_{name}_egress_cost", "gauge", f"Cost per GiB of egress, {name}.")
        family.add(usd)
        yield family


def volumes(world: World, cluster: str) -> Iterator[Family]:
    claimed = Family("kube_persistentvolumeclaim_info", "gauge", "Information about a persistent volume claim.")
    capacity = Family("kube_persistentvolume_capacity_bytes", "gauge", "Capacity of a persistent volume.")
    price = Family("pv_hourly_cost", "gauge", "Cost per GiB and hour of a persistent volume.")
    mounted = Family("kubelet_volume_stats_capacity_bytes", "gauge", "Capacity of a mounted volume.")
    used = Family("kubelet_volume_stats_used_bytes", "gauge", "Bytes used on a mounted volume.")
    for claim in claims(world.seed, cluster, world.now):
        who = {"namespace": claim.namespace, "persistentvolumeclaim": claim.name}
        claimed.add(1, **who, storageclass="gp3", volumename=claim.volume)
        capacity.add(claim.capacity, persistentvolume=claim.volume)
        price.add(STORAGE_USD_PER_GIB_HOUR, volumename=claim.volume, persistentvolume=claim.volume)
        mounted.add(claim.capacity, **who)
        used.add(claim.used, **who)
    yield from (claimed, capacity, price, mounted, used)
