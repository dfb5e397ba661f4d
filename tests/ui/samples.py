"""Snapshots made by hand, for tests and pictures: an incident, a calm day, and everything that can go wrong.

`INCIDENT` has five open findings; `ACKNOWLEDGED`, `SNOOZED` and `PLANNED` say what somebody decided about them, `CALM`
has none, and in `LEARNING` normal is not known yet.
"""

from __future__ import annotations

from msgspec.structs import replace

from finops_tui.model.finding import Cause, Evidence, FindingState, Severity, Triage
from finops_tui.model.health import HealthState
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import TREND_CELLS, Headline, Mode, Snapshot, SpendRow, Unpriced
from tests.ui.sample_findings import (
    A100_SPOT,
    FINDINGS,
    JUDGE,
    NOTEBOOKS,
    RERANK,
    RESOLVED,
    RETRAIN,
    at,
    finding,
    triaged,
)
from tests.ui.sample_rows import (
    ACTIVITY,
    NODES,
    NOW,
    POOLS,
    SERVING,
    SLOS,
    SOURCES,
    SPEND,
    SPOT,
    WORKLOADS,
    ago,
    dollars,
    happened,
    pool,
    slo,
    source,
    spend,
    spot,
    stepped,
)

__all__ = [
    "A100_SPOT",
    "ACKNOWLEDGED",
    "ACTIVITY",
    "CALM",
    "EMPTY",
    "FAILING",
    "FINDINGS",
    "HEADLINE",
    "HOSTILE_TEXTS",
    "INCIDENT",
    "JUDGE",
    "LEARNING",
    "NODES",
    "NOTEBOOKS",
    "NOW",
    "PLANNED",
    "POOLS",
    "RERANK",
    "RESOLVED",
    "RETRAIN",
    "SERVING",
    "SLOS",
    "SNOOZED",
    "SOURCES",
    "SPEND",
    "SPOT",
    "STALE",
    "TICKETS",
    "WORKLOADS",
    "ago",
    "at",
    "dollars",
    "finding",
    "happened",
    "hostile",
    "huge",
    "pool",
    "slo",
    "source",
    "spend",
    "spot",
    "stepped",
    "triaged",
]

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
