"""What was configured differently: limits of autoscalers, of pools and of namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from finops_tui.model.change import Change, ChangeKind
from finops_tui.sources.kubernetes.changes import OURSELVES, SETTLED, UNKNOWN, Dated
from finops_tui.sources.kubernetes.differences import setting_differences
from finops_tui.sources.kubernetes.limits import LimitFacts

KEDA = "keda"
THEMSELVES = frozenset({"karpenter", KEDA})
"""Autoscalers write notes of their own on what configures them: that is no change of it."""
SHOWN = 3
"""Moved limits in one line; the others are in the details."""
DETAILS = 20


KIND_NAMES = {"hpa": "HorizontalPodAutoscaler", "scaledobject": "ScaledObject", "quota": "ResourceQuota"}


def subject(cluster: str, facts: LimitFacts) -> str:
    """Return the key of what it limits: a workload, a pool, or a quota itself."""
    if facts.target is not None:
        kind, name = facts.target
        return f"{cluster}/{kind}/{facts.namespace}/{name}"
    if facts.namespace:
        return f"{cluster}/{KIND_NAMES.get(facts.kind, facts.kind)}/{facts.namespace}/{facts.name}"
    return f"{cluster}/{facts.name}"


def limit_changes(
    cluster: str, before: LimitFacts | None, after: LimitFacts, *, now: datetime, since: datetime
) -> Iterator[Dated]:
    """Yield which limits moved. At first sight only that something was written lately, and how it stands now."""
    if before is None or before.uid != after.uid:
        yield from _first_sight(cluster, after, since)
        return
    moved = setting_differences(before.limits, after.limits)
    echo = after.kind == "hpa" and after.written.who == KEDA  # of its ScaledObject, which tells it itself
    if moved and not echo:
        told = _change(cluster, after, f"{after.generation}/limits", _line("", moved), moved)
        yield Dated(after.written.at or now, told)


def limit_gone(cluster: str, last: LimitFacts, *, now: datetime) -> Dated:
    """Tell that nothing limits any more."""
    return Dated(now, replace(_change(cluster, last, "deleted", "deleted", []), kind=ChangeKind.CONFIG, who=UNKNOWN))


def _first_sight(cluster: str, facts: LimitFacts, since: datetime) -> Iterator[Dated]:
    created, written = facts.created_at, facts.written
    stands = [f"{name} {value}" for name, value in facts.limits]
    if created is not None and created >= since:
        yield Dated(created, _change(cluster, facts, "created", _line("created ", stands), stands))
        return
    settled = since if created is None else max(since, created + SETTLED)
    if written.at is not None and written.at > settled and written.who not in THEMSELVES:
        what_id = f"written/{written.at.isoformat(timespec='seconds')}"
        yield Dated(written.at, _change(cluster, facts, what_id, _line("changed, now ", stands), stands))


def _line(verb: str, limits: list[str]) -> str:
    more = f" and {len(limits) - SHOWN} more" if len(limits) > SHOWN else ""
    return f"{verb}{', '.join(limits[:SHOWN])}{more}".rstrip()


def _change(cluster: str, facts: LimitFacts, what_id: str, what: str, details: list[str]) -> Change:
    return Change(
        id=f"{facts.uid}/{what_id}",
        kind=ChangeKind.ACTION if facts.written.who == OURSELVES else ChangeKind.CONFIG,
        who=facts.written.who or UNKNOWN,
        subject=subject(cluster, facts),
        what=f"{facts.kind} {facts.name} {what}",
        details=tuple(details[:DETAILS]),
    )
