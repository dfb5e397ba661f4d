from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import WallClock
from finops_tui.sources.prometheus.catalogue import CATALOGUE, Query
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.discovery import WANTED
from finops_tui.sources.prometheus.history_rows import TYPE_LABELS
from finops_tui.sources.prometheus.instruments import GPU_METRICS
from finops_tui.sources.prometheus.inventory import NODE_LABELS
from finops_tui.sources.prometheus.promql import Dialect, Found, fill, label_names, quoted
from tests.sources.prometheus.collect import settings

EVERYTHING = frozenset(WANTED)
EXTRA = {
    "node_labels": label_names(NODE_LABELS),
    "type_labels": label_names(TYPE_LABELS),
    "payers": label_names(("team", "app.kubernetes.io/model")),
}


def filled(query: Query, dialect: Dialect) -> str | None:
    values = dialect.by_workload() if query.id.startswith("workload.") else dialect.by_node()
    return fill(query.expr, values | EXTRA)


@pytest.mark.parametrize(
    "metrics", [EVERYTHING, EVERYTHING - {"DCGM_FI_DEV_FB_RESERVED"}, frozenset({"gpu_gfx_activity"})]
)
@pytest.mark.parametrize("pod", ["pod", "exported_pod"])
async def test_every_query_is_understood(server: str, metrics: frozenset[str], pod: str) -> None:
    """Real servers parse and evaluate each of them, with every metric that there may be."""
    namespace = pod.replace("pod", "namespace")
    percent = frozenset({"DCGM_FI_DEV_GPU_UTIL_RATIO"})
    found = Found(metrics=metrics, percent=percent, pod=pod, namespace=namespace, sized=True)
    asked = settings(server, matchers={"cluster": 'a"\\b'})
    client = PrometheusClient(asked, WallClock())
    dialect = Dialect(asked, found)
    for query in CATALOGUE:
        expr = filled(query, dialect)
        if expr is not None:
            assert (await client.query(expr)).samples == (), query.id
    client.close()


def test_every_selector_bears_the_matchers() -> None:
    dialect = Dialect(settings("http://x", matchers={"cluster": "c-1"}), Found(metrics=EVERYTHING, sized=True))
    for query in CATALOGUE:
        expr = filled(query, dialect)
        assert expr is not None, query.id
        selectors = re.findall(r"[a-z_:A-Z0-9]*\{[^}]*\}", expr)
        assert selectors, query.id
        assert all('cluster="c-1"' in selector for selector in selectors), query.id
        names = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?=[\s)\[]|$)", expr)) & EVERYTHING
        assert not names, f"{query.id}: {names} stand without a selector"


def test_ids_are_unique_and_purposes_are_told() -> None:
    assert len({query.id for query in CATALOGUE}) == len(CATALOGUE)
    assert all(query.purpose and re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", query.id) for query in CATALOGUE)
    assert set(GPU_METRICS) <= EVERYTHING


def test_what_is_not_there_is_not_asked() -> None:
    dialect = Dialect(settings("http://x"), Found())
    assert [query.id for query in CATALOGUE if query.id.startswith("gpu.") and filled(query, dialect)] == []


def test_fill() -> None:
    assert fill("a{$only} * $1 + $b", {"only": "", "b": "$c", "c": "2"}) == "a{} * $1 + 2"
    assert fill("$b", {"b": ""}) is None
    with pytest.raises(KeyError):
        fill("$unknown", {})
    with pytest.raises(ValueError, match="each other"):
        fill("$a", {"a": "$b", "b": "$a"})


@given(st.text())
def test_quoted_values_end_where_they_should(value: str) -> None:
    inside = quoted(value)[1:-1]
    assert "\n" not in inside
    assert not re.search(r'(?<!\\)(\\\\)*"', inside)
