"""What machines would cost, within which range, and what would do as well for less.

Prices are those of lists and of the config, with their dates; nothing here knows what was negotiated.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from msgspec.structs import replace

from finops_tui.errors import UsageError
from finops_tui.model.money import CapacityType
from finops_tui.model.offer import Offer

ALTERNATIVES = 5
_ENOUGH = 0.01
"""Share by which an alternative must be cheaper to be one."""
GPU_GIB = {
    "A10": 24, "A100-40GB": 40, "A100-80GB": 80, "A10G": 24, "A6000": 48, "B200": 180, "B300": 288, "GB200": 186,
    "GH200": 96, "H100": 80, "H100-NVL": 94, "H200": 141, "L4": 24, "L40S": 48, "MI300X": 192, "RTX-PRO-4500": 32,
    "RTX-PRO-6000": 96, "T4": 16, "V100": 16,
}  # fmt: skip
"""Memory of one device as its maker states it; of a V100 the smaller kind."""
_SAME = {"H100-80GB": "H100", "H100-80GB-mega": "H100", "H100-NVL-94GB": "H100-NVL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """An offer at the price at which it is taken."""

    offer: Offer
    spot: bool
    usd_per_hour: float
    """For one machine."""
    words: str
    """How the price came to be: `list price`, `list price less the typical spot discount of 73 %`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    quote: Quote
    machines: int
    """As many as give at least as many GPUs."""
    gpus: int
    usd_per_hour: float
    """For all of them."""
    saves: float
    """Ratio of what was asked for."""
    same_gpu: bool
    """Another GPU has at least the memory; how fast it is, nobody knows here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    machines: int
    hours: float
    quote: Quote
    usd_per_hour: float
    usd: float
    lowest: Quote
    """Of this instance type, over regions and ways to buy it."""
    highest: Quote
    alternatives: tuple[Alternative, ...]
    note: str = ""
    """What a person should know of the price."""


def estimate(
    offers: Iterable[Offer], instance: str, machines: int, hours: float, *, spot: bool = False, region: str = ""
) -> Estimate:
    """Return what so many machines cost for so long. Raises UsageError where no price is known."""
    known = _filled(tuple(offers))
    ours = [offer for offer in known if offer.instance_type == instance and offer.usd_per_hour is not None]
    if not ours:
        raise _unknown(instance, known)
    quotes = [quote for offer in ours for quote in _quotes(offer)]
    chosen, note = _chosen(ours, spot=spot, region=region)
    total = chosen.usd_per_hour * machines
    return Estimate(
        machines=machines,
        hours=hours,
        quote=chosen,
        usd_per_hour=total,
        usd=total * hours,
        lowest=min(quotes, key=lambda quote: quote.usd_per_hour),
        highest=max(quotes, key=lambda quote: quote.usd_per_hour),
        alternatives=_alternatives(known, chosen, machines, total),
        note=note,
    )


def gpu_name(model: str) -> str:
    """Return a GPU's name without what one cloud adds to it."""
    return _SAME.get(model, model)


def _filled(offers: Sequence[Offer]) -> list[Offer]:
    """Tell own prices which GPUs the list knows for their instance types."""
    facts = {offer.instance_type: offer for offer in offers if offer.gpus}
    return [
        replace(
            offer,
            provider=facts[offer.instance_type].provider,
            gpu_model=facts[offer.instance_type].gpu_model,
            gpus=facts[offer.instance_type].gpus,
        )
        if not offer.gpus and offer.instance_type in facts
        else offer
        for offer in offers
    ]


def _quotes(offer: Offer) -> list[Quote]:
    """Return every price that is known of one offer."""
    found = []
    for spot in (False, True):
        quote = _quote(offer, spot=spot)
        if quote is not None and quote.spot is spot:
            found.append(quote)
    return found


