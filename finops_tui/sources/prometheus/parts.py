"""The parts that one source asks, each at its own pace."""

from __future__ import annotations

from finops_tui.sources.inventory_share import StandIn
from finops_tui.sources.prometheus.gpu import GpuByNode, GpuByWorkload
from finops_tui.sources.prometheus.imported_slos import Objectives
from finops_tui.sources.prometheus.inventory import Inventory
from finops_tui.sources.prometheus.owners import Owners
from finops_tui.sources.prometheus.part import Part
from finops_tui.sources.prometheus.prices import OpenCostPrices
from finops_tui.sources.prometheus.serving import Serving
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slis import SliWindow
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.strangers import Strangers
from finops_tui.sources.prometheus.usage import EVERY_SECONDS, Usage
from finops_tui.sources.prometheus.windows import BURN_WINDOWS
from finops_tui.sources.prometheus.xids import Xids

INVENTORY_SECONDS = 30.0
WORKLOAD_SECONDS = 30.0
"""The exporters read their devices no more often, and joining devices with pods is dear for the server."""


def parts_for(settings: PrometheusSettings, slos: tuple[SloDefinition, ...], stand_in: StandIn | None) -> list[Part]:
    """Return what to ask, what a person looks at first in front. Without a stand-in there is no inventory."""
    interval = settings.interval_seconds
    owners = Owners()
    parts: list[Part] = []
    if stand_in is not None:
        parts.append(Inventory(settings.labels, owners, max(interval, INVENTORY_SECONDS), stand_in))
    parts += [
        GpuByNode(settings.labels, interval),
        OpenCostPrices(),
        Objectives(slos, max(interval, INVENTORY_SECONDS)),
        GpuByWorkload(owners, max(interval, WORKLOAD_SECONDS)),
        Serving(settings.labels, interval),
        Xids(settings.labels, interval),
        Strangers(),
        Usage(owners, max(interval, EVERY_SECONDS)),
    ]
    if slos:
        parts += [SliWindow(slos, seconds, interval) for seconds in (*BURN_WINDOWS, None)]
    return parts
