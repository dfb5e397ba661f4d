"""A snapshot with a row of each kind, one of everything that may go wrong, and hostile names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from finops_tui.model.finding import Cause, Evidence, Finding, FindingState, Severity, Triage
from finops_tui.model.health import HealthState
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import (
    ActivityRow,
    BurnWindow,
    PoolRow,
    ServingRow,
    SloRow,
    Snapshot,
    SourceRow,
    SpendRow,
    SpotRow,
    Unpriced,
)
from tests.samples import NOON, empty_snapshot

HOSTILE = "\x1b[31mred\x1b]0;title\x07 \u202eevil\u200b|`x`\r\nnext\x9b2J"
FORMULA = '=HYPERLINK("http://x","y")'


def spend_row(name: str = "nlp/job/retrain", usd: float | None = 412.04, **more: Any) -> SpendRow:
    row = SpendRow(
        key=f"prod-us/Job/{name}",
        kind=ScopeKind.WORKLOAD,
        name=name,
        cluster="prod-us",
        owner="nlp",
        namespace="nlp",
        model="retrain",
        labels=(("environment", "production"),),
        usd_per_hour=usd,
        idle_usd_per_hour=1.5,
        gpus=8.0,
        pods=1,
        utilization=0.58,
        since=NOON - timedelta(hours=3),
        trend=(None, 1.0),
        at=NOON - timedelta(seconds=4),
    )
    return replace(row, **more)


def finding(name: str = "nlp/job/retrain", **more: Any) -> Finding:
    found = Finding(
        key=f"cost/workload/prod-us/Job/{name}",
        kind="spend",
        severity=Severity.PAGE,
        state=FindingState.OPEN,
        scope=Scope(ScopeKind.WORKLOAD, f"prod-us/Job/{name}"),
        name=name,
        cluster="prod-us",
        owner="nlp",
        namespace="nlp",
        model="retrain",
        environment="production",
        since=NOON - timedelta(minutes=75),
        opened_at=NOON - timedelta(minutes=64),
        seen_at=NOON - timedelta(seconds=4),
        usd_per_hour=412.04,
        normal_usd_per_hour=94.0,
        excess_usd_per_hour=318.04,
        burned_usd=397.55,
        why="4.4 times what this hour ever reached.",
        evidence=(Evidence(label="Checkpoint", words="42 min old"),),
        causes=(Cause(what="workers 1→9", at=NOON - timedelta(minutes=76), who="argocd", fit=0.8),),
    )
    return replace(found, **more)


def decided() -> Finding:
    """Return a finding without dollars that somebody looks after."""
    return finding(
        "search latency",
        key="slo/workload/prod-us/Deployment/search/rerank/latency",
        kind="slo",
        severity=Severity.TICKET,
        state=FindingState.ACKNOWLEDGED,
        usd_per_hour=None,
        normal_usd_per_hour=None,
        excess_usd_per_hour=None,
        burned_usd=None,
        why="Burns 3.2× too fast over 1 d.",
        causes=(),
        planned="weekly load test",
        triage=Triage(
            key="slo/workload/prod-us/Deployment/search/rerank/latency",
            since=NOON - timedelta(minutes=75),
            state=FindingState.ACKNOWLEDGED,
            at=NOON - timedelta(minutes=10),
            by="ana",
            reason="investigating",
        ),
    )


def full_snapshot() -> Snapshot:
    figure = Figure(value=1284.06, unit="USD/h", at=NOON - timedelta(seconds=3), source="AWS Price List")
    snapshot = empty_snapshot()
    headline = replace(
        snapshot.headline,
        usd_per_hour=figure,
        nodes=60,
        gpus=400,
        gpus_allocated=350.5,
        workloads=45,
        unpriced=(Unpriced(reason="no price known for x1", nodes=2, example="prod-us/n-1"),),
        strip=(1.0, None),
    )
    return replace(
        snapshot,
        clusters=("prod-eu", "prod-us"),
        headline=headline,
        findings=(finding(), decided()),
        spend={
            ScopeKind.TEAM: (spend_row("nlp", kind=ScopeKind.TEAM, key="nlp"),),
            ScopeKind.WORKLOAD: (
                spend_row(),
                spend_row(HOSTILE, 7.0, stale=True),
                spend_row(FORMULA, 3.0, provenance=Provenance.METERED),
                spend_row("chat/deploy/unpriced", None, missing="no price known for x1"),
            ),
        },
        pools=(
            PoolRow(
                key="prod-us/a100",
                name="a100",
                cluster="prod-us",
                nodes=8,
                gpu_model="A100",
                gpus=64,
                allocated=60.0,
                busy=None,
                utilization=float("nan"),
                memory_used=0.5,
                power_watts=9_000.0,
                usd_per_hour=76.1,
                idle_usd_per_hour=0.0,
                unallocated_usd_per_hour=4.75,
                unpriced_nodes=1,
                errors=("XID 79 on node-3, fallen off the bus",),
                at=NOON - timedelta(minutes=6),
                stale=True,
            ),
        ),
        slos=(
            SloRow(
                key="prod-us/search/latency",
                name="search latency",
                cluster="prod-us",
                service="search",
                objective=0.9995,
                windows=(BurnWindow(seconds=3_600, error_ratio=0.0072, burn_rate=14.4),),
                budget_left=-0.1,
                exhausted_in_seconds=None,
                low_traffic=True,
            ),
        ),
        spot=(
            SpotRow(
                key="prod-us/a100",
                name="a100",
                cluster="prod-us",
                nodes=8,
                spot_nodes=6,
                lost_1h=1,
                lost_24h=3,
                lost_usd_per_hour=12.5,
                last_lost_at=NOON - timedelta(minutes=31),
            ),
        ),
        activity=(ActivityRow(key="1", at=NOON, who="hpa", what="rerank replicas 4→6"),),
        serving=(
            ServingRow(
                key="1",
                cluster="prod-us",
                namespace="chat",
                model="chat-70b",
                server="vLLM",
                requests_per_second=12.34,
                p95_seconds=None,
                error_ratio=0.0123,
                queue_depth=0.0,
                tokens_per_second=1_234.5,
            ),
        ),
        sources=(
            SourceRow(
                name="prometheus prod-us",
                short="prom",
                state=HealthState.DOWN,
                cluster="prod-us",
                since=NOON - timedelta(minutes=6),
                answered_at=NOON - timedelta(minutes=7),
                stale=True,
                reason="connection refused",
                hint="Look whether it runs.",
                missing=("pods: forbidden",),
                warnings=("partial response",),
            ),
        ),
    )
