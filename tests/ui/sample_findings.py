"""Findings made by hand: the five of the incident, and one that is over."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from finops_tui.model.finding import Cause, Evidence, Finding, FindingState, Severity, Triage
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import TREND_CELLS
from tests.ui.sample_rows import NOW, ago, stepped

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
