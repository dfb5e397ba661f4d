"""Every mistake is told with its file and line, all at once, and nothing ever ends in a traceback."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_tui.errors import ConfigError
from finops_tui.sources.slo_files.read import read_slo_files

EXAMPLES = Path(__file__).parent / "examples"


def mistakes(folder: Path, text: str) -> list[str]:
    """Return the lines of the error that a file brings about."""
    (folder / "slo.yaml").write_text(textwrap.dedent(text).lstrip())
    with pytest.raises(ConfigError) as caught:
        read_slo_files(["slo.yaml"], folder / "config.yaml", ("prod-us",))
    assert caught.value.title.startswith("slo.yaml has")
    assert caught.value.hint
    return caught.value.detail.splitlines()


def test_several_mistakes_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """
        version: prometheus/v1
        service: [a, b]
        slos:
          - objective: 100
            sli: {events: {error_query: 'sum(rate(e[5m])) / sum(rate(e[1h]))'}}
          - name: x
            objective: much
            sli: {plugin: {id: sloth-common/http}}
          - name: y
            objective: 0.999
            sli: {raw: {error_ratio_query: 'sum(rate(a[{{.window}}])'}, events: {}}
        """,
    )
    assert told == [
        "slo.yaml:2:10: service: a list stands here; expected text",
        "slo.yaml:4:5: slos[0].name: this field is needed (short and unique within the service)",
        "slo.yaml:4:16: slos[0].objective: 100 stands here; expected a percentage between 0 and 100, both excluded",
        "slo.yaml:5:19: slos[0].sli.events.total_query: this field is needed (PromQL that counts all events)",
        "slo.yaml:5:33: slos[0].sli.events.error_query: the ranges [1h], [5m] differ; which is the window is not said",
        "    Write [{{.window}}] where the range goes.",
        "slo.yaml:7:16: slos[1].objective: much stands here; expected a number",
        "slo.yaml:8:19: slos[1].sli.plugin: Sloth makes this query with a plugin, which does not run here",
        "    Write the queries out: events.",
        "slo.yaml:10:16: slos[2].objective: 0.999 stands here; this is a percentage",
        "    Write 99.9 if you mean that.",
        "slo.yaml:11:10: slos[2].sli: events, raw stand here together",
        "    Give one of events, raw.",
    ]


OPENSLO = """
    apiVersion: openslo/v1
    kind: SLO
    metadata: {name: a}
    spec:
      service: s
      %s
      objectives: [{target: 0.99}]
      indicator:
        spec:
          ratioMetric:
            counter: true
            good: {metricSource: {type: Prometheus, spec: {query: good_total}}}
            total: {metricSource: {type: Prometheus, spec: {query: all_total}}}
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("budgetingMethod: Timeslices", "only budgets of occurrences are kept"),
        ("timeWindow: [{duration: 5s}]", "5s stands here; expected a period of whole hours"),
        ("timeWindow: [{duration: 1d}, {duration: 2d}]", "there is more than one time window"),
        ("timeWindow: 30d", "30d stands here; expected a list"),
        ("alertPolicies: [{alertPolicyRef: gone}]", "no AlertPolicy is called gone"),
        ("alertPolicies: [gone]", "no AlertPolicy is called gone"),
        ("indicatorRef: gone", "indicator, indicatorRef stand here together"),
        ("service: again", "service stands here a second time in line 6"),
    ],
)
def test_what_openslo_says_that_is_not_understood(tmp_path: Path, line: str, told: str) -> None:
    found = mistakes(tmp_path, OPENSLO % line)
    assert any(told in each for each in found), found
    assert all(each.startswith(("slo.yaml:", "    ")) for each in found)


def openslo_metric(metric: str, objective: str = "target: 0.99") -> str:
    return f"""
    apiVersion: openslo/v1
    kind: SLO
    metadata: {{name: a}}
    spec:
      service: s
      objectives: [{{{objective}}}]
      indicator: {{spec: {{{metric}}}}}
    """


SOURCE = "{metricSource: {type: Prometheus, spec: {query: %s}}}"


