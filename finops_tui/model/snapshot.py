"""Everything that panes and `--format json` show, and nothing else.

One row is one identity: `key` never changes while the thing lives. A row's `at` is the age of its figures, `stale` says
that its source should have spoken since; None in a figure means that it is not known, and `missing` says why. Units
stand in the names: `usd_per_hour`, `seconds`, ratios 0-1 without a unit.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from finops_tui.model.action import ActionRow
from finops_tui.model.cloud_facts import NO_CLOUD, CloudFacts
from finops_tui.model.finding import Finding
from finops_tui.model.health import HealthState
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.scope import ScopeKind

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes time, and the first figures have no bills
    from finops_tui.model.billing import BillCheck, BillRow, BudgetRow, MonthRow

VERSION = 2
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""

TREND_CELLS = 24
"""Samples in a row's trend: three hours in steps of seven and a half minutes, oldest first."""


NOT_REACHED = Figure(value=None, unit="USD", missing="The month is worked out next.")


class Mode(StrEnum):
    LIVE = "live"
    DEMO = "demo"


class SpendRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one scope spends."""

    key: str
    """Unique in its table. For a workload `cluster/Kind/namespace/name`."""
    kind: ScopeKind
    name: str
    """As shown: `nlp-train/job/retrain-v7`, `pool/a100-spot`, a bare team or namespace."""
    cluster: str
    """Empty for a scope that spans clusters."""
    owner: str
    """Empty when nobody is named."""
    namespace: str = ""
    model: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Ownership labels as mapped by the config: `environment`, `experiment`, `cost_centre` …"""
    usd_per_hour: float | None
    idle_usd_per_hour: float | None = None
    """The part whose GPUs are allocated but not working."""
    normal_usd_per_hour: float | None = None
    """What it usually is at this hour."""
    gpus: float | None = 0.0
    """None while nothing of it has been seen, as are the pods."""
    pods: int | None = 0
    """None where nobody tells of pods."""
    pods_pending: int | None = 0
    """They wait for a node; None where nobody tells of pods, and of pools: which one they wait for, nobody says."""
    utilization: float | None = None
    today_usd: float | None = None
    """Dollars since midnight UTC; None where less than that is known."""
    week_ago_usd_per_hour: float | None = None
    """Mean of the same hour a week ago."""
    share_usd_per_hour: float | None = None
    """Its share of what nobody requested, split by spend: what showback adds to `usd_per_hour`."""
    since: datetime | None = None
    """When it was created, where that is known."""
    trend: tuple[float | None, ...] = ()
    """$/h over the last three hours; None is a gap."""
    provenance: Provenance = Provenance.ESTIMATED
    priced_by: str = ""
    """How its nodes are priced, in words: `AWS Price List 2026-07-20, list price less typical spot discount 73%`."""
    at: datetime | None = None
    stale: bool = False
    missing: str = ""

    @property
    def delta_usd_per_hour(self) -> float | None:
        if self.usd_per_hour is None or self.normal_usd_per_hour is None:
            return None
        return self.usd_per_hour - self.normal_usd_per_hour


class PoolRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one pool's GPUs do and cost."""

    key: str
    name: str
    cluster: str
    nodes: int
    gpu_model: str
    gpus: int
    allocated: float | None
    """GPUs that pods have requested; None where nobody tells of pods."""
    busy: int | None
    """GPUs that worked in the last five minutes."""
    utilization: float | None
    memory_used: float | None
    power_watts: float | None
    usd_per_hour: float | None
    idle_usd_per_hour: float | None
    """Allocated but not working."""
    unallocated_usd_per_hour: float | None
    """Paid for and requested by nobody."""
    method: str = ""
    """Which instrument the utilization is from; named where it is a fallback."""
    reporting: int | None = None
    """GPUs that report telemetry."""
    unpriced_nodes: int = 0
    priced_by: str = ""
    """As in `SpendRow`."""
    errors: tuple[str, ...] = ()
    """XID errors of the last hour: `XID 79 on node-3, fallen off the bus`."""
    at: datetime | None = None
    stale: bool = False
    missing: str = ""


