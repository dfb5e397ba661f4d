"""What machines with GPUs cost now: AWS's price list, and the spot market by zone. Asking is free.

Spot prices are those of Linux. A price list product is JSON in a text:
`terms.OnDemand.*.priceDimensions.*.pricePerUnit.USD` beside `product.attributes` (AWS Price List Query API).
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from math import isfinite
from statistics import fmean
from typing import Any

from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import PricesSeen
from finops_tui.sources.aws.calls import INSTANCE_TYPES, PRICES, SPOT_PRICES
from finops_tui.sources.aws.desk import Desk, Kept, Question
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.clean import one_line

FAMILIES = ("p*", "g*", "trn*", "inf*", "dl*")
"""Instance families among which those with GPUs or other accelerators are."""
TYPES_EVERY = timedelta(days=7)
LIST_EVERY = timedelta(days=1)
SPOT_EVERY = timedelta(minutes=10)
ZONE = "topology.kubernetes.io/zone"
"""The label by which a node says its zone: spot prices differ by zone."""


class Prices:
    """Holds the prices of all regions: what a source says about prices, it says at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Price, ...]] = {}
        """By region and kind."""

    def parts(self, settings: AwsSettings, desk: Desk) -> tuple[Part, ...]:
        """Return what to ask; prices are the same for all accounts, so one is asked."""
        if not settings.prices:
            return ()
        return tuple(
            part
            for region in desk.regions
            for part in (
                Part(title=f"{PRICES.why} in {region}", every=LIST_EVERY, ask=partial(self._list, region)),
                Part(title=f"{SPOT_PRICES.why} in {region}", every=SPOT_EVERY, ask=partial(self._spot, region)),
            )
        )

    async def _list(self, region: str, asking: Asking) -> Outcome:
        types = sorted(await accelerated(asking.desk, region))
        answers = await asyncio.gather(*(asking.desk.ask(_list_question(region, machine)) for machine in types))
        prices = tuple(price for kept in answers for price in _list_prices(kept, region))
        missing = len(types) - len(prices)
        warnings = (f"{region}: {missing} types with GPUs have no on-demand price",) if missing > 0 else ()
        return self._outcome(asking, (region, "list"), prices, answers, warnings)

    async def _spot(self, region: str, asking: Asking) -> Outcome:
        types = sorted(await accelerated(asking.desk, region))
        params = {
            "InstanceTypes": types,
            "ProductDescriptions": ["Linux/UNIX"],
            "StartTime": asking.now,
        }
        question = Question(
            id="spot prices", call=SPOT_PRICES, params=params, region=region, good_for=SPOT_EVERY, apart=" ".join(types)
        )
        kept = await asking.desk.ask(question)
        return self._outcome(asking, (region, "spot"), tuple(_spot_prices(kept, region)), [kept])

    def _outcome(
        self,
        asking: Asking,
        key: tuple[str, str],
        prices: tuple[Price, ...],
        answers: Iterable[Kept],
        warnings: tuple[str, ...] = (),
    ) -> Outcome:
        if not prices:
            raise AwsError("AWS answered no prices at all", "", "Are there machines with GPUs in that region?")
        self._known[key] = prices
        told = tuple(price for key in sorted(self._known) for price in self._known[key])
        oldest = min(answers, key=lambda kept: kept.at)
        return Outcome(
            observations=(PricesSeen(**asking.origin(asking.now), prices=told),),
            at=oldest.at,
            late=oldest.late,
            warnings=warnings,
        )


async def accelerated(desk: Desk, region: str) -> frozenset[str]:
    """Return the instance types of a region that have GPUs or other accelerators. Raises AwsError."""
    filters = [{"Name": "instance-type", "Values": list(FAMILIES)}]
    kept = await desk.ask(
        Question(
            id="instance types", call=INSTANCE_TYPES, params={"Filters": filters}, region=region, good_for=TYPES_EVERY
        )
    )
    machines = (machine for page in kept.pages for machine in page.get("InstanceTypes", ()))
    found = frozenset(one_line(machine.get("InstanceType", "")) for machine in machines if _accelerators(machine))
    if not found:
        raise AwsError(f"{region} has no instance types with GPUs", "", "Check `regions`.")
    return found


def _accelerators(machine: Mapping[str, Any]) -> bool:
    return any(machine.get(name) for name in ("GpuInfo", "NeuronInfo", "InferenceAcceleratorInfo"))


def _list_question(region: str, machine: str) -> Question:
    wanted = {
        "instanceType": machine,
        "regionCode": region,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
    }
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    params = {"ServiceCode": "AmazonEC2", "FormatVersion": "aws_v1", "Filters": filters, "MaxResults": 100}
    return Question(id=f"on-demand price {region} {machine}", call=PRICES, params=params, good_for=LIST_EVERY)


def _list_prices(kept: Kept, region: str) -> Iterator[Price]:
    seen = set()
    for page in kept.pages:
        for text in page.get("PriceList", ()):
            product = json.loads(text)
            machine = one_line((product.get("product") or {}).get("attributes", {}).get("instanceType", ""))
            usd = _on_demand(product)
            if not machine or usd is None or machine in seen:
                continue
            seen.add(machine)
            yield Price(
                kind=PriceKind.LIST, usd_per_hour=usd, source="AWS Price List", instance_type=machine, region=region,
                capacity_type=CapacityType.ON_DEMAND, as_of=kept.at.date(),
            )  # fmt: skip


def _on_demand(product: Mapping[str, Any]) -> float | None:
    for term in ((product.get("terms") or {}).get("OnDemand") or {}).values():
        for dimension in (term.get("priceDimensions") or {}).values():
            usd = _usd((dimension.get("pricePerUnit") or {}).get("USD"))
            if dimension.get("unit") == "Hrs" and usd is not None:
                return usd
    return None


def _spot_prices(kept: Kept, region: str) -> Iterator[Price]:
    """Yield the price in each zone, and for nodes whose zone is not known the mean of the zones."""
    newest: dict[tuple[str, str], tuple[str, float]] = {}
    for page in kept.pages:
        for each in page.get("SpotPriceHistory", ()):
            usd, at = _usd(each.get("SpotPrice")), str(each.get("Timestamp", ""))
            key = one_line(each.get("InstanceType", "")), one_line(each.get("AvailabilityZone", ""))
            if usd is not None and all(key) and newest.get(key, ("",))[0] < at:
                newest[key] = at, usd
    zones: defaultdict[str, list[float]] = defaultdict(list)
    for (machine, zone), (_, usd) in sorted(newest.items()):
        zones[machine].append(usd)
        yield _spot(machine, region, usd, f"AWS spot price in {zone}", {ZONE: zone})
    for machine, prices in zones.items():
        many = f"mean of {len(prices)} zones" if len(prices) > 1 else "one zone"
        yield _spot(machine, region, fmean(prices), f"AWS spot price, {many}", {})


def _spot(machine: str, region: str, usd: float, words: str, labels: Mapping[str, str]) -> Price:
    return Price(
        kind=PriceKind.SPOT_MARKET, usd_per_hour=usd, source=words, labels=labels, instance_type=machine,
        region=region, capacity_type=CapacityType.SPOT,
    )  # fmt: skip


def _usd(value: object) -> float | None:
    try:
        usd = float(str(value))
    except ValueError:
        return None
    return usd if isfinite(usd) and usd > 0 else None
