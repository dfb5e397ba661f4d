"""Rows of the spend tables, made from sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import fsum
from typing import NamedTuple, Protocol

from finops_tui.analysis.capacity import Capacity, free_gpus, mean
from finops_tui.analysis.cluster_costs import WorkloadAccount
from finops_tui.analysis.figures import total
from finops_tui.engine.history import ScopeHistory, SpendHistory
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from finops_tui.phrases import counted

UNOWNED = "(unowned)"
UNALLOCATED = "(unallocated)"
UNTOLD = "(not known)"
"""What clusters cost in which nobody tells of pods: who requests it, or nobody, is not known."""
NO_MODEL = "(no model)"
CENT = 0.005
"""Less than half a cent an hour has no row of its own."""


class Age(NamedTuple):
    at: datetime | None
    stale: bool
    missing: str = ""
    """Why there is nothing at all; empty when there is something."""
    waiting: bool = False
    """Nothing has been seen, and nothing went wrong either."""


class Members(NamedTuple):
    """What the workloads of one team, namespace or model take in one cluster."""

    usd: float | None
    idle: float | None
    gpus: float
    pods: int
    pending: int
    utilization: float | None
    reporting: int
    owner: str
    namespace: str
    model: str
    running: int
    """How many workloads have pods."""
    short: int
    """Of how many of those not all is counted."""
    why: str
    """Of the first of those, in words."""

    @property
    def missing(self) -> str:
        """Say in words what the sum lacks; empty when it is whole."""
        if self.usd is None:
            return "None of its nodes has a price or has been seen."
        if not self.short:
            return ""
        return f"{self.short} of {counted(self.running, 'workload')} not wholly counted: {self.why}"


class Part(Protocol):
    """What one cluster adds to the tables."""

    name: str
    age: Age
    figures: Capacity
    untold: str
    """Why it is not known what of its nodes is requested; empty where it is."""
    groups: dict[tuple[ScopeKind, str], Members]


class Tables:
    """Rows of every scope but single workloads, made from scratch: there are few of them."""

    def __init__(self, history: SpendHistory, at: float, *, record: bool) -> None:
        self._history = history
        self._at = at
        self._record = record
        self._rows: defaultdict[ScopeKind, list[SpendRow]] = defaultdict(list)

    def add(
        self,
        scope: Scope,
        name: str,
        age: Age,
        figures: Capacity,
        *,
        cluster: str = "",
        owner: str = "",
        pending: int | None = None,
        priced_by: str = "",
        missing: str = "",
    ) -> None:
        """Add a scope that is made of nodes, and for whose nodes so many pods wait."""
        unseen = bool(age.missing)  # nothing counted is not the same as none
        self._append(
            scope, name, age, usd=None if unseen else figures.usd, idle=figures.idle_usd,
            cluster=cluster, owner=owner, gpus=None if unseen else float(figures.gpus),
            pods=None if unseen else figures.pods, pods_pending=None if unseen else pending,
            utilization=figures.utilization, priced_by=priced_by, missing=missing,
        )  # fmt: skip

    def groups(self, clusters: Sequence[Part]) -> None:
        """Add the scopes that are made of workloads."""
        parts: defaultdict[tuple[ScopeKind, str], list[tuple[Part, Members]]] = defaultdict(list)
        for spend in clusters:
            for scope, taken in spend.groups.items():
                parts[scope].append((spend, taken))
        ages: dict[tuple[str, ...], Age] = {}
        for scope, of in parts.items():
            names = tuple([spend.name for spend, _ in of])
            if names not in ages:
                ages[names] = merged_age([spend for spend, _ in of])
            members = _together([part for _, part in of])
            self._append(
                Scope(*scope), members.namespace or scope[1], ages[names], usd=members.usd, idle=members.idle,
                cluster=names[0] if len(names) == 1 else "",
                owner=members.owner, namespace=members.namespace, model=members.model,
                gpus=members.gpus, pods=members.pods, pods_pending=members.pending, utilization=members.utilization,
                missing=members.missing,
                share=fsum([(taken.usd or 0.0) * idle_capacity(part.figures) for part, taken in of]),
            )  # fmt: skip

    def unallocated(self, clusters: Sequence[Part], figures: Capacity) -> None:
        """Add what nobody requested, so that the tables add up to what the nodes cost."""
        if (figures.unallocated_usd or 0.0) >= CENT:
            for kind in (ScopeKind.TEAM, ScopeKind.MODEL):
                self._append(
                    Scope(kind, UNALLOCATED), UNALLOCATED, merged_age(clusters), usd=figures.unallocated_usd, idle=None,
                    gpus=free_gpus([spend.figures for spend in clusters if not spend.age.missing]),
                )  # fmt: skip
        for spend in clusters:
            if (spend.figures.unallocated_usd or 0.0) >= CENT:
                for kind in (ScopeKind.NAMESPACE, ScopeKind.WORKLOAD):
                    self._append(
                        Scope(kind, f"{spend.name}/{UNALLOCATED}"), UNALLOCATED, spend.age,
                        usd=spend.figures.unallocated_usd, idle=None,
                        cluster=spend.name, gpus=free_gpus([spend.figures]),
                    )  # fmt: skip

    def untold(self, clusters: Sequence[Part]) -> None:
        """Add what somebody may have requested or nobody, for the same reason."""
        parts = [spend for spend in clusters if spend.untold and (spend.figures.usd or 0.0) >= CENT]
        if parts:
            for kind in (ScopeKind.TEAM, ScopeKind.MODEL):
                self._append(
                    Scope(kind, UNTOLD), UNTOLD, merged_age(parts), usd=total([spend.figures.usd for spend in parts]),
                    idle=None, gpus=sum([spend.figures.gpus for spend in parts]), pods=None, pods_pending=None,
                    missing=" ".join(spend.untold for spend in parts),
                )  # fmt: skip
        for spend in parts:
            for kind in (ScopeKind.NAMESPACE, ScopeKind.WORKLOAD):
                self._append(
                    Scope(kind, f"{spend.name}/{UNTOLD}"), UNTOLD, spend.age, usd=spend.figures.usd, idle=None,
                    cluster=spend.name, gpus=spend.figures.gpus, pods=None, pods_pending=None, missing=spend.untold,
                )  # fmt: skip

    def finish(self, workloads: list[SpendRow]) -> dict[ScopeKind, tuple[SpendRow, ...]]:
        """Return all tables, the most expensive first."""
        self._rows[ScopeKind.WORKLOAD] += workloads
        for kind in ScopeKind:
            self._rows[kind].sort(key=_by_cost)
        return {kind: tuple(self._rows[kind]) for kind in ScopeKind}

    def _append(
        self,
        scope: Scope,
        name: str,
        age: Age,
        *,
        usd: float | None,
        idle: float | None,
        cluster: str = "",
        owner: str = "",
        namespace: str = "",
        model: str = "",
        gpus: float | None = 0.0,
        pods: int | None = 0,
        pods_pending: int | None = 0,
        utilization: float | None = None,
        priced_by: str = "",
        missing: str = "",
        share: float | None = None,
    ) -> None:
        history = self._history.scope(scope)
        if self._record:
            note(history, self._at, usd, stale=age.stale)
        self._rows[scope.kind].append(
            SpendRow(
                key=scope.name,
                kind=scope.kind,
                name=name,
                cluster=cluster,
                owner=owner,
                namespace=namespace,
                model=model,
                usd_per_hour=usd,
                idle_usd_per_hour=idle,
                normal_usd_per_hour=history.normal(self._at).usd_per_hour,
                today_usd=history.today(self._at, None),
                week_ago_usd_per_hour=history.week_ago(self._at),
                share_usd_per_hour=share,
                gpus=gpus,
                pods=pods,
                pods_pending=pods_pending,
                utilization=utilization,
                trend=history.trend(self._at),
                priced_by=priced_by,
                at=age.at,
                stale=age.stale,
                missing=missing,
            )
        )


def note(past: ScopeHistory, at: float, usd: float | None, *, stale: bool) -> None:
    """Record a figure; what is not known, or no longer true, is a gap."""
    if usd is None or stale:
        past.gap(at)
    else:
        past.record(at, usd)


def merged_age(clusters: Sequence[Part]) -> Age:
    """Return the age of a sum: its oldest part's."""
    seen = [spend.age for spend in clusters if not spend.age.missing]
    if not seen:
        return Age(None, stale=False, missing="nothing has been seen yet")
    times = [age.at for age in seen if age.at is not None]
    return Age(min(times, default=None), any(age.stale for age in seen))


