"""What may be done, as the config says it; the guard reads it and nobody else. The defaults are the careful ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase

from finops_tui.engine.selector import UNKNOWN, Selector
from finops_tui.model.plan import Decision

SYSTEM = (
    Selector(
        namespaces=("kube-*", "*-system", "argocd", "cert-manager", "gpu-operator", "karpenter", "monitoring"),
        origin="policy.protect_system",
    ),
    Selector(kinds=("pool", "node"), names=("system*", "*control-plane*", "*master*"), origin="policy.protect_system"),
)
"""What keeps a cluster running; nobody saves money there at night."""


class SecondPerson(StrEnum):
    """When a colleague's name is asked for."""

    NEVER = "never"
    TYPED = "typed"
    """Where a name is to be typed anyway."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """A colleague whose authenticator shows a code (TOTP, RFC 6238) that only they should see."""

    name: str
    secret: str = field(repr=False)
    """Base32, shared with their authenticator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Nothing that it covers is made smaller than this."""

    selector: Selector
    size: int
    """Replicas, or nodes of a pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A weekly window. One that ends before it begins ends on the next day."""

    days: frozenset[int]
    """On which it begins; Monday is 0."""
    begins: time
    ends: time
    zone: tzinfo
    decision: Decision = Decision.REFUSE
    reason: str = ""

    def covers(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        today, yesterday, clock = local.weekday(), (local - timedelta(days=1)).weekday(), local.time()
        if self.begins < self.ends:
            return today in self.days and self.begins <= clock < self.ends
        return (today in self.days and clock >= self.begins) or (yesterday in self.days and clock < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules for one cluster."""

    read_only: bool = True
    arm_minutes: float = 15.0
    protected: tuple[Selector, ...] = SYSTEM
    minimums: tuple[Minimum, ...] = ()
    bulk_cap: int = 10
    """Plans that one key may confirm."""
    rate_actions: int = 10
    rate_minutes: float = 10.0
    quiet_hours: tuple[QuietHours, ...] = ()
    typed_environments: tuple[str, ...] = ("prod*", "live*", UNKNOWN)
    """Where the name is to be typed; an environment that nobody names is called `unknown`."""
    typed_pods: int | None = 100
    """From so many on; None is no limit."""
    typed_gpus: float | None = 128.0
    typed_usd_per_hour: float | None = 1_000.0
    typed_irreversible: bool = True
    stale_seconds: float = 120.0
    """Figures older than this raise the decision by one step, at most to typing the name."""
    refuse_stale_seconds: float = 900.0
    high_slo_risk: Decision = Decision.TYPE_NAME
    """TYPE_NAME or REFUSE; a risk that nobody knows counts as high."""
    reason_pattern: str = ""
    """Regular expression that the reason must contain; empty when none is asked for."""
    second_person: SecondPerson = SecondPerson.NEVER
    approvers: tuple[Approver, ...] = ()
    """Who may be the second person, each with a code; anybody by name alone where it is empty."""
    clock_speed: float = 1.0
    """Seconds of the clock per real second: in the demo, times that people wait for are told in real time."""
    roll_back: bool = False
    """Whether a change is taken back by itself when an objective near it begins to burn; else that is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The rules everywhere, and those of the clusters that have their own."""

    default: Policy = Policy()
    clusters: tuple[tuple[str, Policy], ...] = ()
    """Glob and rules; the first that fits counts."""

    @property
    def allow_changes(self) -> bool:
        """Tell whether anything may be changed anywhere, once armed."""
        return any(not policy.read_only for policy in self.all)

    @property
    def all(self) -> tuple[Policy, ...]:
        return (self.default, *(policy for _, policy in self.clusters))

    def of(self, cluster: str) -> Policy:
        return next((policy for glob, policy in self.clusters if fnmatchcase(cluster, glob)), self.default)
