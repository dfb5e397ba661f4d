"""The sources of bills, put together from the config."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from finops_tui.clock import Clock
from finops_tui.sources.base import Source
from finops_tui.wiring.folders import paid_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.config.models import Config
    from finops_tui.ledger.drill import Export
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.ledger.ledger import Ledger
    from finops_tui.sources.bills.focus_files import FocusFiles
    from finops_tui.sources.bills.settings import FocusSettings

Open = Callable[[], "Ledger"]


def bill_source(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source | None:
    """Return the source for what a section of the config asks; None where that is about something else."""
    make = _MAKERS.get(settings.type)
    return make(settings, config, clock, ledger) if make is not None else None


def focus_files(settings: FocusSettings, config: Config, clock: Clock, ledger: Open) -> FocusFiles:
    from finops_tui.sources.bills.focus_files import FocusFiles

    return FocusFiles(settings, ledger, clock, config.findings.billed_scopes())


def _aws(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.aws.source import AwsSource

    return AwsSource(settings, clock, ledger, paid_folder(config), scopes=config.findings.billed_scopes())


def drilling(config: Config, clock: Clock, ledger: Open) -> Drilling:
    """Return who answers drill-downs: the exports that the config names, else the ledger."""
    from decimal import Decimal

    from finops_tui.config.models import source_name
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.model.bill import ESTIMATE

    opened = cache(ledger)
    sources = frozenset({ESTIMATE, *map(source_name, config.sources)})
    limit = Decimal(str(config.bills.ask_from_usd))
    return Drilling(lambda: _exports(config, clock, opened), opened, clock, sources=sources, ask_from_usd=limit)


def _exports(config: Config, clock: Clock, ledger: Open) -> list[Export]:
    """Build who can be asked, for one question: what they hold belongs to the event loop that it is asked on."""
    found: list[Export] = []
    for settings in config.sources:
        if settings.type == "aws" and settings.athena is not None:
            from finops_tui.sources.aws.drill import AwsExport

            folder = paid_folder(config)
            found.append(AwsExport(settings, settings.athena, clock, folder, ledger().scopes))
        elif settings.type == "gcp":
            from finops_tui.sources.gcp.drill import GcpExport

            found.append(GcpExport(settings, ledger, clock, ledger().scopes))
        elif settings.type == "azure":
            from finops_tui.sources.azure.drill import AzureExport

            found.append(AzureExport(settings, ledger, clock, ledger().scopes))
    return found


def _opencost(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.opencost.source import OpenCost

    return OpenCost(settings, ledger, clock, scopes=config.findings.billed_scopes())


def _gcp(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.gcp.source import Gcp

    return Gcp(settings, ledger, clock, scopes=config.findings.billed_scopes())


def _azure(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.azure.source import Azure

    return Azure(settings, ledger, clock, scopes=config.findings.billed_scopes())


def _model_api(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.model_apis.source import ModelApi

    return ModelApi(settings, ledger, clock, scopes=config.findings.billed_scopes())


def _gpu_cloud(settings: Any, config: Config, clock: Clock, ledger: Open) -> Source:
    from finops_tui.sources.gpu_clouds.source import GpuCloud

    return GpuCloud(settings, ledger, clock, scopes=config.findings.billed_scopes())


_MAKERS: dict[str, Callable[[Any, Config, Clock, Open], Source]] = {
    "focus": focus_files,
    "aws": _aws,
    "opencost": _opencost,
    "gcp": _gcp,
    "azure": _azure,
    "openai": _model_api,
    "anthropic": _model_api,
    "runpod": _gpu_cloud,
    "modal": _gpu_cloud,
}
BILLED = frozenset(_MAKERS)
"""Types of sources that tell of bills."""