def groups_of(cluster: str, accounts: Iterable[WorkloadAccount]) -> dict[tuple[ScopeKind, str], Members]:
    members: defaultdict[tuple[ScopeKind, str], list[WorkloadAccount]] = defaultdict(list)
    for account in accounts:
        owner = account.owner
        members[ScopeKind.TEAM, owner.team or UNOWNED].append(account)
        members[ScopeKind.MODEL, owner.model or NO_MODEL].append(account)
        members[ScopeKind.NAMESPACE, f"{cluster}/{account.workload.namespace}"].append(account)
    return {scope: _members(scope[0], of) for scope, of in members.items()}


def _members(kind: ScopeKind, of: list[WorkloadAccount]) -> Members:
    first = of[0]
    running = [account for account in of if account.placements]
    short = [account.missing for account in running if account.missing]
    return Members(
        usd=total([account.usd for account in running or of]),  # what rests costs nothing, which says nothing of others
        idle=total([account.idle_usd for account in of]),
        gpus=fsum([account.gpus for account in of]),
        pods=sum([account.pods for account in of]),
        pending=sum([account.workload.pods_pending for account in of]),
        utilization=mean([(account.utilization, account.reporting) for account in of]),
        reporting=sum([account.reporting for account in of]),
        owner=_only({account.owner.team for account in of}),
        namespace=first.workload.namespace if kind is ScopeKind.NAMESPACE else "",
        model=first.owner.model if kind is ScopeKind.MODEL else "",
        running=len(running),
        short=len(short),
        why=next(iter(short), ""),
    )