class NodeRow(Struct, frozen=True, kw_only=True, gc=False):
    """One node of a pool that is open on a screen."""

    key: str
    name: str
    cluster: str
    pool: str
    state: str
    """`ready`, `not ready`, or why it is being taken away."""
    schedulable: bool
    """False where it is cordoned."""
    usd_per_hour: float | None
    unallocated_usd_per_hour: float | None
    """Paid for and requested by nobody."""
    gpus: int
    gpus_used: float | None
    """GPUs that its pods request; None where nobody tells of pods."""
    pods: int | None
    created_at: datetime | None
    instance_type: str = ""
    zone: str = ""
    capacity_type: str = ""
    uid: str = ""
    priced_by: str = ""
    at: datetime | None = None
    stale: bool = False
    missing: str = ""
    """Why it has no price, or why it is not known what of it is requested."""


class PoolNodes(Struct, frozen=True, kw_only=True, gc=False):
    """The nodes of one pool, those first that somebody should look at."""

    pool: str
    """Key of the pool."""
    rows: tuple[NodeRow, ...]
    more: int = 0
    """How many fit what was asked for and are left out: a pool may have thousands."""
    of: int = 0
    """How many nodes it has."""


class BurnWindow(Struct, frozen=True, kw_only=True, gc=False):
    seconds: int
    error_ratio: float | None
    burn_rate: float | None
    """Error ratio divided by the error budget (1 - objective). 1 uses the budget up exactly at the period's end."""


class SloRow(Struct, frozen=True, kw_only=True, gc=False):
    key: str
    name: str
    cluster: str
    service: str
    objective: float
    windows: tuple[BurnWindow, ...]
    budget_left: float | None
    """Ratio of the period's error budget; below 0 when overspent."""
    exhausted_in_seconds: float | None
    """Until the budget is gone at the burn rate of the last hour; None when it is not being used up."""
    events_per_hour: float | None = None
    low_traffic: bool = False
    """Too few events in the short window for its burn rate to mean much."""
    origin: str = ""
    workload: str = ""
    """`Kind/name` of what serves it, when known."""
    model: str = ""
    pool: str = ""
    """Pool, or pools, that serve it: `l40s-infer`."""
    usd_per_hour: float | None = None
    """What serves it costs, when known."""
    period_seconds: float = 30 * 86_400
    at: datetime | None = None
    stale: bool = False
    missing: str = ""

    def burn(self, seconds: int) -> float | None:
        """Return the burn rate of one window."""
        return next((window.burn_rate for window in self.windows if window.seconds == seconds), None)


class SpotRow(Struct, frozen=True, kw_only=True, gc=False):
    """How one pool's spot capacity fares."""

    key: str
    name: str
    cluster: str
    nodes: int
    spot_nodes: int
    lost_1h: int
    lost_24h: int
    lost_usd_per_hour: float | None
    """Extra $/h now: on-demand nodes that joined after an interruption, at most as many as were lost."""
    last_lost_at: datetime | None
    leaving: int = 0
    """Nodes that are being taken right now."""
    rate_1h: float | None = None
    """Interruptions per spot node and hour, over the last hour; None without spot nodes."""
    rate_24h: float | None = None
    evicted_1h: int = 0
    """Pods removed against their will."""
    lost_work_usd: float | None = None
    """Paid for and lost with interruptions of the last 24 h: work since each job's last checkpoint."""
    at: datetime | None = None
    stale: bool = False
    missing: str = ""

    @property
    def spot_share(self) -> float | None:
        return self.spot_nodes / self.nodes if self.nodes else None