@pytest.mark.parametrize(
    ("metric", "objective", "told"),
    [
        ("thresholdMetric: " + SOURCE % "q", "target: 0.9", "op: this field is needed"),
        ("thresholdMetric: " + SOURCE % "q", "target: 0.9, op: equal, value: 1", "expected one of lte, lt, gte, gt"),
        ("thresholdMetric: " + SOURCE % "'q[{{.window}}]'", "target: 0.9, op: lt, value: 1", "from moment to moment"),
        ("thresholdMetric: {metricSource: {type: Datadog}}", "target: 0.9, op: lt, value: 1", "Datadog is not read"),
        ("thresholdMetric: {metricSource: {spec: {query: q}}}", "target: 0.9, op: lt, value: 1", "type: Prometheus."),
        ("ratioMetric: {raw: " + SOURCE % "q" + "}", "target: 0.9", "rawType: this field is needed"),
        ("ratioMetric: {rawType: both, raw: " + SOURCE % "q" + "}", "target: 0.9", "expected success or failure"),
        ("ratioMetric: {good: " + SOURCE % "q" + "}", "target: 0.9", "total: this field is needed"),
        (
            "ratioMetric: {good: " + SOURCE % "q" + ", total: " + SOURCE % "q_total" + "}",
            "target: 0.9",
            "whether q only ever grows is not said",
        ),
        (
            "ratioMetric: {counter: sure, good: " + SOURCE % "q" + ", total: " + SOURCE % "q" + "}",
            "target: 0.9",
            "expected true or false",
        ),
        ("ratioMetric: {}", "target: 0.9, targetPercent: 90", "target, targetPercent stand here together"),
        ("ratioMetric: {}", "target: 1", "expected a ratio between 0 and 1"),
        ("ratioMetric: {}", "displayName: x", "the target is missing"),
        ("ratioMetric: {}", "target: 0.9, indicator: {}", "composite objectives are not read"),
    ],
)
def test_what_openslo_metrics_lack(tmp_path: Path, metric: str, objective: str, told: str) -> None:
    found = mistakes(tmp_path, openslo_metric(metric, objective))
    assert any(told in each for each in found), found


