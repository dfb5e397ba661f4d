"""Rows made by hand: spend, pools, nodes, SLOs, spot, what happened, what is served, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from finops_tui.model.health import HealthState
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import (
    TREND_CELLS,
    ActivityRow,
    BurnWindow,
    NodeRow,
    PoolNodes,
    PoolRow,
    ServingRow,
    SloRow,
    SourceRow,
    SpendRow,
    SpotRow,
)

NOW = datetime(2026, 3, 13, 14, 2, 31, tzinfo=UTC)
"""A Friday."""


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def stepped(*parts: tuple[int, float | None]) -> tuple[float | None, ...]:
    return tuple(value for count, value in parts for _ in range(count))


def spend(
    name: str,
    owner: str,
    usd: float | None,
    normal: float | None,
    *,
    kind: ScopeKind = ScopeKind.WORKLOAD,
    cluster: str = "prod-us",
    idle: float | None = 0.0,
    gpus: float = 8,
    trend: tuple[float | None, ...] | None = None,
    model: str = "",
    utilization: float | None = 0.71,
) -> SpendRow:
    namespace, _, rest = name.partition("/")
    key = f"{cluster}/{rest.replace('/', f'/{namespace}/', 1)}" if rest and kind is ScopeKind.WORKLOAD else name
    return SpendRow(
        key=key,
        kind=kind,
        name=name,
        cluster=cluster,
        owner=owner,
        namespace=namespace if rest else "",
        model=model,
        labels=(("environment", "prod"), ("cost_centre", "4711")),
        usd_per_hour=usd,
        idle_usd_per_hour=idle,
        normal_usd_per_hour=normal,
        gpus=gpus,
        pods=int(gpus),
        utilization=utilization,
        since=ago(840),
        trend=trend if trend is not None else (usd,) * TREND_CELLS,
        at=ago(4),
    )


WORKLOADS: tuple[SpendRow, ...] = (
    spend(
        "nlp-train/job/retrain-v7",
        "nlp",
        412.0,
        38.0,
        gpus=72,
        model="llama-70b",
        trend=stepped((20, 38.0), (1, 180.0), (3, 412.0)),
    ),
    spend("chat/deploy/chat-api-70b", "chat", 181.4, 186.0, idle=12.6, gpus=48, model="chat-70b"),
    spend(
        "search/deploy/rerank-eu",
        "search",
        56.4,
        37.4,
        cluster="prod-eu",
        gpus=12,
        model="rerank-2",
        trend=stepped((9, 37.4), (15, 56.4)),
    ),
    spend("vision/job/caption-nightly", "vision", 34.3, 36.1, gpus=16, trend=stepped((2, 30.0), (22, 34.3))),
    spend("research/sts/notebook-hub", "research", 21.4, 6.2, idle=15.2, gpus=12, utilization=0.03),
    spend("tmp-eval/deploy/judge-70b", "", 6.1, None, gpus=2, model="judge-70b"),
    spend("batch/cron/embed-refresh", "search", 4.9, 4.8, gpus=4),
    spend("voice/deploy/voice-rt", "voice", 0.0, 0.0, gpus=0, utilization=None),
)


def grouped(kind: ScopeKind, rows: Sequence[tuple[str, str, float, float | None, float]]) -> tuple[SpendRow, ...]:
    return tuple(
        spend(name, owner, usd, normal, kind=kind, cluster="", idle=idle) for name, owner, usd, normal, idle in rows
    )


SPEND: dict[ScopeKind, tuple[SpendRow, ...]] = {
    ScopeKind.WORKLOAD: WORKLOADS,
    ScopeKind.TEAM: grouped(
        ScopeKind.TEAM,
        [("nlp", "nlp", 418.2, 44.0, 0.4), ("chat", "chat", 181.4, 186.0, 12.6), ("search", "search", 61.3, 42.2, 1.1)],
    ),
    ScopeKind.NAMESPACE: grouped(
        ScopeKind.NAMESPACE, [("nlp-train", "nlp", 412.0, 38.0, 0.0), ("chat", "chat", 181.4, 186.0, 12.6)]
    ),
    ScopeKind.MODEL: grouped(
        ScopeKind.MODEL, [("llama-70b", "nlp", 412.0, 38.0, 0.0), ("chat-70b", "chat", 181.4, 186.0, 12.6)]
    ),
    ScopeKind.POOL: grouped(
        ScopeKind.POOL,
        [("prod-us/h100-train", "platform", 520.0, 60.0, 0.0), ("prod-us/a100-spot", "", 96.2, 38.5, 4.8)],
    ),
    ScopeKind.CLUSTER: grouped(
        ScopeKind.CLUSTER, [("prod-us", "platform", 1_102.0, 640.0, 40.0), ("prod-eu", "platform", 182.0, 172.0, 17.2)]
    ),
}


def pool(  # noqa: PLR0917  a row of a table
    name: str,
    gpus: int,
    busy: int | None,
    util: float | None,
    mem: float | None,
    idle: float | None,
    *,
    cluster: str = "prod-us",
    model: str = "H100",
) -> PoolRow:
    return PoolRow(
        key=f"{cluster}/{name}",
        name=name,
        cluster=cluster,
        nodes=max(1, gpus // 8),
        gpu_model=model,
        gpus=gpus,
        allocated=gpus * 0.9,
        busy=busy,
        utilization=util,
        memory_used=mem,
        power_watts=None if util is None else gpus * 420.0,
        usd_per_hour=gpus * 2.5,
        idle_usd_per_hour=idle,
        unallocated_usd_per_hour=gpus * 0.25,
        method="engine active",
        reporting=gpus,
        at=ago(4),
    )


POOLS = (
    pool("l40s-infer", 40, 28, 0.44, 0.51, 18.9, model="L40S"),
    pool("h100-serve", 48, 41, 0.62, 0.74, 12.6),
    pool("a10-notebook", 12, 6, 0.03, 0.22, 10.7, model="A10"),
    pool("t4-dev", 16, 3, 0.06, 0.11, 4.9, model="T4"),
    pool("a100-spot", 24, 22, 0.71, 0.66, 4.8, model="A100"),
    pool("a100-batch", 32, 30, 0.88, 0.79, 3.2, model="A100"),
    pool("l4-edge-eu", 32, 30, 0.38, 0.40, 2.1, model="L4", cluster="prod-eu"),
    replace(pool("h100-train", 72, 72, 0.94, 0.81, 0.0), errors=("XID 79 on h100-3, fallen off the bus",)),
)


def node_row(number: int, gpus_used: float, pods: int, **given: object) -> NodeRow:
    """Return a node of the first pool."""
    fields: dict[str, object] = {
        "key": f"prod-us/l40s-{number}",
        "name": f"l40s-{number}",
        "cluster": "prod-us",
        "pool": "l40s-infer",
        "state": "ready",
        "schedulable": True,
        "usd_per_hour": 20.0,
        "unallocated_usd_per_hour": 20.0 - 2.5 * gpus_used,
        "gpus": 8,
        "gpus_used": gpus_used,
        "pods": pods,
        "created_at": ago(200_000 * number),
        "instance_type": "g6e.48xlarge",
        "zone": "us-east-1b",
        "capacity_type": "on-demand",
        "uid": f"node-{number}",
        "priced_by": "AWS Price List 2026-07-20, on demand",
        "at": ago(4),
    }
    return NodeRow(**(fields | given))  # type: ignore[arg-type]  # test data by name


NODES = PoolNodes(
    pool="prod-us/l40s-infer",
    rows=(
        node_row(1, 8.0, 11, state="spot interruption", capacity_type="spot"),
        node_row(2, 4.0, 6, schedulable=False),
        node_row(3, 0.0, 3),
        node_row(4, 6.0, 9, usd_per_hour=None, unallocated_usd_per_hour=None, priced_by="", missing="no list price"),
        node_row(5, 8.0, 12),
    ),
    of=5,
)
"""Of the first pool."""


def slo(name: str, objective: float, burns: tuple[float, float, float], left: float, out: float | None) -> SloRow:
    return SloRow(
        key=f"prod-us/{name}",
        name=name,
        cluster="prod-us",
        service=name.partition(" ")[0],
        objective=objective,
        windows=tuple(
            BurnWindow(seconds=seconds, error_ratio=burn * (1 - objective), burn_rate=burn)
            for seconds, burn in zip((300, 3_600, 21_600), burns, strict=True)
        ),
        budget_left=left,
        exhausted_in_seconds=out,
        events_per_hour=48_000.0,
        origin="config.yaml",
        at=ago(4),
    )


SLOS = (
    slo("rerank-eu latency", 0.995, (7.2, 6.4, 2.9), 0.31, 19 * 3_600.0),
    slo("chat-api ttft p95", 0.99, (3.1, 2.4, 1.1), 0.48, 76 * 3_600.0),
    slo("chat-api availability", 0.999, (0.6, 0.8, 0.7), 0.71, None),
    slo("embed availability", 0.999, (0.2, 0.1, 0.1), 0.96, None),
    slo("batch deadline", 0.95, (0.0, 0.9, 1.0), 0.52, None),
    slo("judge-70b ttft p95", 0.99, (0.4, 0.3, 0.4), 0.88, None),
    slo("voice-rt availability", 0.999, (0.0, 0.2, 0.5), 0.79, None),
    slo("vision-api latency", 0.99, (0.3, 0.3, 0.2), 0.93, None),
)


def spot(  # noqa: PLR0917  a row of a table
    name: str, nodes: int, spot_nodes: int, hour: int, day: int, lost: float, last: float
) -> SpotRow:
    return SpotRow(
        key=f"prod-us/{name}",
        name=name,
        cluster="prod-us",
        nodes=nodes,
        spot_nodes=spot_nodes,
        lost_1h=hour,
        lost_24h=day,
        lost_usd_per_hour=lost,
        last_lost_at=ago(last),
        at=ago(2),
    )


SPOT = (
    spot("a100-spot", 12, 4, 0, 8, 57.7, 7_200),
    spot("l40s-infer", 10, 7, 0, 2, 6.2, 25_920),
    spot("a100-batch", 4, 4, 0, 1, 3.9, 39_900),
    spot("l4-edge-eu", 8, 4, 0, 0, 0.0, 273_600),
    spot("t4-dev", 4, 4, 0, 0, 0.0, 856_800),
)


def happened(seconds: float, who: str, what: str, kind: str = "change", *, bad: bool = False) -> ActivityRow:
    return ActivityRow(
        key=f"{who}-{seconds}", at=ago(seconds), who=who, what=what, cluster="prod-us", kind=kind, bad=bad
    )


ACTIVITY = (
    happened(51, "spot", "h100-train-7 is being taken", "spot", bad=True),
    happened(623, "scaler", "h100-train 1→9 nodes"),
    happened(919, "argocd", "nlp-train synced 4e1f9c2, by mei"),
    happened(6_707, "hpa", "rerank-eu replicas 4→6"),
    happened(7_201, "aws", "8 a100-spot nodes reclaimed", "spot", bad=True),
    happened(90_000, "argocd", "chat synced 91ab0d4, by tom"),
)

SERVING = tuple(
    ServingRow(
        key=f"{cluster}/{namespace}/{model}",
        cluster=cluster,
        namespace=namespace,
        model=model,
        server=server,
        requests_per_second=rps,
        p95_seconds=p95,
        error_ratio=errors,
        queue_depth=queue,
        tokens_per_second=tokens,
        at=ago(4),
    )
    for cluster, namespace, model, server, rps, p95, errors, queue, tokens in (
        ("prod-us", "chat", "chat-70b", "vLLM", 212.0, 1.8, 0.001, 4.0, 31_000.0),
        ("prod-eu", "search", "rerank-2", "Triton", 940.0, 0.34, 0.012, 0.0, None),
        ("prod-us", "tmp-eval", "judge-70b", "TGI", 3.0, 2.4, None, 1.0, 420.0),
    )
)


def source(name: str, short: str, state: HealthState, answered: float | None = 4.0) -> SourceRow:
    return SourceRow(
        name=name,
        short=short,
        state=state,
        cluster=name.partition(" ")[2],
        since=ago(86_400),
        answered_at=None if answered is None else ago(answered),
        stale=False,
    )


SOURCES = (
    source("prometheus prod-us", "prom", HealthState.POLLED),
    source("kubernetes prod-us", "k8s", HealthState.LIVE, 1.0),
    source("prices", "prices", HealthState.POLLED, 18_000.0),
)


def dollars(value: float | None, unit: str = "USD/h", *, at: float = 4.0, missing: str = "") -> Figure:
    return Figure(value=value, unit=unit, at=ago(at), provenance=Provenance.ESTIMATED, source="prices", missing=missing)