class InterruptionRow(Struct, frozen=True, kw_only=True, gc=False):
    """One spot node that the cloud took, or is taking."""

    key: str
    at: datetime
    cluster: str
    pool: str
    node: str
    reason: str
    zone: str = ""
    gpus: int = 0
    leaves_at: datetime | None = None
    """When the node goes, while it is still there."""
    hit: tuple[str, ...] = ()
    """Keys of the workloads that ran on it."""
    lost_work_usd: float | None = None
    """GPU time since the last checkpoint of each; None where no checkpoint is known."""
    replaced_after_seconds: float | None = None
    """Until a node of its pool, or one in place of it, was ready; None while there is none."""
    replaced_by: str = ""
    surcharge_usd_per_hour: float | None = None
    """What the replacement costs more than it did."""


class ActivityRow(Struct, frozen=True, kw_only=True, gc=False):
    key: str
    at: datetime
    who: str
    what: str
    cluster: str = ""
    kind: str = ""
    """`change`, `spot`, `source`, `eviction`, `finding`."""
    bad: bool = False


class ServingRow(Struct, frozen=True, kw_only=True, gc=False):
    key: str
    cluster: str
    namespace: str
    model: str
    server: str
    requests_per_second: float | None
    p95_seconds: float | None
    error_ratio: float | None
    queue_depth: float | None
    tokens_per_second: float | None
    at: datetime | None = None
    stale: bool = False


class UsageRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one namespace pays for beside its part of the nodes; no sum of $/h contains it."""

    key: str
    """As in the table of namespaces: `cluster/namespace`."""
    cluster: str
    namespace: str
    owner: str
    egress_bytes_per_second: float | None = None
    """What its pods send out of their zone; all that they send, where the instrument cannot tell."""
    egress_usd_per_hour: float | None = None
    """At most so much, where it cannot."""
    egress_told_apart: bool = True
    """Whether the instrument tells where traffic goes."""
    senders: tuple[tuple[str, float], ...] = ()
    """`Kind/name` of the workloads that send most, and their bytes per second."""
    storage_bytes: float | None = None
    """Provisioned on volumes."""
    storage_used_bytes: float | None = None
    storage_usd_per_hour: float | None = None
    provenance: Provenance = Provenance.ESTIMATED
    priced_by: str = ""
    at: datetime | None = None
    stale: bool = False


class UnitRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one unit of useful work costs, for a model that is served or a workload that trains."""

    key: str
    kind: ScopeKind
    name: str
    cluster: str
    owner: str
    usd_per_hour: float | None
    usd_per_1k_tokens: float | None = None
    usd_per_1k_requests: float | None = None
    usd_per_training_hour: float | None = None
    """$ per hour in which its GPUs really worked: $/h divided by the share of GPUs that are busy."""
    tokens_per_second: float | None = None
    requests_per_second: float | None = None
    p95_seconds: float | None = None
    queue_depth: float | None = None
    utilization: float | None = None
    trend: tuple[float | None, ...] = ()
    """Of its unit cost (tokens, else requests, else training hours), in steps as `SpendRow.trend`."""
    at: datetime | None = None
    stale: bool = False
    missing: str = ""


class Coverage(Struct, frozen=True, kw_only=True, gc=False):
    """How much of what is spent on workloads carries one ownership fact."""

    fact: str
    """`team`, `model`, `environment` …"""
    labels: tuple[str, ...]
    """Label keys that give it."""
    usd_per_hour: float
    covered_usd_per_hour: float
    workloads: int
    covered_workloads: int

    @property
    def ratio(self) -> float | None:
        """Share of dollars, 0-1; None when nothing is spent."""
        return self.covered_usd_per_hour / self.usd_per_hour if self.usd_per_hour > 0 else None


class Scenario(Struct, frozen=True, kw_only=True, gc=False):
    """The incident that the simulated cloud is made to have."""

    name: str
    title: str
    began_at: datetime


class SourceRow(Struct, frozen=True, kw_only=True, gc=False):
    name: str
    short: str
    state: HealthState
    cluster: str
    since: datetime
    answered_at: datetime | None
    stale: bool
    ages: bool = True
    """False for what does not grow old: a list that ships with the program."""
    primed: bool = True
    """False while more of what it knows at first, such as the past, is on its way."""
    reason: str = ""
    hint: str = ""
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    note: str = ""
    """What its requests have cost: `$1.20 of $4 this month`."""


