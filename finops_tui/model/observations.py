"""What sources say. Everything that a recording needs is one of these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

from finops_tui.model.action import ActionRow
from finops_tui.model.change import Change
from finops_tui.model.finding import Triage
from finops_tui.model.gpu import GpuError, GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Namespace, Node, Workload
from finops_tui.model.money import Price
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope
from finops_tui.model.slo import ServingReading, SliReading, Slo
from finops_tui.model.spot import Eviction, Interruption
from finops_tui.model.usage import Traffic, UsageReading

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first figures come before any bill
    from finops_tui.model.bill import BilledDay, ScopedDay


class Observation(Struct, frozen=True, kw_only=True, gc=False):
    at: datetime
    """When it was so: aware, UTC. For events the moment they happened, not when they were read."""
    source: str
    """Name of the source that says so, as in the config: `prometheus prod-us`."""
    cluster: str
    """Empty where the thing belongs to no one cluster."""


class NodesSeen(Observation, frozen=True, kw_only=True, gc=False):
    """`nodes` are there; those in `gone` (names) are not. With `complete`, whatever is not listed is gone too."""

    nodes: tuple[Node, ...] = ()
    gone: tuple[str, ...] = ()
    complete: bool = False


class WorkloadsSeen(Observation, frozen=True, kw_only=True, gc=False):
    """As `NodesSeen`; `gone` holds keys."""

    workloads: tuple[Workload, ...] = ()
    gone: tuple[str, ...] = ()
    complete: bool = False
    within: tuple[str, ...] = ()
    """Namespaces that `complete` is about; all when empty."""
    beside: tuple[str, ...] = ()
    """Namespaces that `complete` is not about: somebody else tells of them."""


class NamespacesSeen(Observation, frozen=True, kw_only=True, gc=False):
    """As `WorkloadsSeen`; `gone` holds names."""

    namespaces: tuple[Namespace, ...] = ()
    gone: tuple[str, ...] = ()
    complete: bool = False
    within: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class GpuReadings(Observation, frozen=True, kw_only=True, gc=False):
    """All readings of one scope in one cluster at one time; it replaces the earlier ones of that scope."""

    scope: GpuScope
    readings: tuple[GpuReading, ...]


class GpuErrorsSeen(Observation, frozen=True, kw_only=True, gc=False):
    errors: tuple[GpuError, ...]


class SlosSeen(Observation, frozen=True, kw_only=True, gc=False):
    """All objectives that this source knows."""

    slos: tuple[Slo, ...]


class SliReadings(Observation, frozen=True, kw_only=True, gc=False):
    readings: tuple[SliReading, ...]


class ServingReadings(Observation, frozen=True, kw_only=True, gc=False):
    """All model servers of one cluster; it replaces the earlier ones."""

    readings: tuple[ServingReading, ...]


class UsageReadings(Observation, frozen=True, kw_only=True, gc=False):
    """Traffic and volumes of one cluster, by namespace; it replaces the earlier ones."""

    readings: tuple[UsageReading, ...]
    usd_per_gib: Mapping[Traffic, float] = field(default_factory=dict)
    """What a meter charges for traffic, where one does."""


class PricesSeen(Observation, frozen=True, kw_only=True, gc=False):
    """All prices that this source knows; it replaces the earlier ones of the same source and cluster."""

    prices: tuple[Price, ...]


class BillsSeen(Observation, frozen=True, kw_only=True, gc=False):
    """What this source's bills say of the last weeks, by account, service and day; it replaces the earlier ones."""

    days: tuple[BilledDay, ...]
    through: datetime | None = None
    """Billed to date as of then: end of the latest charge of usage. None when nothing is billed yet."""
    scoped: tuple[ScopedDay, ...] = ()
    """The same money by what budgets are set for."""
    back_to: date | None = None
    """Days back to this one are still being read; None when all that it has is told."""


class SpotInterrupted(Observation, frozen=True, kw_only=True, gc=False):
    interruption: Interruption


class PodEvicted(Observation, frozen=True, kw_only=True, gc=False):
    eviction: Eviction


class ChangeSeen(Observation, frozen=True, kw_only=True, gc=False):
    change: Change


class FindingTriaged(Observation, frozen=True, kw_only=True, gc=False):
    """Somebody acknowledged, snoozed, resolved or reopened a finding."""

    triage: Triage


class ActionProgress(Observation, frozen=True, kw_only=True, gc=False):
    """How something that was done with this program stands now; it replaces what was said of it before."""

    row: ActionRow


class ArmingSeen(Observation, frozen=True, kw_only=True, gc=False):
    """Whether changes may be confirmed, and until when."""

    possible: bool
    """False where everything is read-only."""
    until: datetime | None
    """None while it is not armed."""
    journal: str = ""
    """What is wrong with the record of changes, in sentences: nothing can be changed then."""


class NodesWanted(Observation, frozen=True, kw_only=True, gc=False):
    """Somebody opened a pool, and wants to see its nodes from now on."""

    pool: str
    """Its key; empty where none is open any more."""
    named: str = ""
    """Only nodes with these letters in what the screen says of them in words."""


class CloudWord(Observation, frozen=True, kw_only=True, gc=False):
    """What a cloud says of something, `model/cloud.py`.

    It replaces what the same source said before of the same account, region, tool and kinds.
    """


class Quantity(StrEnum):
    USD_PER_HOUR = "usd_per_hour"
    NODES = "nodes"
    """How many nodes of one instance type and capacity type; the engine prices them."""
    OWNED = "owned_usd_per_hour"
    """$/h in one namespace of what carries the same ownership labels; the engine says whose it is."""
    SENT = "sent_bytes_per_second"
    """Traffic of one namespace."""
    VOLUMES = "volume_bytes"
    """Provisioned by one namespace."""


class HistorySeries(Struct, frozen=True, kw_only=True, gc=False):
    """Equally spaced samples; a gap has no sample."""

    quantity: Quantity
    scope: Scope
    step_seconds: int
    points: Samples
    """In time order."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """For NODES: `instance_type`, `capacity_type`, `region` as far as known. For SENT: `traffic`, where it goes.

    For OWNED: the labels that workloads carry themselves.
    """
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    """For OWNED: those that the namespace carried then."""


class HistorySeen(Observation, frozen=True, kw_only=True, gc=False):
    """The past, asked for once at the start so that the first screen knows what is normal."""

    series: tuple[HistorySeries, ...]


class SourceHealth(Observation, frozen=True, kw_only=True, gc=False):
    """How the source named in `source` fares. Sent on every answer and on every change of state."""

    short: str
    """Its name on the status line: `prom`, `k8s`."""
    state: HealthState
    since: datetime
    """When it came into this state."""
    answered_at: datetime | None = None
    """Its last good answer."""
    stale_after_seconds: float = 60.0
    """How old its figures may be before they count as stale; infinite where they do not age."""
    primed: bool = True
    """Whether it has told all that it knows at first, the past included; until then more is on its way."""
    reason: str = ""
    """The system's own words, one line; empty when all is well."""
    hint: str = ""
    """What to do about it."""
    missing: tuple[str, ...] = ()
    """What it could not give, each with its reason: `pods: forbidden for user ana; needs list pods`."""
    without_nodes: str = ""
    """Why it cannot tell of nodes, although nobody else does either."""
    warnings: tuple[str, ...] = ()
    """What it warns of while answering: partial responses, truncated results."""
    note: str = ""
    """Worth knowing while all is well: what its requests have cost."""