def _quote(offer: Offer, *, spot: bool) -> Quote | None:
    """Return the offer at its price; for spot, at the price on demand where nothing is known of spot."""
    usd = offer.usd_per_hour
    if usd is None or (offer.capacity_type is CapacityType.SPOT and not spot):
        return None
    words = "your own price" if offer.own else "list price"
    if offer.capacity_type is CapacityType.SPOT:
        return Quote(offer=offer, spot=True, usd_per_hour=usd, words=f"{words} of spot")
    discount = offer.spot_discount
    if spot and discount is not None and 0 <= discount < 1:
        words = f"{words} less the typical spot discount of {discount:.0%}"
        return Quote(offer=offer, spot=True, usd_per_hour=usd * (1 - discount), words=words)
    return Quote(offer=offer, spot=False, usd_per_hour=usd, words=words)


def _chosen(ours: Sequence[Offer], *, spot: bool, region: str) -> tuple[Quote, str]:
    """Return the quote to reckon with: of the region asked for, bought as asked, one's own before a list's."""
    quotes = [quote for offer in ours if (quote := _quote(offer, spot=spot)) is not None]
    best = min(
        quotes or [quote for offer in ours for quote in _quotes(offer)],
        key=lambda quote: (
            bool(region) and quote.offer.region not in {region, ""},
            quote.spot is not spot,
            not quote.offer.own,
        ),
    )
    notes = []
    if region and best.offer.region not in {region, ""}:
        notes.append(f"No price is known in {region}; this is the one of {best.offer.region}.")
    if spot and not best.spot:
        notes.append("What spot costs here is not known; this is the price on demand, and the most that it may be.")
    elif best.spot and not best.offer.own:
        notes.append("Spot differs by zone and hour; the cloud may take such machines back.")
    if not best.offer.own and best.offer.as_of is None:
        notes.append("The list does not say from when this price is.")
    return best, " ".join(notes)


def _alternatives(offers: Sequence[Offer], chosen: Quote, machines: int, total: float) -> tuple[Alternative, ...]:
    ours = chosen.offer
    if not ours.gpus:
        return ()
    wanted, model = ours.gpus * machines, gpu_name(ours.gpu_model)
    memory = GPU_GIB.get(model)
    found: dict[tuple[str, str], Alternative] = {}
    """The best of each cloud and GPU."""
    for offer in offers:
        quote = _quote(offer, spot=chosen.spot)
        if quote is None or not offer.gpus or quote.spot is not chosen.spot:
            continue
        same = gpu_name(offer.gpu_model) == model
        if not same and (
            offer.gpus != ours.gpus or memory is None or GPU_GIB.get(gpu_name(offer.gpu_model), 0) < memory
        ):
            continue
        count = ceil(wanted / offer.gpus)
        usd = quote.usd_per_hour * count
        if usd > total * (1 - _ENOUGH):
            continue
        one = Alternative(
            quote=quote, machines=count, gpus=count * offer.gpus, usd_per_hour=usd, saves=1 - usd / total, same_gpu=same
        )
        place = offer.provider, gpu_name(offer.gpu_model)
        if place not in found or _rank(one) < _rank(found[place]):
            found[place] = one
    return tuple(sorted(found.values(), key=_rank)[:ALTERNATIVES])


def _rank(one: Alternative) -> tuple[float, int, str]:
    """Lower is better: cheap, then few machines."""
    return one.usd_per_hour, one.machines, one.quote.offer.instance_type


def _unknown(instance: str, offers: Sequence[Offer]) -> UsageError:
    types = sorted({offer.instance_type for offer in offers if offer.usd_per_hour is not None})
    listed = any(offer.instance_type == instance for offer in offers)
    close = difflib.get_close_matches(instance, types, n=3, cutoff=0.4)
    hint = f"Near to it: {', '.join(close)}. " if close else ""
    title = f"No price is known for {instance}" + (", though the list names it." if listed else ".")
    return UsageError(title, hint=f"{hint}Your own prices go under pricing: in config.yaml.")