def test_openslo_references_and_conditions_are_checked(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
        apiVersion: openslo/v1
        kind: AlertPolicy
        metadata: {name: p}
        spec: {conditions: [{conditionRef: gone}]}
        ---
        apiVersion: openslo/v1
        kind: AlertCondition
        metadata: {name: c}
        spec: {condition: {kind: rate, threshold: high, lookbackWindow: soon}}
        ---
        apiVersion: openslo/v1
        kind: AlertCondition
        metadata: {name: c}
        spec: {}
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: s}
        spec: {service: s, indicatorRef: none, objectives: [{target: 0.9}]}
        """,
    )
    assert [each for each in found if each.startswith("slo")] == [
        "slo.yaml:4:36: spec.conditions[0].conditionRef: no AlertCondition is called gone",
        "slo.yaml:9:26: spec.condition.kind: rate stands here; expected burnrate",
        "slo.yaml:9:43: spec.condition.threshold: high stands here; expected a number",
        "slo.yaml:9:65: spec.condition.lookbackWindow: soon stands here; expected a length of time such as 1h",
        "slo.yaml:13:18: metadata.name: the AlertCondition c already stands in slo.yaml:6",
        "slo.yaml:19:34: spec.indicatorRef: no SLI is called none",
    ]


def pyrra(spec: str) -> str:
    return f"""
    apiVersion: pyrra.dev/v1alpha1
    kind: ServiceLevelObjective
    metadata: {{name: a, namespace: n}}
    spec: {{{spec}}}
    """


RATIO = "indicator: {ratio: {errors: {metric: e_total}, total: {metric: t_total}}}"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (f"window: 4w, {RATIO}", "spec.target: this field is needed"),
        (f'target: "0.99", window: 4w, {RATIO}', "Write 99 if you mean that."),
        (f'target: "99", window: long, {RATIO}', "long stands here; expected a period"),
        ('target: "99", window: 4w', "spec.indicator: this field is needed"),
        ('target: "99", window: 4w, indicator: {}', "Give one of ratio, latency, latencyNative, bool_gauge."),
        ('target: "99", window: 4w, indicator: {latencyNative: {}}', "native histograms"),
        (
            'target: "99", window: 4w, indicator: {ratio: {errors: {metric: "rate(e[5m])"}, total: {metric: t}}}',
            "rate(e[5m]) stands here; expected a metric with its matchers alone",
        ),
        (
            'target: "99", window: 4w, indicator: {latency: {success: {metric: "b{le2=\\"1\\"}"}, total: {metric: c}}}',
            "the bucket's upper bound (le) is missing",
        ),
    ],
)
def test_what_pyrra_objects_lack(tmp_path: Path, spec: str, told: str) -> None:
    found = mistakes(tmp_path, pyrra(spec))
    assert any(told in each for each in found), found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apiVersion: openslo/v1alpha\nkind: SLO\n", "openslo/v1alpha stands here; only openslo/v1 is read"),
        ("apiVersion: openslo/v1\nkind: SLOO\n", "SLOO stands here; expected one of SLO, SLI"),
        ("apiVersion: sloth.slok.dev/v2\nkind: PrometheusServiceLevel\n", "expected PrometheusServiceLevel of"),
        ("apiVersion: pyrra.dev/v1alpha1\nkind: Slo\n", "Slo stands here; expected ServiceLevelObjective of"),
        ("version: prometheus/v2\n", "prometheus/v2 stands here; only prometheus/v1 is read"),
        ("kind: Deployment\n", "no objective stands in this file"),
        ("", "no objective stands in this file"),
        ("just words\n", "no objective stands in this file"),
        ("a: [1\n", "this is not YAML"),
        ("a: {{.window}}\nb: \x07\n", "this is not YAML"),
        ("x: &x {<<: *x}\nversion: prometheus/v1\n", "service: this field is needed"),
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, text: str, told: str) -> None:
    found = mistakes(tmp_path, text)
    assert any(told in each for each in found), found


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
    (tmp_path / "large.yaml").write_text("a: 1\n" * 250_000)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError) as caught:
        read_slo_files(
            ["*.yaml", "folder", "gone.yaml", ""], tmp_path / "config.yaml", ("x",), marks=((3, 5), (4, 5), (5, 5))
        )
    detail = caught.value.detail
    assert "latin.yaml:1:1: this is not UTF-8 text; byte 3 cannot be read" in detail
    assert "large.yaml:1:1: the file is larger than 1,000,000 bytes" in detail
    assert "config.yaml:4:5: slo_files[1]: this is a folder" in detail
    assert "config.yaml:5:5: slo_files[2]: no file matches gone.yaml" in detail
    assert "config.yaml:1:1: slo_files[3]: " in detail
    assert caught.value.title == "3 SLO files have 5 mistakes."


def test_no_more_is_told_than_fits(tmp_path: Path) -> None:
    slos = "".join("  - {name: a, objective: 99}\n" for _ in range(30))
    told = mistakes(tmp_path, f"version: prometheus/v1\nservice: s\nslos:\n{slos}")
    assert told[-1] == "and 10 more"


def survive(folder: Path, text: str) -> None:
    """Read a file; it is right or refused in words."""
    (folder / "slo.yaml").write_text(text, encoding="utf-8", errors="replace")
    try:
        read_slo_files(["slo.yaml"], folder / "config.yaml", ("prod-us",))
    except ConfigError as error:
        told = error.detail
    else:
        told = "nothing is wrong"
    assert told


WORDS = sorted(
    set(" ".join(path.read_text() for path in EXAMPLES.iterdir()).replace(":", " ").split())
    | {"{{.window}}", "[5m]", "$window", "&a", "*a", "<<", "null", "~", "-1", "1e400", "a[5m", '"', "raw"}
)
LEAVES = st.one_of(st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(), st.floats())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)
AT_ONCE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


@AT_ONCE
@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_law_garbage_is_refused_in_words(tmp_path: Path, text: str) -> None:
    survive(tmp_path, text)


@AT_ONCE
@given(
    st.sampled_from(sorted(EXAMPLES.iterdir())),
    st.lists(st.tuples(st.integers(0, 10_000), st.text(max_size=3), st.integers(0, 6)), max_size=4),
)
def test_law_files_that_were_damaged_are_refused_in_words(
    tmp_path: Path, file: Path, damages: list[tuple[int, str, int]]
) -> None:
    text = file.read_text()
    for at, put, taken in damages:
        place = at % len(text)
        text = text[:place] + put + text[place + taken :]
    survive(tmp_path, text)


def replaced(tree: object, path: list[int], put: object) -> object:
    """Put something in place of one part of a tree."""
    if not path or not isinstance(tree, dict | list) or not tree:
        return put
    if isinstance(tree, dict):
        key = sorted(tree)[path[0] % len(tree)]
        return {**tree, key: replaced(tree[key], path[1:], put)}
    position = path[0] % len(tree)
    return [replaced(each, path[1:], put) if at == position else each for at, each in enumerate(tree)]


@AT_ONCE
@given(st.sampled_from(sorted(EXAMPLES.iterdir())), st.lists(st.integers(0, 50), min_size=1, max_size=8), TREES)
def test_law_a_part_of_another_shape_is_refused_in_words(
    tmp_path: Path, file: Path, path: list[int], put: object
) -> None:
    documents = replaced(list(yaml.safe_load_all(file.read_text())), path, put)
    assert isinstance(documents, list) or documents == put
    survive(tmp_path, yaml.safe_dump_all(documents if isinstance(documents, list) else [documents]))
