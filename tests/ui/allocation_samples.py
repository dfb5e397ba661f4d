"""A snapshot in which every dollar has somebody to pay it: shares, labels, unit costs, coverage."""

from __future__ import annotations

from msgspec.structs import replace

from finops_tui.analysis.showback import by_label, coverage
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import TREND_CELLS, SpendRow, UnitRow
from tests.ui.samples import INCIDENT, POOLS, WORKLOADS, ago, dollars, spend, stepped

FREE = {"prod-us": 0.05, "prod-eu": 0.25}
"""Dollars that nobody requested for each that somebody did."""


def paid(row: SpendRow, share: float | None, today: float | None, week_ago: float | None) -> SpendRow:
    return replace(row, share_usd_per_hour=share, today_usd=today, week_ago_usd_per_hour=week_ago)


def free(kind: ScopeKind, usd: float, cluster: str = "") -> SpendRow:
    row = spend("(unallocated)", "", usd, None, kind=kind, cluster=cluster, idle=None, gpus=15, utilization=None)
    return replace(row, key=f"{cluster}/(unallocated)" if cluster else "(unallocated)", pods=0, since=None)


def group(kind: ScopeKind, name: str, usd: float | None, idle: float | None, cluster: str = "") -> SpendRow:
    normal = None if usd is None else usd * 0.95
    row = spend(name, name, usd, normal, kind=kind, cluster=cluster, idle=idle)
    return replace(row, key=f"{cluster}/{name}" if cluster else name, labels=(), since=None)


LABELLED = tuple(
    replace(row, labels=(("environment", "prod" if number % 2 else "dev"), *row.labels[1:]) if row.owner else ())
    for number, row in enumerate(WORKLOADS)
)
TEAMS = (
    paid(
        replace(group(ScopeKind.TEAM, "nlp", 412.0, 0.0), gpus=72, trend=stepped((20, 38.0), (1, 180.0), (3, 412.0))),
        20.6,
        2_940.0,
        38.0,
    ),
    paid(group(ScopeKind.TEAM, "chat", 181.4, 12.6), 9.07, 2_510.0, 180.2),
    paid(group(ScopeKind.TEAM, "search", 61.3, 0.0), 14.345, 744.0, 42.0),
    free(ScopeKind.TEAM, 47.105),
    paid(group(ScopeKind.TEAM, "vision", 34.3, 0.0), 1.715, 512.0, 0.0),
    paid(group(ScopeKind.TEAM, "research", 21.4, 15.2), 1.07, 299.0, 6.2),
    paid(replace(group(ScopeKind.TEAM, "(unowned)", 6.1, None), owner=""), 0.305, None, None),
    paid(
        replace(group(ScopeKind.TEAM, "canary", None, None), missing="None of its nodes has a price."), None, None, None
    ),
)
NAMESPACES = (
    paid(group(ScopeKind.NAMESPACE, "nlp-train", 412.0, 0.0, "prod-us"), 20.6, 2_940.0, 38.0),
    paid(group(ScopeKind.NAMESPACE, "search", 56.4, 0.0, "prod-eu"), 14.1, 700.0, 40.0),
    free(ScopeKind.NAMESPACE, 20.6, "prod-us"),
    free(ScopeKind.NAMESPACE, 14.1, "prod-eu"),
    paid(group(ScopeKind.NAMESPACE, "search", 0.0, 0.0, "prod-us"), 0.0, 44.0, 2.0),
)
TOTAL = replace(
    paid(
        spend("total", "", 763.605, 700.0, kind=ScopeKind.TOTAL, cluster="", idle=27.8, gpus=276), None, 7_200.0, 690.0
    ),
    utilization=0.61,
    labels=(),
)


def unit(name: str, usd: float | None, cluster: str = "prod-us", **given: object) -> UnitRow:
    namespace, _, rest = name.partition("/")
    served = "/" not in rest
    fields: dict[str, object] = {
        "key": f"{cluster}/{namespace}/vLLM/{rest}" if served else f"{cluster}/{rest}",
        "kind": ScopeKind.MODEL if served else ScopeKind.WORKLOAD,
        "name": name,
        "cluster": cluster,
        "owner": namespace,
        "usd_per_hour": usd,
        "utilization": 0.6,
        "at": ago(4),
    }
    return UnitRow(**(fields | given))  # type: ignore[arg-type]  # test data by name


CHAT = unit(
    "chat/chat-70b",
    181.4,
    usd_per_1k_tokens=0.0123,
    usd_per_1k_requests=0.238,
    tokens_per_second=4_096.0,
    requests_per_second=212.0,
    p95_seconds=1.8,
    queue_depth=4.0,
    trend=stepped((16, 0.009), (8, 0.0123)),
)
RETRAIN = unit(
    "nlp-train/job/retrain-v7",
    412.0,
    owner="nlp",
    usd_per_training_hour=429.2,
    utilization=0.94,
    trend=(429.2,) * TREND_CELLS,
)
UNITS = (
    RETRAIN,
    CHAT,
    unit(
        "search/rerank-2",
        56.4,
        "prod-eu",
        usd_per_1k_requests=0.0000166,
        requests_per_second=940.0,
        p95_seconds=0.34,
        queue_depth=0.0,
        trend=(0.0000166,) * TREND_CELLS,
    ),
    unit("research/job/notebook", 21.4, missing="Its GPUs do no work.", utilization=0.01),
    unit(
        "tmp-eval/judge-70b", 6.1, owner="", requests_per_second=0.0, tokens_per_second=0.0, missing="No traffic now."
    ),
    unit("canary/chat-405b", None, utilization=None, missing="No workload with a price carries this model's label."),
)

ALLOCATED = replace(
    INCIDENT,
    headline=replace(
        INCIDENT.headline,
        usd_per_hour=dollars(763.605),
        normal_usd_per_hour=dollars(700.0),
        idle_usd_per_hour=dollars(27.8),
        unallocated_usd_per_hour=dollars(47.105),
        today_usd=dollars(7_200.0, "USD"),
    ),
    spend={
        **INCIDENT.spend,
        ScopeKind.TOTAL: (TOTAL,),
        ScopeKind.TEAM: TEAMS,
        ScopeKind.NAMESPACE: NAMESPACES,
        ScopeKind.WORKLOAD: (*LABELLED, free(ScopeKind.WORKLOAD, 35.6, "prod-us")),
        ScopeKind.POOL: tuple(
            replace(spend(f"pool/{pool.name}", "", pool.usd_per_hour, None, kind=ScopeKind.POOL), key=pool.key)
            for pool in POOLS[:4]
        ),
    },
    by_label={
        fact: (*rows, free(ScopeKind.TEAM, 47.105))
        for fact, rows in by_label(LABELLED, ("environment", "cost_centre"), FREE).items()
    },
    units=UNITS,
    coverage=coverage(
        LABELLED,
        {
            "team": ("team", "owner"),
            "environment": ("environment", "env"),
            "experiment": ("experiment", "experiment-id", "mlflow.org/experiment"),
        },
    ),
)
