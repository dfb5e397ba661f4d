"""GPUs that report under a host that is no node: nobody could say which dollars stand behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.observations import Observation
from finops_tui.phrases import counted
from finops_tui.sources.clean import one_line
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.promql import NO_HOST

EVERY_SECONDS = 300.0
NOTE = "gpu hosts"
LOST = "no utilization and no idle dollars of theirs"
HINT = "set `labels.host` to the label that holds the node's name, or let the exporter tell it (NODE_NAME)"
NAME_CHARACTERS = 60


class Strangers:
    """Tells no observation: what it finds is a warning of the source."""

    every_seconds = EVERY_SECONDS

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:  # noqa: ARG002 - as all parts
        strange = await strangers(desk)
        if strange:
            desk.notes[NOTE] = f"{strange}: {LOST}; {HINT}"
        else:
            desk.notes.pop(NOTE, None)
        return ()


async def strangers(desk: Desk) -> str:
    """Return `8 GPUs report under hosts that are no nodes (dcgm-exporter-x7k2p)`; empty where all are known.

    Nothing is strange where the server does not know the nodes.
    """
    answer = await desk.ask(BY_ID["gpu.strangers"])
    by_host = {
        sample.label("node"): count
        for sample in (answer.samples if answer is not None else ())
        if (count := sample.count)
    }
    if not by_host:
        return ""
    first = one_line(min(by_host, key=lambda host: (-by_host[host], host)), NAME_CHARACTERS)
    gpus, more = sum(by_host.values()), len(by_host) - 1
    named = f"{first}, {more} more" if more else first
    if first == NO_HOST:
        return f"{counted(gpus, 'GPU')} report without a host"
    return f"{counted(gpus, 'GPU')} report under hosts that are no nodes ({named})"
