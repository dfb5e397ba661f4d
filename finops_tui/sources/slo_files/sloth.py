"""Sloth's objectives: its own file (`version: prometheus/v1`) and its Kubernetes object.

Fields: slok/sloth pkg/prometheus/api/v1 and pkg/kubernetes/api/sloth/v1. Sloth's period is 30 days unless it is started
otherwise; no file says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from finops_tui.sources.slo_files import queries
from finops_tui.sources.slo_files.definition import Indicator, Read, Whose, belongs, objective, only_one, percentage
from finops_tui.sources.slo_files.values import Value, text_at

PERIOD = "30d"
VERSION = "prometheus/v1"
API_VERSION = "sloth.slok.dev/v1"
KIND = "PrometheusServiceLevel"


class _Spelling(NamedTuple):
    """The two forms differ in how they spell their fields."""

    errors: str
    total: str
    error_ratio: str


SNAKE = _Spelling("error_query", "total_query", "error_ratio_query")
CAMEL = _Spelling("errorQuery", "totalQuery", "errorRatioQuery")


def from_file(document: Value) -> Iterator[Read]:
    """Read Sloth's own form. Its labels `namespace` and `workload` say what serves the objectives."""
    service = document.need("service", "the service that makes the promises")
    name = service.name() if service is not None else None
    labels = document.get("labels")
    workload = text_at(labels, "workload")
    whose = Whose(name or "", text_at(labels, "namespace"), workload if "/" in workload else "")
    yield from _objectives(document, whose, SNAKE)


def from_object(document: Value) -> Iterator[Read]:
    """Read the Kubernetes object."""
    spec = document.section("spec", "the objectives")
    if spec is None:
        return
    service = spec.need("service", "the service that makes the promises")
    name = service.name() if service is not None else None
    metadata = document.get("metadata")
    yield from _objectives(spec, belongs(metadata, name or "", text_at(metadata, "namespace")), CAMEL)


def _objectives(owner: Value, whose: Whose, spelling: _Spelling) -> Iterator[Read]:
    owner.need("slos", "a list of objectives")
    for slo in owner.items("slos"):
        found = slo.need("name", "short and unique within the service")
        name = found.name() if found is not None else None
        share = percentage(slo.need("objective", "a percentage, 99.9"))
        sli = slo.section("sli", "how bad events are told")
        indicator = _indicator(sli, spelling) if sli is not None else None
        if name and share and indicator and whose.service:
            yield objective(slo, "Sloth", name=name, whose=whose, share=share, period=PERIOD, indicator=indicator)


def _indicator(sli: Value, spelling: _Spelling) -> Indicator | None:
    plugin = sli.get("plugin")
    if plugin is not None:
        plugin.wrong("Sloth makes this query with a plugin, which does not run here", "Write the queries out: events.")
        return None
    chosen = only_one(sli, ("events", "raw"), "how bad events are told")
    if chosen is None:
        return None
    if chosen.where.endswith("raw"):
        ratio = _query(chosen, spelling.error_ratio, "PromQL that gives the share of bad events")
        return Indicator(error_ratio=ratio) if ratio else None
    errors = _query(chosen, spelling.errors, "PromQL that counts bad events")
    total = _query(chosen, spelling.total, "PromQL that counts all events")
    return Indicator(errors=errors, total=total) if errors and total else None


def _query(owner: Value, name: str, about: str) -> queries.Query | None:
    value = owner.need(name, about)
    return queries.over_window(value) if value is not None else None
