"""OpenSLO's objectives, version openslo/v1: objects that refer to each other by name.

Fields: the specification in OpenSLO/OpenSLO README.md. Sources of metrics other than Prometheus are refused; so are
budgets by time slices and composite objectives.
"""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.sources.slo_files import queries
from finops_tui.sources.slo_files.definition import (
    Indicator,
    Read,
    belongs,
    objective,
    only_one,
    percentage,
    period,
    ratio,
)
from finops_tui.sources.slo_files.openslo_alerts import check_condition, check_policies, check_policy
from finops_tui.sources.slo_files.openslo_objects import Objects
from finops_tui.sources.slo_files.queries import Query
from finops_tui.sources.slo_files.values import Value, text_at

API_VERSION = "openslo/v1"
PERIOD = "30d"
"""Where no time window is given."""
OPERATORS = {"lte": "<=", "lt": "<", "gte": ">=", "gt": ">"}
RAW_TYPES = ("success", "failure")


def objectives(objects: Objects) -> Iterator[Read]:
    """Read every objective among the objects of all files."""
    for condition in objects.of("AlertCondition"):
        check_condition(condition)
    for policy in objects.of("AlertPolicy"):
        check_policy(policy, objects)
    for slo in objects.of("SLO"):
        yield from _slo(slo, objects)


def _slo(slo: Value, objects: Objects) -> Iterator[Read]:
    spec = slo.section("spec", "the objective")
    if spec is None:
        return
    check_policies(spec, objects)
    service = spec.need("service", "the service that makes the promise")
    whose = belongs(slo.get("metadata"), (service.name() if service is not None else None) or "")
    length = _period(spec)
    method = spec.get("budgetingMethod")
    if method is not None and method.text() not in {None, "Occurrences"}:
        method.wrong(f"{method.shown()} stands here; only budgets of occurrences are kept", "Write Occurrences.")
        return
    indicator = _indicator_of(spec, objects)
    spec.need("objectives", "a list with a target each")
    goals = spec.items("objectives")
    shares = [_share(goal) for goal in goals]
    if not (whose.service and length and indicator) or None in shares:
        return
    name = text_at(slo, "metadata", "name")
    for goal, share, told in zip(goals, shares, _names(name, goals), strict=True):
        measured = _measured(indicator, goal, objects)
        if share and measured:
            yield objective(
                goal,
                "OpenSLO",
                name=told,
                whose=whose,
                share=share,
                period=length[0],
                indicator=measured,
                notes=(length[1],),
            )


def _names(name: str, goals: list[Value]) -> list[str]:
    """Return a name for each goal: the object's own where there is one goal, else with what tells them apart."""
    if len(goals) == 1:
        return [name]
    apart = [text_at(goal, "displayName") for goal in goals]
    if len(set(apart)) < len(goals) or not all(apart):
        apart = [text_at(goal, "targetPercent") or text_at(goal, "target") for goal in goals]
    return [f"{name} {each}" for each in apart]


def _period(spec: Value) -> tuple[str, str] | None:
    windows = spec.items("timeWindow")
    if not windows:
        return (PERIOD, "no time window is given, 30 days taken") if spec.get("timeWindow") is None else None
    if len(windows) > 1:
        windows[1].wrong("there is more than one time window", "Keep one.")
        return None
    read = period(windows[0].need("duration", "28d"))
    rolling = windows[0].get("isRolling")
    calendar = windows[0].get("calendar") is not None or (rolling is not None and rolling.flag() is False)
    if read is None:
        return None
    length, note = read
    return length, note or (f"the calendar's {length} taken as a rolling period" if calendar else "")


def _share(goal: Value) -> float | None:
    composite = goal.get("indicator") or goal.get("indicatorRef")
    if composite is not None:
        composite.wrong("composite objectives are not read", "Make it an SLO of its own.")
        return None
    target = only_one(goal, ("target", "targetPercent"), "the target")
    if target is None:
        return None
    return ratio(target) if target.where.endswith("target") else percentage(target)


def _indicator_of(spec: Value, objects: Objects) -> Value | None:
    """Return the `spec` of the indicator, inline or by name."""
    chosen = only_one(spec, ("indicator", "indicatorRef"), "the indicator")
    if chosen is None:
        return None
    sli: Value | None = chosen
    if chosen.where.endswith("Ref"):
        sli = objects.referred("SLI", chosen)
    return sli.section("spec", "the indicator") if sli is not None else None


def _measured(sli: Value, goal: Value, objects: Objects) -> Indicator | None:
    metric = only_one(sli, ("ratioMetric", "thresholdMetric"), "the metric")
    if metric is None:
        return None
    return _threshold(metric, goal, objects) if metric.where.endswith("thresholdMetric") else _ratio(metric, objects)


def _threshold(metric: Value, goal: Value, objects: Objects) -> Indicator | None:
    op = goal.need("op", "how the metric compares while all is well: lte, lt, gte or gt")
    operator = OPERATORS.get(op.text() or "") if op is not None else None
    if op is not None and operator is None:
        op.wrong(f"{op.shown()} stands here; expected one of {', '.join(OPERATORS)}")
    limit = goal.need("value", "what the metric is compared with")
    number = limit.number() if limit is not None else None
    query = _source(metric, objects)
    if operator is None or number is None or query is None:
        return None
    share = queries.judged_by(query, operator, number)
    return Indicator(error_ratio=share) if share else None


def _ratio(metric: Value, objects: Objects) -> Indicator | None:
    raw = metric.get("raw")
    if raw is not None:
        return _raw(metric, raw, objects)
    part = only_one(metric, ("good", "bad"), "the metric that counts good or bad events")
    total = metric.section("total", "the metric that counts all events")
    counter = metric.get("counter")
    grows = counter.flag() if counter is not None else None
    if part is None or total is None:
        return None
    counted, everything = (_events(each, objects, counter=grows) for each in (part, total))
    if counted is None or everything is None:
        return None
    if part.where.endswith("good"):
        return Indicator(good=counted, total=everything)
    return Indicator(errors=counted, total=everything)


def _events(metric: Value, objects: Objects, *, counter: bool | None) -> Query | None:
    query = _source(metric, objects)
    return queries.over_window(query, counter=counter) if query is not None else None


def _raw(metric: Value, raw: Value, objects: Objects) -> Indicator | None:
    kind = metric.need("rawType", "success or failure")
    told = kind.text() if kind is not None else None
    if kind is not None and told not in {None, *RAW_TYPES}:
        kind.wrong(f"{kind.shown()} stands here; expected success or failure")
    source = _source(raw, objects)
    read = queries.raw_ratio(source) if source is not None else None
    if read is None or told not in RAW_TYPES:
        return None
    return Indicator(error_ratio=read if told == "failure" else Query(f"1 - ({read.expr})", read.note))


def _source(metric: Value, objects: Objects) -> Value | None:
    """Return the query of a metric's source."""
    source = metric.section("metricSource", "where the metric is from")
    if source is None:
        return None
    kind, reference = source.get("type"), source.get("metricSourceRef")
    told = kind.name() if kind is not None else ""
    if kind is None and reference is not None:
        known = objects.named("DataSource", reference)
        told = text_at(known, "spec", "type")
    if told and told.casefold() != "prometheus":
        (kind or reference or source).wrong(f"{told} is not read; only Prometheus is")
        return None
    if not told:
        source.wrong("it is not said what kind of source this is", "Write type: Prometheus.")
        return None
    spec = source.section("spec", "the query")
    return spec.need("query", "PromQL") if spec is not None else None
