"""What a snapshot says, as tables of words: the substance of the text and the Markdown form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from finops_tui.model.finding import Finding, FindingState
from finops_tui.model.money import Figure
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Headline, PoolRow, ServingRow, SloRow, Snapshot, SourceRow, SpendRow, SpotRow
from finops_tui.output.clouds import clouds
from finops_tui.output.deeds import actions
from finops_tui.output.figures import MISSING, age, duration, moment, number, objective, percent, times, whole
from finops_tui.output.money import bills, budgets, check, month_facts
from finops_tui.output.outside import outside
from finops_tui.output.tables import Column, Table, columns, table
from finops_tui.phrases import counted, dollars, rate

SCOPES = (ScopeKind.CLUSTER, ScopeKind.TEAM, ScopeKind.NAMESPACE, ScopeKind.MODEL, ScopeKind.WORKLOAD)
BURN_WINDOWS = ((300, "5m"), (3_600, "1h"), (21_600, "6h"))


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    facts: Sequence[tuple[str, str]]
    """The money line and what it leaves out: a name and what is to be said."""
    tables: Sequence[Table] = field(default_factory=tuple)


class _Row(Protocol):
    @property
    def missing(self) -> str: ...


def report(snapshot: Snapshot) -> Report:
    clusters = ", ".join(snapshot.clusters) or "no cluster yet"
    tables = [_findings(snapshot)] if snapshot.findings else []
    tables += [_spend(snapshot, kind) for kind in SCOPES if snapshot.spend.get(kind)]
    others = (
        _pools(snapshot), _slos(snapshot), _spot(snapshot), _serving(snapshot), bills(snapshot), check(snapshot),
        budgets(snapshot), *clouds(snapshot), outside(snapshot), actions(snapshot), _activity(snapshot),
    )  # fmt: skip
    tables += [each for each in others if each.rows]
    return Report(
        title=f"finops-tui, {snapshot.mode}, {moment(snapshot.at)}, {clusters}",
        facts=_facts(snapshot),
        tables=(*tables, _sources(snapshot)),
    )


def _facts(snapshot: Snapshot) -> list[tuple[str, str]]:
    head = snapshot.headline
    facts = [
        ("Spend rate", _figure(head.usd_per_hour, snapshot)),
        ("Normal at this hour", _figure(head.normal_usd_per_hour, snapshot)),
        ("Idle", _figure(head.idle_usd_per_hour, snapshot)),
        ("Unallocated", _figure(head.unallocated_usd_per_hour, snapshot)),
        ("Today", _figure(head.today_usd, snapshot, dollars)),
        *month_facts(snapshot),
        ("Seen", _seen(head)),
        ("Allocated", _allocated(head)),
    ]
    if snapshot.learning:
        facts.append(("Anomalies", snapshot.learning))
    elif not snapshot.findings:
        facts.append(("Findings", "none open"))
    if head.burned_usd:
        facts.append(("Burned", f"{dollars(head.burned_usd)} by the open findings"))
    if head.usd_per_hour.source:
        facts.append(("Priced by", head.usd_per_hour.source))
    facts += [
        ("Unpriced", f"{counted(each.nodes, 'node')}, left out of every $/h: {each.reason} (such as {each.example})")
        for each in head.unpriced
    ]
    return facts


def _seen(head: Headline) -> str:
    if head.nodes is None and head.workloads is None:
        return f"{MISSING} ({head.usd_per_hour.missing or 'nothing has been seen yet'})"
    seen = ((head.nodes, "node"), (head.workloads, "workload"), (head.gpus, "GPU"))
    return ", ".join(f"{MISSING} {noun}s" if many is None else counted(many, noun) for many, noun in seen)


def _allocated(head: Headline) -> str:
    if head.gpus_allocated is None:
        return f"{MISSING} ({head.unallocated_usd_per_hour.missing or 'nobody tells of all pods'})"
    return f"{number(head.gpus_allocated)} GPUs"


def _figure(figure: Figure, snapshot: Snapshot, form: Callable[[float], str] = rate) -> str:
    if figure.value is None:
        return f"{MISSING} ({figure.missing or 'not known'})"
    return f"{form(figure.value)}, {figure.provenance}, {age(figure.at, snapshot.at)} old"


def _findings(snapshot: Snapshot) -> Table:
    def cells(finding: Finding) -> list[str]:
        return [
            finding.name,
            finding.severity.upper(),
            finding.cluster,
            finding.owner,
            duration((snapshot.at - finding.since).total_seconds()),
            number(finding.usd_per_hour),
            number(finding.normal_usd_per_hour),
            number(finding.excess_usd_per_hour),
            number(finding.burned_usd, 0),
        ]

    words = ["FINDING", "SEV", "CLUSTER", "OWNER"]
    heads = [*words, "FOR", "$/H", "NORMAL $/H", "EXCESS $/H", "BURNED $"]
    notes = [" ".join(_told(finding)) for finding in snapshot.findings]
    return table("Findings, most urgent first", columns(heads, outside=len(words)), snapshot.findings, cells, notes)


def _told(finding: Finding) -> Iterator[str]:
    """Yield sentences: why it is listed, what probably brought it about, what people say of it."""
    yield f"{finding.name}: {finding.why}"
    for cause in finding.causes[:1]:
        at = f" at {moment(cause.at)}" if cause.at is not None else ""
        yield f"Likely cause: {cause.what}{f' by {cause.who}' if cause.who else ''}{at}."
    if finding.state is not FindingState.OPEN:
        by = f" by {finding.triage.by}: {finding.triage.reason or 'no reason given'}" if finding.triage else ""
        yield f"It is {finding.state}{by}."
    if finding.planned:
        yield f"It is planned: {finding.planned}."


def _spend(snapshot: Snapshot, kind: ScopeKind) -> Table:
    rows = sorted(snapshot.spend[kind], key=lambda row: (-(row.usd_per_hour or 0.0), row.name, row.key))
    kinds = {row.provenance for row in rows}
    shared = f", {next(iter(kinds))}" if len(kinds) == 1 else ""

    wide, owned = kind is not ScopeKind.CLUSTER, kind not in {ScopeKind.CLUSTER, ScopeKind.TEAM}

    def cells(row: SpendRow) -> list[str]:
        cells = [
            row.name,
            *([row.cluster] if wide else []),
            *([row.owner] if owned else []),
            number(row.usd_per_hour),
            number(row.normal_usd_per_hour),
            number(row.idle_usd_per_hour),
            number(row.gpus),
            percent(row.utilization),
            age(row.at, snapshot.at, stale=row.stale),
        ]
        return cells if shared else [*cells, row.provenance]

    words = [kind.upper(), *(["CLUSTER"] if wide else []), *(["OWNER"] if owned else [])]
    figures = ["$/H", "NORMAL $/H", "IDLE $/H", "GPUS", "UTIL %", "AGE", *([] if shared else ["PROVENANCE"])]
    heads = columns([*words, *figures], outside=len(words))
    return table(f"Spend by {kind}{shared}", heads, rows, cells, _missing(rows, lambda row: row.name))


def _pools(snapshot: Snapshot) -> Table:
    def cells(row: PoolRow) -> list[str]:
        return [
            f"{row.cluster}/{row.name}",
            row.gpu_model,
            whole(row.gpus),
            number(row.allocated),
            whole(row.busy),
            percent(row.utilization),
            number(row.usd_per_hour),
            number(row.idle_usd_per_hour),
            number(row.unallocated_usd_per_hour),
            age(row.at, snapshot.at, stale=row.stale),
        ]

    heads = ["POOL", "MODEL", "GPUS", "ALLOC", "BUSY", "UTIL %", "$/H", "IDLE $/H", "FREE $/H", "AGE"]
    rows = sorted(snapshot.pools, key=lambda row: (-(row.idle_usd_per_hour or 0), -(row.usd_per_hour or 0), row.key))
    notes = _missing(rows, lambda row: row.key)
    notes += [f"{row.key}: {counted(row.unpriced_nodes, 'node')} without a price" for row in rows if row.unpriced_nodes]
    notes += [f"{row.key}: {error}" for row in rows for error in row.errors]
    return table("GPU pools, most idle dollars first", columns(heads, outside=2), rows, cells, notes)


def _slos(snapshot: Snapshot) -> Table:
    def cells(row: SloRow) -> list[str]:
        return [
            row.name,
            row.cluster,
            objective(row.objective),
            *(times(row.burn(seconds)) for seconds, _ in BURN_WINDOWS),
            percent(row.budget_left),
            duration(row.exhausted_in_seconds),
            age(row.at, snapshot.at, stale=row.stale),
        ]

    heads = ["SLO", "CLUSTER", "TARGET %", *(name for _, name in BURN_WINDOWS), "LEFT %", "OUT IN", "AGE"]
    rows = sorted(snapshot.slos, key=lambda row: (-(row.burn(3_600) or 0.0), row.key))
    notes = _missing(rows, lambda row: row.name)
    notes += [f"{row.name}: too little traffic for its burn to mean much" for row in rows if row.low_traffic]
    title = "SLO burn rate by window (1 uses the budget up exactly), fastest first"
    return table(title, columns(heads, outside=2), rows, cells, notes)


def _spot(snapshot: Snapshot) -> Table:
    def cells(row: SpotRow) -> list[str]:
        return [
            f"{row.cluster}/{row.name}",
            whole(row.nodes),
            percent(row.spot_share),
            whole(row.leaving),
            whole(row.lost_1h),
            whole(row.lost_24h),
            number(row.lost_usd_per_hour),
            age(row.last_lost_at, snapshot.at),
            age(row.at, snapshot.at, stale=row.stale),
        ]

    heads = ["POOL", "NODES", "SPOT %", "LEAVING", "LOST 1H", "LOST 24H", "LOST $/H", "LAST LOST", "AGE"]
    rows = sorted(snapshot.spot, key=lambda row: (-row.lost_1h, -row.lost_24h, row.key))
    notes = _missing(rows, lambda row: row.key)
    return table("Spot capacity, most lost first", columns(heads, outside=1), rows, cells, notes)


def _serving(snapshot: Snapshot) -> Table:
    def cells(row: ServingRow) -> list[str]:
        return [
            f"{row.namespace}/{row.model}",
            row.cluster,
            row.server,
            number(row.requests_per_second),
            number(row.p95_seconds, 2),
            MISSING if row.error_ratio is None else number(row.error_ratio * 100, 2),
            number(row.queue_depth),
            number(row.tokens_per_second, 0),
            age(row.at, snapshot.at, stale=row.stale),
        ]

    heads = ["MODEL", "CLUSTER", "SERVER", "REQ/S", "P95 S", "ERRORS %", "QUEUE", "TOKENS/S", "AGE"]
    return table("Model servers", columns(heads, outside=3), snapshot.serving, cells, [])


def _activity(snapshot: Snapshot) -> Table:
    newest = sorted(snapshot.activity, key=lambda row: (row.at, row.key), reverse=True)
    heads = [Column("TIME", outside=True), Column("WHO", outside=True), Column("WHAT", outside=True)]
    return table("Activity", heads, newest, lambda row: [moment(row.at), row.who, row.what], [])


def _sources(snapshot: Snapshot) -> Table:
    def cells(row: SourceRow) -> list[str]:
        answered = age(row.answered_at, snapshot.at, stale=row.stale)
        return [row.name, row.state, duration((snapshot.at - row.since).total_seconds()), answered, row.reason]

    heads = [*columns(["SOURCE", "STATE", "FOR", "ANSWERED AGO"], outside=2), Column("REASON", outside=True)]
    notes = []
    for row in snapshot.sources:
        notes += [_lack(row.name, what) for what in row.missing]
        notes += [f"{row.name} warns: {what}" for what in row.warnings]
        notes += [f"{row.name}: {row.hint}"] if row.hint else []
        notes += [f"{row.name}: what asking has cost: {row.note}"] if row.note else []
    return table("Sources", heads, snapshot.sources, cells, notes)


RowWithGaps = TypeVar("RowWithGaps", bound=_Row)


def _lack(name: str, what: str) -> str:
    """Say what a source does not tell: some name a figure, others make a sentence of it."""
    return f"{name}: {what}" if what[:1].isupper() else f"{name} lacks {what}"


def _missing(rows: Sequence[RowWithGaps], name: Callable[[RowWithGaps], str]) -> list[str]:
    """Say once for each reason why figures are missing, and for whom."""
    reasons = Counter(row.missing for row in rows if row.missing)
    notes = []
    for reason, count in reasons.most_common():
        first = next(name(row) for row in rows if row.missing == reason)
        notes.append(f"{MISSING}: {reason} ({first}" + (f" and {count - 1} more)" if count > 1 else ")"))
    return notes
