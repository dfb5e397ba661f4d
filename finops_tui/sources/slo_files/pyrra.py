"""Pyrra's objectives: `ServiceLevelObjective` of pyrra.dev/v1alpha1.

Fields: pyrra-dev/pyrra kubernetes/api/v1alpha1/servicelevelobjective_types.go; what is made of them: slo/rules.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.sources.slo_files import queries
from finops_tui.sources.slo_files.definition import Indicator, Read, belongs, objective, only_one, percentage, period
from finops_tui.sources.slo_files.queries import Query, Selector
from finops_tui.sources.slo_files.values import Value, text_at

API_VERSION = "pyrra.dev/v1alpha1"
KIND = "ServiceLevelObjective"
KINDS = ("ratio", "latency", "latencyNative", "bool_gauge")


def from_object(document: Value) -> Iterator[Read]:
    """Read one object. As in Pyrra's rules its namespace stands for the service."""
    metadata = document.section("metadata", "the name and the namespace")
    named = metadata.need("name", "the objective's name") if metadata is not None else None
    name = named.name() if named is not None else None
    spec = document.section("spec", "the objective")
    if spec is None:
        return
    share = percentage(spec.need("target", 'a percentage as text, "99.5"'))
    length = period(spec.need("window", "the period, 4w"))
    section = spec.section("indicator", "how bad events are told")
    chosen = only_one(section, KINDS, "how bad events are told") if section is not None else None
    indicator = _indicator(chosen) if chosen is not None else None
    if chosen is None or not (name and share and length and indicator):
        return
    namespace = text_at(metadata, "namespace")
    grouping = ", ".join(label for each in chosen.items("grouping") if (label := each.name()))
    note = f"all values of {grouping} together" if grouping else ""
    whose = belongs(metadata, namespace or name, namespace)
    yield objective(
        document,
        "Pyrra",
        name=name,
        whose=whose,
        share=share,
        period=length[0],
        indicator=indicator,
        notes=(length[1], note),
    )


def _indicator(chosen: Value) -> Indicator | None:
    kind = chosen.where.rpartition(".")[2]
    if kind == "latencyNative":
        chosen.wrong("latency of native histograms is not read", "Use latency with a classic histogram's buckets.")
        return None
    if kind == "bool_gauge":
        gauge = _metric(chosen, "1 while all is well, 0 otherwise")
        if gauge is None:
            return None
        return Indicator(
            good=Query(f"sum(sum_over_time({gauge.over_window()}))"),
            total=Query(f"sum(count_over_time({gauge.over_window()}))"),
        )
    part = "errors" if kind == "ratio" else "success"
    counted = _counted(chosen, part, "the counter of bad events" if kind == "ratio" else "a bucket of a histogram")
    total = _counted(chosen, "total", "the counter of all events")
    if counted is None or total is None:
        return None
    return Indicator(errors=counted, total=total) if kind == "ratio" else Indicator(good=counted, total=total)


def _counted(chosen: Value, part: str, about: str) -> Query | None:
    section = chosen.section(part, about)
    metric = _metric(section, about) if section is not None else None
    if section is None or metric is None:
        return None
    if part == "success" and "le=" not in metric.text.replace(" ", "").replace("le=~", "le="):
        section.wrong("the bucket's upper bound (le) is missing", 'Write it as le="0.5" among the matchers.')
        return None
    return Query(f"sum(rate({metric.over_window()}))")


def _metric(owner: Value, about: str) -> Selector | None:
    value = owner.need("metric", about)
    text = queries.code(value) if value is not None else None
    if value is None or text is None:
        return None
    metric = queries.selector(text)
    if metric is None:
        value.wrong(
            f"{value.shown()} stands here; expected a metric with its matchers alone",
            "Pyrra adds rate() and the range itself, and so does this program.",
        )
    return metric