def _together(parts: Sequence[Members]) -> Members:
    """Sum up one scope over clusters."""
    if len(parts) == 1:
        return parts[0]
    return Members(
        usd=total([part.usd for part in parts]),
        idle=total([part.idle for part in parts]),
        gpus=fsum([part.gpus for part in parts]),
        pods=sum([part.pods for part in parts]),
        pending=sum([part.pending for part in parts]),
        utilization=mean([(part.utilization, part.reporting) for part in parts]),
        reporting=sum([part.reporting for part in parts]),
        owner=_only(part.owner for part in parts),
        namespace=parts[0].namespace,
        model=parts[0].model,
        running=sum([part.running for part in parts]),
        short=sum([part.short for part in parts]),
        why=next((part.why for part in parts if part.why), ""),
    )


def workload_row(account: WorkloadAccount, age: Age, past: ScopeHistory, at: float) -> SpendRow:
    workload, owner = account.workload, account.owner
    return SpendRow(
        key=account.key,
        kind=ScopeKind.WORKLOAD,
        name=account.name,
        cluster=workload.cluster,
        owner=owner.team,
        namespace=workload.namespace,
        model=owner.model,
        labels=owner.labels,
        usd_per_hour=account.usd,
        idle_usd_per_hour=account.idle_usd,
        normal_usd_per_hour=past.normal(at).usd_per_hour,
        today_usd=past.today(at, workload.created_at.timestamp() if workload.created_at is not None else None),
        week_ago_usd_per_hour=past.week_ago(at),
        gpus=account.gpus,
        pods=account.pods,
        pods_pending=workload.pods_pending,
        utilization=account.utilization,
        since=workload.created_at,
        trend=past.trend(at),
        priced_by=account.priced_by,
        at=age.at,
        stale=age.stale,
        missing=account.missing,
    )


def idle_capacity(figures: Capacity) -> float:
    """Return how many dollars nobody requested for each dollar that somebody did."""
    free, allocated = figures.unallocated_usd or 0.0, (figures.usd or 0.0) - (figures.unallocated_usd or 0.0)
    return free / allocated if allocated > 0 else 0.0


def _only(names: Iterable[str]) -> str:
    """Return the one name that all share, empty when they differ."""
    different = set(names)
    return different.pop() if len(different) == 1 else ""


def _by_cost(row: SpendRow) -> tuple[float, str]:
    """Most expensive first; what is not known comes last."""
    return (1.0 if row.usd_per_hour is None else -row.usd_per_hour, row.key)
