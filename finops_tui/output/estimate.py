"""An estimate in words: a table for people, JSON for programs. docs/bills.md explains the fields."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from finops_tui.analysis.estimate import Alternative, Estimate, Quote, gpu_name
from finops_tui.model.offer import Offer
from finops_tui.output import ESTIMATE_FORMATS
from finops_tui.output.figures import number
from finops_tui.output.plain import one_line, pad

VERSION = 1
_CENTS_SAY_ENOUGH = 10
"""From so many dollars an hour on."""


def write(found: Estimate, form: str) -> str:
    """Return the estimate in one of `ESTIMATE_FORMATS`."""
    return dict(zip(ESTIMATE_FORMATS, (_table, _json), strict=True))[form](found)


def _table(found: Estimate) -> str:
    bought = _bought(found.quote)
    hours = f"{found.hours:g} hour{'' if found.hours == 1 else 's'}"
    lines = [
        f"{found.machines:,} x {_named(found.quote.offer)} for {hours}, {bought}",
        "",
        f"  ${number(found.usd, 2)} in all, ${number(found.usd_per_hour, 2)}/h, {_each(found.quote)} a machine",
        f"  price  {_provenance(found.quote)}",
        f"  range  {_range(found)}",
    ]
    if found.note:
        lines.append(f"  note   {found.note}")
    lines.append("")
    if not found.alternatives:
        lines.append("Nothing that would do as well is known to cost less.")
        return _text(lines)
    lines.append(f"Would do for less ({bought}):")
    sources = list(dict.fromkeys(_provenance(each.quote) for each in found.alternatives))
    rows = [_alternative(each, found, sources) for each in found.alternatives]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += ["  " + "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines += ["", *(f"  [{place}] {source}" for place, source in enumerate(sources, 1))]
    if not all(each.same_gpu for each in found.alternatives):
        lines.append("  Another GPU has at least the memory; how fast it is for your work is not known here.")
    return _text(lines)


def _text(lines: Sequence[str]) -> str:
    return "".join(one_line(line).rstrip() + "\n" for line in lines)


def _alternative(each: Alternative, found: Estimate, sources: Sequence[str]) -> tuple[str, ...]:
    return (
        f"{each.machines:,} x {_named(each.quote.offer)}",
        f"${number(each.usd_per_hour, 2)}/h",
        f"{each.saves:.0%} less",
        f"${number(each.usd_per_hour * found.hours, 2)}",
        "same GPU" if each.same_gpu else "another GPU",
        f"[{sources.index(_provenance(each.quote)) + 1}]",
    )


def _range(found: Estimate) -> str:
    low, high = found.lowest, found.highest
    if low == high:
        return f"no other price is known than {_each(low)} a machine, {_where(low)}"
    return f"{_each(low)} ({_where(low)}) to {_each(high)} a machine ({_where(high)})"


def _json(found: Estimate) -> str:
    document: dict[str, Any] = {
        "version": VERSION,
        "machines": found.machines,
        "hours": found.hours,
        "currency": "USD",
        "total": round(found.usd, 6),
        "per_hour": round(found.usd_per_hour, 6),
        "price": _priced(found.quote),
        "lowest": _priced(found.lowest),
        "highest": _priced(found.highest),
        "note": found.note,
        "alternatives": [
            {
                "machines": each.machines,
                "gpus": each.gpus,
                "per_hour": round(each.usd_per_hour, 6),
                "saves_ratio": round(each.saves, 6),
                "same_gpu": each.same_gpu,
                "price": _priced(each.quote),
            }
            for each in found.alternatives
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _priced(quote: Quote) -> dict[str, Any]:
    offer = quote.offer
    return {
        "provider": offer.provider,
        "instance_type": offer.instance_type,
        "gpu_model": offer.gpu_model,
        "gpus": offer.gpus,
        "region": offer.region,
        "spot": quote.spot,
        "per_machine_hour": round(quote.usd_per_hour, 6),
        "how": quote.words,
        "source": offer.source,
        "as_of": None if offer.as_of is None else offer.as_of.isoformat(),
    }


def _named(offer: Offer) -> str:
    gpus = f"{offer.gpus} x {gpu_name(offer.gpu_model)}, " if offer.gpus else ""
    place = " ".join(filter(None, (offer.provider, offer.region)))
    told = (gpus + place).removesuffix(", ")
    return f"{offer.instance_type} ({told})" if told else offer.instance_type


def _provenance(quote: Quote) -> str:
    dated = f" {quote.offer.as_of.isoformat()}" if quote.offer.as_of else ""
    return f"{quote.words}: {quote.offer.source}{dated}"


def _each(quote: Quote) -> str:
    return f"${number(quote.usd_per_hour, 2 if quote.usd_per_hour >= _CENTS_SAY_ENOUGH else 4)}/h"


def _bought(quote: Quote) -> str:
    return "spot" if quote.spot else "on demand"


def _where(quote: Quote) -> str:
    return " ".join(filter(None, (_bought(quote), quote.offer.region and f"in {quote.offer.region}")))
