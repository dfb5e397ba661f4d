"""Objectives of files are measured by real servers, and stand beside their own recording rules once."""

from __future__ import annotations

from pathlib import Path

from finops_tui.model.observations import SliReadings, SlosSeen, SourceHealth
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.slo_files.read import read_slo_files
from tests.sources.prometheus.collect import about, of, one_round, source

FOLDER = Path(__file__).parents[1] / "slo_files"
DAY = 86_400


def read(folder: Path, pattern: str) -> tuple[SloDefinition, ...]:
    return read_slo_files([pattern], folder / "config.yaml", ("prod-us",))


async def test_every_example_is_measured(server: str) -> None:
    slos = read(FOLDER, "examples/*.yaml")
    seen = await one_round(source(server, slos=slos))
    health = of(seen, SourceHealth)[-1]
    assert [told for told in health.missing if told.startswith("slo ")] == []
    readings = {
        reading.slo_id.removeprefix("prod-us/"): reading
        for told in of(seen, SliReadings)
        for reading in told.readings
        if reading.window_seconds == 300
    }
    by_count = (
        "shop/requests-availability",
        "shop/orders",
        "embed/answers",
        "search/availability strict",
        "search/availability contract",
    )
    for name in by_count:
        assert readings[name].error_ratio == about(0.01, rel=0.03), name
        assert readings[name].events == about(30_000, rel=0.03), name
    for name in ("shop/recorded", "search/ratio"):
        assert readings[name].error_ratio == about(0.01, rel=0.03), name
    assert readings["shop/fast"].error_ratio == about(0.1, rel=0.03)
    assert readings["search/queue"].error_ratio == 1.0, "100 requests a second are more than 75"
    assert readings["shop/up"].error_ratio is None, "there is no such gauge: no traffic is not 100 % good"


async def test_what_rules_record_of_a_files_objective_is_not_another_one(server: str, tmp_path: Path) -> None:
    (tmp_path / "sloth.yaml").write_text(
        "version: prometheus/v1\nservice: search\nslos:\n  - name: latency\n    objective: 99.9\n    sli: {events: "
        "{error_query: 'sum(rate(http_requests_total{code=~\"5..\"}[{{.window}}]))', "
        "total_query: 'sum(rate(http_requests_total[{{.window}}]))'}}\n"
    )
    (tmp_path / "pyrra.yaml").write_text(
        "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n"
        "metadata: {name: checkout-errors, namespace: shop}\n"
        'spec: {target: "99", window: 28d, indicator: {ratio: {'
        "errors: {metric: 'http_requests_total{code=~\"5..\"}'}, total: {metric: http_requests_total}}}}\n"
    )
    seen = await one_round(source(server, slos=read(tmp_path, "*.yaml")))
    (told,) = of(seen, SlosSeen)
    assert sorted((slo.id, slo.origin) for slo in told.slos) == [
        ("prod-us/search/latency", "Sloth, sloth.yaml:4"),
        ("prod-us/shop/checkout-errors", "Pyrra, pyrra.yaml:1"),
    ]
    ratios = [
        reading.error_ratio
        for each in of(seen, SliReadings)
        for reading in each.readings
        if reading.window_seconds == 300
    ]
    assert ratios == [about(0.01, rel=0.03)] * 2, "the rules say 0.02 of one of them"
