"""The sources of bills, put together from the config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from finops_tui.clock import Clock
from finops_tui.sources.base import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.config.models import Config
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
    """Build it with a folder of its own: what requests cost is counted for all configs together."""
    from platformdirs import user_state_path

    from finops_tui.sources.aws.source import AwsSource

    folder = config.state_folder or user_state_path("finops-tui", appauthor=False)
    return AwsSource(settings, clock, ledger, folder, scopes=config.findings.billed_scopes())


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
