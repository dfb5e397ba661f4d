"""Node prices as OpenCost meters them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.money import Price, PriceKind
from finops_tui.model.observations import Observation, PricesSeen
from finops_tui.phrases import counted
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told

DEFAULT_GPU_USD_PER_HOUR = 0.95
"""What OpenCost charges for any GPU while nobody has told it a price (opencost-helm-chart values.yaml)."""
SAME = 1e-6
NOTE = "OpenCost default prices"


class OpenCostPrices:
    every_seconds = 300.0

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Say what each node costs, leaving out those that OpenCost only makes up."""
        nodes, gpus = await asyncio.gather(
            desk.ask(BY_ID["opencost.node_price"]), desk.ask(BY_ID["opencost.gpu_price"])
        )
        if nodes is None:
            return ()
        made_up = {
            sample.label("node")
            for sample in (gpus.samples if gpus is not None else ())
            if sample.value is not None and abs(sample.value - DEFAULT_GPU_USD_PER_HOUR) < SAME
        }
        if made_up:
            desk.notes[NOTE] = (
                f"OpenCost prices {counted(len(made_up), 'node')} at its built-in {DEFAULT_GPU_USD_PER_HOUR} $/h per "
                "GPU; they are not used. Give OpenCost real prices"
            )
        else:
            desk.notes.pop(NOTE, None)
        prices = tuple(
            Price(
                kind=PriceKind.METERED_NODE,
                usd_per_hour=sample.value,
                source="OpenCost",
                cluster=told.cluster,
                node=node,
                as_of=at.date(),
            )
            for sample in nodes.samples
            if (node := sample.label("node")) and node not in made_up and sample.value
        )
        return (PricesSeen(at=at, source=told.source, cluster=told.cluster, prices=prices),)


async def uses_defaults(desk: Desk) -> bool:
    """Whether any GPU is priced by OpenCost's built-in default, so that its past is no guide."""
    answer = await desk.ask(BY_ID["opencost.gpu_price"])
    return answer is not None and any(
        sample.value is not None and abs(sample.value - DEFAULT_GPU_USD_PER_HOUR) < SAME for sample in answer.samples
    )
