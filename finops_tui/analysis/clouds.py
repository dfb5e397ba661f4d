"""What the clouds say, put together from all accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from finops_tui.model.action import ActionRow
from finops_tui.model.cloud_facts import NO_CLOUD, CloudFacts
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, TargetKind

if TYPE_CHECKING:
    from finops_tui.model.cloud import Anomaly

NOTHING = Decimal(0)
HELD = frozenset({Outcome.APPLIED, Outcome.DONE})
"""Outcomes of what took effect."""

T = TypeVar("T")


class CloudTable:
    """All of it, put together again only when a cloud said something else, or what it is held against did change."""

    def __init__(self) -> None:
        self._made_of: tuple[object, ...] = ()
        self._facts = NO_CLOUD

    def facts(self, fleet: Fleet) -> CloudFacts:
        if not fleet.cloud:
            return NO_CLOUD
        words = tuple(fleet.cloud.values())
        made_of = (
            words,
            tuple(fleet.health.get(word.source) for word in words),
            tuple((name, cluster.inventory_at, len(cluster.nodes)) for name, cluster in fleet.clusters.items()),
            tuple(row for row in fleet.actions.values() if row.target_kind is TargetKind.ANOMALY),
            fleet.prices_version,
        )
        if made_of != self._made_of:
            self._made_of, self._facts = made_of, cloud_facts(fleet)
        return self._facts


def cloud_facts(fleet: Fleet) -> CloudFacts:
    """Return all of it; the order is that in which people want to read it."""
    if not fleet.cloud:
        return NO_CLOUD
    from finops_tui.analysis.outside import outside
    from finops_tui.model.cloud import (
        AnomaliesSeen,
        BudgetsSeen,
        CommitmentsSeen,
        Forecast,
        ForecastSeen,
        JobQueuesSeen,
        MachineGroupsSeen,
        MachinesSeen,
        RecommendationsSeen,
        TrainingJobsSeen,
    )

    recommended = [each for seen in _said(fleet, RecommendationsSeen) for each in seen.recommendations]
    told = _told(fleet)
    anomalies = [_with_feedback(each, seen.at, told) for seen in _said(fleet, AnomaliesSeen) for each in seen.anomalies]
    committed = [each for seen in _said(fleet, CommitmentsSeen) for each in seen.commitments]
    return CloudFacts(
        budgets=tuple(each for seen in _said(fleet, BudgetsSeen) for each in seen.budgets),
        forecasts=tuple(
            Forecast(account=seen.account, currency=seen.currency, likelihood=seen.likelihood, days=seen.days)
            for seen in _said(fleet, ForecastSeen)
        ),
        anomalies=tuple(sorted(anomalies, key=lambda each: (each.start, each.id), reverse=True)),
        recommendations=tuple(sorted(recommended, key=lambda each: (-(each.monthly_savings or NOTHING), each.id))),
        commitments=tuple(sorted(committed, key=lambda each: (-(each.unused or NOTHING), each.account))),
        groups=tuple(each for seen in _said(fleet, MachineGroupsSeen) for each in seen.groups),
        jobs=tuple(each for seen in _said(fleet, TrainingJobsSeen) for each in seen.jobs),
        queues=tuple(each for seen in _said(fleet, JobQueuesSeen) for each in seen.queues),
        machines=tuple(each for seen in _said(fleet, MachinesSeen) for each in seen.machines),
        outside=outside(fleet),
    )


def _told(fleet: Fleet) -> Mapping[str, ActionRow]:
    """Return what was last said of each anomaly from here, by its key."""
    rows = [row for row in fleet.actions.values() if row.target_kind is TargetKind.ANOMALY and row.outcome in HELD]
    return {row.target: row for row in sorted(rows, key=lambda row: row.at)}


def _with_feedback(anomaly: Anomaly, seen_at: datetime, told: Mapping[str, ActionRow]) -> Anomaly:
    """Return it with what its cloud holds of it by now: it is asked only a few times a day, for that costs."""
    row = told.get(anomaly.key)
    if row is None or row.at <= seen_at or not row.changes:
        return anomaly
    return replace(anomaly, feedback=row.changes[0].after)


def _said(fleet: Fleet, kind: type[T]) -> Iterable[Any]:
    return (seen for seen in fleet.cloud.values() if isinstance(seen, kind))
