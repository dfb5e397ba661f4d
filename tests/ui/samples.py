"""Snapshots made by hand, for tests and pictures: an incident, a calm day, and everything that can go wrong.

`INCIDENT` has five open findings; `ACKNOWLEDGED`, `SNOOZED` and `PLANNED` say what somebody decided about them, `CALM`
has none, and in `LEARNING` normal is not known yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from finops_tui.model.finding import Cause, Evidence, Finding, FindingState, Severity, Triage
from finops_tui.model.health import HealthState
from finops_tui.model.money import Figure, Provenance
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import (
    TREND_CELLS,
    ActivityRow,
    BurnWindow,
    Headline,
    Mode,
    NodeRow,
    PoolNodes,
    PoolRow,
    ServingRow,
    SloRow,
    Snapshot,
    SourceRow,
    SpendRow,
    SpotRow,
    Unpriced,
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


MINUTES = 180
"""Samples in a finding's series of minutes."""


def finding(  # noqa: PLR0917  a row of a table
    name: str,
    severity: Severity,
    owner: str,
    usd: float | None,
    normal: float | None,
    seconds: float,
    *,
    kind: str = "spend",
    scope: Scope | None = None,
    cluster: str = "prod-us",
    model: str = "",
    burned: float | None = None,
    why: str,
    evidence: tuple[Evidence, ...] = (),
    causes: tuple[Cause, ...] = (),
    related: tuple[str, ...] = (),
    runbook: str = "",
    minutes: tuple[float | None, ...] | None = None,
    group: str = "",
) -> Finding:
    """Make an open finding that began `seconds` ago."""
    namespace, _, rest = name.partition("/")
    if scope is None:
        scope = Scope(ScopeKind.WORKLOAD, f"{cluster}/{rest.replace('/', f'/{namespace}/', 1)}")
    excess = None if usd is None else usd - (normal or 0.0)
    minutes = minutes if minutes is not None else (usd,) * MINUTES
    return Finding(
        key=f"{kind}/{scope.kind.value}/{scope.name}",
        kind=kind,
        severity=severity,
        state=FindingState.OPEN,
        scope=scope,
        name=name,
        cluster=cluster,
        owner=owner,
        namespace=namespace if scope.kind is ScopeKind.WORKLOAD else "",
        model=model,
        environment="prod",
        since=ago(seconds),
        opened_at=ago(seconds - 60),
        seen_at=ago(4),
        usd_per_hour=usd,
        normal_usd_per_hour=normal,
        excess_usd_per_hour=excess,
        burned_usd=burned,
        why=why,
        evidence=evidence,
        causes=causes,
        related=related,
        runbook=runbook,
        group=group,
        trend=tuple(minutes[(step + 1) * MINUTES // TREND_CELLS - 1] for step in range(TREND_CELLS)),
        minutes=minutes,
        minutes_normal=(normal,) * MINUTES,
    )


def at(hour: int, minute: int) -> datetime:
    """Return a moment of the day of the incident."""
    return NOW.replace(hour=hour, minute=minute, second=0)


RETRAIN = finding(
    "nlp-train/job/retrain-v7",
    Severity.PAGE,
    "nlp",
    412.0,
    38.0,
    840,
    model="llama-70b",
    burned=87.3,
    why="10.8× normal for a Friday 14:00Z; the highest in 21 days was $61.0/h. 9 workers run, 1 is usual.",
    evidence=(
        Evidence(label="Contact", words="#nlp-oncall"),
        Evidence(label="Spends", words="$412.0/h for 11m, $38.0/h is normal at this hour"),
        Evidence(label="GPUs", words="72 of 8 usual, 96% utilized"),
    ),
    causes=(
        Cause(
            what="workers 1→9",
            at=at(13, 47),
            who="argocd, mei",
            fit=0.96,
            why="same job, 40 s before the onset, asks for 64 GPUs more",
            change_id="change-3",
        ),
        Cause(
            what="image nlp-train:4e1f9c2",
            at=at(13, 27),
            who="argocd",
            fit=0.22,
            why="same job, 21 min before the onset",
            change_id="change-2",
        ),
        Cause(what="quota nlp gpu 16→80", at=at(12, 52), who="ana", fit=0.18, why="same team", change_id="change-1"),
    ),
    related=("prod-us/h100-train", "prod-us/batch deadline"),
    runbook="https://runbooks.example.com/spend/training-job",
    minutes=stepped((166, 38.0), (2, 180.0), (12, 412.0)),
    group="prod-us/llama-70b",
)
A100_SPOT = finding(
    "pool/a100-spot",
    Severity.TICKET,
    "platform",
    96.2,
    38.5,
    7_200,
    kind="spot",
    scope=Scope(ScopeKind.POOL, "prod-us/a100-spot"),
    burned=115.4,
    why="8 of 12 spot nodes were taken since 12:02Z; on-demand nodes run in their place.",
    evidence=(Evidence(label="Lost", words="8 nodes at 12:02Z, zone us-east-1b"),),
    causes=(Cause(what="8 spot lost → on-demand", at=None, who="aws", fit=0.91, why="same pool, at the onset"),),
    related=("prod-us/a100-spot",),
    minutes=stepped((60, 38.5), (20, 60.0), (20, 77.0), (80, 96.2)),
)
RERANK = finding(
    "search/deploy/rerank-eu",
    Severity.TICKET,
    "search",
    56.4,
    37.4,
    6_720,
    cluster="prod-eu",
    model="rerank-2",
    burned=35.5,
    why="1.5× normal for a Friday 14:00Z since 12:10Z.",
    causes=(Cause(what="replicas 4→6", at=at(12, 10), who="hpa", fit=0.88, why="same deployment, at the onset"),),
    related=("prod-us/rerank-eu latency",),
    minutes=stepped((68, 37.4), (112, 56.4)),
    group="prod-eu/rerank-2",
)
NOTEBOOKS = finding(
    "research/sts/notebook-hub",
    Severity.TICKET,
    "research",
    21.4,
    6.2,
    12_000,
    kind="idle",
    burned=50.7,
    why="6 of 12 GPUs did no work since 10:42Z.",
    evidence=(
        Evidence(label="Power", words="62 W a GPU, 71 W is idle"),
        Evidence(label="Work", words="no kernel in the last 3h20m"),
    ),
    causes=(Cause(what="6 GPUs idle from 10:42Z", at=None, fit=0.8, why="no kernel ran on them since"),),
    related=("prod-us/a10-notebook",),
)
JUDGE = finding(
    "tmp-eval/deploy/judge-70b",
    Severity.INFO,
    "",
    6.1,
    None,
    18_600,
    kind="untagged",
    model="judge-70b",
    burned=31.5,
    why="It has no owner label, and it is new since 08:52Z.",
    causes=(Cause(what="untagged, new at 08:52Z", at=None, fit=0.5),),
)
FINDINGS = (RETRAIN, A100_SPOT, RERANK, NOTEBOOKS, JUDGE)
RESOLVED = replace(
    finding(
        "l40s-infer",
        Severity.TICKET,
        "platform",
        62.0,
        62.0,
        20_760,
        kind="idle",
        scope=Scope(ScopeKind.POOL, "prod-us/l40s-infer"),
        burned=12.4,
        why="14 GPUs did no work.",
    ),
    state=FindingState.RESOLVED,
    resolved_at=at(9, 41),
)


def triaged(
    found: Finding, state: FindingState, *, reason: str = "investigating", until: datetime | None = None
) -> Finding:
    """Return a finding of which somebody has decided something a minute ago."""
    triage = Triage(key=found.key, since=found.since, state=state, at=at(14, 1), by="ana", reason=reason, until=until)
    return replace(found, state=state, triage=triage)


HEADLINE = Headline(
    usd_per_hour=dollars(1_284.0),
    normal_usd_per_hour=dollars(812.0),
    idle_usd_per_hour=dollars(57.2),
    unallocated_usd_per_hour=dollars(31.0),
    today_usd=dollars(18_200.0, "USD"),
    gpus=276,
    gpus_allocated=241.0,
    nodes=61,
    workloads=212,
    strip=stepped((61, 812.0), (105, 870.0), (3, 1_000.0), (11, 1_284.0)),
    strip_normal=(812.0,) * 180,
    burned_usd=320.4,
)

INCIDENT = Snapshot(
    at=NOW,
    mode=Mode.LIVE,
    clusters=("prod-us", "prod-eu"),
    headline=HEADLINE,
    findings=FINDINGS,
    resolved=(RESOLVED,),
    spend=SPEND,
    pools=POOLS,
    slos=SLOS,
    spot=SPOT,
    activity=ACTIVITY,
    serving=SERVING,
    sources=SOURCES,
)


def _calm_row(row: SpendRow) -> SpendRow:
    normal = row.normal_usd_per_hour if row.normal_usd_per_hour is not None else row.usd_per_hour
    usd = None if normal is None else normal * 0.99
    return replace(row, usd_per_hour=usd, normal_usd_per_hour=normal, trend=(usd,) * TREND_CELLS)


ACKNOWLEDGED = replace(INCIDENT, findings=(triaged(RETRAIN, FindingState.ACKNOWLEDGED), *FINDINGS[1:]))
"""Its only page is acknowledged."""
SNOOZED = replace(
    INCIDENT,
    findings=(
        RETRAIN,
        A100_SPOT,
        *(triaged(one, FindingState.SNOOZED, until=at(15, 1)) for one in (RERANK, NOTEBOOKS)),
    ),
)
"""Two of its tickets are snoozed for an hour."""
PLANNED = replace(
    INCIDENT,
    findings=(
        replace(RETRAIN, severity=Severity.TICKET, planned="quarterly retraining until 18:00Z"),
        *FINDINGS[1:],
    ),
)
"""What would be a page is expected."""
TICKETS = replace(INCIDENT, findings=FINDINGS[1:], headline=replace(HEADLINE, burned_usd=233.1))
"""Nothing that wakes anybody."""
LEARNING = replace(
    INCIDENT,
    findings=(NOTEBOOKS,),
    learning="Normal is not known yet: 2 of 7 days seen. Limits from config apply.",
    headline=replace(
        HEADLINE,
        normal_usd_per_hour=dollars(None, missing="2 of 7 days seen"),
        strip_normal=(None,) * 180,
        burned_usd=50.7,
    ),
    spend={
        kind: tuple(replace(row, normal_usd_per_hour=None, missing="2 of 7 days seen") for row in rows)
        for kind, rows in SPEND.items()
    },
)
"""Two days after the start."""

CALM = replace(
    INCIDENT,
    findings=(),
    headline=replace(HEADLINE, usd_per_hour=dollars(806.0), strip=(806.0,) * 180, burned_usd=None),
    spend={kind: tuple(_calm_row(row) for row in rows) for kind, rows in SPEND.items()},
    slos=tuple(slo(row.name, row.objective, (0.4, 0.6, 0.8), row.budget_left or 0.0, None) for row in SLOS),
    spot=tuple(replace(row, lost_24h=0, lost_usd_per_hour=0.0) for row in SPOT),
    activity=tuple(row for row in ACTIVITY if not row.bad),
)

EMPTY = Snapshot(
    at=NOW,
    mode=Mode.LIVE,
    clusters=("prod-us",),
    headline=Headline(
        usd_per_hour=dollars(None, missing="no node has a price"),
        normal_usd_per_hour=dollars(None, missing="0 of 7 days seen"),
        idle_usd_per_hour=dollars(None, missing="no GPU telemetry"),
        unallocated_usd_per_hour=dollars(None, missing="no node has a price"),
        today_usd=dollars(None, "USD", missing="no node has a price"),
        gpus=0,
        gpus_allocated=0.0,
        nodes=0,
        workloads=0,
    ),
    sources=(source("kubernetes prod-us", "k8s", HealthState.LIVE, 1.0),),
)

_DOWN = replace(
    SOURCES[0],
    state=HealthState.DOWN,
    since=ago(371),
    answered_at=ago(371),
    stale=True,
    reason="connection refused",
    hint="Is the port-forward still up? Try: kubectl -n monitoring get svc",
)

STALE = replace(
    INCIDENT,
    headline=replace(HEADLINE, usd_per_hour=dollars(1_284.0, at=371), strip=(*HEADLINE.strip[:-6], *(None,) * 6)),
    findings=tuple(
        replace(row, seen_at=ago(371), stale=True, minutes=row.minutes[:-6], trend=(*row.trend[:-1], None))
        for row in FINDINGS
    ),
    spend={
        kind: tuple(replace(row, at=ago(371), stale=True, trend=(*row.trend[:-1], None)) for row in rows)
        for kind, rows in SPEND.items()
    },
    pools=tuple(replace(row, at=ago(371), stale=True) for row in POOLS),
    slos=tuple(replace(row, at=ago(371), stale=True) for row in SLOS),
    serving=tuple(replace(row, at=ago(371), stale=True) for row in SERVING),
    sources=(_DOWN, *SOURCES[1:]),
)

_FORBIDDEN = replace(
    SOURCES[1],
    state=HealthState.PARTIAL,
    reason="forbidden",
    hint="Needs: list nodes (docs/permissions).",
    missing=("nodes: forbidden for user ana; needs list nodes", "events: forbidden for user ana; needs list events"),
)

FAILING = replace(
    INCIDENT,
    headline=replace(
        HEADLINE, unpriced=(Unpriced(reason="no price for p5en.48xlarge in eu-north-1", nodes=2, example="n-7"),)
    ),
    spend={
        kind: (
            replace(
                rows[0],
                usd_per_hour=None,
                normal_usd_per_hour=None,
                idle_usd_per_hour=None,
                trend=(),
                missing="nodes: forbidden for user ana",
            ),
            *rows[1:],
        )
        for kind, rows in SPEND.items()
    },
    pools=(
        replace(
            POOLS[0],
            busy=None,
            utilization=None,
            memory_used=None,
            power_watts=None,
            idle_usd_per_hour=None,
            missing="no GPU telemetry: the exporter does not run here",
        ),
        *POOLS[1:],
    ),
    slos=(),
    sources=(replace(SOURCES[0], warnings=("partial response: 1 of 3 stores did not answer",)), _FORBIDDEN, SOURCES[2]),
)


def huge(rows: int = 5_000) -> Snapshot:
    """A fleet that nobody can look at in full, on a day without a finding: pane 1 lists what it spends."""
    teams = ("nlp", "chat", "search", "vision", "voice", "research", "platform", "ads")
    workloads = tuple(
        spend(
            f"{teams[number % 8]}-{number % 40}/job/train-run-{number:05d}-with-a-long-name-worker-{number % 7}",
            teams[number % 8],
            0.1 + (number * 37 % 9_973) / 7.0,
            0.2 + (number * 31 % 9_001) / 9.0,
            cluster=f"prod-{number % 12}",
            idle=(number * 13 % 101) / 3.0,
            gpus=number % 64,
        )
        for number in range(rows)
    )
    return replace(
        INCIDENT,
        findings=(),
        clusters=tuple(f"prod-{number}" for number in range(12)),
        headline=replace(
            HEADLINE,
            usd_per_hour=dollars(1_284_000.0),
            normal_usd_per_hour=dollars(812_000.0),
            gpus=40_000,
            nodes=5_000,
            workloads=rows,
            today_usd=dollars(18_200_000.0, "USD"),
        ),
        spend={**SPEND, ScopeKind.WORKLOAD: workloads},
        pools=tuple(pool(f"pool-{number:03d}", 800, 700, 0.5, 0.5, number / 3.0) for number in range(300)),
    )


HOSTILE_TEXTS = (
    "\x1b[31mred\x1b]0;owned\x07",
    "[bold red]markup[/] [link=http://x]y[/link]",
    "\u202eevil\u2066rtl\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "x" * 10_000,
    "emoji 🚀👩‍👩‍👧‍👦 ünïcödé 漢字漢字漢字",
    "new\nline\r\ttab\x00nul\x7f\x9b",
    "",
)


def hostile() -> Snapshot:
    """Names, labels and reasons that try to be more than text."""

    def bad(number: int) -> str:
        return HOSTILE_TEXTS[number % len(HOSTILE_TEXTS)]

    def spends(kind: ScopeKind) -> tuple[SpendRow, ...]:
        return tuple(
            replace(
                spend(bad(n), bad(n + 1), 10.0 + n, 5.0, kind=kind, cluster=bad(n + 2)),
                key=f"{kind}-{n}",
                model=bad(n + 3),
                labels=((bad(n), bad(n + 1)),),
                missing=bad(n + 4),
            )
            for n in range(8)
        )

    return replace(
        INCIDENT,
        clusters=HOSTILE_TEXTS,
        findings=tuple(
            replace(
                one,
                name=bad(n),
                owner=bad(n + 1),
                cluster=bad(n + 2),
                why=bad(n),
                planned=bad(n + 3),
                runbook=bad(n),
                evidence=(Evidence(label=bad(n), words=bad(n + 1)),),
                causes=(Cause(what=bad(n), at=None, who=bad(n + 1), why=bad(n + 2)),),
                triage=Triage(
                    key=one.key,
                    since=one.since,
                    state=FindingState.ACKNOWLEDGED,
                    at=NOW,
                    by=bad(n),
                    reason=bad(n + 1),
                ),
            )
            for n, one in enumerate(FINDINGS)
        ),
        spend={kind: spends(kind) for kind in SPEND},
        pools=tuple(replace(row, name=bad(n), gpu_model=bad(n + 1), errors=(bad(n),)) for n, row in enumerate(POOLS)),
        slos=tuple(replace(row, name=bad(n), service=bad(n + 1), origin=bad(n)) for n, row in enumerate(SLOS)),
        spot=tuple(replace(row, name=bad(n)) for n, row in enumerate(SPOT)),
        activity=tuple(replace(row, who=bad(n), what=bad(n + 1)) for n, row in enumerate(ACTIVITY)),
        serving=tuple(replace(row, model=bad(n), server=bad(n)) for n, row in enumerate(SERVING)),
        sources=(
            replace(
                _DOWN,
                name=bad(0),
                short=bad(1),
                reason=bad(0),
                hint=bad(1),
                missing=HOSTILE_TEXTS,
                warnings=HOSTILE_TEXTS,
            ),
            *SOURCES[1:],
        ),
    )
