"""Files as their own programs take them become objectives of this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.errors import ConfigError
from finops_tui.sources.prometheus.slis import defined
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.slo_files.read import read_slo_files

HERE = Path(__file__).parent
CONFIG = HERE / "config.yaml"
ERRORS = 'sum(rate(http_requests_total{code=~"5.."}[$window]))'
TOTAL = "sum(rate(http_requests_total[$window]))"


def read(*patterns: str, own: tuple[SloDefinition, ...] = ()) -> dict[str, SloDefinition]:
    found = read_slo_files(patterns, CONFIG, ("prod-us", "prod-eu"), own)
    return {f"{slo.service}/{slo.name}": slo for slo in found}


def queries(slo: SloDefinition) -> dict[str, str]:
    return {name: str(expr) for name, expr in slo.indicator.model_dump(exclude_none=True).items()}


def test_openslo_objects_that_refer_to_each_other() -> None:
    found = read("examples/openslo.yaml")
    assert list(found) == ["search/availability strict", "search/availability contract", "search/ratio", "search/queue"]
    strict, contract = found["search/availability strict"], found["search/availability contract"]
    assert (strict.objective, contract.objective, strict.period) == (0.999, 0.995, "28d")
    assert (strict.namespace, strict.workload) == ("search", "Deployment/rerank")
    assert queries(strict) == {"errors": ERRORS, "total": TOTAL}
    assert strict.origin == "OpenSLO, examples/openslo.yaml:41 (rate taken over the window)"


def test_an_openslo_ratio_with_a_fixed_range_is_read_over_the_window_and_says_so() -> None:
    ratio = read("examples/openslo.yaml")["search/ratio"]
    good = 'sum(rate(http_requests_total{code="200"}[$window]))'
    assert queries(ratio) == {"error_ratio": f"1 - ({good}\n  /\n{TOTAL})"}
    assert ratio.origin.endswith("([5m] read as the window; 1M taken as the last 30 days)")


def test_an_openslo_threshold_is_judged_from_moment_to_moment() -> None:
    queue = read("examples/openslo.yaml")["search/queue"]
    metric = "(sum(rate(http_requests_total[5m])) / 50)"
    assert queries(queue) == {"error_ratio": f"1 - avg_over_time((({metric} >= -Inf) <= bool 1.5)[$window:])"}
    assert queue.period == "30d"


def test_sloth_files() -> None:
    found = read("examples/sloth.yaml")
    availability = found["shop/requests-availability"]
    assert (availability.objective, availability.period) == (0.999, "30d")
    assert (availability.namespace, availability.workload) == ("shop", "Deployment/checkout")
    assert queries(availability) == {"errors": ERRORS, "total": TOTAL}
    assert queries(found["shop/recorded"]) == {"error_ratio": f"{ERRORS}\n/ {TOTAL}"}
    assert availability.origin == "Sloth, examples/sloth.yaml:8"


def test_sloth_objects_among_others() -> None:
    (answers,) = read("examples/sloth-object.yaml").values()
    assert (answers.cluster, answers.namespace, answers.workload) == ("prod-us", "search", "Deployment/embed")
    assert queries(answers) == {"errors": ERRORS, "total": TOTAL}
    assert defined(answers, "prod-us").origin == "Sloth, examples/sloth-object.yaml:15"
    assert defined(answers, "prod-us").id == "prod-us/embed/answers"


def test_pyrra_objects() -> None:
    found = read("examples/pyrra.yaml")
    orders, fast, up = found["shop/orders"], found["shop/fast"], found["shop/up"]
    assert (orders.objective, orders.period, orders.namespace) == (0.99, "14d", "shop")
    assert queries(orders) == {
        "errors": 'sum(rate(http_requests_total{code=~"5.."}[$window] offset 1m))',
        "total": "sum(rate(http_requests_total[$window] offset 1m))",
    }
    assert orders.origin == "Pyrra, examples/pyrra.yaml:1 (all values of handler together)"
    assert queries(fast)["good"] == 'sum(rate(vllm:e2e_request_latency_seconds_bucket{le="1.0"}[$window]))'
    assert queries(up) == {
        "good": 'sum(sum_over_time(up{job="shop"}[$window]))',
        "total": 'sum(count_over_time(up{job="shop"}[$window]))',
    }


def test_globs_and_lists_of_objects(tmp_path: Path) -> None:
    assert len(read("examples/*.yaml")) == 10
    single = (HERE / "examples" / "sloth-object.yaml").read_text().partition("---\n")[2]
    indented = "".join(f"    {line}\n" for line in single.splitlines())
    listed = f"apiVersion: v1\nkind: List\nitems:\n  -\n{indented}"
    (tmp_path / "list.yaml").write_text(listed)
    (tmp_path / "sequence.yaml").write_text("-\n" + indented.replace("embed", "other"))
    names = [slo.service for slo in read_slo_files([str(tmp_path / "*.yaml")], CONFIG, ("prod-us",))]
    assert names == ["embed", "other"]


def test_merge_keys_are_followed(tmp_path: Path) -> None:
    file = tmp_path / "sloth.yaml"
    file.write_text(
        "version: prometheus/v1\nservice: s\nslos:\n"
        "  - &one\n    name: a\n    objective: 99\n    sli: {events: {error_query: 'sum(rate(e[{{.window}}]))', "
        "total_query: 'sum(rate(t[{{.window}}]))'}}\n"
        "  - {<<: *one, name: b}\n"
    )
    assert [slo.name for slo in read_slo_files([str(file)], CONFIG, ("x",))] == ["a", "b"]


def test_the_same_objective_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text((HERE / "examples" / "sloth-object.yaml").read_text())
    with pytest.raises(ConfigError) as caught:
        read("examples/sloth-object.yaml", str(copy))
    assert "embed/answers already stands in examples/sloth-object.yaml:15" in caught.value.detail
    own = SloDefinition.model_validate(
        {"name": "answers", "service": "embed", "objective": 99, "indicator": {"errors": ERRORS, "total": TOTAL}}
    )
    with pytest.raises(ConfigError) as caught:
        read("examples/sloth-object.yaml", own=(own,))
    assert f"embed/answers already stands in {CONFIG}" in caught.value.detail


def test_an_objective_of_a_cluster_that_nobody_speaks_for_is_refused() -> None:
    with pytest.raises(ConfigError, match="1 mistake") as caught:
        read_slo_files(["examples/sloth-object.yaml"], CONFIG, ("prod-eu",))
    assert "no Prometheus speaks for the cluster prod-us" in caught.value.detail
    with pytest.raises(ConfigError) as caught:
        read_slo_files(["examples/sloth-object.yaml"], CONFIG, ())
    assert "measured by a Prometheus, and none is configured" in caught.value.detail
