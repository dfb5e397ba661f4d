"""The paid questions: what was billed, what AWS expects, and what it found odd."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace

from finops_tui.model.cloud import (
    AnomaliesSeen,
    Anomaly,
    ForecastDay,
    ForecastSeen,
    RootCause,
)
from finops_tui.sources.aws.allowance import month
from finops_tui.sources.aws.bills import bill
from finops_tui.sources.aws.calls import ANOMALIES, COST, FORECAST
from finops_tui.sources.aws.desk import Question
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.values import amount, day
from finops_tui.sources.aws.views import OTHER, WHOLE, View, views
from finops_tui.sources.clean import one_line

LIKELIHOOD = 0.8
"""Of a day's cost to lie within the forecast's interval."""
ANOMALY_DAYS = 30
FORECAST_EVERY = timedelta(hours=24)
ANOMALIES_EVERY = timedelta(hours=8)
"""AWS looks for anomalies about three times a day."""


def parts(settings: AwsSettings) -> tuple[Part, ...]:
    """Return what the settings want, those first that matter most when money for requests runs short."""
    if not settings.bills:
        return ()
    found = [
        Part(title=view.title, every=view.every, ask=partial(_bill, view), bills=view.foremost, paid=True)
        for view in views(settings)
    ]
    if settings.anomalies:
        found.insert(1, Part(title=ANOMALIES.why, every=ANOMALIES_EVERY, ask=_anomalies, paid=True))
    if settings.forecast:
        found.insert(2, Part(title=FORECAST.why, every=FORECAST_EVERY, ask=_forecast, paid=True))
    return tuple(found)


async def _bill(view: View, asking: Asking) -> Outcome:
    desk, settings = asking.desk, asking.settings
    apart = f"{view.group_by} {view.only} {view.hourly} {settings.net}"
    question = Question(
        id=f"{view.title} {view.part}".strip(), call=COST, good_for=view.every, apart=apart, foremost=view.foremost
    )
    known = await desk.answered_at(question)
    kept = await desk.ask(question.about(view.params(asking.now, settings, known)))
    found = await desk.aside(bill, view, kept, source=asking.source, account=desk.account, account_name=desk.title)
    warnings = []
    if found.unusable:
        warnings.append(f"{view.title}: {found.unusable} groups without a usable amount are left out")
    if found.statement is not None and view.tagged and not any(row.tags for row in found.statement.rows):
        warnings.append(f"{view.title}: no charge has it; is it activated as a cost allocation tag?")
    if found.statement is None:
        if not view.may_be_empty:
            warnings.append(f"{view.title}: AWS answered no charges at all, which is not the same as $0")
        return Outcome(at=kept.at, late=kept.late, warnings=tuple(warnings))
    statements = [found.statement]
    if view.foremost and not settings.payer:  # it says all: what an earlier config asked for apart is in it
        statements.append(replace(found.statement, part=f"{desk.account} {OTHER}", rows=()))
    await asking.record(*statements)
    told = (await asking.billed(asking.now),) if view.id == WHOLE else ()
    return Outcome(observations=told, at=kept.at, late=kept.late, warnings=tuple(warnings))


async def _forecast(asking: Asking) -> Outcome:
    _, end = month(asking.now)
    params = {
        "TimePeriod": {"Start": asking.now.strftime("%Y-%m-%d"), "End": end.strftime("%Y-%m-%d")},
        "Metric": "NET_UNBLENDED_COST" if asking.settings.net else "UNBLENDED_COST",
        "Granularity": "DAILY",
        "PredictionIntervalLevel": round(LIKELIHOOD * 100),
    }
    question = Question(
        id="forecast", call=FORECAST, params=params, good_for=FORECAST_EVERY, apart=str(params["Metric"])
    )
    kept = await asking.desk.ask(question)
    (answer,) = kept.pages
    found = (_forecast_day(each) for each in answer.get("ForecastResultsByTime", ()))
    days = tuple(each for each in found if each is not None)
    if not days:
        raise AwsError("AWS gives no forecast", "", "It needs some weeks of bills.")
    told = ForecastSeen(
        **asking.origin(kept.at),
        account=asking.desk.account,
        currency=one_line((answer.get("Total") or {}).get("Unit", "USD"), 3),
        likelihood=LIKELIHOOD,
        days=days,
    )
    return Outcome(observations=(told,), at=kept.at, late=kept.late)


def _forecast_day(each: Mapping[str, Any]) -> ForecastDay | None:
    mean = amount(each.get("MeanValue"))
    start = day((each.get("TimePeriod") or {}).get("Start"))
    if mean is None or start is None:
        return None
    low, high = amount(each.get("PredictionIntervalLowerBound")), amount(each.get("PredictionIntervalUpperBound"))
    return ForecastDay(day=start, mean=mean, low=mean if low is None else low, high=mean if high is None else high)


async def _anomalies(asking: Asking) -> Outcome:
    since = asking.now - timedelta(days=ANOMALY_DAYS)
    params = {"DateInterval": {"StartDate": since.strftime("%Y-%m-%d")}, "MaxResults": 100}
    kept = await asking.desk.ask(Question(id="anomalies", call=ANOMALIES, params=params, good_for=ANOMALIES_EVERY))
    found = [_anomaly(each, asking.desk.account) for page in kept.pages for each in page.get("Anomalies", ())]
    told = AnomaliesSeen(
        **asking.origin(kept.at),
        account=asking.desk.account,
        anomalies=tuple(anomaly for anomaly in found if anomaly is not None),
    )
    unusable = sum(anomaly is None for anomaly in found)
    warnings = (f"anomalies: {unusable} without a day or an amount are left out",) if unusable else ()
    return Outcome(observations=(told,), at=kept.at, late=kept.late, warnings=warnings)


def _anomaly(each: Mapping[str, Any], account: str) -> Anomaly | None:
    impact = each.get("Impact") or {}
    start = day(each.get("AnomalyStartDate"))
    total = amount(impact.get("TotalImpact", impact.get("MaxImpact")))
    if start is None or total is None:
        return None
    return Anomaly(
        id=one_line(each.get("AnomalyId", "")),
        account=account,
        start=start,
        end=day(each.get("AnomalyEndDate")),
        subject=one_line(each.get("DimensionValue", "")),
        impact=total,
        actual=amount(impact.get("TotalActualSpend")),
        expected=amount(impact.get("TotalExpectedSpend")),
        causes=tuple(_cause(cause) for cause in each.get("RootCauses", ())),
        feedback=one_line(each.get("Feedback", "")),
    )


def _cause(cause: Mapping[str, Any]) -> RootCause:
    linked = one_line(cause.get("LinkedAccountName", "") or cause.get("LinkedAccount", ""))
    return RootCause(
        service=one_line(cause.get("Service", "")),
        region=one_line(cause.get("Region", "")),
        account=linked,
        usage_type=one_line(cause.get("UsageType", "")),
        contribution=amount((cause.get("Impact") or {}).get("Contribution")),
    )
