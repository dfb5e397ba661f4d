"""What is paid for at a cloud outside every cluster: jobs, endpoints, queues, groups and machines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from finops_tui import phrases
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.scope import ScopeKind
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import MISSING, SEPARATOR, STALE, TICKET, TIMES
from finops_tui.ui.palette import Span
from finops_tui.ui.panes.base import Moment, PaneSpec, answered_at, figure, is_stale, named, nothing_wrong
from finops_tui.ui.panes.facts import Fact, Origin, age, moment, priced_by, why_missing
from finops_tui.ui.targets import target_of
from finops_tui.ui.text import cut_end
from finops_tui.ui.widgets.columns import Cell, Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot

RATE_CELLS, SAVES_CELLS = 8, 4
UNPRICED = "unpriced"
KINDS: Mapping[OutsideKind, str] = {
    OutsideKind.TRAINING_JOB: "training job",
    OutsideKind.ENDPOINT: "endpoint",
    OutsideKind.QUEUE: "job queue",
    OutsideKind.ENVIRONMENT: "environment",
    OutsideKind.GROUP: "group",
    OutsideKind.MACHINE: "machine",
}
PAUSED = frozenset({"closed", "stopped", "stopping"})
"""States in which a thing is resumed and not paused."""
UNCHANGED = "not changed from here"
CAN_BE: Mapping[OutsideKind, str] = {
    OutsideKind.TRAINING_JOB: "stopped, for good",
    OutsideKind.QUEUE: "closed for new jobs, and opened again",
    OutsideKind.GROUP: "given another size",
    OutsideKind.MACHINE: "stopped, and started again",
}


def machines(row: OutsideRow) -> str:
    """Say how many of which type run: `4 × p5.48xlarge`, `96 vCPUs`."""
    many = f"{len(row.instance_types)} types" if len(row.instance_types) > 1 else "".join(row.instance_types)
    if row.vcpus is not None:
        return f"{row.vcpus:,} vCPUs"
    if row.machines is None:
        return many or MISSING
    return f"{row.machines:,} {TIMES} {many}" if many else f"{row.machines:,}"


def saves(row: OutsideRow) -> str:
    return {None: MISSING, True: "yes", False: "no"}[row.checkpoints]


def _columns(now: Moment) -> tuple[Column[OutsideRow], ...]:
    def cost(row: OutsideRow) -> Cell:
        if row.usd_per_hour is not None:
            return fmt.rate_cell(row.usd_per_hour)
        return ((MISSING if row.kind is OutsideKind.QUEUE else UNPRICED, "quiet"),)

    def since(row: OutsideRow) -> float | None:
        return (now() - row.since).total_seconds() if row.since is not None else None

    return (
        named("what", "WHAT", lambda row: row.name, 14, role="text", grow=3, max_width=40, gap=0),
        Column(
            id="usd",
            title="≈$/h",
            cell=cost,
            width=RATE_CELLS,
            align="right",
            priority=2,
            figure=True,
            sort=lambda row: row.usd_per_hour,
            descending_first=True,
        ),
        named("machines", "MACHINES", machines, 18, role="text", priority=3, grow=0),
        named("kind", "KIND", lambda row: KINDS[row.kind], 12, priority=4, grow=0),
        Column(
            id="checkpoints",
            title="CKPT",
            cell=lambda row: ((saves(row), "ticket" if row.checkpoints is False else "quiet"),),
            width=SAVES_CELLS,
            gap=2,
            priority=5,
        ),
        figure("since", "SINCE", since, fmt.duration, fmt.DURATION_CELLS, priority=6, role="quiet", gap=2),
        named("state", "STATE", lambda row: row.state, 10, priority=7, max_width=16, cut=cut_end),
        named("where", "WHERE", _where, 22, priority=8, max_width=27),
    )


def _where(row: OutsideRow) -> str:
    return " ".join(row.cluster.split("/")[1:])


def _facts(row: OutsideRow, _snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    usd = phrases.estimated(fmt.rate(row.usd_per_hour))
    return (
        Fact("What", row.name, KINDS[row.kind]),
        Fact("Where", _where(row)),
        Fact("Machines", machines(row), _bought(row)),
        *((Fact("Types", ", ".join(row.instance_types)),) if len(row.instance_types) > 1 else ()),
        Fact("Costs", usd, why_missing(row.missing, row.usd_per_hour) or "in no other figure"),
        *priced_by(row.priced_by),
        Fact("State", row.state or MISSING, row.note),
        moment("Since", row.since, now, "the cloud does not say"),
        *_checkpoints(row),
        Fact("Can be", CAN_BE.get(row.kind, "") if target_of(row) is not None else UNCHANGED),
        age(row.at, now, stale=row.stale),
    )


def _bought(row: OutsideRow) -> str:
    return {None: "", True: "spot", False: "on demand"}[row.spot]


def _checkpoints(row: OutsideRow) -> Iterator[Fact]:
    if row.checkpoints is not None:
        lost = "" if row.checkpoints else "all of its work is lost when it stops"
        yield Fact("Checkpoints", saves(row), lost, "" if row.checkpoints else "ticket")


def _origins(row: OutsideRow, _snapshot: Snapshot) -> Sequence[Origin]:
    how = "Machines that run, times the price of their very type in their region; no discounts or commitments."
    whose = "What the config says, else the market for spot machines, else the list."
    prices = (Origin("Priced by", row.priced_by, whose),) if row.priced_by else ()
    return (Origin("Costs", fmt.rate(row.usd_per_hour), row.missing or how), *prices)


def _summary(snapshot: Snapshot, _scope: ScopeKind) -> Sequence[Span]:
    rows = snapshot.cloud.outside
    known = [row.usd_per_hour for row in rows if row.usd_per_hour is not None]
    unpriced = sum(row.usd_per_hour is None and row.kind is not OutsideKind.QUEUE for row in rows)
    words: list[Span] = []
    if known:
        words += [(phrases.estimated(fmt.rate(sum(known))), "text"), (", in no other figure", "quiet")]
    if unpriced:
        words += [(f" {SEPARATOR} ", "quiet")] if known else []
        words.append((f"{TICKET} {unpriced} {UNPRICED}", "ticket"))
    old = [row.at for row in rows if row.stale]
    if old:
        words.append((f"  {STALE} {fmt.duration((snapshot.at - min(old)).total_seconds())} old", "stale"))
    return words


OUTSIDE: PaneSpec[OutsideRow] = PaneSpec(
    id="outside",
    number=7,
    title="Outside clusters",
    tab="Outside",
    columns=_columns,
    order="usd",
    rows=lambda snapshot, _scope: snapshot.cloud.outside,
    key=lambda row: row.key,
    name=lambda row: row.name,
    fields=(),
    summary=_summary,
    worst=nothing_wrong,
    empty="Nothing is known to run outside clusters. Sources of type aws, gcp and azure tell of it.",
    facts=_facts,
    origins=_origins,
    stale=is_stale,
    at=answered_at,
)
