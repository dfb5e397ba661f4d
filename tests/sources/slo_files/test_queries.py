"""PromQL of others gets its window where that is certain, and is refused in words where it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.errors import ConfigError
from finops_tui.sources.slo_files.mistakes import Mistakes
from finops_tui.sources.slo_files.queries import Query, judged_by, over_window, raw_ratio, selector
from finops_tui.sources.slo_files.values import Value


def ask(read: Callable[[Value], Query | None], text: str) -> tuple[Query | None, str]:
    """Return what is read of a query, and what is wrong with it."""
    mistakes = Mistakes()
    node = yaml.ScalarNode("tag:yaml.org,2002:str", text, yaml.Mark("", 0, 0, 0, None, 0))
    found = read(Value(node, "f", "query", mistakes))
    try:
        mistakes.raise_if_any()
    except ConfigError as error:
        return found, str(error.detail)
    return found, ""


@pytest.mark.parametrize("window", ["{{.window}}", "{{ .window }}", "{{- window -}}", "${window}", "$window"])
def test_every_way_to_write_the_window(window: str) -> None:
    query, wrong = ask(over_window, f"sum(rate(a[{window}])) + b:ratio{window} + sum_over_time(c[1h:5m])")
    assert wrong == ""
    assert query == Query("sum(rate(a[$window])) + b:ratio$window + sum_over_time(c[1h:5m])")


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("sum(rate(a[5m]))", "sum(rate(a[$window]))"),
        ("sum(rate(a[ 1h30m ])) / sum(rate(b[1h30m]))", "sum(rate(a[ $window ])) / sum(rate(b[$window]))"),
        ("max_over_time(a[1h:5m])", "max_over_time(a[$window:5m])"),
        ('rate(a{b="[9m] # no comment"}[5m]) # a comment [7m]', 'rate(a{b="[9m] # no comment"}[$window])'),
        ("# it's first\nrate(a[5m])", "rate(a[$window])"),
        ("a_total", "sum(rate(a_total[$window]))"),
        ('sum( a_total{b="}"} offset 5m )', 'sum(rate(a_total{b="}"}[$window] offset 5m))'),
        ('label_replace(rate(a[5m]), "x", "$1", "y", "(.*)$")', None),
    ],
)
def test_what_is_read_over_the_window(text: str, expr: str | None) -> None:
    query, wrong = ask(over_window, text)
    assert wrong == ""
    assert query is not None
    assert query.expr == (expr or text.replace("[5m]", "[$window]"))
    assert query.note


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rate(a[5m]) / rate(b[10m])", "[10m], [5m] differ"),
        ("max_over_time(rate(a[5m])[5m:])", "[5m] stand within each other"),
        ("rate(a[$__rate_interval])", "$__rate_interval means nothing here"),
        ('rate(a{b="{{ .job }}"}[5m])', "{{ .job }} means nothing here"),
        ("rate(a[soon])", "[soon] is no range that is understood"),
        ("sum(a_total) / sum(b_total)", "says nowhere over which time it counts"),
        ("some_gauge", "whether some_gauge only ever grows is not said"),
        ("sum(rate(a[5m])", "lacks what closes its ("),
        ("rate(a[5m]))", "has a ) too many"),
        ('rate(a{b="c}[5m])', "lacks"),
        ("   ", "expected text"),
    ],
)
def test_what_is_not_certain_is_refused(text: str, told: str) -> None:
    query, wrong = ask(over_window, text)
    assert query is None
    assert told in wrong


def test_whether_a_metric_only_grows_decides_how_it_is_counted() -> None:
    assert ask(lambda value: over_window(value, counter=True), "a")[0] == Query(
        "sum(rate(a[$window]))", "rate taken over the window"
    )
    assert ask(lambda value: over_window(value, counter=False), "sum(a_total)")[0] == Query(
        "sum(sum_over_time(a_total[$window]))", "sum_over_time taken over the window"
    )


def test_a_ratio_that_is_recorded_is_taken_in_the_mean() -> None:
    assert ask(raw_ratio, 'a:ratio{b="c"}')[0] == Query(
        'avg_over_time(a:ratio{b="c"}[$window])', "its mean over the window"
    )
    assert ask(raw_ratio, "a / b")[0] == Query("avg_over_time((a / b)[$window:])", "its mean over the window")
    assert ask(raw_ratio, "rate(a[5m])")[0] == Query("rate(a[$window])", "[5m] read as the window")


def test_a_threshold_keeps_its_own_range() -> None:
    query, _ = ask(lambda value: judged_by(value, ">", 0.25), "rate(a[5m]) # per second")
    assert query is not None
    assert query.expr == "1 - avg_over_time((((rate(a[5m])) >= -Inf) > bool 0.25)[$window:])"


@given(st.text(alphabet="a_b{}[]()\"'`#$:5m. \n\\window", max_size=60))
def test_law_whatever_is_read_has_a_window_and_nothing_raises(text: str) -> None:
    for read in (over_window, raw_ratio, lambda value: judged_by(value, "<=", 1.0)):
        query, wrong = ask(read, text)
        assert (query is None) == bool(wrong)
        assert query is None or "$window" in query.expr
    plain = selector(text)
    assert plain is None or "(" not in plain.metric
