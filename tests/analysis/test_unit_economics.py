from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.unit_economics import per_thousand, unit_cost, unit_rows
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import ServingRow, SpendRow


def spend(name: str, kind: str = "Deployment", **given: Any) -> SpendRow:
    fields: dict[str, Any] = {
        "key": f"prod/{kind}/chat/{name}",
        "kind": ScopeKind.WORKLOAD,
        "name": f"chat/{name}",
        "cluster": "prod",
        "owner": "chat",
        "namespace": "chat",
        "model": "m",
        "usd_per_hour": 36.0,
        "idle_usd_per_hour": 0.0,
        "gpus": 8.0,
        "utilization": 0.5,
    }
    return SpendRow(**(fields | given))


def serving(**given: Any) -> ServingRow:
    fields: dict[str, Any] = {
        "key": "prod/chat/m",
        "cluster": "prod",
        "namespace": "chat",
        "model": "m",
        "server": "vLLM",
        "requests_per_second": 10.0,
        "p95_seconds": 1.2,
        "error_ratio": 0.0,
        "queue_depth": 3.0,
        "tokens_per_second": 1_000.0,
    }
    return ServingRow(**(fields | given))


def test_a_served_model_costs_what_serves_it_over_what_it_serves() -> None:
    (unit,) = unit_rows([serving()], [spend("a"), spend("b")])
    assert unit.usd_per_hour == 72.0
    assert unit.usd_per_1k_tokens == pytest.approx(72 / 3_600)  # a thousand tokens a second
    assert unit.usd_per_1k_requests == pytest.approx(72 / 36)
    assert (unit.p95_seconds, unit.queue_depth, unit.utilization) == (1.2, 3.0, 0.5)


def test_only_what_serves_the_model_there_counts() -> None:
    others = [spend("x", model="n"), spend("y", namespace="eu"), spend("z", cluster="eu"), spend("t", kind="Job")]
    units = unit_rows([serving()], [spend("a"), *others])
    assert next(unit for unit in units if unit.kind is ScopeKind.MODEL).usd_per_hour == 36.0


def test_a_model_that_nobody_is_known_to_serve_says_so() -> None:
    (unit,) = unit_rows([serving()], [])
    assert unit.usd_per_1k_tokens is None
    assert unit.missing == "No workload with a price carries this model's label."


def test_without_traffic_a_unit_has_no_cost() -> None:
    (unit,) = unit_rows([serving(tokens_per_second=0.0, requests_per_second=0.0)], [spend("a")])
    assert (unit.usd_per_1k_tokens, unit.usd_per_1k_requests, unit.missing) == (None, None, "No traffic now.")


def test_an_hour_of_training_costs_more_when_gpus_stand_idle() -> None:
    (unit,) = unit_rows([], [spend("t", kind="Job", usd_per_hour=80.0, idle_usd_per_hour=20.0)])
    assert unit.usd_per_training_hour == pytest.approx(80 / 0.75)


@pytest.mark.parametrize(
    ("idle", "words"), [(80.0, "Its GPUs do no work."), (None, "No GPU telemetry.")], ids=["all idle", "not known"]
)
def test_what_does_not_train_has_no_price_for_it(idle: float | None, words: str) -> None:
    (unit,) = unit_rows([], [spend("t", kind="Job", usd_per_hour=80.0, idle_usd_per_hour=idle)])
    assert (unit.usd_per_training_hour, unit.missing) == (None, words)


def test_tokens_say_more_than_requests_and_requests_more_than_nothing() -> None:
    (unit,) = unit_rows([serving()], [spend("a")])
    assert unit_cost(unit) == unit.usd_per_1k_tokens
    (silent,) = unit_rows([serving(tokens_per_second=None)], [spend("a")])
    assert unit_cost(silent) == silent.usd_per_1k_requests


anything = st.none() | st.floats()


@given(anything, anything)
def test_a_unit_cost_is_finite_and_not_negative_or_not_known(usd: float | None, rate: float | None) -> None:
    cost = per_thousand(usd, rate)
    assert cost is None or 0 <= cost < 1e25


@given(st.floats(0.01, 1e6), st.floats(0.02, 1e6), st.floats(1.0, 100.0))
def test_twice_the_traffic_is_half_the_cost(usd: float, rate: float, factor: float) -> None:
    before, after = per_thousand(usd, rate), per_thousand(usd, rate * factor)
    assert before is not None
    assert after == pytest.approx(before / factor)