class Unpriced(Struct, frozen=True, kw_only=True, gc=False):
    """Nodes without a price: counted, never $0."""

    reason: str
    nodes: int
    example: str


class Armed(Struct, frozen=True, kw_only=True, gc=False):
    """Whether something may be changed from here."""

    possible: bool = False
    """False where everything is read-only."""
    until: datetime | None = None
    """None while changes cannot be confirmed."""
    journal: str = ""
    """What is wrong with the record of changes, in sentences; empty while it can be read and its chain holds."""


class Headline(Struct, frozen=True, kw_only=True, gc=False):
    """The money line."""

    usd_per_hour: Figure
    normal_usd_per_hour: Figure
    idle_usd_per_hour: Figure
    unallocated_usd_per_hour: Figure
    today_usd: Figure
    gpus: int | None
    """None while no cluster has told of its nodes, as `nodes`: one that is empty has none, which is known."""
    gpus_allocated: float | None
    """None where nobody tells of the pods of one of the clusters."""
    nodes: int | None
    workloads: int | None
    """None while nobody has told of any cluster's workloads."""
    unpriced: tuple[Unpriced, ...] = ()
    strip: tuple[float | None, ...] = ()
    """Total $/h over the last three hours, one sample a minute, oldest first; None is a gap."""
    strip_normal: tuple[float | None, ...] = ()
    strip_burn: tuple[float | None, ...] = ()
    """The worst hourly burn rate of any objective, one sample a minute, as `strip`."""
    burned_usd: float | None = None
    """Sum over the open findings; what is part of another finding counts once."""
    today_budget_usd: float | None = None
    """The day's budget for everything, where one is set."""
    month_to_date_usd: Figure = NOT_REACHED
    month_end_usd: Figure = NOT_REACHED
    """What the month is expected to end at."""
    month_budget_usd: float | None = None


class Snapshot(Struct, frozen=True, kw_only=True, gc=False):
    version: int = VERSION
    at: datetime
    mode: Mode
    speed: float = 1.0
    """Seconds of this clock per real second."""
    clusters: tuple[str, ...]
    headline: Headline
    findings: tuple[Finding, ...] = ()
    """Everything that is wrong now, the most urgent first; snoozed ones too."""
    resolved: tuple[Finding, ...] = ()
    """What was wrong in the last 24 hours and is over, newest first."""
    learning: str = ""
    """Why anomalies cannot be told yet; empty when they can."""
    scenario: Scenario | None = None
    spend: dict[ScopeKind, tuple[SpendRow, ...]] = field(default_factory=dict)
    pools: tuple[PoolRow, ...] = ()
    nodes: PoolNodes | None = None
    """Of the pool that is open on a screen."""
    slos: tuple[SloRow, ...] = ()
    spot: tuple[SpotRow, ...] = ()
    interruptions: tuple[InterruptionRow, ...] = ()
    """Newest first; those of the last 24 hours."""
    by_label: dict[str, tuple[SpendRow, ...]] = field(default_factory=dict)
    """Spend by each further ownership fact: `environment`, `experiment`, `cost_centre`, `model_version`."""
    units: tuple[UnitRow, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    usage: tuple[UsageRow, ...] = ()
    """Traffic and volumes by namespace, where a source tells of them; the most expensive first."""
    activity: tuple[ActivityRow, ...] = ()
    serving: tuple[ServingRow, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    bills: tuple[BillRow, ...] = ()
    """This month by source, account and currency, the largest first."""
    reconciliation: BillCheck | None = None
    """None until figures have been judged."""
    month: MonthRow | None = None
    budgets: tuple[BudgetRow, ...] = ()
    """Those of the config, in its order."""
    cloud: CloudFacts = NO_CLOUD
    """What the clouds themselves say: budgets, anomalies, recommendations, groups of machines."""
    armed: Armed = Armed()
    actions: tuple[ActionRow, ...] = ()
    """What was done with this program, newest first."""
