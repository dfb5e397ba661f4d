"""What deserves attention, since when, what it costs, and why it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from finops_tui.model.plan import Reverter, Risk, Target
from finops_tui.model.scope import Scope

WOULD_DO = "Normal"
"""Label of the evidence that says what normal means of waste: what would do, not what is usual."""


class Severity(StrEnum):
    """How urgent a finding is, the most urgent first."""

    PAGE = "page"
    """Somebody is to be woken up."""
    TICKET = "ticket"
    """To be looked at in this shift."""
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class FindingState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Evidence(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that was seen and speaks for a finding, or for or against a move."""

    label: str
    """`Power`, `Checkpoint`, `Restart policy`."""
    words: str
    """What was seen, with figures: `62 W a GPU, 71 W is idle`."""


class Cause(Struct, frozen=True, kw_only=True, gc=False):
    """Something that may have brought a finding about."""

    what: str
    """One line without the time: `workers 1→9`."""
    at: datetime | None
    who: str = ""
    fit: float = 0.0
    """0-1: how well it explains the finding by scope, time and size."""
    why: str = ""
    """What speaks for it, in words: `same job, 40 s before the onset, asks for 64 GPUs more`."""
    change_id: str = ""
    """Of the change, where it is one."""


class Remedy(Struct, frozen=True, kw_only=True, gc=False):
    """A move that would help, foreseen from what is known here; its plan asks the system itself."""

    action: str
    """Id of the action: `pause`."""
    target: Target
    parameters: Mapping[str, str] = field(default_factory=dict)
    """`{"replicas": "1"}`."""
    what: str
    """`pause the job`, `scale 9→1`."""
    saves_usd_per_hour: float | None
    saves_when: str
    saves_at: datetime | None = None
    """From when on it saves; None where that is not known without asking, or it saves nothing."""
    slo_risk: Risk
    slo_words: str = ""
    slos: tuple[str, ...] = ()
    """Keys of the objectives that the risk is about."""
    loses: str = ""
    reverts: tuple[Reverter, ...] = ()
    """Who would set it back by themselves, as far as that is known."""
    refused: str = ""
    """Why it cannot be done, where it cannot."""
    reversible: bool = True


class Signal(Struct, frozen=True, kw_only=True, gc=False):
    """What a detector sees at one moment. It is repeated for as long as it is so; its key stays the same."""

    kind: str
    """Id of the detector."""
    severity: Severity
    scope: Scope
    name: str
    """As shown: `nlp-train/job/retrain-v7`, `pool/a100-spot`, an objective's name."""
    since: datetime
    """Onset: when what is wrong began, not when it was noticed."""
    why: str
    """Why it is listed, in words with figures."""
    part: str = ""
    """Tells several signals of one kind and scope apart; empty where there is one."""
    subject: str = ""
    """What it is about, where that stays the same while the scope becomes known; else scope and part say it."""
    cluster: str = ""
    """Empty for what spans clusters."""
    owner: str = ""
    namespace: str = ""
    model: str = ""
    usd_per_hour: float | None = None
    """What the scope spends now."""
    normal_usd_per_hour: float | None = None
    """What it usually spends at this hour; for waste, what would do."""
    excess_usd_per_hour: float | None = None
    """What of it the finding is about; None where it is not about dollars."""
    burned_usd: float | None = None
    """Spent on it since the onset, where the detector knows better than the sum of the excess seen."""
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()
    """What the detector itself knows of the cause, best first; changes are ranked and added by the engine."""
    related: tuple[str, ...] = ()
    """Keys of rows that belong to it: objectives, pools, workloads."""
    planned: str = ""
    """Why it is expected, where it is; such a finding never pages."""

    @property
    def key(self) -> str:
        """Stable for as long as it is the same trouble of the same thing."""
        if self.subject:
            return f"{self.kind}/{self.subject}"
        return "/".join(filter(None, (self.kind, self.scope.kind.value, self.scope.name, self.part)))


class Triage(Struct, frozen=True, kw_only=True, gc=False):
    """What somebody decided about a finding."""

    key: str
    """Of the finding."""
    since: datetime
    """The finding's onset: the same trouble later is another finding, of which nothing has been decided."""
    state: FindingState
    at: datetime
    by: str
    severity: Severity | None = None
    """How urgent it was then; the decision does not hold for what has become more urgent."""
    reason: str = ""
    until: datetime | None = None
    """End of a snooze."""


class Turn(Struct, frozen=True, kw_only=True, gc=False):
    """A moment at which an open finding became more or less urgent."""

    at: datetime
    before: Severity
    after: Severity
    why: str = ""
    """In a few words: `acknowledged by ana`, `open for 1d00h, and nobody decided about it`."""


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """A signal with its history: what panes, reports and notifications show."""

    key: str
    kind: str
    severity: Severity
    state: FindingState
    scope: Scope
    name: str
    cluster: str
    owner: str
    namespace: str
    model: str
    environment: str
    since: datetime
    opened_at: datetime
    """When it was first listed."""
    seen_at: datetime
    """When it was last so."""
    resolved_at: datetime | None = None
    usd_per_hour: float | None
    normal_usd_per_hour: float | None
    excess_usd_per_hour: float | None
    burned_usd: float | None
    why: str
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()
    """Best first."""
    related: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    """Best first: what can be taken back and puts no SLO at risk, then dollars saved; what is refused last."""
    runbook: str = ""
    planned: str = ""
    triage: Triage | None = None
    turned: tuple[Turn, ...] = ()
    """When it became more or less urgent while it was open, oldest first; of many the newest."""
    group: str = ""
    """Findings of one group are one trouble: the same model in the same cluster."""
    trend: tuple[float | None, ...] = ()
    """$/h of the scope over the last three hours, in steps as `SpendRow.trend`."""
    minutes: tuple[float | None, ...] = ()
    """$/h of the scope, one sample a minute, oldest first, up to `seen_at`; None is a gap."""
    minutes_normal: tuple[float | None, ...] = ()
    """What was normal in each of those minutes."""
    stale: bool = False
