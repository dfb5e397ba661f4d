"""config.yaml as models. A section is what its owner understands; this module only puts them together.

A source is registered by one line: its settings join `SourceSettings`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from finops_tui.analysis.idle import IdleRules
from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.analysis.usage import UsagePrices
from finops_tui.config.actions import CustomActionSettings, KindSettings, unique
from finops_tui.config.bills import Bills
from finops_tui.config.clouds import CloudSettings, one_each
from finops_tui.config.findings import Findings
from finops_tui.config.policy import Policy
from finops_tui.model.money import CapacityType
from finops_tui.model.scope import ScopeKind
from finops_tui.notify.settings import ChannelSettings
from finops_tui.sources.annotations.settings import AnnotationsSettings, GrafanaSettings
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.azure.settings import AzureSettings
from finops_tui.sources.bills.settings import FocusSettings
from finops_tui.sources.gcp.settings import GcpSettings
from finops_tui.sources.gpu_clouds.settings import ModalSettings, RunPodSettings
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.model_apis.settings import AnthropicSettings, OpenAISettings
from finops_tui.sources.opencost.settings import OpenCostSettings
from finops_tui.sources.prices import OverridePrice
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.settings import Settings, UserPath
from finops_tui.ui.layout import Band, Cell, Layout

SourceSettings = Annotated[
    KubernetesSettings
    | PrometheusSettings
    | AnnotationsSettings
    | GrafanaSettings
    | FocusSettings
    | AwsSettings
    | OpenCostSettings
    | GcpSettings
    | AzureSettings
    | OpenAISettings
    | AnthropicSettings
    | RunPodSettings
    | ModalSettings,
    Field(discriminator="type"),
]

_OWNERS, _USAGE = OwnershipRules(), UsagePrices()

Labels = Annotated[tuple[str, ...], Field(min_length=1)]


class PriceOverride(Settings):
    """What a node really costs. Says which nodes by exactly one of `node`, `labels` and `instance_type`."""

    usd_per_hour: float = Field(gt=0, allow_inf_nan=False, description="US dollars per hour for one whole node.")
    instance_type: str = Field("", description="Nodes of this type, such as p5.48xlarge.")
    labels: dict[str, str] = Field({}, description="Nodes that carry all of these labels.")
    node: str = Field("", description="The node of this name.")
    cluster: str = Field("", description="Only in this cluster; everywhere when empty.")
    region: str = Field("", description="Only in this region.")
    capacity_type: Literal[CapacityType.ON_DEMAND, CapacityType.SPOT, CapacityType.RESERVED] | None = Field(
        None, description="Only nodes bought this way: on-demand, spot or reserved."
    )

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> PriceOverride:
        if sum(map(bool, (self.instance_type, self.labels, self.node))) != 1:
            raise ValueError("exactly one of `node`, `labels` and `instance_type` says which nodes it is for")
        return self

    def override(self) -> OverridePrice:
        return OverridePrice(
            usd_per_hour=self.usd_per_hour,
            node=self.node,
            labels=self.labels,
            instance_type=self.instance_type,
            cluster=self.cluster,
            region=self.region,
            capacity_type=self.capacity_type,
        )


class Pricing(Settings):
    """Where prices come from: your own first, then what a meter in the cluster says, then the built-in list."""

    built_in: bool = Field(True, description="Use the list prices that come with the program.")
    overrides: tuple[PriceOverride, ...] = Field((), description="Your own prices.")
    egress_usd_per_gib: float = Field(
        _USAGE.egress_usd_per_gib,
        ge=0,
        allow_inf_nan=False,
        description="Traffic to the internet, where no meter tells.",
    )
    cross_region_usd_per_gib: float = Field(
        _USAGE.cross_region_usd_per_gib, ge=0, allow_inf_nan=False, description="Traffic to another region."
    )
    cross_zone_usd_per_gib: float = Field(
        _USAGE.cross_zone_usd_per_gib, ge=0, allow_inf_nan=False, description="Traffic to another zone."
    )
    storage_usd_per_gib_month: float = Field(
        _USAGE.storage_usd_per_gib_month,
        ge=0,
        allow_inf_nan=False,
        description="Volumes that no meter has a price for, as provisioned.",
    )

    def usage(self) -> UsagePrices:
        return UsagePrices(
            egress_usd_per_gib=self.egress_usd_per_gib,
            cross_region_usd_per_gib=self.cross_region_usd_per_gib,
            cross_zone_usd_per_gib=self.cross_zone_usd_per_gib,
            storage_usd_per_gib_month=self.storage_usd_per_gib_month,
        )


class Scopes(Settings):
    """Label keys that say whose a workload is; the first key that it, or else its namespace, carries wins."""

    team: Labels = Field(_OWNERS.team, description="Who pays and who is woken up.")
    model: Labels = Field(_OWNERS.model, description="The machine-learning model that is trained or served.")
    extra: dict[str, Labels] = Field(dict(_OWNERS.extra), description="Further facts by name.")

    def rules(self) -> OwnershipRules:
        return OwnershipRules(team=self.team, model=self.model, extra=tuple(self.extra.items()))


class Idle(Settings):
    """When an allocated GPU counts as idle."""

    below_utilization: float = Field(
        IdleRules().below_utilization, ge=0, le=1, description="Ratio below which a GPU does no work."
    )


class BandSettings(Settings):
    """Panes side by side."""

    panes: tuple[str, ...] = Field(min_length=1, max_length=4, description="Their names, left to right.")
    height: int = Field(1, ge=1, le=100, description="Its share of the height, beside the other bands' shares.")

    def band(self) -> Band:
        return Band(tuple(Cell(pane) for pane in self.panes), self.height)


class LayoutSettings(Settings):
    """An arrangement of panes under a name of its own."""

    name: str = Field(min_length=1, max_length=40, description="What --layout and the layout list call it.")
    about: str = Field("", max_length=80, description="One line for the layout list.")
    bands: tuple[BandSettings, ...] = Field(min_length=1, max_length=6, description="From top to bottom.")
    wide_bands: tuple[BandSettings, ...] = Field((), max_length=6, description="The same from 160x50 cells on.")
    scope: ScopeKind = Field(ScopeKind.WORKLOAD, description="What the spend pane counts by.")

    def layout(self) -> Layout:
        return Layout(
            name=self.name,
            about=self.about,
            bands=tuple(band.band() for band in self.bands),
            wide_bands=tuple(band.band() for band in self.wide_bands),
            scope=self.scope,
        )


class Config(Settings):
    """Everything that can be configured."""

    sources: tuple[SourceSettings, ...] = Field((), max_length=1_000, description="The systems to read.")
    pricing: Pricing = Pricing()
    slos: tuple[SloDefinition, ...] = Field((), description="Your own service level objectives.")
    slo_files: tuple[str, ...] = Field((), description="OpenSLO, Sloth and Pyrra files: paths or globs.")
    scopes: Scopes = Scopes()
    idle: Idle = Idle()
    findings: Findings = Findings()
    bills: Bills = Bills()
    notify: tuple[ChannelSettings, ...] = Field((), description="Who else is told of findings.")
    bell: Literal["silent", "bell", "desktop"] = Field("silent", description="What it does when a page opens.")
    state_folder: UserPath | None = Field(None, description="Where what is learned and decided is kept.")
    refresh_seconds: float = Field(1.0, ge=0.2, le=60, description="How often the screen may change.")
    theme: str | None = Field(None, description="Colours; by default those that suit the terminal, mostly `night`.")
    ascii: bool = Field(False, description="Draw with ASCII characters alone.")
    layout: str = Field("on-call", description="The layout to start with.")
    layouts: tuple[LayoutSettings, ...] = Field((), description="Your own layouts.")
    keymap: dict[str, str] = Field({}, description="Other keys, by id; `finops-tui keys` lists the ids.")
    policy: Policy = Policy()
    actions: tuple[CustomActionSettings, ...] = Field((), max_length=100, description="Actions of your own.")
    clouds: tuple[CloudSettings, ...] = Field((), description="Where clusters and accounts are, to act there.")
    kinds: tuple[KindSettings, ...] = Field((), max_length=100, description="Kinds of your own that can be paused.")

    @field_validator("actions")
    @classmethod
    def _actions_once(cls, actions: tuple[CustomActionSettings, ...]) -> tuple[CustomActionSettings, ...]:
        unique(actions)
        return actions

    @field_validator("clouds")
    @classmethod
    def _clusters_once(cls, clouds: tuple[CloudSettings, ...]) -> tuple[CloudSettings, ...]:
        one_each(clouds)
        return clouds


def source_name(source: SourceSettings) -> str:
    """Return a source's name as the status screen shows it: `prometheus prod-us`."""
    return source.name if isinstance(source, KubernetesSettings) else f"{source.type} {source.title}"
