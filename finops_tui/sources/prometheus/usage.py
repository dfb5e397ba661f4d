"""What namespaces send, and the volumes that they have."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from finops_tui.model.observations import Observation, UsageReadings
from finops_tui.model.usage import Traffic, UsageReading
from finops_tui.sources.prometheus.answer import Answer, Sample
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.owners import Owners
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.usage_queries import EGRESS_METRIC

EVERY_SECONDS = 60.0
"""Rates are of five minutes and volumes grow slowly."""
SENDERS_NAMED = 5
_PRICES = {
    "kubecost_network_internet_egress_cost": Traffic.INTERNET,
    "kubecost_network_region_egress_cost": Traffic.REGION,
    "kubecost_network_zone_egress_cost": Traffic.ZONE,
}
Figures = Mapping[str, float]


class Usage:
    def __init__(self, owners: Owners, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._owners = owners
        self._told_before = False

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Say what is known of any namespace; nothing where no instrument tells of either."""
        await self._owners.refresh(desk, at)
        split = desk.found.has(EGRESS_METRIC) or desk.is_overridden(BY_ID["usage.egress"])
        asked = (*(("egress", "egress_senders") if split else ("sent", "senders")), "egress_prices",
                 "volumes", "volumes_cost", "volumes_unmetered", "volumes_used")  # fmt: skip
        answers = await asyncio.gather(*(desk.ask(BY_ID[f"usage.{figure}"]) for figure in asked))
        traffic, senders, prices, *volumes = answers
        if volumes[0] is None:
            volumes[0] = await desk.ask(BY_ID["usage.volumes_mounted"])
        sent = _by_direction(traffic) if split else _anywhere(traffic)
        figures = [_by_namespace(answer) for answer in volumes]
        named = self._senders(senders)
        readings = tuple(
            _reading(namespace, sent.get(namespace, {}), named.get(namespace, ()), figures)
            for namespace in sorted({*sent, *(name for figure in figures for name in figure)})
        )
        if not readings and not self._told_before:
            return ()
        self._told_before = bool(readings)
        return (
            UsageReadings(
                at=at, source=told.source, cluster=told.cluster, readings=readings,
                usd_per_gib={
                    _PRICES[name]: sample.value
                    for sample in (prices.samples if prices is not None else ())
                    if (name := sample.label("__name__")) in _PRICES and sample.value is not None
                },
            ),
        )  # fmt: skip

    def _senders(self, answer: Answer | None) -> dict[str, tuple[tuple[str, float], ...]]:
        """Return the largest of each namespace, the workloads under their topmost controllers."""
        sums: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for sample in answer.samples if answer is not None else ():
            namespace, kind = sample.label("namespace"), sample.label("owner_kind")
            if namespace and kind and sample.value:
                owner = self._owners.topmost(namespace, kind, sample.label("owner_name"))
                sums[namespace]["/".join(owner)] += sample.value
        return {
            namespace: tuple(sorted(of.items(), key=lambda each: (-each[1], each[0]))[:SENDERS_NAMED])
            for namespace, of in sums.items()
        }


def direction(sample: Mapping[str, str]) -> Traffic | None:
    """Say where traffic with these labels goes; None within a zone, which costs nothing."""
    if sample.get("internet") == "true":
        return Traffic.INTERNET
    if (sample.get("same_region") or sample.get("sameRegion")) == "false":
        return Traffic.REGION
    if (sample.get("same_zone") or sample.get("sameZone")) == "false":
        return Traffic.ZONE
    return None


def _by_direction(answer: Answer | None) -> dict[str, dict[Traffic, float]]:
    sent: dict[str, dict[Traffic, float]] = {}
    for sample in _known(answer):
        of = sent.setdefault(sample.label("namespace"), {})
        traffic = direction(sample.labels)
        if traffic is not None:
            of[traffic] = of.get(traffic, 0.0) + (sample.value or 0.0)
    return {namespace: of or {Traffic.INTERNET: 0.0} for namespace, of in sent.items()}


def _anywhere(answer: Answer | None) -> dict[str, dict[Traffic, float]]:
    return {sample.label("namespace"): {Traffic.ANY: sample.value or 0.0} for sample in _known(answer)}


def _by_namespace(answer: Answer | None) -> Figures:
    return {sample.label("namespace"): sample.value or 0.0 for sample in _known(answer)}


def _known(answer: Answer | None) -> Iterable[Sample]:
    """Yield the rows that have a figure and name a namespace."""
    samples = answer.samples if answer is not None else ()
    return (sample for sample in samples if sample.value is not None and sample.label("namespace"))


def _reading(
    namespace: str,
    sent: Mapping[Traffic, float],
    senders: tuple[tuple[str, float], ...],
    volumes: Sequence[Figures],
) -> UsageReading:
    provisioned, cost, unmetered, used = (figure.get(namespace) for figure in volumes)
    return UsageReading(
        namespace=namespace,
        sent=sent,
        senders=senders,
        volume_bytes=provisioned,
        used_bytes=used,
        volume_usd_per_hour=cost,
        unmetered_bytes=unmetered,
    )
