"""A finding told in facts: every figure, why it is listed, what may be behind it, what somebody decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import ESTIMATED, MISSING, SEPARATOR
from finops_tui.ui.panes.facts import Fact, Origin, age, moment

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Cause, Finding, Remedy
    from finops_tui.model.snapshot import Snapshot

CONTACT = "contact"
"""Label of the evidence that tells whom to ask; it stands beside the owner."""


WOULD_DO = "Normal"
"""As `model.finding` has it, which must not be loaded before the first frame."""
NORMAL_IS = {
    "budget": "an hour's part of the budget",
    "rule": "what the rule allows, or is held against",
    "spot": "without what lost spot costs more",
    "spot-storm": "without what lost spot costs more",
    "xid": "would do without what is broken",
}
"""By kind of finding, what its normal is where it is not what is usual at this hour."""
HOURS_A_DAY = 24
LISTED = frozenset({"open", "acknowledged"})
"""States of what stands in the list of what is wrong; the rest is counted, and found by `state=`."""


def is_open(row: Finding) -> bool:
    return row.state in LISTED


def is_loud(row: Finding) -> bool:
    """Tell whether somebody is to be woken up by it still."""
    return row.severity == "page" and row.state == "open"


def cause_words(cause: Cause, now: datetime) -> str:
    """Write `workers 1→9, 13:47Z`."""
    return f"{cause.what}, {fmt.short_time(cause.at, now)}" if cause.at is not None else cause.what


def facts(row: Finding, snapshot: Snapshot, now: datetime) -> Sequence[Fact]:
    causes = tuple(_causes(row, now))
    return (
        *_decided(row, now),
        _owner(row),
        _normal(row, snapshot),
        *causes[:1],
        Fact("Why", row.why or MISSING, "" if row.why else "its detector does not say"),
        *causes[1:],
        Fact("Spends", _estimated(row.usd_per_hour), "estimated" if row.usd_per_hour is not None else "", column="usd"),
        Fact("Above normal", fmt.signed_rate(row.excess_usd_per_hour), _about_money(row), column="delta"),
        Fact("Burned", fmt.dollars(row.burned_usd), f"since {fmt.short_time(row.since, now)}", column="burned"),
        *(
            Fact(one.label, one.words)
            for one in row.evidence
            if one.label.casefold() != CONTACT and one.label != WOULD_DO
        ),
        moment("Since", row.since, now)._replace(column="since"),
        moment("Noticed", row.opened_at, now),
        Fact("Severity", row.severity.value, f"kind {row.kind}", column="sev"),
        Fact("Cluster", row.cluster or MISSING, "" if row.cluster else "more than one", column="cluster"),
        *(
            Fact(label, value)
            for label, value in (
                ("Namespace", row.namespace),
                ("Model", row.model),
                ("Environment", row.environment),
                ("Group", row.group),
                ("Related", ", ".join(row.related)),
                ("Runbook", row.runbook),
            )
            if value
        ),
        age(row.seen_at, now, stale=row.stale),
    )


def _decided(row: Finding, now: datetime) -> Iterator[Fact]:
    if row.planned:
        yield Fact("Planned", row.planned, "expected, so it wakes nobody")
    if row.state == "resolved" and row.resolved_at is not None:
        yield Fact("State", f"resolved {fmt.short_time(row.resolved_at, now)}", role="ok")
    triage = row.triage
    if triage is None or row.state == "open":
        return
    reason = f": {triage.reason}" if triage.reason else ""
    until = f", until {fmt.short_time(triage.until, now)}" if triage.until is not None else ""
    yield Fact("Decided", f"{triage.state.value} by {triage.by} {fmt.short_time(triage.at, now)}{until}{reason}")


def _owner(row: Finding) -> Fact:
    contact = next((one.words for one in row.evidence if one.label.casefold() == CONTACT), "")
    note = contact if row.owner else contact or "no ownership label on it or its namespace"
    return Fact("Owner", row.owner or MISSING, note, column="" if contact else "owner")


def _normal(row: Finding, snapshot: Snapshot) -> Fact:
    normal = row.normal_usd_per_hour
    if normal is None:
        learning = snapshot.learning or "not known"
        return Fact("Normal", MISSING, learning if row.usd_per_hour is not None else "it is not about dollars")
    if would_do := _would_do(row):
        return Fact("Normal", fmt.rate(normal), would_do.removeprefix(fmt.rate(normal)).strip(" ."))
    times = f"; now {fmt.percent(row.usd_per_hour / normal)}" if row.usd_per_hour is not None and normal > 0 else ""
    return Fact("Normal", fmt.rate(normal), f"{NORMAL_IS.get(row.kind, 'at this hour')}{times}")


def _would_do(row: Finding) -> str:
    """Return what normal means of waste, in the words of its detector; empty where what is usual was learned."""
    return next((one.words for one in row.evidence if one.label == WOULD_DO), "")


def _causes(row: Finding, now: datetime) -> Iterator[Fact]:
    for rank, cause in enumerate(row.causes):
        label = "Or" if rank else "Changed" if cause.at is not None else "Cause"
        fit = f"fit {cause.fit:.2f}" if cause.fit else ""
        note = f" {SEPARATOR} ".join(part for part in (cause.who, cause.why, fit) if part)
        yield Fact(label, cause_words(cause, now), note)
    if not row.causes:
        yield Fact("Cause", MISSING, "nothing that is known changed at the time")


def _about_money(row: Finding) -> str:
    return "" if row.excess_usd_per_hour is not None else "it is not about dollars"


def _estimated(value: float | None) -> str:
    return f"{ESTIMATED}{fmt.rate(value)}" if value is not None else MISSING


def origins(row: Finding, _snapshot: Snapshot) -> Sequence[Origin]:
    return (
        Origin("Finding", row.severity.value, row.why or "Its detector does not say why."),
        Origin("$/h", _estimated(row.usd_per_hour), "What the scope spends now: prices of its nodes, by its share."),
        Origin(
            "Normal",
            fmt.rate(row.normal_usd_per_hour),
            _sentence(_would_do(row))
            or "What it usually spends at this hour of the week. For idle capacity, what would do.",
        ),
        Origin("Δ$/h", fmt.delta_cell(row.excess_usd_per_hour), "The part of $/h that the finding is about."),
        Origin(
            "Burned",
            fmt.dollars(row.burned_usd),
            "Δ$/h summed up since the onset, the moment when it began, not when it was noticed.",
        ),
        *_if_nothing_changes(row),
        *_charted(row),
        *(
            Origin(
                "Likely cause" if rank == 0 else "Or",
                f"{cause.what} {SEPARATOR} fit {cause.fit:.2f}",
                f"{cause.why[:1].upper()}{cause.why[1:]}. Fit: how well it explains the finding by scope, time and "
                "size, from 0 to 1."
                if cause.why
                else "Fit: how well it explains the finding by scope, time and size, from 0 to 1.",
            )
            for rank, cause in enumerate(row.causes)
        ),
        *(_move(remedy) for remedy in row.remedies),
    )


def _if_nothing_changes(row: Finding) -> Iterator[Origin]:
    if row.excess_usd_per_hour is not None and row.state != "resolved":
        usd = fmt.rate_bare(row.excess_usd_per_hour * HOURS_A_DAY)
        yield Origin("A day", usd, f"Δ$/h, times {HOURS_A_DAY} hours: what it burns if nothing changes.")


def _charted(row: Finding) -> Iterator[Origin]:
    known = sum(minute is not None for minute in row.minutes)
    if known > 1:
        yield Origin(
            "Chart",
            f"{known} minutes",
            "$/h of the scope, minute by minute; where a column stands for several, their mean. Red is what is above "
            "normal since the onset; before it nothing was too much.",
        )


def _move(remedy: Remedy) -> Origin:
    """Tell how the figures of a move came to be: the engine's own words on each."""
    if remedy.refused:
        return Origin("Move", remedy.what, f"It is not offered: {remedy.refused}")
    usd = remedy.saves_usd_per_hour
    saves = "what it saves is not known" if usd is None else f"saves {_estimated(usd)}" if usd else "saves nothing"
    priced = "What the nodes that it leaves empty cost, each at the mean of its pool. " if usd else ""
    risk = f"SLO risk {remedy.slo_risk.value}"
    sentences = (
        f"{priced}{_sentence(remedy.saves_when)}",
        _sentence(f"{risk}: {remedy.slo_words}" if remedy.slo_words else risk),
        _sentence(f"loses {remedy.loses}" if remedy.loses else ""),
        *(_sentence(f"set back by {each.who}: {each.words}") for each in remedy.reverts),
    )
    return Origin("Move", f"{remedy.what} {SEPARATOR} {saves}", " ".join(filter(None, sentences)))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""
