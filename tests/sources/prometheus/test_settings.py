from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from finops_tui.sources.prometheus.settings import Auth, Labels, PrometheusSettings, SigV4, Tls
from finops_tui.sources.prometheus.slo_settings import LatencyIndicator, SloDefinition, SloIndicator
from tests.sources.prometheus.collect import settings

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    "model", [PrometheusSettings, Auth, SigV4, Tls, Labels, SloDefinition, SloIndicator, LatencyIndicator]
)
def test_every_field_is_described(model: type[BaseModel]) -> None:
    assert all(field.description for field in model.model_fields.values())


def test_no_secret_is_shown() -> None:
    told = settings("https://prom.example.com", auth={"bearer_token": SECRET}, headers={"X-Api-Key": SECRET + "2"})
    assert SECRET not in f"{told!r} {told} {told.model_dump()} {told.model_dump_json()}"
    assert told.secrets() == (SECRET, SECRET + "2")


def test_a_password_in_the_url_is_moved_out_of_it() -> None:
    told = settings(f"https://ana:{SECRET}%21@prom.example.com:9090/prometheus/")
    assert told.url == "https://prom.example.com:9090/prometheus"
    assert told.auth.username == "ana"
    assert told.secrets() == (SECRET + "!",)
    assert SECRET not in repr(told)


@pytest.mark.parametrize(
    "auth", [{"bearer_token": "t"}, {"username": "bob", "password": "p"}, {"sigv4": {"region": "x"}}]
)
def test_a_password_in_the_url_beside_auth_is_refused_and_not_dropped(auth: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="take the user and password out of the address"):
        settings(f"https://ana:{SECRET}@prom.example.com", auth=auth)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://localhost:9090/", "http://localhost:9090"),
        ("http://localhost:9090/api/v1", "http://localhost:9090"),
        ("kube://monitoring/prometheus-operated:9090", "kube://monitoring/prometheus-operated:9090"),
        ("kube://monitoring/thanos-query:http/prefix", "kube://monitoring/thanos-query:http/prefix"),
    ],
)
def test_urls(url: str, meant: str) -> None:
    assert settings(url).url == meant


@pytest.mark.parametrize(
    "url", ["", "localhost:9090", "ftp://x", "kube://monitoring", "kube://a/b", "kube://../b:1", "http://x/?a=b"]
)
def test_urls_that_cannot_be(url: str) -> None:
    with pytest.raises(ValidationError):
        settings(url)


@pytest.mark.parametrize(
    "auth",
    [
        {"bearer_token": "a", "username": "b", "password": "c"},
        {"username": "b"},
        {"password": "c"},
        {"sigv4": {"region": "x"}, "bearer_token_file": "y"},
        {"sigv4": {}},
        {"token": "a"},
    ],
)
def test_one_way_to_sign_in(auth: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings("http://x", auth=auth)


def test_an_unknown_query_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"did you mean gpu\.utilization\?"):
        settings("http://x", queries={"gpu.utilisation": "up"})


@pytest.mark.parametrize(("told", "meant"), [(99.9, 0.999), (0.999, 0.999), (99, 0.99), (99.95, 0.9995)])
def test_objectives_as_percentage_or_ratio(told: float, meant: float) -> None:
    slo = SloDefinition.model_validate(
        {"name": "n", "service": "s", "objective": told, "indicator": {"error_ratio": "x[$window]"}}
    )
    assert slo.objective == meant


@pytest.mark.parametrize("objective", [0, 100, 101, -1])
def test_objectives_that_cannot_be(objective: float) -> None:
    with pytest.raises(ValidationError):
        SloDefinition.model_validate(
            {"name": "n", "service": "s", "objective": objective, "indicator": {"error_ratio": "x[$window]"}}
        )


@pytest.mark.parametrize(
    "indicator",
    [
        {},
        {"good": "a[$window]"},
        {"good": "a[$window]", "errors": "a[$window]"},
        {"error_ratio": "a[5m]"},
        {"error_ratio": "a[$window]", "total": "b[$window]"},
    ],
)
def test_indicators_that_say_too_little_or_too_much(indicator: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SloIndicator.model_validate(indicator)


@pytest.mark.parametrize(("period", "seconds"), [("30d", 2_592_000), ("4w", 2_419_200), ("12h", 43_200)])
def test_periods(period: str, seconds: int) -> None:
    told = {"name": "n", "service": "s", "objective": 99, "period": period, "indicator": {"error_ratio": "x[$window]"}}
    assert SloDefinition.model_validate(told).period_seconds == seconds
